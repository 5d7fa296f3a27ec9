"""A request body is one JSON object: what is none is refused, where the contract says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from conformance.drivers import malformed
from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.rule import Rule
from conformance.setting import Setting
from conformance.worth import weighed
from contracts import Operation

AREA: Final = "validation"
_REFUSALS: Final = frozenset({400, 413, 415, 422})
_BODIES: Final = {
    **malformed.broken_texts(),
    "null": b"null",
    "array": b"[]",
    "text": b'"text"',
    "number": b"5",
}


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield one rule per operation that takes a body, with a row for each wrong document."""
    for operation in setting.contract.operations:
        rows = tuple(_rows(setting, operation)) if operation.body is not None else ()
        if rows:
            place = f"{operation.method} {operation.path}"
            yield Rule(
                f"{setting.profile.name}.{operation.id}.object",
                f"{place} refuses a body that is no JSON object.",
                f"contract: {place}, request",
                AREA,
                check=weighed(_refused(operation), "request", setting.profile),
                operation=operation.id,
                drivers=("malformed",),
                cases=rows,
            )


def _rows(setting: Setting, operation: Operation) -> Iterator[Case]:
    """Yield the wrong documents that every contract refuses, told by its words alone."""
    tier = Tier.VALIDATION if setting.is_creation(operation) else Tier.FREE
    theirs = [judge.contract.operation(operation.id) for judge in setting.judges]
    # Where what is no JSON counts as an empty object, that is refused if anything is required.
    refuses = all(
        each.malformed_body == "refuse" or (each.body and each.body.schema.get("required"))
        for each in theirs
    )
    is_object = all(each.body and each.body.schema.get("type") == "object" for each in theirs)
    for name in _BODIES:
        is_broken = name in malformed.broken_texts()
        if name != "invalid-utf8" and (refuses if is_broken else is_object):
            yield Case(name, tier)


def _refused(operation: Operation) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.of(operation.id):
            subject = reading.exchange.subject
            if reading.exchange.probe != f"{malformed.NAME}.{subject}" or subject not in _BODIES:
                continue
            if reading.is_invalid and reading.is_authorized and reading.status != 429:
                words = f"a body that is {subject} got {reading.status}, not a 400"
                yield check(reading.status in _REFUSALS, reading, words, subject)

    return run
