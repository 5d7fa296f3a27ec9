"""What Leonardo says to a key that it does not know, that is malformed, or that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.drivers.credentials import needs_credential
from conformance.evidence import Evidence, check
from conformance.model import Finding, Level, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.leonardo_errors import MEMBERS, row, told
from conformance.setting import Setting

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


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of refused keys."""
    common: dict[str, Any] = {"area": "credentials"}
    rows = tuple(
        row(operation.id, Tier.VALIDATION if setting.is_creation(operation) else Tier.FREE)
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
    said = told(reading)
    if reading.status == 401:
        return said in (_UNKNOWN_KEY, _MALFORMED_KEY)
    return reading.status == 500 and said == _MALFORMED_KEY


def _unknown_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        labels = [each.label for each in reading.credentials]
        is_asked = labels == ["unknown"] or reading.exchange.probe == "key.unknown"
        if reading.operation is not None and reading.status and is_asked:
            good = reading.status == 401 and told(reading) == _UNKNOWN_KEY
            words = f"{reading.status} with {told(reading)}"
            yield check(good, reading, words, reading.operation.id)


def _exact_bytes(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("key.unknown"):
        size = len(reading.exchange.reply_body)
        in_order = list(reading.answer) == list(MEMBERS)
        yield check(size == 91 and in_order, reading, f"{size} bytes: {list(reading.answer)}")


def _malformed_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("key.malformed"):
        yield check(_is_key_refusal(reading), reading, f"{reading.status} with {told(reading)}")


def _missing_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("key.missing", "credentials.none"):
        if reading.operation is not None:
            words = f"{reading.status} with {told(reading)}"
            yield check(_is_key_refusal(reading), reading, words, reading.operation.id)
