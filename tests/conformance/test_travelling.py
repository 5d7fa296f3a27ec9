"""Runs are looked at once more at the end of all, but for those that are gone by then."""

from __future__ import annotations

import pytest

from conformance.drivers import lifecycle
from conformance.engine import Run
from conformance.model import Tier, Verdict
from conformance.options import Options
from conformance.profiles.leonardo_probes import deletion
from conformance.target import Keys, target
from tests.conformance.independent.leonardo import ALICE, BOB, Atelier

RULE = "leonardo.lifecycle.image-to-video.sticky"


@pytest.mark.parametrize("gone", [False, True])
def test_a_run_that_somebody_deleted_since_is_not_looked_at_again(gone: bool) -> None:
    run = Run(
        target("http://atelier.test", Keys(ALICE, BOB), Atelier().app()),
        Options("leonardo", tier=Tier.PAID, only=(RULE,), wait_seconds=20.0),
    )
    try:
        run.prepare()
        session = run.open()
        look_again = lifecycle.run(session, run.setting)
        made = next(each for each in session.log if each.step == "create")
        identity = made.reply_body.split(b'"generationId":"')[1].split(b'"')[0].decode()
        if gone:
            session.send(deletion(f"/generations/{identity}", "deleteGenerationById", "gone"))
        before = len(session.log)
        look_again()
        assert (len(session.log) > before) is not gone
        assert run.conclude().verdict(RULE) is Verdict.PASS
    finally:
        run.close()
