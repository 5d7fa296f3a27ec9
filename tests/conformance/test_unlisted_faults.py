"""A slip that a backend developer makes, thought of from the facts, ends conformance.

Each is put around or into a provider that is otherwise right; only the rules named beside it run,
and those pass on the provider without the slip.
"""

from __future__ import annotations

import pytest

from conformance import check
from conformance.model import Level, Tier, Verdict
from conformance.result import Result
from tests.conformance.independent import leonardo, nanogpt, recoup
from tests.conformance.independent.tampering import App
from tests.conformance.slips import leonardo as slips_of_leonardo
from tests.conformance.slips import nanogpt as slips_of_nanogpt
from tests.conformance.slips import recoup as slips_of_recoup
from tests.conformance.slips.adding import SLIPS, WHOLE, Slip

for _slips in (slips_of_recoup, slips_of_leonardo, slips_of_nanogpt):
    _slips.put()


def judged(provider: str, app: App, rules: tuple[str, ...]) -> Result:
    keys, trigger = {
        "recoup": ((recoup.ALICE, recoup.BOB), "a cursed puppet"),
        "leonardo": ((leonardo.ALICE, leonardo.BOB), "a cursed puppet"),
        "nanogpt": (nanogpt.KEYS, nanogpt.FAIL_WORD),
    }[provider]
    return check(
        provider=provider, app=app, keys=keys, base_url="http://slips.test", tier=Tier.FUZZ,
        generator=False, trigger=("", trigger), wait_seconds=3.0, seed=7, shrink=False, only=rules,
    )  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{each.provider}-{each.name}" for each in SLIPS])
def test_slip_is_seen(slip: Slip) -> None:
    result = judged(slip.provider, slip.app(), (slip.rule, *slip.beside))
    assert result.exit_code == 1
    assert any(each.rule.level is Level.MUST for each in result.failed)


@pytest.mark.parametrize("provider", WHOLE)
def test_same_rules_pass_without_the_slip(provider: str) -> None:
    rules = tuple(dict.fromkeys(each.rule for each in SLIPS if each.provider == provider))
    result = judged(provider, WHOLE[provider](), rules)
    assert [result.verdict(rule) for rule in rules] == [Verdict.PASS] * len(rules)
