"""How Leonardo refuses: the envelope, keys, the gateway's words, and the words of handlers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import leonardo_probes as probes
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules import leonardo_handlers, leonardo_keys
from conformance.rules.leonardo_errors import AREA, MEMBERS, row, told
from conformance.setting import Setting

# Their documents do not mark these as required; that they are is assumed.
_NOT_MARKED: Final = frozenset({"pricingCalculator", "createVariationUnzoom"})
_UNREADABLE: Final = ("cut-off", "no-json", "single-quotes")
_NO_TYPE_ROW: Final = frozenset({"uploadMedia", "createVariationNoBG"})


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of refusals."""
    yield from _envelope_rules()
    yield from leonardo_keys.rules(setting)
    yield from _gateway_rules(setting)
    yield from leonardo_handlers.rules()


def _envelope_rules() -> Iterator[Rule]:
    source = "[docs: API Error Messages]"
    yield Rule(
        "leonardo.errors.envelope",
        "Every refusal of an operation is an object with error, path and code, all texts; path is "
        "a JSON path and error says something.",
        source,
        AREA,
        check=_envelope,
        drivers=("credentials", "validation", "methods", "malformed", "modes"),
    )
    yield Rule(
        "leonardo.errors.path-unknown",
        "An unknown path is a 404: Endpoint not found, not-found.",
        "[engine] the gateway's words",
        AREA,
        check=_unknown_path,
        provenance="assumed",
        drivers=("methods",),
    )
    yield Rule(
        "leonardo.errors.method",
        "Another method of a known path is a 405 that lists the allowed ones: method-not-allowed.",
        "[engine] the gateway's words",
        AREA,
        check=_method,
        provenance="assumed",
        drivers=("methods",),
    )
    yield Rule(
        "leonardo.errors.id-form",
        "An id that is no UUID is refused with 400, or names nothing.",
        "[engine]; published nowhere",
        AREA,
        check=_no_uuid,
        provenance="assumed",
        drivers=("modes",),
        cases=tuple(row(name, Tier.FREE) for name in probes.NAMED_BY_ID),
    )


def _is_envelope(reading: Reading) -> bool:
    values = [reading.answer.get(name) for name in MEMBERS]
    texts = [value for value in values if isinstance(value, str)]
    return len(texts) == 3 and texts[1].startswith("$") and bool(texts[0].strip() and texts[2])


