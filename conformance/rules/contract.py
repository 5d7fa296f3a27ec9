"""Every reply keeps the contract: its status, content type, headers, and body schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.drivers.credentials import needs_credential
from conformance.evidence import Evidence, broken, check, held
from conformance.judge import fits_header, is_more_than_text
from conformance.model import Case, Finding, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.setting import Setting
from conformance.worth import weighed
from contracts import Operation

AREA: Final = "contract"
DRIVERS: Final = (
    "credentials",
    "validation",
    "malformed",
    "positive",
    "modes",
    "lifecycle",
    "generator",
    "methods",
)
# A gateway before any server may answer these to what is too big, too much or too often.
_GATEWAY: Final = frozenset({413, 414, 429, 431})


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of every operation."""
    name = setting.profile.name
    for operation in setting.contract.operations:
        common: dict[str, Any] = {"area": AREA, "operation": operation.id, "drivers": DRIVERS}
        start = f"{name}.{operation.id}"
        source = f"contract: {operation.method} {operation.path}, responses"
        cases = tuple(_cases(setting, operation))
        yield Rule(
            f"{start}.status",
            f"{operation.method} {operation.path} answers with a declared status only.",
            source,
            check=_on(operation, _status),
            cases=cases,
            **common,
        )
        yield Rule(
            f"{start}.content-type",
            f"A reply of {operation.method} {operation.path} has the content type "
            "declared for its status.",
            source,
            check=weighed(_on(operation, _content_type), "reply"),
            cases=cases,
            **common,
        )
        yield Rule(
            f"{start}.body",
            f"The body of a reply of {operation.method} {operation.path} fits the schema "
            "declared for its status.",
            source,
            check=weighed(_on(operation, _body), "reply"),
            cases=cases,
            **common,
        )
        if any(_says_something(h) for s in operation.replies.values() for h in s.headers.values()):
            yield Rule(
                f"{start}.headers",
                f"A reply of {operation.method} {operation.path} has the headers that are "
                "required with its status, and those that are declared fit their schema.",
                source,
                check=weighed(_on(operation, _headers), "reply"),
                cases=tuple(Case(c.name, c.tier, c.needs, required=False) for c in cases),
                **common,
            )


def _cases(setting: Setting, operation: Operation) -> Iterator[Case]:
    """Yield one case per declared status; required are those that a driver can bring about."""
    writes = setting.is_creation(operation)
    reachable: dict[str, Tier] = {}
    success = next((each for each in operation.replies if each.startswith("2")), "")
    tiers = _touched(setting).get(operation.id, [])
    if operation.id not in setting.profile.hard_to_succeed and operation.method != "DELETE":
        tiers.append(Tier.FUZZ if writes else Tier.FREE)
    if tiers:
        reachable[success] = min(tiers)
    if needs_credential(operation) and operation.method != "DELETE":
        free = not writes
        reachable["401"] = Tier.FREE if free else Tier.VALIDATION
    for status in operation.replies:
        tier = reachable.get(status)
        if status == "401" and operation.check_order[0] == "body" and writes:
            tier = Tier.FUZZ
        yield Case(status, tier if tier is not None else Tier.FREE, required=tier is not None)


def _touched(setting: Setting) -> dict[str, list[Tier]]:
    """Return the operations that lifecycles call with success, and the tiers of those."""
    found: dict[str, list[Tier]] = {}
    for journey in setting.profile.journeys:
        if not journey.fails:
            reads = [read.operation for read in journey.reads]
            for name in (journey.operation, journey.delete, *reads):
                found.setdefault(name, []).append(journey.tier)
    return found


def _on(
    operation: Operation, look: Callable[[Reading], Iterator[Finding]]
) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.of(operation.id):
            yield from look(reading)

    return run


def _case(reading: Reading) -> str:
    operation = reading.operation
    replies = operation.replies if operation else {}
    for key in (str(reading.status), f"{reading.status // 100}XX", "default"):
        if key in replies:
            return key
    return ""


def _status(reading: Reading) -> Iterator[Finding]:
    declared = ", ".join(reading.operation.replies) if reading.operation else ""
    if not reading.specs() and (reading.status in _GATEWAY or _is_part(reading)):
        return
    yield check(
        bool(reading.specs()),
        reading,
        f"status {reading.status}; declared are {declared}",
        _case(reading),
    )


def _is_part(reading: Reading) -> bool:
    """Whether a reply is the part of a file that its request asked for [RFC 9110, 15.3.7]."""
    return reading.status == 206 and reading.exchange.request_header("range") is not None


def _content_type(reading: Reading) -> Iterator[Finding]:
    specs = reading.specs()
    declared = {kind.lower() for spec in specs for kind in spec.content}
    if not specs or any(not spec.content for spec in specs):
        return
    is_right = any(_fits(reading.content_type, kind) for kind in declared)
    found = reading.content_type or "none"
    yield check(
        is_right,
        reading,
        f"content type {found}; declared is {', '.join(sorted(declared))}",
        _case(reading),
    )


def _fits(found: str, declared: str) -> bool:
    if declared.endswith("/*"):
        return declared == "*/*" or found.startswith(declared[:-1])
    return found == declared


def _body(reading: Reading) -> Iterator[Finding]:
    specs = reading.specs()
    if not specs or not any(spec.content for spec in specs):
        return
    if not any(kind.endswith("json") for spec in specs for kind in spec.content):
        yield check(bool(reading.exchange.reply_body), reading, "an empty body", _case(reading))
        return
    if not reading.is_json_reply and any(
        _fits(reading.content_type, kind) for spec in specs for kind in spec.content
    ):
        return
    if reading.reply.value is None and reading.reply.fault:
        if any(not spec.content for spec in specs):
            return
        yield broken(reading, f"the body is no JSON: {reading.reply.fault}", _case(reading))
        return
    faults = reading.reply_faults
    if not faults:
        yield held(reading, _case(reading))
        return
    first = faults[0]
    where = first.subject or "the body"
    yield broken(reading, f"{where}: {first.message} ({first.keyword})", _case(reading))


def _says_something(header: dict[str, Any]) -> bool:
    """Whether a declared header can be wrong: it must be there, or is more than any text."""
    schema = header.get("schema", {})
    return bool(header.get("required")) or is_more_than_text(schema)


def _headers(reading: Reading) -> Iterator[Finding]:
    for spec in reading.specs()[:1]:
        for name, header in spec.headers.items():
            value = reading.exchange.reply_header(name)
            if value is None and header.get("required"):
                yield broken(reading, f"the header {name} is missing", _case(reading))
            elif value is not None and _says_something(header):
                fits = fits_header(value, header.get("schema", {}))
                yield check(fits, reading, f"the header {name} is {value!r}", _case(reading))


def breaks_header(reading: Reading) -> str:
    """Return what is wrong with a reply's headers, empty if nothing is."""
    return next((found.message for found in _headers(reading) if not found.holds), "")
