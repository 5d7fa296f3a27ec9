"""What the contract allows is accepted: examples, every legal value of a field, unknown fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from conformance import legal
from conformance.drivers import positive as driver
from conformance.evidence import Evidence, broken, check, held
from conformance.model import Case, Finding, Provenance, Tier
from conformance.mutations import REMOVED
from conformance.profile import Journey
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.validation import AREA, REFUSALS, is_closed
from conformance.schemas import weakest
from conformance.setting import Setting
from conformance.worth import of_request
from contracts import Operation

_NAMED: Final = 8
_EXAMPLE: Final = f"{driver.NAME}.example"


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules on valid requests of every operation that a driver can call rightly."""
    for operation in setting.contract.operations:
        yield from _acceptance(setting, operation)
        if not is_closed(operation) and (operation.body is not None or operation.method == "GET"):
            yield from _tolerance(setting, operation)


def _acceptance(setting: Setting, operation: Operation) -> Iterator[Rule]:
    profile = setting.profile
    tier = Tier.FUZZ if setting.is_creation(operation) else Tier.FREE
    made = [j.tier for j in profile.journeys if j.operation == operation.id and j.reads]
    first = tier
    if operation.id in profile.hard_to_succeed:
        if not made or not setting.is_creation(operation):
            return
        first = min(made)
    elif operation.method == "DELETE":
        return
    table = legal.table(setting.contract, operation, profile)
    place = f"{operation.method} {operation.path}"
    yield Rule(
        f"{profile.name}.{operation.id}.accepts",
        f"{place} accepts a valid request: with any option, exact bound or null that a field may "
        "have, without any field that is optional, and with more in an open object that it holds.",
        f"contract: {place}, request",
        AREA,
        check=_accepted(operation, table),
        operation=operation.id,
        tier=first,
        drivers=("positive", "lifecycle"),
        cases=(Case("", first), *_rows(setting, operation, table, tier)),
    )


def _rows(setting: Setting, operation: Operation, table: legal.Table, tier: Tier) -> Iterator[Case]:
    """Yield a row for every field; what one contract alone allows may not be shown."""
    schema = operation.body.schema if operation.body else {}
    alone = len(setting.judges) == 1 and not {"anyOf", "oneOf", "allOf"} & schema.keys()
    changes = [each for found in table.values() for each in found]
    sure = {each.subject for each in changes if len(each.path) == 1 and not each.is_idle}
    for subject in dict.fromkeys(each.subject for each in changes):
        yield Case(subject, tier, required=alone and subject in sure)


def _accepted(operation: Operation, table: legal.Table) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        refused = {j.name for j in evidence.profile.journeys if _may_be_refused(j, evidence)}
        varied: list[Reading] = []
        for reading in evidence.valid(operation.id):
            tags = reading.exchange
            if tags.series in refused or reading.status == 429:
                continue
            if tags.probe == driver.LEGAL:
                varied.append(reading)
            elif tags.probe.startswith(_EXAMPLE) or tags.step == "create":
                yield check(reading.is_success, reading, f"a valid request got {reading.status}")
        yield from _findings(evidence, operation, varied, table)

    return run


def _may_be_refused(journey: Journey, evidence: Evidence) -> bool:
    """Whether a journey is there to fail, or shows what becomes of an odd request."""
    hard = evidence.profile.hard_to_succeed
    return journey.fails or (journey.operation in hard and not journey.reads)


def _findings(
    evidence: Evidence, operation: Operation, varied: list[Reading], table: legal.Table
) -> Iterator[Finding]:
    """Yield what came of the legal values: each that was accepted, and those that may be blamed."""
    cleared: set[tuple[str, str]] = set()
    refused: list[tuple[Reading, list[legal.Change]]] = []
    for reading in varied:
        values = reading.body if operation.body is not None else reading.query
        changes = _held(table, reading.exchange.subject, values, is_text=operation.body is None)
        if not _is_taken(reading):
            refused.append((reading, changes))
            continue
        for change in changes:
            cleared.add(_key(change))
            yield held(reading, change.subject)
    for reading, changes in refused:
        blamed = [each for each in changes if _key(each) not in cleared] or changes
        found = broken(reading, f"{_all_words(blamed)} got {reading.status}")
        yield replace(found, provenance=_worth(evidence, operation, blamed))


def _is_taken(reading: Reading) -> bool:
    """Whether a legal request succeeds; one for something that is not there is not malformed."""
    if reading.exchange.subject.startswith(legal.CASE):
        return reading.status not in REFUSALS and reading.status < 500
    return reading.is_success


def _held(table: legal.Table, name: str, values: object, *, is_text: bool) -> list[legal.Change]:
    changes = table.get(name, ())
    if is_text:
        changes = tuple(each.as_text() for each in changes)
    return [each for each in changes if each.is_in(values)]


def _key(change: legal.Change) -> tuple[str, str]:
    return change.subject, repr(change.value)


def _all_words(blamed: list[legal.Change]) -> str:
    words = [_words(each) for each in blamed[:_NAMED]]
    more = len(blamed) - len(words)
    return ", ".join([*words, *([f"{more} more"] if more else [])]) or "a legal request"


def _words(change: legal.Change) -> str:
    if change.value is REMOVED:
        return f"no {change.subject}"
    return f"{change.subject}={change.value!r}"[:80]


def _worth(evidence: Evidence, operation: Operation, blamed: list[legal.Change]) -> Provenance:
    location = "query" if operation.body is None else "body"
    is_silent = operation.id in evidence.profile.silent_on_null
    nulls = ["observed" for each in blamed if is_silent and each.value is None]
    return weakest(
        *nulls,
        *(of_request(evidence.contract, operation, location, each.subject) for each in blamed),
    )


def _tolerance(setting: Setting, operation: Operation) -> Iterator[Rule]:
    """Yield the rule on what a request may hold beside what is known, if anything shows it."""
    tier = Tier.FUZZ if setting.is_creation(operation) else Tier.FREE
    drivers: tuple[str, ...] = ("positive",)
    if operation.id in setting.profile.hard_to_succeed:
        followed = [
            journey.tier
            for journey in setting.profile.journeys
            if any(read.operation == operation.id for read in journey.reads)
        ]
        if not followed:
            return
        tier, drivers = min(followed), ("lifecycle",)
    place = f"{operation.method} {operation.path}"
    yield Rule(
        f"{setting.profile.name}.{operation.id}.unknown-field",
        f"{place} does not mind a field or parameter it does not know.",
        f"contract: {place}, request",
        AREA,
        check=_tolerated(operation),
        operation=operation.id,
        tier=tier,
        drivers=drivers,
    )


def _tolerated(operation: Operation) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.of(operation.id):
            tags = reading.exchange
            asked = "positive.unknown-field" in tags.probe or tags.step == "unknown-field"
            if not asked or reading.status == 429:
                continue
            if reading.is_success:
                yield held(reading)
            else:
                yield broken(reading, f"an unknown field got {reading.status}")

    return run
