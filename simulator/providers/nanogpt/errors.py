"""What NanoGPT says when it refuses: from a core refusal to status, body and headers. Total.

The body is the documented object with message and type, and code and param where known. Wording
that no source prints is ours; literal messages are marked with the page that prints them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from simulator.core import errors
from simulator.core.errors import MISSING, Violation
from simulator.provider import Refused, Reply, retry_after
from simulator.providers.nanogpt.catalog import REQUESTS_PER_DAY, USD, USD_PER_DAY

SUBMISSIONS: Final = frozenset({"createVideo", "extendVideo"})
"""The operations whose refusals carry the upper-case types [docs: video-generation]."""

CATALOGUES: Final = frozenset({"listModels", "listVideoModels", "listModelsByKind"})
"""The operations with an overload form of their own [docs: models]."""

_NOT_CHARGED: Final = "You have not been charged."
_REFUNDED: Final = "The charge for this request has been refunded."
_RATE_TEXT: Final = "Rate limit exceeded. Please wait before generating another video."
"""[docs-history: 2025-08-24]"""


class Words(msgspec.Struct, frozen=True):
    """One refusal in NanoGPT's words, before its shape is chosen."""

    status: int
    message: str
    type: str = "invalid_request_error"
    code: str = ""
    param: str = ""
    extras: Mapping[str, Any] = {}
    headers: tuple[tuple[str, str], ...] = ()


def refuse(refused: Refused) -> Reply:
    """The reply to a refusal; the switch `error-shape` chooses between the two documented forms."""
    words = _TABLE[type(refused.error)](refused.error, refused)
    if isinstance(refused.error, errors.RateLimited) and _operation(refused) in CATALOGUES:
        overload = {"code": "rate_limited", "message": "Rate limit exceeded"}
        return Reply(words.status, overload, words.headers)
    if refused.switches.get("error-shape") == "simple":
        simple = {"error": words.message, **words.extras, "status": words.status}
        return Reply(words.status, simple, words.headers)
    body: dict[str, Any] = {"message": words.message, "type": words.type}
    if words.code:
        body["code"] = words.code
    if words.param:
        body["param"] = words.param
    return Reply(words.status, {"error": body, **words.extras}, words.headers)


def _operation(refused: Refused) -> str:
    return refused.operation.id if refused.operation is not None else ""


def _unauthenticated(error: errors.Unauthenticated, _refused: Refused) -> Words:
    """[docs: error-handling] for the words; no source prints the body."""
    kind = "authentication_error"
    if error.reason == "missing":
        return Words(401, "Missing API key. Send it as x-api-key.", kind, "missing_api_key")
    return Words(401, "Invalid API key.", kind, "invalid_api_key")


def _forbidden(error: errors.Forbidden, _refused: Refused) -> Words:
    """[docs: authentication] for the code of a refused origin."""
    message = "This request is not allowed for your account."
    if error.reason == "api_key_origin_not_allowed":
        message = "This API key may not be used from this origin."
    return Words(403, message, "permission_denied_error", error.reason)


def _malformed_body(_error: errors.MalformedBody, _refused: Refused) -> Words:
    return Words(400, "The request body is not valid JSON.", code="invalid_json")


def _invalid(error: errors.Invalid, _refused: Refused) -> Words:
    """The first violation, in the order of the contract's fields."""
    if not error.violations:
        return Words(400, "The request is invalid.")
    first = error.violations[0]
    if first.keyword == "anyOf" and first.location == "body":
        return _missing("runId")
    param = ".".join(first.path)
    if first.keyword == "required":
        return _missing(param)
    if not param:
        return Words(400, "The request body must be a JSON object.", code="invalid_json")
    message = f"Invalid value for {param}: {_expectation(first)}."
    return Words(400, message, code="invalid_parameter_value", param=param)


def _missing(param: str) -> Words:
    message = f"Missing required parameter: {param}"
    return Words(400, message, code="missing_required_parameter", param=param)


