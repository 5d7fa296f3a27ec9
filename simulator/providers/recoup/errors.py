"""From a refusal of the core to Recoup's reply: statuses, shapes and words, in both dialects.

The wording of violations is that of the vendor's validator (zod 4) [impl]; the documents are
silent on it. Rows are those of contracts/recoup/SOURCE.md.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from simulator.core import errors
from simulator.core.errors import MISSING, Violation
from simulator.core.runs import Outcome
from simulator.provider import Refused, Reply, retry_after
from simulator.providers.recoup import accounts

ONE_CREDENTIAL: Final = "Exactly one of x-api-key or Authorization must be provided"
_UUID_FIELDS: Final = frozenset({"artist_account_id", "account_id", "org_id"})
_NUMBER_FIELDS: Final = frozenset({"start", "duration"})
_LARGEST_INTEGER: Final = 2**53 - 1
_PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>404: This page could not be found.</title></head>"
    b"<body><h1>404</h1><h2>This page could not be found.</h2></body></html>"
)


class Answer(msgspec.Struct, frozen=True):
    """A reply before its dialect: `told_in` says which member carries the words when live."""

    status: int
    words: str
    told_in: str = "error"
    members: Mapping[str, Any] = {}
    headers: tuple[tuple[str, str], ...] = ()


def refuse(refused: Refused) -> Reply:
    """Word any refusal as Recoup would."""
    answer = _TABLE[type(refused.error)](refused.error, refused)
    return _reply(answer, refused) if isinstance(answer, Answer) else answer


def _reply(answer: Answer, refused: Refused) -> Reply:
    """Put an answer's words where the dialect and the operation have them (rows 2 and 37)."""
    body: dict[str, Any] = {"status": "error", **answer.members}
    told_in = {answer.told_in}
    if refused.dialect == "documented":
        told_in.add("error")
        if refused.operation is not None and refused.operation.id == "listArtists":
            told_in.add("message")
    body.update({member: answer.words for member in ("error", "message") if member in told_in})
    return Reply(answer.status, body, answer.headers)


def failure_of(outcome: Outcome) -> errors.Refusal:
    """The refusal that a failed synchronous run ends in."""
    if outcome.reason == errors.ContentPolicy.name:
        return errors.ContentPolicy(outcome.message)
    return errors.UpstreamFailed(outcome.reason, outcome.message, outcome.data)


def violation_words(violation: Violation, properties: Mapping[str, Any] | None = None) -> str:
    """One violation in the validator's words; `properties` are the body schema's own."""
    name = next((part for part in reversed(violation.path) if not part.isdigit()), "")
    if name in _UUID_FIELDS and violation.keyword in ("pattern", "format"):
        return f"{name} must be a valid UUID"
    if violation.path[:1] == ("operations",) and name == "type":
        return "Invalid input"
    if violation.keyword == "required":
        return _missing_words(name, (properties or {}).get(name, {}))
    if violation.location == "query" and violation.keyword == "type":
        return _unreadable_words(violation)
    words = _KEYWORDS.get(violation.keyword)
    return "Invalid input" if words is None else words(violation)


