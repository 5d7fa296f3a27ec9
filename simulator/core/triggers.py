"""Triggers: text in a prompt that decides that run, from any client, as test card numbers do."""

import re

from simulator.core.runs import Outcome, Plan
from simulator.core.scenarios import shared_out

TRIGGER = re.compile(r"\[understudy:(fail|policy|stuck|slow=(\d+(?:\.\d+)?)(ms|s|m|h)?)\]")
"""The triggers that there are."""

TRIGGERS = (
    "[understudy:fail]",
    "[understudy:policy]",
    "[understudy:stuck]",
    "[understudy:slow=30s]",
)
"""One of each kind, for whoever asks which there are."""

_ANY = re.compile(r"\[understudy:[^\[\]]{0,60}\]?")
_BEGINS = "[understudy:"
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, None: 1000}
_LONGEST_MS = 365 * 24 * 3_600_000


def triggered(plan: Plan, prompt: str) -> Plan:
    """The plan that the triggers in a prompt make of a run's own plan; the last of a kind wins.

    `[understudy:fail]` fails it, `[understudy:policy]` fails it for the content policy,
    `[understudy:stuck]` never ends it, `[understudy:slow=30s]` makes it last that long.
    """
    if _BEGINS not in prompt:
        return plan
    stages, outcome, is_stuck = plan.stages, plan.outcome, plan.is_stuck
    for match in TRIGGER.finditer(prompt):
        word = match.group(1)
        if word == "fail":
            outcome = Outcome("failed", "upstream_failed", "Generation failed")
        elif word == "policy":
            outcome = Outcome("failed", "content_policy", "Content policy violation")
        elif word == "stuck":
            is_stuck = True
        else:
            length = min(_LONGEST_MS, float(match.group(2)) * _UNIT_MS[match.group(3)])
            stages = shared_out(plan.stages, int(length))
    return Plan(plan.starts_at_ms, stages, outcome, is_stuck)


def unknown_trigger(prompt: str) -> str:
    """The first text in a prompt that looks like a trigger and is none; empty if there is none."""
    if _BEGINS not in prompt:
        return ""
    found = (match.group() for match in _ANY.finditer(prompt))
    return next((text for text in found if not TRIGGER.fullmatch(text)), "")