def _expectation(violation: Violation) -> str:
    expected = violation.expected
    if violation.keyword == "enum":
        return f"must be one of {', '.join(map(str, expected))}"
    if violation.keyword == "type":
        kinds = expected if isinstance(expected, list) else [expected]
        return f"must be of type {' or '.join(map(str, kinds))}"
    if violation.keyword == "minimum":
        return f"must be at least {expected}"
    if violation.keyword == "maximum":
        return f"must be at most {expected}"
    if violation.keyword == "pattern":
        return "must be an https URL or a data URL"
    if violation.keyword == "not":
        return "not accepted here"
    if violation.got is MISSING:
        return "is missing"
    return "not accepted"


def _rule_broken(error: errors.RuleBroken, refused: Refused) -> Words:
    words = _RULES.get(error.rule)
    if words is not None:
        return words(error, refused)
    return Words(400, "The request is invalid.", code="invalid_parameter_value")


def _no_model(name: Any) -> Words:
    """[docs: error-handling] for the code; 400 because the submission declares no 404."""
    message = f"Model not found: {_shown(name)}"
    return Words(400, message, code="model_not_found", param="model")


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _param(error: errors.RuleBroken) -> str:
    return error.pointer.removeprefix("/").replace("/", ".")


def _value_not_offered(error: errors.RuleBroken, _refused: Refused) -> Words:
    param = _param(error)
    allowed = ", ".join(map(str, error.allowed))
    offered = f"Supported values: {allowed}" if allowed else "It must be a number of seconds"
    message = f"Unsupported {param}: {_shown(error.value)}. {offered}."
    return Words(400, message, code="invalid_parameter_value", param=param)


def _out_of_range(error: errors.RuleBroken, _refused: Refused) -> Words:
    param = _param(error)
    low, high = error.allowed
    message = f"Invalid value for {param}: must be between {low:g} and {high:g}."
    return Words(400, message, code="invalid_parameter_value", param=param)


def _missing_input(error: errors.RuleBroken, _refused: Refused) -> Words:
    """The sentence for an image is printed in [docs-history: 2025-08-24], the others follow it."""
    param, model, noun = _param(error), error.data["model"], error.data["noun"]
    message = _NEEDED.get(noun, "{model} requires {param}.").format(model=model, param=param)
    return Words(400, message, code="missing_required_parameter", param=param)


_NEEDED: Final[Mapping[str, str]] = {
    "prompt": "{model} requires a prompt.",
    "image": "{model} requires an input image. Please select an image to generate a video.",
    "video": "{model} requires an input video. Please select a video.",
    "audio": "{model} requires an audio input.",
    "story": "{model} requires a prompt, a script or a storyConfig.",
    "references_any": "{model} requires reference images or videos in this mode.",
}


def _media_not_taken(error: errors.RuleBroken, _refused: Refused) -> Words:
    param, model = _param(error), error.data["model"]
    allowed = ", ".join(error.allowed)
    hint = f" Accepted media fields: {allowed}." if allowed else ""
    code = "image_input_not_supported" if "mage" in param else "invalid_parameter_value"
    return Words(400, f"{model} does not accept {param}.{hint}", code=code, param=param)


def _too_many_references(error: errors.RuleBroken, _refused: Refused) -> Words:
    param, most = _param(error), error.data["most"]
    message = f"Too many items in {param}: at most {most} are supported."
    return Words(400, message, code="invalid_parameter_value", param=param)


def _source_length(error: errors.RuleBroken, _refused: Refused) -> Words:
    param, longest, shortest = _param(error), error.data["longest_s"], error.data["shortest_s"]
    message = f"The source video must not be longer than {longest} seconds."
    if shortest:
        message = f"The source video must be {shortest} to {longest} seconds long."
    return Words(400, message, code="invalid_parameter_value", param=param)


def _pro_required(error: errors.RuleBroken, _refused: Refused) -> Words:
    """[docs: video-generation] for the type; the status is assumed."""
    param = _param(error)
    message = f"{param} {_shown(error.value)} requires pro mode."
    return Words(400, message, "PRO_REQUIRED", param=param)