def _missing_words(name: str, schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return _option_words(schema["enum"])
    expected = "number" if name in _NUMBER_FIELDS else schema.get("type", "string")
    return f"Invalid input: expected {expected}, received undefined"


def _option_words(options: Any) -> str:
    return "Invalid option: expected one of " + "|".join(f'"{option}"' for option in options)


def _unreadable_words(violation: Violation) -> str:
    """Query text that is no number or flag."""
    expected = _name(violation.expected)
    if expected == "boolean":
        return _option_words(["true", "false"])
    if expected in ("integer", "number") and isinstance(violation.got, str):
        return "Invalid input: expected number, received NaN"
    return _type_words(violation)


def _name(expected: Any) -> str:
    return str(expected[0]) if isinstance(expected, list | tuple) and expected else str(expected)


def _type_words(violation: Violation) -> str:
    expected, received = _name(violation.expected), _kind(violation.got)
    if expected == "integer":
        expected = "int" if received == "number" else "number"
    return f"Invalid input: expected {expected}, received {received}"


def _kind(value: Any) -> str:
    """JavaScript's name for the type of a JSON value, as the validator tells it."""
    if value is None:
        return "null"
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return "undefined"


_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def _range_words(side: str, sign: str) -> Callable[[Violation], str]:
    def words(violation: Violation) -> str:
        kind = "int" if violation.expected == _LARGEST_INTEGER else "number"
        return f"Too {side}: expected {kind} to be {sign}{violation.expected}"

    return words


def _size_words(side: str, sign: str, what: str, unit: str) -> Callable[[Violation], str]:
    return lambda item: f"Too {side}: expected {what} to have {sign}{item.expected} {unit}"


_KEYWORDS: Final[Mapping[str, Callable[[Violation], str]]] = {
    "type": _type_words,
    "enum": lambda item: _option_words(item.expected),
    "format": lambda _: "Invalid URL",
    "pattern": lambda _: "Invalid URL",
    "minimum": _range_words("small", ">="),
    "exclusiveMinimum": _range_words("small", ">"),
    "maximum": _range_words("big", "<="),
    "exclusiveMaximum": _range_words("big", "<"),
    "minLength": _size_words("small", ">=", "string", "characters"),
    "maxLength": _size_words("big", "<=", "string", "characters"),
    "minItems": _size_words("small", ">=", "array", "items"),
    "maxItems": _size_words("big", "<=", "array", "items"),
}


def _unauthenticated(error: errors.Unauthenticated, _: Refused) -> Answer:
    words, told_in = _CREDENTIALS.get(error.reason, ("Unauthorized", "message"))
    return Answer(401, words, told_in)


_CREDENTIALS: Final = {  # [impl]; `malformed`: a bearer token that is no key and no known session
    "missing": (ONE_CREDENTIAL, "error"),
    "conflict": (ONE_CREDENTIAL, "error"),
    "scheme": ("Authorization header with Bearer token required", "message"),
    "malformed": ("Failed to verify authentication token", "message"),
    "unverifiable": ("Failed to verify authentication token", "message"),
}


def _malformed_body(_error: errors.MalformedBody, _: Refused) -> Answer:
    return Answer(400, "Invalid JSON", members={"field": []})


def _invalid(error: errors.Invalid, refused: Refused) -> Answer:
    violation = _first(error.violations)
    operation = refused.operation
    schema = operation.body.schema if operation is not None and operation.body else {}
    words = violation_words(violation, schema.get("properties"))
    if operation is not None:
        words = _SPECIAL.get((operation.id, violation.pointer, violation.keyword), words)
        if operation.id == "validateContent" and violation.got in (MISSING, ""):
            words = "artist_account_id query parameter is required"
    members: dict[str, Any] = {}
    if violation.location == "body":
        members["field"] = [int(part) if part.isdigit() else part for part in violation.path]
    return Answer(400, words, members=members)


def _first(violations: tuple[Violation, ...]) -> Violation:
    """The violation that is reported: the first field's; rules of the whole object come last.

    A wrong type of an enumerated field counts as a wrong option.
    """
    if not violations:
        return Violation("body", "", "", "")
    first = next((item for item in violations if item.keyword != "anyOf"), violations[0])
    same = [item for item in violations if item.pointer == first.pointer]
    return next((item for item in same if item.keyword == "enum"), first)


_SPECIAL: Final = {  # custom messages of the vendor's schemas [impl]
    ("createContent", "/artist_account_id", "required"): "artist_account_id is required",
    ("createContent", "/artist_account_id", "type"): "artist_account_id is required",
    ("createContent", "/template", "minLength"): "template cannot be empty",
    ("editContent", "", "anyOf"): "Must provide either template or operations",
}


def _rule_broken(error: errors.RuleBroken, refused: Refused) -> Answer:
    if error.rule == "artist_not_ready":  # row 15
        missing = list(error.data.get("missing", ()))
        members = {"ready": False, "missing": missing}
        return Answer(400, "Artist is not ready for content creation", members=members)
    if error.rule == "no_repository":
        return Answer(400, "No GitHub repository found for this account")
    if error.rule == "unsupported_template":
        documented = refused.dialect == "documented"  # row 15
        members = {"available_templates": list(error.allowed)} if documented else {}
        return Answer(400, f"Unsupported template: {error.value}", members=members)
    if error.rule == "page_too_small":
        return Answer(400, f"Too small: expected number to be >={error.allowed[0]}")
    if error.rule == "page_too_large":
        return Answer(400, f"Too big: expected number to be <={error.allowed[0]}")
    return Answer(400, f"Invalid input: {error.rule.replace('_', ' ')}")


def _run_not_found(_: errors.Refusal, refused: Refused) -> Answer:
    """An unknown run, and another account's where runs are scoped (rows 32 and 36)."""
    if refused.dialect == "live":
        return Answer(500, "Not found")
    return Answer(404, "Task run not found")


def _not_found(error: errors.NotFound, _: Refused) -> Answer:
    words = {
        "artist": "Artist not found for the provided artist_account_id",
        "template": "Template not found",
    }
    return Answer(404, words.get(error.kind, "Not found"))


def _insufficient_credits(error: errors.InsufficientCredits, _: Refused) -> Answer:
    """As elsewhere in the vendor's API [impl]; nothing declared here costs credits (row 42)."""
    members = {
        "remaining_credits": error.available_nanos // accounts.CREDIT_NANOS,
        "required_credits": -(-error.needed_nanos // accounts.CREDIT_NANOS),
        "billingUrl": "https://app.recoupable.dev",
    }
    return Answer(402, "insufficient_credits", members=members)


def _rate_limited(error: errors.RateLimited, _: Refused) -> Answer:
    return Answer(429, "Too many requests", headers=retry_after(error.retry_after_ms))  # assumed


def _content_policy(error: errors.ContentPolicy, refused: Refused) -> Answer:
    """The vendor has no policy of its own: its upstream refuses, with a 400 (assumed)."""
    message = error.word or "Content policy violation"
    failure = errors.UpstreamFailed("content_policy", message, {"status": 400})
    return _upstream_failed(failure, refused)


def _upstream_failed(error: errors.UpstreamFailed, refused: Refused) -> Answer:
    """What was behind an operation failed, or made nothing (rows 5 and 19)."""
    operation = refused.operation.id if refused.operation is not None else ""
    if operation == "analyzeVideo":
        empty, status = "Video analysis returned no text", error.data.get("status", 500)
        words = empty if error.reason == "no_output" else f"Video analysis failed: {status}"
        return Answer(502, words)
    failed, empty, passes_message = _UPSTREAM.get(operation, ("Internal server error", "", False))
    words = (error.message or failed) if passes_message else failed
    made_nothing = bool(empty) and (
        error.reason == "no_output" or (operation == "createVideo" and "no video" in error.message)
    )
    if not made_nothing:
        return Answer(500, words)
    if error.reason == "no_output":
        words = empty
    return Answer(502 if refused.dialect == "live" else 500, words)


def _input_unreachable(_error: errors.InputUnreachable, refused: Refused) -> Answer:
    """The upstream cannot have the file: it says 422, and its client the status text (assumed)."""
    failure = errors.UpstreamFailed("input_unreachable", "Unprocessable Entity", {"status": 400})
    return _upstream_failed(failure, refused)


_UPSTREAM: Final = {  # operation: words of a failure, of an empty result, is the message passed on
    "createVideo": ("Video generation failed", "Video generation returned no video", True),
    "createImage": ("Image generation failed", "Image generation returned no image", False),
    "createCaption": ("Text generation failed", "Text generation returned empty", False),
    "transcribeAudio": ("Audio processing failed", "", False),
    "upscaleMedia": ("Upscale failed", "Upscale returned no result", True),
    "createContent": ("Failed to trigger content creation", "", False),
    "editContent": ("Failed to trigger edit task", "", False),
    "listRuns": ("Failed to fetch task runs", "", True),
    "listArtists": ("Failed to fetch artists", "", True),
    "validateContent": ("Failed to validate content readiness", "", False),
}


def _server_error(error: errors.ServerError, refused: Refused) -> Answer | Reply:
    if error.detail == "uncaught":  # [impl] an uncaught exception has no body
        return Reply(500)
    if error.detail == "unconfigured":
        return Answer(500, "TWELVELABS_API_KEY is not configured")
    operation = refused.operation.id if refused.operation is not None else ""
    words = _UPSTREAM.get(operation, ("Internal server error", "", False))[0]
    return Answer(500, words)


def _unavailable(error: errors.Unavailable, _: Refused) -> Answer:
    return Answer(503, "Service unavailable", headers=retry_after(error.retry_after_ms))  # assumed


def _too_large(error: errors.TooLarge, _: Refused) -> Answer:
    return Answer(413, f"Request body exceeds {error.limit_bytes} bytes")  # words assumed


_TABLE: Final[Mapping[type[errors.Refusal], Callable[[Any, Refused], Answer | Reply]]] = {
    errors.Unauthenticated: _unauthenticated,
    errors.Forbidden: lambda _error, _: Answer(403, "Access denied to specified account_id"),
    errors.MalformedBody: _malformed_body,
    errors.Invalid: _invalid,
    errors.RuleBroken: _rule_broken,
    errors.RunNotFound: _run_not_found,
    errors.RunForeign: _run_not_found,
    errors.NotFound: _not_found,
    errors.ModelNotFound: lambda error, _: Answer(500, f"Model not found: {error.model}"),
    errors.InsufficientCredits: _insufficient_credits,
    errors.RateLimited: _rate_limited,
    errors.ContentPolicy: _content_policy,
    errors.UpstreamFailed: _upstream_failed,
    errors.ServerError: _server_error,
    errors.Unavailable: _unavailable,
    errors.TooLarge: _too_large,
    errors.InputUnreachable: _input_unreachable,
    errors.UnknownPath: lambda _error, _refused: Reply(
        404, _PAGE, (("content-type", "text/html; charset=utf-8"),)
    ),
    errors.MethodNotAllowed: lambda _error, _refused: Reply(405),
}
