"""The total table from a refusal to Leonardo's reply: {error, path, code} and a status.

Literal texts are those of [docs: API Error Messages] and of the gateway behind the API [engine];
texts for rules without a published one are ours. See contracts/leonardo/SOURCE.md.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts import Operation
from simulator.core import errors
from simulator.core.errors import MISSING, Invalid, Refusal, RuleBroken, Violation
from simulator.provider import Refused, Reply, retry_after

_UNKNOWN_KEY: Final = "Authentication hook unauthorized this request"
_BAD_KEY: Final = "Invalid response from authorization hook"
_SERVICE_ERROR: Final = "Service Error"
_REFUSED_PROMPT: Final = (
    "Your prompt appears to contain inappropriate content, please be mindful of our Terms of "
    "Service. You may modify your prompt and try again."
)

RULES: Final[Mapping[str, str]] = {
    # [docs: API Error Messages]
    "invalid_dimensions": "invalid dimensions",
    "init_image_unknown": "invalid init image id",
    "image_unreachable": "couldn't access image",
    "variation_unknown": "failed to find init variation",
    # Ours.
    "start_frame_required": "model {value} requires a start frame",
    "end_frame_not_supported": "end frame is not supported for model {model}",
    "elements_not_supported": "elements are not supported for model {model}",
    "duration_not_offered": (
        "duration {value} is not supported for model {model}, allowed values: {allowed}"
    ),
    "resolution_not_offered": (
        "resolution {value} is not supported for model {model}, allowed values: {allowed}"
    ),
    "dimensions_not_offered": (
        "dimensions {value} are not supported for model {model}, allowed values: {allowed}"
    ),
    "seed_out_of_range": "seed must be between {smallest} and {largest}",
    "too_many_images": "num_images must be between 1 and 4 when width or height is over 768",
    "ultra_with_alchemy": "ultra can not be used with alchemy",
    "unzoom_incomplete": "unzoom requires unzoomAmount and init_image_id",
    "one_image_required": "exactly one of {allowed} is required",
    "styles_exclude_each_other": "upscalerStyle can not be used with ultraUpscaleStyle",
    "ultra_style_required": "{name} can only be used with ultraUpscaleStyle",
    "source_generation_unknown": "failed to find source generation",
}

_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "boolean": ("a boolean", "Boolean"),
    "integer": ("a 32-bit integer", "Int"),
    "number": ("a float", "Float"),
    "string": ("a string", "String"),
    "array": ("a list", "List"),
    "object": ("an object", "Object"),
}
"""JSON Schema types in the gateway's words [engine]."""

_ENUM_TYPES: Final[Mapping[str, str]] = {
    "resolution": "VideoGenerationResolution",  # [client: openjarvis tool]
    "model": "VideoGenerationModel",
    "imageType": "ImageType",
    "initImageType": "ImageType",
    "type": "ImageType",
    "service": "pricingCalculatorServices",
    "presetStyle": "sd_generation_style",
    "scheduler": "sd_generation_schedulers",
    "sd_version": "sd_versions",
    "upscalerStyle": "universal_upscaler_style",
    "ultraUpscaleStyle": "universal_upscaler_ultra_style",
    "controlNetType": "controlnet_type",
    "canvasRequestType": "canvasRequestType",
    "transparency": "TransparencyType",
    "strengthType": "StrengthType",
}
"""Names of the gateway's enumerations: titles of [openapi: all], the rest assumed."""

_GRAPHQL_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


def refuse(refused: Refused) -> Reply:
    """Word a refusal as Leonardo does; total over the tree of core errors."""
    return _TABLE[type(refused.error)](refused.error, refused)


def envelope(status: int, error: str, code: str = "unexpected", path: str = "$") -> Reply:
    """The one shape of every refusal [docs: API Error Messages]."""
    return Reply(status, {"error": error, "path": path, "code": code})


def _unauthenticated(error: Any, refused: Refused) -> Reply:
    """A key of another form breaks the hook; which body a missing header gets is not published."""
    statuses = {"missing": ("missing-key", "401"), "malformed": ("malformed-key", "500")}
    switch, status = statuses.get(error.reason, ("", "401"))
    if refused.switches.get(switch, status) == "500":
        return envelope(500, _BAD_KEY)
    return envelope(401, _UNKNOWN_KEY, "access-denied")