def _job_rule(message: str) -> Callable[[errors.RuleBroken, Refused], Words]:
    def words(error: errors.RuleBroken, _refused: Refused) -> Words:
        return Words(400, message, code="invalid_parameter_value", param=_param(error))

    return words


def _moderation(code: str, message: str) -> Callable[[errors.RuleBroken, Refused], Words]:
    """Bodies printed in [docs: inline-moderation], status assumed."""

    def words(_error: errors.RuleBroken, _refused: Refused) -> Words:
        return Words(400, message, code=code, param="moderation")

    return words


def _moderation_flagged(error: errors.RuleBroken, _refused: Refused) -> Words:
    """[docs: inline-moderation]"""
    data = error.data
    result = {
        "flagged": True,
        "categories": {"violence": True},
        "category_scores": {"violence": 0.98},
    }
    moderation = {
        "id": data["id"],
        "model": data["model"],
        "results": [result],
        "usage": {"prompt_tokens": data["tokens"], "total_tokens": data["tokens"]},
    }
    return Words(
        400,
        "Your request was blocked by content moderation.",
        code="content_policy_violation",
        extras={"moderation": moderation},
        headers=data["headers"],
    )


_RULES: Final[Mapping[str, Callable[[errors.RuleBroken, Refused], Words]]] = {
    "model_not_found": lambda error, _refused: _no_model(error.value),
    "missing_id": lambda error, _refused: _missing(_param(error)),
    "value_not_offered": _value_not_offered,
    "duration_not_offered": _value_not_offered,
    "out_of_range": _out_of_range,
    "missing_input": _missing_input,
    "media_not_taken": _media_not_taken,
    "too_many_references": _too_many_references,
    "source_length": _source_length,
    "pro_required": _pro_required,
    "not_midjourney": _job_rule("Only videos made with midjourney-video can be extended."),
    "not_completed": _job_rule("The video generation request is not completed."),
    "no_such_video": _job_rule("The video generation request has no video with this index."),
    "not_the_model": _job_rule("The video generation request was made with another model."),
    "conflicting_moderation_model": _moderation(
        "conflicting_moderation_model", "Conflicting moderation headers."
    ),
    "empty_moderation_input": _moderation(
        "empty_moderation_input", "Inline moderation found nothing to check in this request."
    ),
    "unsupported_moderation_input": _moderation(
        "unsupported_moderation_input",
        "Inline moderation does not support one or more submitted image inputs. "
        "Use an HTTP(S) image URL or data:image URL instead.",
    ),
    "moderation_flagged": _moderation_flagged,
}


def _input_unreachable(error: errors.InputUnreachable, _refused: Refused) -> Words:
    """No source prints the words; status and code are those of any bad value (assumed)."""
    param = error.pointer.removeprefix("/").replace("/", ".")
    message = f"The file at {param} could not be downloaded. Make sure that its URL is public."
    if error.reason.startswith("no_"):
        message = f"The file at {param} is not a valid {error.reason.removeprefix('no_')}."
    return Words(400, message, code="invalid_parameter_value", param=param)


def _run_not_found(_error: errors.RunNotFound, _refused: Refused) -> Words:
    return Words(404, "Video generation request not found.", "not_found_error")


def _run_foreign(_error: errors.RunForeign, _refused: Refused) -> Words:
    message = "You do not have access to this video generation request."
    return Words(403, message, "permission_denied_error")


def _not_found(error: errors.NotFound, _refused: Refused) -> Words:
    return Words(404, f"No such {error.kind}.", "not_found_error")


def _model_not_found(error: errors.ModelNotFound, _refused: Refused) -> Words:
    return _no_model(error.model)


def _insufficient_credits(error: errors.InsufficientCredits, refused: Refused) -> Words:
    """[docs: video-generation] for the type, [docs: error-handling] for message and extras."""
    kind = "INSUFFICIENT_BALANCE" if _is_submission(refused) else "insufficient_balance"
    extras = {"requiredBalance": error.needed_nanos / USD, "status": 402}
    return Words(402, "Insufficient balance", kind, extras=extras)


