"""How Leonardo refuses: the envelope, keys, the gateway's words, and the words of handlers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.drivers.credentials import needs_credential
from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Rule, Tier
from conformance.profiles import leonardo_probes as probes
from conformance.reading import Reading
from conformance.setting import Setting

Check = Callable[[Evidence], Iterator[Finding]]
AREA: Final = "errors"
_MEMBERS: Final = ("error", "path", "code")
_UNKNOWN_KEY: Final = {
    "error": "Authentication hook unauthorized this request",
    "path": "$",
    "code": "access-denied",
}
_MALFORMED_KEY: Final = {
    "error": "Invalid response from authorization hook",
    "path": "$",
    "code": "unexpected",
}
_LONG: Final = "Invalid prompt, maximum length of 1500 characters exceeded."
_MODERATED: Final = re.compile(r"content moderation filter: \S|Your prompt appears to contain ")
# Their documents do not mark these as required; that they are is assumed.
_NOT_MARKED: Final = frozenset({"pricingCalculator", "createVariationUnzoom"})
_UNREADABLE: Final = ("cut-off", "no-json", "single-quotes")
_NO_TYPE_ROW: Final = frozenset({"uploadMedia"})


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of refusals."""
    yield from _envelope_rules()
    yield from _key_rules(setting)
    yield from _gateway_rules(setting)
    yield from _handler_rules()


def _row(operation: str, tier: Tier) -> Case:
    """Return the row of an operation in a rule about several."""
    return Case(operation, tier, operation=operation)


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
        operation="getGenerationById",
        drivers=("modes",),
    )


def _is_envelope(reading: Reading) -> bool:
    values = [reading.answer.get(name) for name in _MEMBERS]
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


def _told(reading: Reading) -> dict[str, Any]:
    return {name: reading.answer.get(name) for name in _MEMBERS}


def _unknown_path(evidence: Evidence) -> Iterator[Finding]:
    wanted = {"error": "Endpoint not found", "path": "$", "code": "not-found"}
    for reading in evidence.probed("methods.unknown-path"):
        good = reading.status == 404 and _told(reading) == wanted
        yield check(good, reading, f"{reading.status} with {_told(reading)}")


