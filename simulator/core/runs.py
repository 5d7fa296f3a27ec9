"""Runs: a plan fixed at the start, dated amendments, and a status that is a function of both.

Pure: nothing here reads a clock or a store. The core's words are `queued`, `working`, `completed`,
`failed` and `cancelled`; a provider's `wire.py` turns them into its own.
"""

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from simulator.core import jsontext
from simulator.core.assets import MediaSpec
from simulator.core.clock import Pace
from simulator.core.store import Kind

State = Literal["queued", "working", "completed", "failed", "cancelled"]


class Stage(msgspec.Struct, frozen=True, gc=False):
    """A part of a run before its end; the name is the provider's, the state the core's."""

    name: str
    duration_ms: int
    state: Literal["queued", "working"] = "working"


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """How a run ends; `reason` is a core error's name or a provider's word, `data` its details."""

    state: Literal["completed", "failed", "cancelled"] = "completed"
    reason: str = ""
    message: str = ""
    data: dict[str, Any] = {}


COMPLETED = Outcome()


class Plan(msgspec.Struct, frozen=True, gc=False):
    """The stages of one run from its start, and its end; a stuck run stays in its last stage."""

    starts_at_ms: int
    stages: tuple[Stage, ...]
    outcome: Outcome = COMPLETED
    is_stuck: bool = False

    @property
    def length_ms(self) -> int:
        """How long the run works, if nothing intervenes."""
        length = 0
        for stage in self.stages:
            length += stage.duration_ms
        return length


class Amendment(msgspec.Struct, frozen=True, gc=False):
    """A dated change from outside."""

    at_ms: int
    action: Literal["complete", "fail", "cancel", "hold", "release"]
    outcome: Outcome | None = None


class Run(msgspec.Struct, frozen=True, gc=False):
    """One generation of any provider.

    `request` is the normalised body as JSON bytes, `outputs` what a completed run has made,
    `details` whatever the provider must remember of the call. `cost_nanos` is what the account
    pays at completion; `is_settled` says that the ledger has heard of the end. `polls` are the
    dates of the polls that moved it on, for a run that gets on by them; None for one by the clock.
    `callback` is the subscription of the key that it was started with, if that has one.
    """

    id: str
    provider: str
    operation: str
    account_id: str
    plan: Plan
    cost_nanos: int = 0
    mode: str = ""
    model: str = ""
    request: bytes = b"{}"
    outputs: tuple[MediaSpec, ...] = ()
    details: dict[str, Any] | None = None
    amendments: tuple[Amendment, ...] = ()
    is_settled: bool = False
    polls: tuple[int, ...] | None = None
    callback: str = ""

    @property
    def created_at_ms(self) -> int:
        """When the run was started, on the tenant's clock."""
        return self.plan.starts_at_ms

    def decoded_request(self) -> Any:
        """The normalised request body as a JSON value."""
        return jsontext.loads(self.request, deepest=2 * jsontext.DEEPEST)


class Status(msgspec.Struct, frozen=True, gc=False):
    """What a poll may show of a run at one moment; times in ms, None before they happened."""

    state: State
    stage: str
    progress: float
    started_at_ms: int | None
    ended_at_ms: int | None
    outcome: Outcome | None

    @property
    def is_terminal(self) -> bool:
        """Whether nothing will change any more."""
        return self.ended_at_ms is not None


RUNS: Kind[Run] = Kind("run", Run)


def status_at(run: Run, now_ms: int) -> Status:
    """The status of a run at a time: a pure function of plan, amendments, polls and time."""
    if run.polls is not None:
        return _status_by_polls(run, run.polls, now_ms)
    if not run.amendments:
        return _status_of_plan(run.plan, now_ms)
    worked_ms, ended = _worked_ms(run, now_ms)
    if ended is not None:
        outcome, at_ms = ended
        return Status(outcome.state, outcome.state, 1.0, _started_ms(run, at_ms), at_ms, outcome)
    stage, is_first_working = _stage_after(run.plan, worked_ms)
    started = None if stage.state == "queued" else _started_ms(run, now_ms)
    length = run.plan.length_ms or 1
    progress = min(0.99, max(0.0, worked_ms / length)) if is_first_working else 0.0
    return Status(stage.state, stage.name, progress, started, None, None)


