"""Without a key nothing is said against a provider, whatever its refusals look like."""

from __future__ import annotations

import pytest

from conformance import check
from conformance.model import Tier
from tests.conformance.independent.leonardo import Atelier
from tests.conformance.independent.nanogpt import Provider
from tests.conformance.test_independent_leonardo import OPERATIONS


@pytest.mark.parametrize("provider", ["leonardo", "nanogpt"])
def test_nothing_is_held_against_it(provider: str) -> None:
    app = Atelier().app() if provider == "leonardo" else Provider().app
    result = check(
        provider=provider, app=app, base_url="http://t.test", tier=Tier.FUZZ, wait_seconds=0.3,
        operations=OPERATIONS if provider == "leonardo" else (),
    )  # fmt: skip
    assert [each.rule.id for each in result.failed] == []
    assert result.score().judged > 50
    assert result.spent.jobs == 0
    assert result.exit_code == 2