def _method(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("methods.undeclared"):
        names_them = str(reading.answer.get("error")).startswith("Allowed methods: ")
        good = reading.answer.get("code") == "method-not-allowed" and names_them
        yield check(good and reading.status == 405, reading, f"{reading.status}: {_told(reading)}")


def _no_uuid(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("reads.no-uuid"):
        names_nothing = reading.answer.get("generations_by_pk") is None
        good = reading.status in (400, 404) or (reading.status == 200 and names_nothing)
        yield check(good, reading, f"an id that is no UUID got {reading.status}")


def _key_rules(setting: Setting) -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "credentials"}
    rows = tuple(
        _row(operation.id, Tier.VALIDATION if setting.is_creation(operation) else Tier.FREE)
        for operation in setting.contract.operations
        if needs_credential(operation) and operation.method != "DELETE"
    )
    yield Rule(
        "leonardo.key.unknown",
        "A key of the right form that nobody has is a 401 with the gateway's words, access-denied, "
        "on every operation.",
        "[docs: API Error Messages] [client: relay probe log]",
        check=_unknown_key,
        drivers=("credentials", "modes"),
        cases=rows,
        **common,
    )
    yield Rule(
        "leonardo.key.unknown-bytes",
        "The refusal of an unknown key is minified, error first: 91 bytes.",
        "[client: relay probe log]",
        check=_exact_bytes,
        level=Level.SHOULD,
        provenance="observed",
        drivers=("modes",),
        operation="getUserSelf",
        **common,
    )
    yield Rule(
        "leonardo.key.malformed",
        "A key that is no UUID is refused by the authorization hook: its words with 500, or the "
        "refusal of an unknown key with 401.",
        "[docs: API Error Messages]; 500 [client: scormify notes], 401 in the catalogue",
        check=_malformed_key,
        drivers=("modes",),
        operation="getUserSelf",
        **common,
    )
    yield Rule(
        "leonardo.key.missing",
        "A request without a key gets either refusal of a key, 401 or 500.",
        "[docs: API Error Messages]; which of the two is published nowhere",
        check=_missing_key,
        drivers=("modes", "credentials"),
        cases=rows,
        **common,
    )


def _is_key_refusal(reading: Reading) -> bool:
    told = _told(reading)
    if reading.status == 401:
        return told in (_UNKNOWN_KEY, _MALFORMED_KEY)
    return reading.status == 500 and told == _MALFORMED_KEY


def _unknown_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        labels = [each.label for each in reading.credentials]
        is_asked = labels == ["unknown"] or reading.exchange.probe == "key.unknown"
        if reading.operation is not None and reading.status and is_asked:
            good = reading.status == 401 and _told(reading) == _UNKNOWN_KEY
            words = f"{reading.status} with {_told(reading)}"
            yield check(good, reading, words, reading.operation.id)


def _exact_bytes(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("key.unknown"):
        size = len(reading.exchange.reply_body)
        in_order = list(reading.answer) == list(_MEMBERS)
        yield check(size == 91 and in_order, reading, f"{size} bytes: {list(reading.answer)}")


def _malformed_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("key.malformed"):
        yield check(_is_key_refusal(reading), reading, f"{reading.status} with {_told(reading)}")


def _missing_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("key.missing", "credentials.none"):
        if reading.operation is not None:
            words = f"{reading.status} with {_told(reading)}"
            yield check(_is_key_refusal(reading), reading, words, reading.operation.id)


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
        "A body that cannot be read is answered as one without the first required field.",
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
            _row(name, Tier.FREE if name == "uploadInitImage" else Tier.VALIDATION)
            for name in probes.UNKNOWN_FIELDS
        ),
        **common,
    )
    yield Rule(
        "leonardo.words.type",
        "A value of the wrong type is refused as validation-failed, 400.",
        source,
        check=_wrong_type,
        cases=(
            _row("createTextToVideoGeneration", Tier.VALIDATION),
            _row("createImageToVideoGeneration", Tier.VALIDATION),
            _row("createSVDMotionGeneration", Tier.VALIDATION),
            _row("createGeneration", Tier.VALIDATION),
        ),
        **common,
    )
    yield Rule(
        "leonardo.words.enum",
        "A text that is none of an enumeration's names, or in other letter case, is refused.",
        "[client: openjarvis tool]; [openapi: video-generation] enumerations",
        check=_wrong_enum,
        cases=(
            _row("createTextToVideoGeneration", Tier.VALIDATION),
            _row("createImageToVideoGeneration", Tier.VALIDATION),
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
        good = reading.status == 400 and _told(reading) == _missing(name)
        words = f"{name} is missing: {reading.status} with {_told(reading)}"
        yield check(good, reading, words, f"{reading.operation.id}.{name}")


def _missing(name: str) -> dict[str, str]:
    error = f'expecting a value for non-nullable variable: "{name}"'
    return {"error": error, "path": "$", "code": "validation-failed"}


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.of("createTextToVideoGeneration"):
        kind = reading.exchange.probe.removeprefix("malformed.")
        if kind in _UNREADABLE and reading.is_authorized:
            good = reading.status == 400 and _told(reading) == _missing("prompt")
            yield check(good, reading, f"{reading.status} with {_told(reading)}", kind)


def _unknown_field(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("words.unknown-field"):
        error = f"Unexpected variable {reading.exchange.subject}"
        wanted = {"error": error, "path": "$", "code": "bad-request"}
        good = reading.status == 400 and _told(reading) == wanted
        case = reading.operation.id if reading.operation else ""
        yield check(good, reading, f"{reading.status} with {_told(reading)}", case)


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
        good = reading.status == 400 and reading.answer.get("code") == "validation-failed"
        words = f"{name} of a wrong type got {reading.status} with {_told(reading)}"
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


def _handler_rules() -> Iterator[Rule]:
    source = "[docs: API Error Messages]"
    common: dict[str, Any] = {"area": AREA, "drivers": ("modes",)}
    yield Rule(
        "leonardo.words.extension",
        "An upload of another kind of file is refused: invalid file extension, unexpected.",
        source,
        check=_worded("words.extension", "uploadInitImage", "invalid file extension"),
        operation="uploadInitImage",
        **common,
    )
    yield Rule(
        "leonardo.words.long-prompt",
        "A prompt of more than 1500 characters is refused in the documented words.",
        source,
        check=_worded("words.long-prompt", "createGeneration", _LONG),
        operation="createGeneration",
        tier=Tier.VALIDATION,
        **common,
    )
    yield Rule(
        "leonardo.words.init-image",
        "An init_image_id that is no UUID is refused: invalid init image id, unexpected.",
        source,
        check=_worded("words.init-image", "createGeneration", "invalid init image id"),
        operation="createGeneration",
        tier=Tier.FUZZ,
        **common,
    )
    yield Rule(
        "leonardo.words.generation-id",
        "The id of a generation in place of an image's is answered with Service Error.",
        f"{source} [docs: API FAQ]; the status is published nowhere",
        check=_worded("words.generation-id", "createSVDMotionGeneration", "Service Error"),
        operation="createSVDMotionGeneration",
        tier=Tier.FUZZ,
        **{**common, "drivers": ("lifecycle",)},
    )
    yield Rule(
        "leonardo.words.moderated",
        "A prompt that the filter refuses is told so, with 400 or 403.",
        "[docs: API Error Messages] 403, [docs: NSFW guide] 400",
        check=_moderated,
        level=Level.SHOULD,
        tier=Tier.FUZZ,
        **common,
    )


def _worded(probe: str, operation: str, error: str) -> Check:
    wanted = {"error": error, "path": "$", "code": "unexpected"}

    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed(probe):
            if reading.operation is None or reading.operation.id != operation:
                continue
            good = reading.status >= 400 and _told(reading) == wanted
            yield check(good, reading, f"{reading.status} with {_told(reading)}, not {error!r}")

    return run


def _moderated(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("words.moderated"):
        told = _MODERATED.match(str(reading.answer.get("error"))) is not None
        good = reading.status in (400, 403) and told and reading.answer.get("code") == "unexpected"
        yield check(good, reading, f"{reading.status} with {_told(reading)}")
