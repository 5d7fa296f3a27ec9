"""Every constraint of a request is enforced, one row a field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import orjson

from conformance.drivers import validation as driver
from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.setting import Setting
from conformance.worth import weighed
from contracts import Operation

AREA: Final = "validation"
_KEYWORDS: Final = {
    "required": ("required",),
    "type": ("type",),
    "enum": ("enum", "const"),
    "range": (
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "multipleOf",
    ),
    "format": ("format", "pattern"),
    "closed": ("additionalProperties", "unevaluatedProperties"),
}
_SENTENCES: Final = {
    "required": "refuses a request without a required field",
    "type": "refuses a field of the wrong type, also where it could be read as the right one",
    "enum": "refuses a value that is none of the options, in other letter case or with blanks too",
    "range": "refuses a value outside its bounds, or a fraction for a whole number",
    "format": "refuses a text that does not have the format of its field",
    "closed": "refuses a field that it does not know, where no others may stand",
}
REFUSALS: Final = frozenset({400, 422})


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield one rule per operation and kind of constraint."""
    for operation in setting.contract.operations:
        start, place = (
            f"{setting.profile.name}.{operation.id}",
            f"{operation.method} {operation.path}",
        )
        source = f"contract: {place}, request"
        rows = _rows(setting, operation)
        for kind, cases in rows.items():
            yield Rule(
                f"{start}.{kind}",
                f"{place} {_SENTENCES[kind]}.",
                source,
                AREA,
                check=weighed(_enforced(operation, kind), "request", setting.profile),
                operation=operation.id,
                drivers=_drivers(setting, operation),
                cases=cases,
            )


def _drivers(setting: Setting, operation: Operation) -> tuple[str, ...]:
    """Return who breaks requests of an operation: a lifecycle too where it has what they need."""
    profile = setting.profile
    own = [each for each in profile.journeys if each.operation == operation.id]
    is_made = operation.id in profile.hard_to_succeed or any(each.misses for each in own)
    more = ("lifecycle",) if own and is_made else ()
    return ("validation", "generator", *more)


def is_closed(operation: Operation) -> bool:
    """Whether a body's schema admits no member but those it names."""
    schema = operation.body.schema if operation.body else {}
    return any(
        schema.get(word) is False for word in ("additionalProperties", "unevaluatedProperties")
    )


def _rows(setting: Setting, operation: Operation) -> dict[str, tuple[Case, ...]]:
    """Return the table of each kind: the fields, with the tier in which each can be judged."""
    found: dict[str, dict[str, Case]] = {}
    creation = setting.profile.creation(operation.id)
    for probe in driver.mutants(setting, operation):
        if len(setting.judges) > 1 and not setting.read(probe).is_invalid:
            continue
        kind = probe.probe.rpartition(".")[2]
        tier = probe.tier
        if creation is not None and probe.body and creation.jobs(orjson.loads(probe.body)) > 1:
            tier = Tier.FUZZ
        cases, name = found.setdefault(kind, {}), probe.subject
        before = cases.get(name, Case(name, tier, required=False))
        is_required = before.required or probe.is_sure
        cases[name] = Case(name, min(tier, before.tier), required=is_required)
    return {kind: tuple(cases.values()) for kind, cases in found.items()}


def _enforced(operation: Operation, kind: str) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.of(operation.id):
            case = _case(reading, kind)
            if case is None or not reading.is_authorized:
                continue
            if reading.status == 429:
                continue
            # What is read as a text all the same is the id of nothing.
            is_lost = kind == "type" and reading.status == 404 and case.endswith("Id")
            yield check(
                reading.status in REFUSALS or is_lost,
                reading,
                f"{case or 'the request'} broken ({kind}) got {reading.status}, not a 400",
                case,
            )

    return run


def _case(reading: Reading, kind: str) -> str | None:
    """Return the field that a request breaks in this way, None if it is about something else."""
    if reading.exchange.probe == f"{driver.NAME}.{kind}":
        return reading.exchange.subject if reading.is_invalid else None
    if kind == "format":
        # What exactly a pattern or format admits, readers of generated text differ on.
        return None
    sole = reading.sole_fault()
    if sole is None or sole.keyword not in _KEYWORDS[kind] or not sole.subject:
        return None
    if sole.keyword == "type" and kind == "type" and _is_fraction(reading, sole.message):
        return None
    return sole.subject


def _is_fraction(reading: Reading, message: str) -> bool:
    """Whether a wrong type is a fraction where a whole number belongs, which counts as a range."""
    return "is not of type 'integer'" in message