def _is_submission(refused: Refused) -> bool:
    return _operation(refused) in SUBMISSIONS


def _rate_limited(error: errors.RateLimited, refused: Refused) -> Words:
    """[docs: rate-limits] for the daily caps, [docs: video-generation] for the others."""
    headers = retry_after(error.retry_after_ms)
    if error.limit == REQUESTS_PER_DAY:
        message = f"Daily request limit exceeded ({error.count}/{error.count}). "
        message += "Resets at midnight UTC."
        code = "daily_rpd_limit_exceeded"
        return Words(429, message, "rate_limit_error", code, headers=headers)
    if error.limit == USD_PER_DAY:
        message = "Daily spending limit exceeded. Resets at midnight UTC."
        code = "daily_usd_limit_exceeded"
        return Words(429, message, "rate_limit_error", code, headers=headers)
    if _is_submission(refused):
        return Words(429, _RATE_TEXT, "RATE_LIMITED", "rate_limit_exceeded", headers=headers)
    message = "Rate limit exceeded"
    return Words(429, message, "rate_limit_error", "rate_limit_exceeded", headers=headers)


def _content_policy(_error: errors.ContentPolicy, refused: Refused) -> Words:
    """[docs-history: 2025-08-24] for the message, [docs: video-generation] for the type."""
    kind = "CONTENT_POLICY_VIOLATION" if _is_submission(refused) else "invalid_request_error"
    message = "Your prompt was blocked due to safety concerns. Please modify your prompt."
    extras = {"refundMessage": _NOT_CHARGED}
    return Words(400, message, kind, "content_policy_violation", extras=extras)


def _upstream_failed(error: errors.UpstreamFailed, refused: Refused) -> Words:
    message = error.message or "Video generation failed. Please try again."
    extras = {"refundMessage": _REFUNDED} if _is_submission(refused) else {}
    return Words(500, message, "server_error", extras=extras)


def _server_error(_error: errors.ServerError, _refused: Refused) -> Words:
    return Words(500, "Something went wrong. Please try again.", "server_error")


def _unavailable(error: errors.Unavailable, _refused: Refused) -> Words:
    message = "The service is temporarily unavailable. Please try again later."
    headers = retry_after(error.retry_after_ms)
    return Words(503, message, "service_unavailable", headers=headers)


def _too_large(error: errors.TooLarge, _refused: Refused) -> Words:
    """[docs: video-generation] for the 4 MB; the status is assumed."""
    param = error.pointer.removeprefix("/")
    message = "The request body is too large."
    code = ""
    if param:
        message = f"{param} is larger than 4 MB. Host the file and send its URL."
        code = "invalid_parameter_value"
    return Words(413, message, code=code, param=param)


def _unknown_path(error: errors.UnknownPath, _refused: Refused) -> Words:
    return Words(404, f"Not found: {_shown(error.path)}", "not_found_error")


def _method_not_allowed(error: errors.MethodNotAllowed, _refused: Refused) -> Words:
    return Words(405, f"Method {_shown(error.method)} not allowed")


_TABLE: Final[Mapping[type[errors.Refusal], Callable[[Any, Refused], Words]]] = {
    errors.Unauthenticated: _unauthenticated,
    errors.Forbidden: _forbidden,
    errors.MalformedBody: _malformed_body,
    errors.Invalid: _invalid,
    errors.RuleBroken: _rule_broken,
    errors.RunNotFound: _run_not_found,
    errors.RunForeign: _run_foreign,
    errors.NotFound: _not_found,
    errors.ModelNotFound: _model_not_found,
    errors.InsufficientCredits: _insufficient_credits,
    errors.RateLimited: _rate_limited,
    errors.ContentPolicy: _content_policy,
    errors.UpstreamFailed: _upstream_failed,
    errors.ServerError: _server_error,
    errors.Unavailable: _unavailable,
    errors.TooLarge: _too_large,
    errors.InputUnreachable: _input_unreachable,
    errors.UnknownPath: _unknown_path,
    errors.MethodNotAllowed: _method_not_allowed,
}
