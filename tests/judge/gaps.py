"""Where the two judges are known to differ, and why; any other difference is somebody's mistake."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts import Dialect, Operation
from simulator.core import jsontext
from simulator.core.errors import Violation

_PYTHONS_OWN_SPACE: Final = frozenset("\x1c\x1d\x1e\x1f\x85")
_NUMBERS: Final = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class Judged:
    """A request as it was sent, and what each judge says of it.

    `violations` and `error` are the stand-in's, `faults` are openapi-core's.
    """

    operation: Operation
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    violations: tuple[Violation, ...]
    error: str
    faults: list[str]

    @property
    def is_accepted(self) -> bool:
        """Whether the stand-in takes the request."""
        return not self.error

    @property
    def agree(self) -> bool:
        """Whether both judges say the same."""
        return self.is_accepted == (not self.faults)

    def told(self) -> str:
        """The request and both verdicts, for the reader of a failed test."""
        found = [f"{item.location} {item.pointer}: {item.message}" for item in self.violations]
        return "\n".join(
            [
                f"{self.operation.method} {self.operation.path} {self.query} {self.body[:500]!r}",
                f"  stand-in: {self.error or 'accepts'} {str(found[:3])[:500]}",
                f"  openapi-core: {str(self.faults[:3] or 'accepts')[:1500]}",
            ]
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """One known difference: why it is there, how to tell it, and a request that shows it."""

    name: str
    reason: str
    explains: Callable[[Judged], bool]
    kind: tuple[str, Dialect]
    example: Mapping[str, Any]


def gap_of(request: Judged) -> Gap | None:
    """The first known gap that explains a disagreement."""
    return next((gap for gap in GAPS if gap.explains(request)), None)


def _parsed(request: Judged) -> Any:
    """What the stand-in's reader makes of the body; None if it is no JSON text."""
    try:
        return jsontext.loads(request.body)
    except jsontext.NotJson:
        return None


def _is_empty_value(request: Judged) -> bool:
    return request.is_accepted and all("cannot be empty" in fault for fault in request.faults)


def _is_malformed_taken_as_empty(request: Judged) -> bool:
    empties = request.operation.malformed_body == "empty"
    return request.is_accepted and empties and _parsed(request) is None


def _is_not_quite_json(request: Judged) -> bool:
    """The body is JSON to Python's reader only: NaN, Infinity, or nested too deep."""
    if request.error != "malformed_body":
        return False
    try:
        json.loads(request.body)
    except ValueError:
        return False
    return True


def _is_format(request: Judged) -> bool:
    found = {item.keyword for item in request.violations}
    return request.error == "invalid" and found == {"format"}


def _is_in_query(request: Judged) -> bool:
    return request.is_accepted and request.operation.query_in_body and bool(request.query)


def _is_javascript_number(request: Judged) -> bool:
    if not request.is_accepted or request.operation.coercion != "javascript":
        return False
    kinds = {item.name: item.schema.get("type") for item in request.operation.parameters}
    return any(kinds.get(name) in _NUMBERS for name, _value in request.query)


def _is_other_media_type(request: Judged) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0]
    return request.is_accepted and bool(request.body) and kind != "application/json"


def _is_pythons_space(request: Judged) -> bool:
    does_not_match = all("does not match" in fault for fault in request.faults)
    return request.is_accepted and does_not_match and _has_pythons_space(_parsed(request))


def _has_pythons_space(value: Any) -> bool:
    if isinstance(value, str):
        return not _PYTHONS_OWN_SPACE.isdisjoint(value)
    if isinstance(value, dict):
        return any(map(_has_pythons_space, value.values()))
    return isinstance(value, list) and any(map(_has_pythons_space, value))


GAPS: Final = (
    Gap(
        "empty query value",
        "openapi-core refuses an empty query value unless `allowEmptyValue` allows it; to JSON "
        "Schema it is a text like any other, and so it is to the providers",
        _is_empty_value,
        ("nanogpt", "documented"),
        {"method": "GET", "path": "/api/v1/models", "query": {"sort": ""}},
    ),
    Gap(
        "malformed body taken as empty",
        "`x-malformed-body: empty` is an extension of ours, openapi-core does not know it",
        _is_malformed_taken_as_empty,
        ("recoup", "live"),
        {"method": "POST", "path": "/api/content/image", "raw_body": "{"},
    ),
    Gap(
        "almost JSON",
        "openapi-core reads with Python's `json`, which takes NaN and Infinity for numbers",
        _is_not_quite_json,
        ("recoup", "documented"),
        {"method": "POST", "path": "/api/content/image", "raw_body": '{"other": NaN}'},
    ),
    Gap(
        "format",
        "openapi-core checks `format: uri` only with a package that its extras bring, and those "
        "pin an old Starlette",
        _is_format,
        ("recoup", "documented"),
        {
            "method": "POST",
            "path": "/api/content/image",
            "body": {"reference_image_url": "no URL"},
        },
    ),
    Gap(
        "body in the query",
        "`x-query-in-body` is an extension of ours, openapi-core does not know it",
        _is_in_query,
        ("leonardo", "documented"),
        {
            "method": "POST",
            "path": "/api/rest/v1/generations-text-to-video",
            "query": {"prompt": "A dog"},
            "body": {},
        },
    ),
    Gap(
        "number as JavaScript reads it",
        "`x-coercion: javascript` is an extension of ours: `0x10` and ` 7 ` are numbers",
        _is_javascript_number,
        ("recoup", "documented"),
        {"method": "GET", "path": "/api/content/estimate", "query": {"batch": "0x10"}},
    ),
    Gap(
        "media type of the body",
        "openapi-core refuses a media type that is not declared; the providers read every body "
        "as JSON, whatever it says it is",
        _is_other_media_type,
        ("recoup", "documented"),
        {
            "method": "POST",
            "path": "/api/content/image",
            "headers": {"content-type": "text/plain"},
            "raw_body": "{}",
        },
    ),
    Gap(
        "what is a space",
        "in a pattern, Python's `\\s` also stands for U+001C to U+001F and U+0085, which no space "
        "of JSON Schema's dialect (ECMA 262) is",
        _is_pythons_space,
        ("recoup", "live"),
        {
            "method": "POST",
            "path": "/api/content/image",
            "body": {"reference_image_url": "http://a\u001c.example/"},
        },
    ),
)
