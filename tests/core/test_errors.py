"""Refusals are records: members by position or name, with defaults, and nothing else."""

from typing import Any

import pytest

from simulator.core.errors import REFUSALS, RateLimited, Refusal, RuleBroken


@pytest.mark.parametrize("kind", REFUSALS.values(), ids=REFUSALS)
def test_every_refusal_can_be_made_of_nothing_and_tells_its_members(kind: type[Refusal]) -> None:
    told = repr(kind())
    assert told.startswith(f"{kind.__name__}(")
    assert all(f"{member}=" in told for member in kind.members)
    assert kind.members


def test_members_are_given_by_position_or_name_and_default_otherwise() -> None:
    refusal = RateLimited("day", count=3)
    assert (refusal.limit, refusal.retry_after_ms, refusal.count) == ("day", 1000, 3)
    assert (RateLimited().limit, str(refusal)) == ("rate", repr(refusal))
    assert RuleBroken("rule", data={"a": 1}).data == {"a": 1}
    assert RuleBroken("rule").data == {}


@pytest.mark.parametrize(
    ("values", "named"),
    [(("day", 1, 2, 3), {}), (("day",), {"limit": "hour"}), ((), {"limits": 1}), ((), {"name": 1})],
)
def test_what_is_no_member_is_a_mistake(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="RateLimited takes limit, retry_after_ms, count"):
        RateLimited(*values, **named)