def _malformed_body(_error: Any, _refused: Refused) -> Reply:
    return envelope(400, "invalid json", "invalid-json")


def _invalid(error: Invalid, refused: Refused) -> Reply:
    """Word the violation that the gateway would meet first.

    Unknown variables are refused before missing ones, and those before types and values: the
    variables are matched before they are read (assumed). Otherwise the contract's order decides.
    """
    found = error.violations
    for violation in found:
        if violation.keyword == "additionalProperties" and len(violation.path) == 1:
            return envelope(400, f"Unexpected variable {violation.path[0]}", "bad-request")
    for violation in found:
        is_top = violation.location == "body" and len(violation.path) == 1
        if violation.keyword == "required" and is_top:
            return _missing_variable(violation.path[0])
    if not found:
        return _malformed_body(error, refused)
    at_first = [item for item in found if item.pointer == found[0].pointer]
    return _violation(refused.operation, at_first)


def _missing_variable(name: str) -> Reply:
    """[docs: API Error Messages]"""
    return _validation_failed(f'expecting a value for non-nullable variable: "{name}"', "$")


def _validation_failed(text: str, path: str) -> Reply:
    return envelope(400, text, "validation-failed", path)


def _violation(operation: Operation | None, at_place: list[Violation]) -> Reply:
    """Word the violations at one place of the request."""
    keywords = {item.keyword: item for item in at_place}
    first = at_place[0]
    name = next((part for part in reversed(first.path) if not part.isdigit()), "")
    where = _graphql_path(operation, first)
    if first.location == "path":
        return envelope(400, f'invalid input syntax for type uuid: "{first.got}"', "data-exception")
    if first.keyword == "required":
        return _validation_failed(f"missing required field '{name}'", where)
    if first.keyword == "additionalProperties":
        return _validation_failed(f"field '{name}' not found in type", where)
    is_enum = "enum" in keywords and first.got is not None
    if is_enum and (name in _ENUM_TYPES or "type" not in keywords):
        return _outside_enum(name, keywords["enum"], where)
    if "type" in keywords:
        return _wrong_type(operation, keywords["type"], where)
    return _out_of_bounds(name, first, where)


def _graphql_path(operation: Operation | None, violation: Violation) -> str:
    """Where the gateway sees the value: under the operation's own field, which the reply names."""
    reply = operation.replies.get("200") if operation else None
    media = next(iter(reply.content.values())) if reply else None
    field = next(iter(media.schema.get("properties", {})), "") if media else ""
    start = f"$.selectionSet.{field}.args" + (".arg1" if violation.location == "body" else "")
    return start + "".join(f"[{p}]" if p.isdigit() else f".{p}" for p in violation.path)


def _outside_enum(name: str, violation: Violation, where: str) -> Reply:
    """The gateway tells texts that could be names from texts that could not [engine]."""
    if name == "extension":
        return envelope(400, "invalid file extension")
    kind = _ENUM_TYPES.get(name, "String")
    if isinstance(violation.got, str) and _GRAPHQL_NAME.fullmatch(violation.got):
        offered = [f"'{item}'" for item in violation.expected if item is not None]
        text = f"expected one of the values [{', '.join(offered)}] for type '{kind}', but found"
        return _validation_failed(f"{text} '{violation.got}'", where)
    text = f"expected an enum value for type '{kind}', but found {_described(violation.got)}"
    return _validation_failed(text, where)


def _described(value: Any) -> str:
    """A JSON value in the gateway's words [engine]."""
    if value is None or value is MISSING:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"


def _wrong_type(operation: Operation | None, violation: Violation, where: str) -> Reply:
    if not violation.pointer:
        return _unreadable_variables(operation, violation)
    names = violation.expected if isinstance(violation.expected, list) else [violation.expected]
    noun, kind = _TYPES[next(str(item) for item in names if item != "null")]
    if violation.got is None:
        return _validation_failed(f'null value found for non-nullable type: "{kind}!"', "$")
    text = f"expected {noun} for type '{kind}', but found {_described(violation.got)}"
    return _validation_failed(text, where)


