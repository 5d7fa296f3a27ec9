"""Scenarios: named scripts that say which calls they match, and what such a call gets.

Records only. `matching.py` finds the rule that decides a call; the edge and the desk obey it.
"""

from typing import Any, Literal

import msgspec

from simulator.core.errors import REFUSALS, Refusal
from simulator.core.faults import Fault
from simulator.core.latency import Latency
from simulator.core.runs import Outcome, Plan, Stage
from simulator.core.store import Kind

Point = Literal["request", "run", "delivery"]
"""Where a rule is asked: once a request, once a run that is started, once a delivery's attempt."""

DOWNLOAD = "downloadFile"
"""What rules call a request for a made file, which is no operation of a contract.

Only a rule that names it speaks of downloads.
"""

Comparison = Literal["is", "in", "contains", "matches", "exists", "min", "max"]


class ScenarioError(ValueError):
    """Files of scenarios with mistakes; its text has a line for each."""


class Field(msgspec.Struct, frozen=True):
    """A condition on the values that a JSONPath finds in the body or the query."""

    place: Literal["body", "query"]
    path: str
    comparison: Comparison
    value: Any = None


class Match(msgspec.Struct, frozen=True):
    """Which calls a rule speaks of; an empty tuple is any.

    `accounts` are ids or names (`account 1`). Of the calls that fit, `first_call` to `last_call`
    (counted from 1, both included) are taken, of these a seeded share `chance`. The rule is in
    force from `after_ms` after its scenario was activated, for `for_ms`, on the tenant's clock.
    """

    providers: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    first_call: int = 1
    last_call: int | None = None
    chance: float = 1.0
    after_ms: int = 0
    for_ms: int | None = None
    per: Literal["request", "run"] = "request"


class PlanChange(msgspec.Struct, frozen=True):
    """Another course for the runs that a call starts.

    `slow` stretches every stage; `lasts_ms` is the length of all; `queued_ms` that of the first.
    `fails_at` is the stage (from 1) in the middle of which it fails, or its name; `flaps` is how
    often it goes back and forth between its last two stages. `outcome` replaces the run's end.
    """

    slow: float = 1.0
    lasts_ms: int | None = None
    queued_ms: int | None = None
    is_stuck: bool = False
    fails_at: int | str = 0
    flaps: int = 0
    outcome: Outcome | None = None


class ForcedReply(msgspec.Struct, frozen=True):
    """A reply in place of the operation's own.

    `status` 0 is that of the declared example named in `example`, or the lowest success. `body`
    is JSON if `kind` is `json`, text if it is `text`; `none` leaves the choice to the contract's
    example. `is_made` draws the body from the declared schema instead.
    """

    status: int = 0
    kind: Literal["none", "json", "text"] = "none"
    body: Any = None
    example: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    is_made: bool = False


class WebhookTwist(msgspec.Struct, frozen=True):
    """What goes wrong with the attempts to deliver a webhook.

    `receiver` is what the attempt meets instead of the receiver: `down` (no connection) or a
    status that it answers. `copies` is how often each delivery is sent, `delay_ms` how much later;
    `is_reordered` sends it after the one that follows; `is_missigned` signs with another secret.
    """

    receiver: Literal["", "down"] | int = ""
    copies: int = 1
    delay_ms: int = 0
    is_reordered: bool = False
    is_missigned: bool = False


class Give(msgspec.Struct, frozen=True):
    """What a matched call gets: one of a refusal, a reply or a plan, and what befalls the reply.

    `error` is a core error's name with `data` as its members. `are_links_expired` shows links to
    files that are no longer good. `variety` draws an unusual reply that the contract allows.
    """

    error: str = ""
    data: dict[str, Any] = {}
    reply: ForcedReply | None = None
    plan: PlanChange | None = None
    are_links_expired: bool = False
    latency: Latency | None = None
    fault: Fault | None = None
    variety: Literal["", "high"] = ""
    webhook: WebhookTwist | None = None

    def refusal(self) -> Refusal | None:
        """A new refusal, if one is given."""
        kind = REFUSALS.get(self.error)
        return None if kind is None else kind(**self.data)


