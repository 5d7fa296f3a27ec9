"""NanoGPT's credentials beside the general ones, its balance, and the words of its refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.reading import Reading
from conformance.rule import Rule

_CLOSED: Final = (
    "getVideoStatus",
    "getVideoStatusDeprecated",
    "getStoryStatus",
    "recoverVideos",
    "getVideoContent",
    "checkBalance",
)
_DECIMAL: Final = re.compile(r"\d+(\.\d+)?\Z")
_CODES: Final = {"none": "missing_api_key", "unknown": "invalid_api_key"}
_TYPES: Final = {
    400: {"invalid_request_error", "CONTENT_POLICY_VIOLATION", "PRO_REQUIRED"},
    401: {"authentication_error", "missing_api_key", "invalid_api_key"},
    402: {"INSUFFICIENT_BALANCE", "insufficient_balance", "insufficient_quota", "PRO_REQUIRED"},
    403: {"permission_denied_error", "permission_error", "PRO_REQUIRED"},
    404: {"not_found_error"},
    413: {"invalid_request_error"},
    429: {"rate_limit_error", "RATE_LIMITED"},
    500: {"server_error", "api_error", "service_unavailable"},
    503: {"server_error", "api_error", "service_unavailable"},
}
_ANY: Final = ("credentials", "methods", "validation", "malformed", "lifecycle", "modes")


def rules() -> Iterator[Rule]:
    """Yield the rules of credentials, balance and refusals."""
    yield from _credential_rules()
    yield from _balance_rules()
    yield from _error_rules()


def _credential_rules() -> Iterator[Rule]:
    yield Rule(
        "nanogpt.credentials.both",
        "Both headers with the same key are taken like one.",
        "[docs: authentication] either header; [client: seerai] sends both",
        "credentials",
        _both,
        provenance="observed",
        drivers=("credentials", "modes"),
        cases=(*(Case(each) for each in _CLOSED), Case("createVideo", Tier.FUZZ)),
    )
    yield Rule(
        "nanogpt.credentials.codes",
        "A 401 says missing_api_key without a credential and invalid_api_key with a wrong one, in "
        "code or type.",
        "[docs: error-handling]; [docs: oauth-pkce]; no page prints the whole body",
        "credentials",
        _codes,
        level=Level.SHOULD,
        drivers=("credentials",),
        cases=tuple(Case(each) for each in _CODES.values()),
    )


def _balance_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "account",
        "operation": "checkBalance",
        "drivers": ("modes", "positive", "credentials"),
    }
    yield Rule(
        "nanogpt.checkBalance.texts",
        "Both balances are decimal numbers, written as texts.",
        "[openapi] check-balance",
        check=_texts,
        **common,
    )
    yield Rule(
        "nanogpt.checkBalance.one-account",
        "Both headers show the same account: its deposit address does not change.",
        "[docs: authentication] one key, two headers",
        check=_one_address,
        provenance="assumed",
        **common,
    )
    yield Rule(
        "nanogpt.checkBalance.ownership",
        "Another account has a deposit address of its own.",
        "[openapi] nanoDepositAddress; that it is the account's is assumed",
        check=_other_address,
        provenance="assumed",
        needs=frozenset({"second-key"}),
        **{**common, "area": "ownership", "drivers": ("modes",)},
    )


def _error_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "errors", "drivers": _ANY}
    yield Rule(
        "nanogpt.errors.words",
        "A refusal has words for the user: in error.message, or in the older form as the text "
        "error; a catalogue under load in message.",
        "[seed] error.message; [docs: error-handling] the older form; [docs: models]",
        check=_words,
        **common,
    )
    yield Rule(
        "nanogpt.errors.envelope",
        "A refusal is an error object with message and type.",
        "[seed] error.message; [docs: video-generation]",
        check=_envelope,
        level=Level.SHOULD,
        **common,
    )
    yield Rule(
        "nanogpt.errors.types",
        "The type of an error is one that is documented for its status.",
        "[docs: error-handling]; [docs: video-generation]",
        check=_documented_type,
        level=Level.SHOULD,
        **{**common, "cases": (Case("", required=False),)},
    )
    yield Rule(
        "nanogpt.errors.retry-after",
        "Retry-After is whole seconds or an HTTP date wherever it is sent, and a daily cap sends "
        "it.",
        "[docs: rate-limits]; [docs: error-handling]",
        check=_retry_after,
        **{**common, "cases": (Case("", required=False),)},
    )


def _both(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        given = reading.credentials
        if len(given) != 2 or {each.label for each in given} != {"first"}:
            continue
        operation = reading.operation.id if reading.operation else ""
        if operation not in (*_CLOSED, "createVideo") or reading.status in (0, 429):
            continue
        yield check(reading.status != 401, reading, "two headers got 401", operation)


def _codes(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("credentials.none", "credentials.unknown"):
        if reading.status != 401:
            continue
        way = reading.exchange.probe.rpartition(".")[2]
        error = reading.answer.get("error")
        given = error if isinstance(error, dict) else reading.answer
        said = {given.get("code"), given.get("type")}
        code = _CODES[way]
        yield check(code in said, reading, f"said {said}, not {code}", code)


def _texts(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("checkBalance"):
        for name in ("usd_balance", "nano_balance"):
            value = reading.answer.get(name)
            good = isinstance(value, str) and bool(_DECIMAL.match(value))
            yield check(good, reading, f"{name} is {value!r}")


def _addresses(evidence: Evidence, label: str) -> Iterator[tuple[Reading, object]]:
    for reading in evidence.successes("checkBalance"):
        if [each.label for each in reading.credentials] == [label]:
            yield reading, reading.answer.get("nanoDepositAddress")


def _one_address(evidence: Evidence) -> Iterator[Finding]:
    seen: list[tuple[Reading, object]] = []
    for reading, address in _addresses(evidence, "first"):
        seen.append((reading, address))
        was = seen[0][1]
        words = f"the address is {address!r}, was {was!r}"
        yield check(address == was, reading, words, "", seen[0][0])


def _other_address(evidence: Evidence) -> Iterator[Finding]:
    mine = [address for _, address in _addresses(evidence, "first")]
    for reading, address in _addresses(evidence, "second"):
        if mine:
            yield check(address not in mine, reading, "two accounts have one address")


def _refusals(evidence: Evidence) -> Iterator[Reading]:
    for reading in evidence.readings:
        is_refusal = reading.operation is not None and reading.status >= 400
        if is_refusal and reading.specs() and reading.exchange.method != "HEAD":
            yield reading


def _words(evidence: Evidence) -> Iterator[Finding]:
    for reading in _refusals(evidence):
        error = reading.answer.get("error")
        words = error.get("message") if isinstance(error, dict) else error
        if words is None and reading.status == 429 and "error" not in reading.answer:
            words = reading.answer.get("message")
        has_words = isinstance(words, str) and bool(words.strip())
        yield check(has_words, reading, f"no words in error: {error!r}")


def _envelope(evidence: Evidence) -> Iterator[Finding]:
    for reading in _refusals(evidence):
        error = reading.answer.get("error")
        if reading.status != 429:
            names = ("message", "type")
            good = isinstance(error, dict) and all(isinstance(error.get(n), str) for n in names)
            yield check(good, reading, f"error is {error!r}")


def _documented_type(evidence: Evidence) -> Iterator[Finding]:
    for reading in _refusals(evidence):
        error = reading.answer.get("error")
        given = error.get("type") if isinstance(error, dict) else None
        if given is not None and reading.status in _TYPES:
            known = given in _TYPES[reading.status]
            yield check(known, reading, f"type {given!r} with {reading.status}")


def _retry_after(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        header = reading.exchange.reply_header("retry-after")
        error = reading.answer.get("error") if reading.status == 429 else None
        code = str(error.get("code", "")) if isinstance(error, dict) else ""
        if header is not None:
            yield check(_is_moment(header), reading, f"Retry-After is {header!r}")
        elif code.startswith("daily_"):
            yield check(False, reading, f"{code} without Retry-After")


def _is_moment(header: str) -> bool:
    if header.strip().isdecimal():
        return True
    try:
        parsedate_to_datetime(header)
    except ValueError:
        return False
    return True