def _unreadable_variables(operation: Operation | None, violation: Violation) -> Reply:
    """A body that is no object holds no variables, so the first required one is missing."""
    body = operation.body if operation else None
    required = body.schema.get("required", []) if body else []
    if required:
        return _missing_variable(required[0])
    found = _described(violation.got)
    return _validation_failed(f"expected an object for type 'Object', but found {found}", "$")


def _out_of_bounds(name: str, violation: Violation, where: str) -> Reply:
    if violation.keyword == "maxLength" and name == "prompt":
        limit = violation.expected
        return envelope(400, f"Invalid prompt, maximum length of {limit} characters exceeded.")
    if name in ("width", "height", "imageWidth", "imageHeight"):
        return envelope(400, RULES["invalid_dimensions"])
    if violation.location == "query" and violation.keyword == "minimum":
        return _validation_failed("unexpected negative value", where)
    if violation.location == "query":
        text = "expected a 32-bit integer for type 'Int', but found a number"
        return _validation_failed(text, where)
    return envelope(400, f"invalid {name}")


def _rule_broken(error: RuleBroken, _refused: Refused) -> Reply:
    first, last = (error.allowed[0], error.allowed[-1]) if error.allowed else ("", "")
    words = {
        "model": "",
        "value": error.value,
        "allowed": ", ".join(map(str, error.allowed)),
        "smallest": first,
        "largest": last,
        "name": error.pointer.rpartition("/")[2],
        **error.data,
    }
    template = RULES.get(error.rule)
    text = error.rule.replace("_", " ") if template is None else template.format(**words)
    return envelope(400, text)


def _not_found(error: Any, _refused: Refused) -> Reply:
    noun = str(getattr(error, "kind", "generation")).replace("_", " ")
    return envelope(404, f"{noun} not found", "not-found")


def _model_not_found(error: Any, _refused: Refused) -> Reply:
    """[docs: API Error Messages]"""
    advice = "is not supported within the Production API. Please try again with a different"
    return envelope(400, f"{error.model} {advice} model ID.")


def _insufficient_credits(_error: Any, refused: Refused) -> Reply:
    """[client: two production logs]"""
    user_id = refused.account.id if refused.account else ""
    return envelope(400, f"not enough api tokens userId: {user_id}")


def _rate_limited(error: Any, _refused: Refused) -> Reply:
    reply = envelope(429, "Too many requests")
    return Reply(reply.status, reply.body, retry_after(error.retry_after_ms))


def _content_policy(error: Any, refused: Refused) -> Reply:
    if not error.word:
        return envelope(403, _REFUSED_PROMPT)
    status = 403 if refused.switches.get("moderation") == "403" else 400
    return envelope(status, f"content moderation filter: {error.word}")


def _server_error(_error: Any, _refused: Refused) -> Reply:
    return envelope(500, _SERVICE_ERROR)


def _method_not_allowed(error: Any, _refused: Refused) -> Reply:
    return envelope(405, f"Allowed methods: {', '.join(error.allowed)}", "method-not-allowed")


_TABLE: Final[Mapping[type[Refusal], Callable[[Any, Refused], Reply]]] = {
    errors.Unauthenticated: _unauthenticated,
    errors.Forbidden: lambda _error, _refused: envelope(403, _UNKNOWN_KEY, "access-denied"),
    errors.MalformedBody: _malformed_body,
    errors.Invalid: _invalid,
    errors.RuleBroken: _rule_broken,
    errors.RunNotFound: _not_found,
    errors.RunForeign: _not_found,
    errors.NotFound: _not_found,
    errors.ModelNotFound: _model_not_found,
    errors.InsufficientCredits: _insufficient_credits,
    errors.RateLimited: _rate_limited,
    errors.ContentPolicy: _content_policy,
    errors.UpstreamFailed: _server_error,
    errors.ServerError: _server_error,
    errors.Unavailable: _server_error,
    errors.TooLarge: lambda _error, _refused: envelope(413, "Request body is too large"),
    errors.InputUnreachable: lambda _error, _refused: envelope(400, RULES["image_unreachable"]),
    errors.UnknownPath: lambda _error, _refused: envelope(404, "Endpoint not found", "not-found"),
    errors.MethodNotAllowed: _method_not_allowed,
}