def ends_at_ms(run: Run) -> int | None:
    """When the run ends if nothing else happens, no poll either; None if it never does."""
    if run.polls is not None:
        ended = _ended_by_polls(run, run.polls, None)
        return None if ended is None else ended[1]
    starts_at_ms = run.plan.starts_at_ms
    if not run.amendments:
        return None if run.plan.is_stuck else starts_at_ms + run.plan.length_ms
    last = max((item.at_ms for item in run.amendments), default=starts_at_ms)
    last = max(last, starts_at_ms)
    worked_ms, ended = _worked_ms(run, last)
    if ended is not None:
        return ended[1]
    if run.plan.is_stuck or _is_held(run, last):
        return None
    return last + run.plan.length_ms - worked_ms


def has_ended(run: Run, now_ms: int) -> bool:
    """Whether a run has ended by a time."""
    at_ms = ends_at_ms(run)
    return at_ms is not None and at_ms <= now_ms


def ending_of(run: Run, ended_at_ms: int) -> Outcome:
    """How a run ended that has ended by a time."""
    if not run.amendments and run.polls is None:
        return run.plan.outcome
    return status_at(run, ended_at_ms).outcome or run.plan.outcome


def stage_dates(run: Run) -> list[int]:
    """When a run enters its second stage, its third and so on, if nothing else happens.

    Stages of no length have the date of the one after them; those that an end forestalls, none.
    """
    goals: list[int] = []
    for stage in run.plan.stages[:-1]:
        goals.append((goals[-1] if goals else 0) + stage.duration_ms)
    if run.polls is not None:
        dates = list(run.polls[1 : len(goals) + 1])
    else:
        dates = _dates_of_work(run, goals)
    end_ms = ends_at_ms(run)
    return dates if end_ms is None else [at_ms for at_ms in dates if at_ms < end_ms]


def _dates_of_work(run: Run, goals: list[int]) -> list[int]:
    """When a run will have worked for so long, and so long, as far as nothing holds it."""
    worked, since, is_held = 0, run.plan.starts_at_ms, False
    dates: list[int] = []
    for amendment in (*_in_order(run), None):
        until = None if amendment is None else max(amendment.at_ms, since)
        if not is_held:
            while len(dates) < len(goals):
                at_ms = since + goals[len(dates)] - worked
                if until is not None and at_ms > until:
                    break
                dates.append(at_ms)
        if amendment is None or until is None:
            break
        worked += 0 if is_held else until - since
        since = until
        if amendment.action in ("hold", "release"):
            is_held = amendment.action == "hold"
    return dates


def at_pace(run: Run, pace: Pace) -> Run:
    """A run that is about to start, as it gets on at a pace; one that is stuck stays stuck."""
    if pace == "clock":
        return run
    if pace == "polls":
        return replace(run, polls=())
    stages = tuple([Stage(stage.name, 0, stage.state) for stage in run.plan.stages])
    return replace(run, plan=replace(run.plan, stages=stages))


def polled(run: Run, now_ms: int) -> Run:
    """The same run after a poll: a step further if polls move it and nothing holds it.

    Its steps are its stages and then its end: the first poll finds it in its first stage, as
    whoever started it did, and the one after the last stage finds it ended.
    """
    if not is_moved_by_polls(run, now_ms):
        return run
    return replace(run, polls=(*(run.polls or ()), now_ms))


def is_moved_by_polls(run: Run, now_ms: int) -> bool:
    """Whether a poll at a time moves the run on."""
    if run.polls is None or _ended_by_polls(run, run.polls, now_ms) is not None:
        return False
    is_at_rest = run.plan.is_stuck and len(run.polls) >= len(run.plan.stages)
    return not is_at_rest and not _is_held(run, now_ms)


def _status_of_plan(plan: Plan, now_ms: int) -> Status:
    """The status of a run that nothing has changed since its start, which is most of them."""
    worked_ms = max(0, now_ms - plan.starts_at_ms)
    length_ms = queued_ms = 0
    current, is_queue = None, True
    for stage in plan.stages:
        is_queue = is_queue and stage.state == "queued"
        length_ms += stage.duration_ms
        if is_queue:
            queued_ms = length_ms
        if current is None and worked_ms < length_ms:
            current = stage
    if worked_ms >= length_ms and not plan.is_stuck:
        outcome, at_ms = plan.outcome, plan.starts_at_ms + length_ms
        started_ms = min(plan.starts_at_ms + queued_ms, at_ms)
        return Status(outcome.state, outcome.state, 1.0, started_ms, at_ms, outcome)
    if current is None:
        current = plan.stages[-1] if plan.stages else Stage("working", 0)
    if current.state == "queued":
        return Status("queued", current.name, 0.0, None, None, None)
    started_ms = min(plan.starts_at_ms + queued_ms, now_ms)
    progress = min(0.99, worked_ms / (length_ms or 1))
    return Status("working", current.name, progress, started_ms, None, None)


