"""Sends kept failures again, exactly, and judges their rules by what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.log import Note
from conformance.rules import generator

if TYPE_CHECKING:
    from conformance.engine import Run
    from conformance.failures import Failure, Kept


def replay(run: Run, kept: Kept) -> None:
    """Send what was kept through a prepared run; its log then has the evidence of those rules.

    A failure of a lifecycle names a run that may be gone, so its lifecycle is made anew.
    """
    session = run.open()
    journeys = set()
    for failure in kept.failures:
        series = {exchange.series.partition("#")[0] for exchange in failure.exchanges}
        if series - {""}:
            journeys |= series - {""}
        else:
            _send(run, failure)
    chosen = tuple(each for each in run.profile.journeys if each.name in journeys)
    if chosen:
        from conformance.drivers import lifecycle

        chosen_only = replace(run.setting, profile=replace(run.profile, journeys=chosen))
        lifecycle.run(session, chosen_only)()


def _send(run: Run, failure: Failure) -> None:
    session = run.open()
    for exchange in failure.exchanges:
        reading = session.resend(exchange)
        check = failure.rule.partition(".generated.")[2].replace("-", "_")
        if reading is None or not check or reading.operation is None:
            continue
        holds, message = generator.judged_again(check, reading, run.profile)
        run.log.note(Note(check, reading.operation.id, holds, reading.index, message))