def _envelope(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        # What stands before the API may answer for itself to what is too much for it.
        if reading.operation is not None and reading.status >= 400 and reading.specs():
            if reading.status in (413, 414, 429, 431):
                continue
            shown = reading.exchange.reply_body[:80]
            yield check(_is_envelope(reading), reading, f"{reading.status} with {shown!r}")


def _unknown_path(evidence: Evidence) -> Iterator[Finding]:
    wanted = {"error": "Endpoint not found", "path": "$", "code": "not-found"}
    for reading in evidence.probed("methods.unknown-path"):
        good = reading.status == 404 and told(reading) == wanted
        yield check(good, reading, f"{reading.status} with {told(reading)}")


def _method(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("methods.undeclared"):
        names_them = str(reading.answer.get("error")).startswith("Allowed methods: ")
        good = reading.answer.get("code") == "method-not-allowed" and names_them
        yield check(good and reading.status == 405, reading, f"{reading.status}: {told(reading)}")


def _no_uuid(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("reads.no-uuid"):
        names_nothing = not any(reading.answer.values())
        good = reading.status in (400, 404) or (reading.status == 200 and names_nothing)
        name = reading.operation.id if reading.operation else ""
        yield check(good, reading, f"an id that is no UUID got {reading.status}", name)


def _gateway_rules(setting: Setting) -> Iterator[Rule]:
    source = "[docs: API Error Messages]; status 400 [engine]"
    common: dict[str, Any] = {"area": AREA, "drivers": ("validation", "malformed", "modes")}
    rows = [
        (operation.id, name, Tier.VALIDATION if setting.is_creation(operation) else Tier.FREE)
        for operation in setting.contract.operations
        if operation.body is not None and operation.id not in _NOT_MARKED
        for name in operation.body.schema.get("required", ())
    ]
    yield Rule(
        "leonardo.words.required",
        "A missing field is named: expecting a value for non-nullable variable, "
        "validation-failed, 400.",
        source,
        check=_required,
        cases=tuple(
            Case(f"{operation}.{name}", tier, operation=operation) for operation, name, tier in rows
        ),
        **common,
    )
    yield Rule(
        "leonardo.words.unreadable",
        "A body that cannot be read is answered as one without the first required field, or as "
        "invalid-json.",
        source,
        check=_unreadable,
        operation="createTextToVideoGeneration",
        tier=Tier.VALIDATION,
        cases=tuple(Case(name) for name in _UNREADABLE),
        **common,
    )
    yield Rule(
        "leonardo.words.unknown-field",
        "A field that an operation does not have, in its letters, is refused: Unexpected "
        "variable and its name, bad-request, 400.",
        source,
        check=_unknown_field,
        cases=tuple(
            row(name, Tier.FREE if name == "uploadInitImage" else Tier.VALIDATION)
            for name in probes.UNKNOWN_FIELDS
        ),
        **common,
    )
    yield Rule(
        "leonardo.words.type",
        "A value of the wrong type, where it is refused, is so as validation-failed, 400.",
        source,
        check=_wrong_type,
        cases=(
            row("createTextToVideoGeneration", Tier.VALIDATION),
            row("createImageToVideoGeneration", Tier.VALIDATION),
            row("createSVDMotionGeneration", Tier.VALIDATION),
            row("createGeneration", Tier.VALIDATION),
        ),
        **common,
    )
    yield Rule(
        "leonardo.words.enum",
        "A text that is none of an enumeration's names, or in other letter case, is refused.",
        "[client: openjarvis tool]; [openapi: video-generation] enumerations",
        check=_wrong_enum,
        cases=(
            row("createTextToVideoGeneration", Tier.VALIDATION),
            row("createImageToVideoGeneration", Tier.VALIDATION),
        ),
        **common,
    )
    yield Rule(
        "leonardo.words.resolution",
        "A resolution in other words is told the name of the enumeration.",
        "[client: openjarvis tool]",
        check=_resolution,
        operation="createTextToVideoGeneration",
        tier=Tier.VALIDATION,
        level=Level.SHOULD,
        provenance="observed",
        **common,
    )


def _required(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        if reading.operation is None or not reading.is_authorized or not reading.status:
            continue
        if reading.operation.id in _NOT_MARKED or reading.request.fault:
            continue
        fault = reading.sole_fault()
        if fault is None or fault.keyword != "required" or reading.query:
            continue
        name = fault.subject
        schema = reading.operation.body.schema if reading.operation.body else {}
        if name in reading.body or name not in schema.get("required", ()):
            continue
        good = reading.status == 400 and told(reading) == _missing(name)
        words = f"{name} is missing: {reading.status} with {told(reading)}"
        yield check(good, reading, words, f"{reading.operation.id}.{name}")


def _missing(name: str) -> dict[str, str]:
    error = f'expecting a value for non-nullable variable: "{name}"'
    return {"error": error, "path": "$", "code": "validation-failed"}


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.of("createTextToVideoGeneration"):
        kind = reading.exchange.probe.removeprefix("malformed.")
        if kind in _UNREADABLE and reading.is_authorized:
            is_told = told(reading) == _missing("prompt")
            is_unread = reading.answer.get("code") == "invalid-json"  # the gateway's own [engine]
            good = reading.status == 400 and (is_told or is_unread)
            yield check(good, reading, f"{reading.status} with {told(reading)}", kind)


def _unknown_field(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("words.unknown-field"):
        error = f"Unexpected variable {reading.exchange.subject}"
        wanted = {"error": error, "path": "$", "code": "bad-request"}
        good = reading.status == 400 and told(reading) == wanted
        case = reading.operation.id if reading.operation else ""
        yield check(good, reading, f"{reading.status} with {told(reading)}", case)


def _faulty(evidence: Evidence, keyword: str) -> Iterator[tuple[Reading, str, str]]:
    """Yield readings with one fault of a kind in their body, the operation and the field."""
    for reading in evidence.probed("validation"):
        fault = reading.sole_fault() if reading.is_authorized else None
        if fault is not None and fault.keyword == keyword and reading.operation is not None:
            yield reading, reading.operation.id, fault.subject


def _wrong_type(evidence: Evidence) -> Iterator[Finding]:
    for reading, operation, name in _faulty(evidence, "type"):
        if operation in ("pricingCalculator", *_NO_TYPE_ROW) or reading.body == {}:
            continue
        if reading.is_success:
            continue  # that it is taken, is another rule's business
        good = reading.status == 400 and reading.answer.get("code") == "validation-failed"
        words = f"{name} of a wrong type got {reading.status} with {told(reading)}"
        yield check(good, reading, words, operation)


def _wrong_enum(evidence: Evidence) -> Iterator[Finding]:
    wanted = ("createTextToVideoGeneration", "createImageToVideoGeneration")
    for reading, operation, name in _faulty(evidence, "enum"):
        if operation in wanted:
            yield check(reading.status == 400, reading, f"{name} got {reading.status}", operation)


def _resolution(evidence: Evidence) -> Iterator[Finding]:
    wanted = "expected an enum value for type 'VideoGenerationResolution', but found a string"
    for reading in evidence.probed("words.resolution"):
        told = reading.answer.get("error")
        yield check(told == wanted, reading, f"{reading.status} with {told!r}")