class Rule(msgspec.Struct, frozen=True):
    """One matcher and what it gives."""

    match: Match
    give: Give

    @property
    def point(self) -> Point:
        """Where the rule is asked."""
        return "delivery" if self.give.webhook is not None else self.match.per


class Scenario(msgspec.Struct, frozen=True):
    """A named script; the first rule that takes a call decides it. `source` is it as written."""

    name: str
    description: str = ""
    rules: tuple[Rule, ...] = ()
    source: dict[str, Any] = {}


class Active(msgspec.Struct, frozen=True):
    """A scenario in force in a tenant since `since_ms` of its clock.

    It applies at most `times` times (None: always). `serial` tells its counters from those of an
    earlier activation.
    """

    scenario: Scenario
    serial: str
    since_ms: int = 0
    times: int | None = None


Variety = Literal["none", "high"]
"""How unusual replies are."""


class Playbook(msgspec.Struct, frozen=True):
    """The scenarios in force in a tenant, in the order in which they are asked.

    `varieties` says how unusual replies are by provider; under `""`, of those without a word of
    their own.
    """

    active: tuple[Active, ...] = ()
    varieties: dict[str, Variety] = {}

    def variety_of(self, provider: str) -> Variety:
        """How unusual a provider's replies are."""
        return self.varieties.get(provider, self.varieties.get("", "none"))


PLAYBOOKS: Kind[Playbook] = Kind("playbook", Playbook, version=2)


def changed(plan: Plan, change: PlanChange) -> Plan:
    """The plan that a change makes of a run's own plan."""
    stages, outcome = plan.stages, plan.outcome
    if change.slow != 1.0:
        stages = tuple(_lasting(stage, int(stage.duration_ms * change.slow)) for stage in stages)
    if change.lasts_ms is not None:
        stages = shared_out(stages, change.lasts_ms)
    if change.queued_ms is not None and stages:
        stages = (_lasting(stages[0], change.queued_ms), *stages[1:])
    if change.flaps:
        stages = _flapping(stages, change.flaps)
    if change.outcome is not None:
        outcome = change.outcome
    if change.fails_at:
        stages = _cut_short(stages, change.fails_at)
    return Plan(plan.starts_at_ms, stages, outcome, plan.is_stuck or change.is_stuck)


def shared_out(stages: tuple[Stage, ...], length_ms: int) -> tuple[Stage, ...]:
    """The same stages, their shares kept, lasting exactly so long in all."""
    total = sum(stage.duration_ms for stage in stages)
    if not stages or not total:
        return (Stage("working", length_ms),)
    lengths = [stage.duration_ms * length_ms // total for stage in stages]
    lengths[-1] += length_ms - sum(lengths)
    return tuple(map(_lasting, stages, lengths))


def _lasting(stage: Stage, length_ms: int) -> Stage:
    return Stage(stage.name, length_ms, stage.state)


def _flapping(stages: tuple[Stage, ...], times: int) -> tuple[Stage, ...]:
    """The last two stages, cut into pieces that take turns; the length stays as it was."""
    if len(stages) < 2:
        return stages
    *before, first, second = stages
    pieces: list[Stage] = []
    for number in range(times + 1):
        for stage in (first, second):
            start = stage.duration_ms * number // (times + 1)
            end = stage.duration_ms * (number + 1) // (times + 1)
            pieces.append(_lasting(stage, end - start))
    return (*before, *pieces)


def _cut_short(stages: tuple[Stage, ...], at: int | str) -> tuple[Stage, ...]:
    """The stages up to the middle of one, which is the last if there is no such stage."""
    if isinstance(at, str):
        place = next((n for n, stage in enumerate(stages) if stage.name == at), len(stages) - 1)
    else:
        place = min(at, len(stages)) - 1
    if place < 0:
        return stages
    last = stages[place]
    return (*stages[:place], _lasting(last, last.duration_ms // 2))