def _status_by_polls(run: Run, polls: tuple[int, ...], now_ms: int) -> Status:
    ended = _ended_by_polls(run, polls, now_ms)
    stages = run.plan.stages or (Stage("working", 0),)
    steps = max(0, sum(at_ms <= now_ms for at_ms in polls) - 1)
    first = next((n for n, stage in enumerate(stages) if stage.state == "working"), 0)
    started = polls[first] if 0 < first <= steps else run.created_at_ms if not first else None
    if ended is not None:
        outcome, at_ms = ended
        return Status(
            outcome.state, outcome.state, 1.0, min(started or at_ms, at_ms), at_ms, outcome
        )
    stage = stages[min(steps, len(stages) - 1)]
    is_queued = stage.state == "queued"
    progress = 0.0 if is_queued else min(0.99, steps / len(stages))
    return Status(stage.state, stage.name, progress, None if is_queued else started, None, None)


def _ended_by_polls(
    run: Run, polls: tuple[int, ...], now_ms: int | None
) -> tuple[Outcome, int] | None:
    """How and when a run that gets on by polls has ended by a time (None: ever), if it has."""
    ends: list[tuple[int, Outcome]] = [
        (max(item.at_ms, run.created_at_ms), _amended_outcome(item))
        for item in _in_order(run)
        if item.action in ("complete", "fail", "cancel")
    ][:1]
    steps = len(run.plan.stages)
    if not run.plan.is_stuck and (len(polls) > steps or not steps):
        ends.append((polls[steps] if steps else run.created_at_ms, run.plan.outcome))
    at_ms, outcome = min(ends, key=lambda end: end[0], default=(0, None))
    if outcome is None or (now_ms is not None and at_ms > now_ms):
        return None
    return outcome, at_ms


def _worked_ms(run: Run, now_ms: int) -> tuple[int, tuple[Outcome, int] | None]:
    """How long a run has worked by a time, and how and when it ended if it has."""
    plan = run.plan
    length = plan.length_ms
    worked, since, is_held = 0, plan.starts_at_ms, False
    for amendment in _in_order(run):
        if amendment.at_ms > now_ms:
            break
        if not is_held:
            at_ms = max(amendment.at_ms, since)
            if not plan.is_stuck and worked + at_ms - since >= length:
                return length, (plan.outcome, since + length - worked)
            worked += at_ms - since
        since = max(amendment.at_ms, since)
        if amendment.action == "hold":
            is_held = True
        elif amendment.action == "release":
            is_held = False
        else:
            return worked, (_amended_outcome(amendment), since)
    if is_held:
        return worked, None
    if not plan.is_stuck and worked + now_ms - since >= length:
        return length, (plan.outcome, since + length - worked)
    return worked + max(0, now_ms - since), None


def _in_order(run: Run) -> list[Amendment] | tuple[()]:
    return sorted(run.amendments, key=lambda item: item.at_ms) if run.amendments else ()


def _amended_outcome(amendment: Amendment) -> Outcome:
    if amendment.outcome is not None:
        return amendment.outcome
    if amendment.action == "complete":
        return COMPLETED
    return Outcome("cancelled" if amendment.action == "cancel" else "failed")


def _is_held(run: Run, now_ms: int) -> bool:
    is_held = False
    for amendment in _in_order(run):
        if amendment.at_ms <= now_ms and amendment.action in ("hold", "release"):
            is_held = amendment.action == "hold"
    return is_held


def _stage_after(plan: Plan, worked_ms: int) -> tuple[Stage, bool]:
    """The stage that a run is in after so much work, and whether work has begun."""
    passed = 0
    for stage in plan.stages:
        passed += stage.duration_ms
        if worked_ms < passed:
            return stage, stage.state == "working"
    last = plan.stages[-1] if plan.stages else Stage("working", 0)
    return last, last.state == "working"


def _started_ms(run: Run, until_ms: int) -> int:
    """When the first working stage began, time on hold left out; never after a time."""
    queued = 0
    for stage in run.plan.stages:
        if stage.state != "queued":
            break
        queued += stage.duration_ms
    worked, since, is_held = 0, run.plan.starts_at_ms, False
    for amendment in _in_order(run):
        at_ms = max(amendment.at_ms, since)
        if not is_held:
            if worked + at_ms - since >= queued:
                break
            worked += at_ms - since
        since, is_held = at_ms, amendment.action == "hold"
    return min(since + queued - worked, until_ms)
