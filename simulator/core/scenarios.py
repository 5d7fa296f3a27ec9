"""What decides a run or a call from outside: triggers in a prompt, and scripts kept by a tenant.

A script says which operation it matches and how often, and what such a call gets: a refusal, or
another plan. Triggers work like test card numbers: text in the prompt, from any client.
"""

import re
from typing import Any

import msgspec

from simulator.core.errors import REFUSALS, Refusal
from simulator.core.runs import Outcome, Plan, Stage
from simulator.core.store import Kind, Tx


class Script(msgspec.Struct, frozen=True):
    """A scenario in force: what it matches and what it gives.

    It lets `skip` matching calls pass, then applies `times` times (None: always). `refusal` is a
    core error's name with `data` as its fields, answered before a run starts; `outcome` is how a
    matched run ends instead; `is_stuck` keeps it in its last stage; `slow` stretches its stages.
    """

    name: str
    operation: str = ""
    account_id: str = ""
    skip: int = 0
    times: int | None = None
    refusal: str = ""
    data: dict[str, Any] = {}
    outcome: Outcome | None = None
    is_stuck: bool = False
    slow: float = 1.0

    def covers(self, operation: str, account_id: str) -> bool:
        """Whether the script speaks of this operation and account."""
        return self.operation in ("", operation) and self.account_id in ("", account_id)


class Playbook(msgspec.Struct, frozen=True):
    """The scripts of a tenant, first match first."""

    scripts: tuple[Script, ...] = ()


PLAYBOOKS: Kind[Playbook] = Kind("playbook", Playbook)

_TRIGGER = re.compile(r"\[understudy:(fail|policy|stuck|slow=(\d+(?:\.\d+)?)(ms|s|m|h)?)\]")
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, None: 1000}
_LONGEST_MS = 365 * 24 * 3_600_000


async def matching_script(tx: Tx, operation: str, account_id: str) -> Script | None:
    """Find the script that decides this call, and count the call against it."""
    playbook = await tx.get(PLAYBOOKS, "")
    if playbook is None:
        return None
    for script in playbook.scripts:
        if not script.covers(operation, account_id):
            continue
        seen = await tx.increment(f"script:{script.name}")
        if seen >= script.skip and (script.times is None or seen < script.skip + script.times):
            return script
    return None


def refusal_of(script: Script) -> Refusal | None:
    """The refusal that a script gives, if it gives one."""
    kind = REFUSALS.get(script.refusal)
    return kind(**script.data) if kind is not None else None


def scripted(plan: Plan, script: Script) -> Plan:
    """The plan a script makes of a run's own plan."""
    stages = _stretched(plan.stages, script.slow) if script.slow != 1.0 else plan.stages
    outcome = script.outcome if script.outcome is not None else plan.outcome
    return Plan(plan.starts_at_ms, stages, outcome, plan.is_stuck or script.is_stuck)


def triggered(plan: Plan, prompt: str) -> Plan:
    """The plan that the triggers in a prompt make of a run's own plan; the last of a kind wins.

    `[understudy:fail]` fails it, `[understudy:policy]` fails it for the content policy,
    `[understudy:stuck]` never ends it, `[understudy:slow=30s]` makes it last that long.
    """
    if "[understudy:" not in prompt:
        return plan
    stages, outcome, is_stuck = plan.stages, plan.outcome, plan.is_stuck
    for match in _TRIGGER.finditer(prompt):
        word = match.group(1)
        if word == "fail":
            outcome = Outcome("failed", "upstream_failed", "Generation failed")
        elif word == "policy":
            outcome = Outcome("failed", "content_policy", "Content policy violation")
        elif word == "stuck":
            is_stuck = True
        else:
            length = min(_LONGEST_MS, float(match.group(2)) * _UNIT_MS[match.group(3)])
            stages = _lasting(plan.stages, int(length))
    return Plan(plan.starts_at_ms, stages, outcome, is_stuck)


def _stretched(stages: tuple[Stage, ...], factor: float) -> tuple[Stage, ...]:
    return tuple(
        Stage(stage.name, int(stage.duration_ms * factor), stage.state) for stage in stages
    )


def _lasting(stages: tuple[Stage, ...], length_ms: int) -> tuple[Stage, ...]:
    """The same stages, their shares kept, lasting exactly so long in all."""
    total = sum(stage.duration_ms for stage in stages)
    if not stages or not total:
        return (Stage("working", length_ms),)
    lengths = [stage.duration_ms * length_ms // total for stage in stages]
    lengths[-1] += length_ms - sum(lengths)
    pairs = zip(stages, lengths, strict=True)
    return tuple(Stage(stage.name, length, stage.state) for stage, length in pairs)
