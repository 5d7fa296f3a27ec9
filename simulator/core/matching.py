"""Finds the rule that decides a call, and counts the call against every rule that it fits.

Counting is one store transaction, so that among calls at the same time each is counted once. Where
a rule fits no call of this kind, nothing is written.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from simulator.core import ids
from simulator.core.patterns import pattern
from simulator.core.scenarios import (
    DOWNLOAD,
    PLAYBOOKS,
    Active,
    Field,
    Give,
    Match,
    Playbook,
    Point,
    Scenario,
    Variety,
    WebhookTwist,
)
from simulator.core.store import Tx

T = TypeVar("T")

_SCALE = 1 << 64


class Sought(msgspec.Struct, frozen=True, gc=False):
    """A call for which a rule is sought; `account` has its id and its name."""

    provider: str
    operation: str
    account: tuple[str, str] = ("", "")
    body: Any = None
    query: Any = None
    point: Point = "request"


class Ruling(msgspec.Struct, frozen=True):
    """What the scenarios in force say of a call: the one that applies, and why others do not.

    `rule` counts from 1. `ordinal` is how many calls the rule had fitted before, and with the
    tenant's seed makes anything drawn for this call repeatable.
    """

    scenario: str = ""
    rule: int = 0
    give: Give = Give()
    ordinal: int = 0
    passed_over: tuple[tuple[str, str], ...] = ()


class Scripting(msgspec.Struct):
    """The scenarios in force for one request, and what they ruled of it and, later, of its runs."""

    active: tuple[Active, ...]
    sought: Sought
    request_ruling: Ruling = Ruling()
    run_ruling: Ruling = Ruling()

    @property
    def ruling(self) -> Ruling:
        """What is told of the request: what was ruled of its runs where nothing was of itself."""
        of_request, of_run = self.request_ruling, self.run_ruling
        decided = of_request if of_request.scenario else of_run
        return replace(decided, passed_over=(*of_request.passed_over, *of_run.passed_over))

    async def ruled_for_run(self, tx: Tx, now_ms: int, seed: str) -> Ruling:
        """What the scenarios in force say of a run that the request starts."""
        sought = replace(self.sought, point="run")
        ruling = await ruled_in(tx, self.active, sought, now_ms, seed)
        if ruling.scenario or not self.run_ruling.scenario:
            self.run_ruling = ruling
        return ruling


class World(Protocol):
    """What matching needs of a tenant."""

    seed: str

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run one transaction in the tenant."""

    async def time_in(self, tx: Tx) -> int:
        """The tenant's time, read inside a transaction."""


async def ruled(world: World, active: Sequence[Active], sought: Sought) -> Ruling:
    """What the scenarios in force say of a call, which is counted."""
    if not any(_fits(item, sought) for item in active):
        return Ruling(passed_over=tuple(_never(active, sought)))

    async def work(tx: Tx) -> Ruling:
        return await ruled_in(tx, active, sought, await world.time_in(tx), world.seed)

    return await world.transact(work)


async def ruled_in(
    tx: Tx, active: Sequence[Active], sought: Sought, now_ms: int, seed: str
) -> Ruling:
    """The same inside a transaction."""
    passed_over: list[tuple[str, str]] = []
    decided: Ruling | None = None
    for item in active:
        rules = item.scenario.rules
        for number, rule in enumerate(rules, 1):
            if rule.point != sought.point:
                continue
            name = item.scenario.name if len(rules) == 1 else f"{item.scenario.name}, rule {number}"
            if decided is not None:
                passed_over.append((name, f"{decided.scenario} applied first"))
                continue
            reason = _misfit(rule.match, sought)
            ordinal = 0
            if not reason:
                reason = _untimely(rule.match, now_ms - item.since_ms)
            if not reason:
                ordinal = await tx.increment(_counter(item, number))
                reason = _not_this_call(rule.match, ordinal + 1)
            if not reason and rule.match.chance < 1.0:
                drawn = _drawn(seed, item.scenario, number, ordinal)
                if drawn >= rule.match.chance:
                    reason = f"its chance of {rule.match.chance:g} was not drawn"
            if not reason and item.times is not None:
                given = await tx.increment(_counter(item, 0), 0)
                if given >= item.times:
                    reason = f"it has applied {given} of {item.times} times"
            if reason:
                passed_over.append((name, reason))
            else:
                await tx.increment(_counter(item, 0))
                decided = Ruling(item.scenario.name, number, rule.give, ordinal)
    return replace(decided or Ruling(), passed_over=tuple(passed_over))


async def twist_in(tx: Tx, sought: Sought, now_ms: int, seed: str) -> WebhookTwist | None:
    """What goes wrong with the next attempt of a delivery, of which `sought` tells the run."""
    playbook = await tx.get(PLAYBOOKS, "")
    if playbook is None or not playbook.active:
        return None
    sought = replace(sought, point="delivery")
    return (await ruled_in(tx, playbook.active, sought, now_ms, seed)).give.webhook


async def activate(
    tx: Tx, scenario: Scenario, now_ms: int, times: int | None = None
) -> tuple[Active, bool]:
    """Put a scenario in force before all others; answers it, and whether its name was new.

    One of the same name ends.
    """
    playbook = await tx.get(PLAYBOOKS, "") or Playbook()
    serial = str(await tx.increment("scenario-serials"))
    active = Active(scenario, serial, now_ms, times)
    others = _without(playbook, scenario.name)
    await _keep(tx, replace(playbook, active=(active, *others)))
    return active, len(others) == len(playbook.active)


