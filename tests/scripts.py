"""Small makers of scenarios in force, for tests that need no more than one rule."""

from typing import Any, Literal

from simulator.core.matching import Ruling, Scripting, Sought
from simulator.core.runs import Outcome
from simulator.core.scenarios import (
    PLAYBOOKS,
    Active,
    Give,
    Match,
    PlanChange,
    Playbook,
    Rule,
    Scenario,
)
from simulator.core.store import Tx


def script(
    name: str,
    operation: str = "",
    *,
    account_id: str = "",
    per: Literal["request", "run"] = "request",
    first_call: int = 1,
    last_call: int | None = None,
    refusal: str = "",
    data: dict[str, Any] | None = None,
    outcome: Outcome | None = None,
    times: int | None = None,
    **match: Any,
) -> Active:
    """A scenario of one rule in force."""
    rule = Rule(
        Match(
            operations=(operation,) if operation else (),
            accounts=(account_id,) if account_id else (),
            first_call=first_call,
            last_call=last_call,
            per=per,
            **match,
        ),
        Give(refusal, data or {}, plan=None if outcome is None else PlanChange(outcome=outcome)),
    )
    return Active(Scenario(name, rules=(rule,)), name, times=times)


async def in_force(tx: Tx, *active: Active) -> None:
    """Put scenarios in force, the first to be asked first."""
    await tx.put(PLAYBOOKS, "", Playbook(active))


def scripting(*active: Active, operation: str = "make", ruling: Ruling | None = None) -> Scripting:
    """What a desk is told of scenarios when no edge has asked them."""
    sought = Sought("toy", operation, ("ada", "ada"))
    return Scripting(active, sought, ruling or Ruling())
