"""Inline moderation of submissions, which a request asks for by its headers.

The rules of refusals judge a target that shows by any reply that it moderates at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import nanogpt_headers as headers
from conformance.reading import Reading
from conformance.rule import Rule

_START: Final = "nanogpt.moderation"
_HEADS: Final = ("model", "flagged", "cost-usd")
_ELSE: Final = frozenset({402, 404, 429, 503})
_MET: Final = (Case("", required=False),)


def rules() -> Iterator[Rule]:
    """Yield the rules of inline moderation."""
    common: dict[str, Any] = {
        "area": "moderation",
        "operation": "createVideo",
        "tier": Tier.FUZZ,
        "drivers": ("modes", "lifecycle"),
        "cases": _MET,
    }
    yield Rule(
        f"{_START}.taken",
        "A submission with nothing to blame is taken whatever its moderation headers switch on or "
        "off, also with moderation-model alone.",
        "[docs: inline-moderation] true, false, model ids",
        check=_taken,
        **{**common, "cases": tuple(Case(name) for name in headers.TAKEN)},
    )
    yield Rule(
        f"{_START}.conflict",
        "Two moderation models that differ are refused with conflicting_moderation_model.",
        "[docs: inline-moderation]; the status 400 is assumed",
        check=_refused("conflict"),
        **common,
    )
    yield Rule(
        f"{_START}.image",
        "A picture that is no HTTP(S) and no data:image URL cannot be moderated: it is refused "
        "with unsupported_moderation_input.",
        "[docs: inline-moderation]; the status 400 is assumed",
        check=_refused("image"),
        **common,
    )
    yield Rule(
        f"{_START}.nothing",
        "A submission without a text or picture to moderate is refused with "
        "empty_moderation_input.",
        "[docs: inline-moderation]; the status 400 is assumed",
        check=_refused("nothing"),
        **common,
    )
    yield Rule(
        f"{_START}.headers",
        "A moderated submission that is taken says by headers which model checked it, the one "
        "that was asked for, that it is not flagged, and what that cost; one with moderation off "
        "says none of that.",
        "[docs: inline-moderation] response headers",
        check=_headers,
        **common,
    )
    yield Rule(
        f"{_START}.flagged",
        "What moderation flags is refused with 400, the code content_policy_violation, and "
        "moderation with its id, model and flagged results.",
        "[docs: inline-moderation]",
        check=_flagged,
        **common,
    )
    yield Rule(
        f"{_START}.words",
        "A refusal of inline moderation has the documented message beside its code, and all but "
        "that of a flagged one name moderation as the parameter.",
        "[docs: inline-moderation] the error replies",
        check=_words,
        **{**common, "cases": tuple(Case(code, required=False) for code in headers.WORDS)},
    )


def _taken(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("moderated"):
        if reading.status not in _ELSE:
            case = reading.exchange.subject
            words = f"with {case} the submission got {reading.status}"
            yield check(reading.is_success, reading, words, case)


def _shown(evidence: Evidence) -> bool:
    """Whether any reply shows that the target moderates."""
    return any(
        _head(reading, "flagged") is not None or _code(reading) in headers.CODES
        for reading in evidence.of("createVideo")
    )


def _code(reading: Reading) -> object:
    error = reading.answer.get("error")
    return error.get("code") if isinstance(error, dict) else None


def _head(reading: Reading, name: str) -> str | None:
    return reading.exchange.reply_header(f"x-nanogpt-inline-moderation-{name}")


def _refused(subject: str) -> Any:
    def run(evidence: Evidence) -> Iterator[Finding]:
        wanted = headers.REFUSED[subject][2]
        for reading in evidence.probed("moderation-refused"):
            is_meant = reading.exchange.subject == subject and reading.status not in _ELSE
            if is_meant and _shown(evidence):
                code = _code(reading)
                good = 400 <= reading.status < 500 and code == wanted
                yield check(good, reading, f"got {reading.status} with the code {code!r}")

    return run


def _headers(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("moderated"):
        asked = (reading.exchange.request_header("moderation") or "").lower()
        if not reading.is_success or not _shown(evidence):
            continue
        got = {name: _head(reading, name) for name in _HEADS}
        if asked in headers.OFF:
            yield check(not any(got.values()), reading, f"moderation {asked}, and there is {got}")
            continue
        model = reading.exchange.request_header("moderation-model")
        if asked not in headers.ON:
            model = reading.exchange.request_header("moderation")
        good = all(got.values()) and got["flagged"] == "false"
        good = good and (model is None or got["model"] == model)
        yield check(good, reading, f"moderation {asked}, and the headers say {got}")


def _flagged(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.of("createVideo"):
        asked = (reading.exchange.request_header("moderation") or "").lower()
        is_flagged = _code(reading) == "content_policy_violation"
        is_flagged = is_flagged or _head(reading, "flagged") == "true"
        if asked in headers.OFF or not is_flagged:
            continue
        told = reading.answer.get("moderation")
        given: dict[str, Any] = told if isinstance(told, dict) else {}
        results = given.get("results")
        rows = results if isinstance(results, list) else []
        is_said = any(isinstance(row, dict) and row.get("flagged") is True for row in rows)
        good = reading.status == 400 and _code(reading) == "content_policy_violation" and is_said
        good = good and all(isinstance(given.get(name), str) for name in ("id", "model"))
        words = f"got {reading.status}, code {_code(reading)!r}, moderation {told!r}"[:200]
        yield check(good, reading, words)


def _words(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.of("createVideo"):
        code = str(_code(reading))
        asked = reading.exchange.request_header("moderation")
        if code not in headers.WORDS or not asked or asked.lower() in headers.OFF:
            continue
        error = reading.answer["error"]
        said, param = error.get("message"), error.get("param")
        good = said == headers.WORDS[code]
        good = good and (code == "content_policy_violation" or param == "moderation")
        yield check(good, reading, f"{code} says {said!r}, param {param!r}"[:200], code)