async def deactivate(tx: Tx, name: str) -> bool:
    """End a scenario; true if it was in force."""
    playbook = await tx.get(PLAYBOOKS, "") or Playbook()
    others = _without(playbook, name)
    if len(others) == len(playbook.active):
        return False
    await _keep(tx, replace(playbook, active=others))
    return True


async def deactivate_all(tx: Tx) -> None:
    """End every scenario."""
    await _keep(tx, replace(await tx.get(PLAYBOOKS, "") or Playbook(), active=()))


async def set_variety(tx: Tx, variety: Variety, provider: str = "") -> Playbook:
    """Make a provider's replies unusual or usual; without one, those of every provider."""
    playbook = await tx.get(PLAYBOOKS, "") or Playbook()
    others = playbook.varieties if provider else {}
    return await _keep(tx, replace(playbook, varieties={**others, provider: variety}))


async def counts(tx: Tx, active: Active) -> tuple[int, tuple[int, ...]]:
    """How often a scenario has applied, and how many calls each of its rules has fitted."""
    numbers = range(1, len(active.scenario.rules) + 1)
    fitted = [await tx.increment(_counter(active, number), 0) for number in numbers]
    return await tx.increment(_counter(active, 0), 0), tuple(fitted)


async def _keep(tx: Tx, playbook: Playbook) -> Playbook:
    """Store a playbook; none is there where no request has to look at it."""
    if playbook.active or "high" in playbook.varieties.values():
        await tx.put(PLAYBOOKS, "", playbook)
    else:
        await tx.delete(PLAYBOOKS, "")
    return playbook


def _without(playbook: Playbook, name: str) -> tuple[Active, ...]:
    return tuple(item for item in playbook.active if item.scenario.name != name)


def _counter(active: Active, rule: int) -> str:
    """The counter of a rule, or of how often the scenario has applied (0)."""
    return f"scenario:{active.serial}:{rule}"


def _fits(active: Active, sought: Sought) -> bool:
    rules = (rule for rule in active.scenario.rules if rule.point == sought.point)
    return any(not _misfit(rule.match, sought) for rule in rules)


def _never(active: Sequence[Active], sought: Sought) -> list[tuple[str, str]]:
    """Why no rule fits a call, if none does."""
    found = []
    for item in active:
        rules = item.scenario.rules
        for number, rule in enumerate(rules, 1):
            if rule.point == sought.point:
                name = item.scenario.name
                name = name if len(rules) == 1 else f"{name}, rule {number}"
                found.append((name, _misfit(rule.match, sought)))
    return found


def _misfit(match: Match, sought: Sought) -> str:
    """Why a rule does not speak of such a call; empty if it does."""
    if sought.operation == DOWNLOAD and DOWNLOAD not in match.operations:
        return "it does not name downloads"
    if match.providers and sought.provider not in match.providers:
        return f"it is for {', '.join(match.providers)}"
    if match.operations and sought.operation not in match.operations:
        return f"it is for {', '.join(match.operations)}"
    if match.accounts and not set(sought.account) & set(match.accounts):
        return f"it is for {', '.join(match.accounts)}"
    for field in match.fields:
        if not holds(field, sought.body if field.place == "body" else sought.query):
            return f"{field.place} {field.path} {_told(field)} is not so"
    return ""


def _told(field: Field) -> str:
    return f"{field.comparison} {field.value!r}"[:100]


def _untimely(match: Match, age_ms: int) -> str:
    if age_ms < match.after_ms:
        return f"it begins {(match.after_ms - age_ms) / 1000:g} s from now"
    if match.for_ms is not None and age_ms >= match.after_ms + match.for_ms:
        return f"it ended {(age_ms - match.after_ms - match.for_ms) / 1000:g} s ago"
    return ""


def _not_this_call(match: Match, call: int) -> str:
    if call < match.first_call:
        return f"this is call {call}, and it begins with {match.first_call}"
    if match.last_call is not None and call > match.last_call:
        return f"this is call {call}, and it ends with {match.last_call}"
    return ""


def _drawn(seed: str, scenario: Scenario, rule: int, ordinal: int) -> float:
    """A number from 0 to 1 that depends on the tenant's seed, the rule and the count alone."""
    source = ids.entropy(seed, f"chance:{scenario.name}:{rule}", ordinal)
    return int.from_bytes(source[:8]) / _SCALE


def holds(field: Field, document: Any) -> bool:
    """Whether a condition is met by any of the values that its path finds.

    One whose path has to look at too many values is not met.
    """
    values = found(field.path, document)
    if values is None:
        return False
    if field.comparison == "exists":
        return bool(values) is bool(field.value)
    return any(_COMPARISONS[field.comparison](value, field.value) for value in values)


def found(path: str, document: Any) -> list[Any] | None:
    """The values that a JSONPath finds; None if it has to look at too many."""
    from simulator.core import seeking  # costs a start what few starts need

    try:
        return seeking.found(path, document)
    except seeking.TooMuch:
        return None


def check_path(path: str) -> None:
    """Raise `ValueError` with one line of reason for what is no JSONPath."""
    from simulator.core import seeking

    seeking.compiled(path)


def equals(value: Any, wanted: Any) -> bool:
    """Equality of JSON: true is not 1, and 1.0 is 1."""
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted in value
    return isinstance(value, list) and any(equals(item, wanted) for item in value)


def _bounded(value: Any, wanted: Any, sign: int) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and sign * value >= sign * wanted


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "is": equals,
    "in": lambda value, wanted: any(equals(value, item) for item in wanted),
    "contains": _contains,
    "matches": lambda value, wanted: isinstance(value, str) and pattern(wanted)(value),
    "min": lambda value, wanted: _bounded(value, wanted, 1),
    "max": lambda value, wanted: _bounded(value, wanted, -1),
}
