"""Values that break a schema's own words: far ones, and near misses that a lax reader takes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.probe import json_body
from conformance.schemas import types

_BAD_FORMAT: Final[Mapping[str, tuple[str, ...]]] = {
    "uri": ("not a url", "example.com/file.png", ""),
    "uuid": ("not-a-uuid", "7d9f3a52-1c64-4c0e-9a8b-5f2d61e0b3c", ""),
    "date-time": ("yesterday", "2026-01-02"),
    "date": ("yesterday", "2026-1-2"),
    "email": ("nobody",),
}
_BAD_PATTERN: Final = ("?!", "example.com/file.png", "")
_FAMILIES: Final = (
    ("240p", "480p", "540p", "720p", "1080p", "1440p", "2160p"),
    ("1:1", "4:3", "3:4", "16:9", "9:16", "21:9"),
    ("3s", "4s", "5s", "6s", "8s", "9s", "10s", "12s"),
    ("RESOLUTION_360", "RESOLUTION_480", "RESOLUTION_720", "RESOLUTION_1080", "RESOLUTION_4K"),
    ("png", "jpg", "jpeg", "webp", "gif", "bmp"),
    ("mp4", "mov", "webm", "avi", "mkv"),
    ("none", "short", "medium", "long"),
)
"""Words of which those who offer some often offer others."""
_COUNTED: Final = re.compile(r"(\d+)(\.\d+)?[A-Za-z]+")
_NO_VERSION: Final = "7d9f3a52-1c64-0c0e-9a8b-5f2d61e0b3c4"
_LONGEST: Final = 100_000
_MANY: Final = 1000
_LIKE: Final = 8
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})


def misfits(
    schema: Mapping[str, Any],
    fit: Any,
    tokens: tuple[str, ...] = (),
    namesakes: tuple[str, ...] = (),
    *,
    wraps: bool = False,
) -> Iterator[tuple[str, Any]]:
    """Yield values that a schema refuses, each with the kind of constraint that it breaks.

    `fit` is a value that fits, `tokens` are options of other enums beside this one, `namesakes`
    those of fields of the same name elsewhere. `wraps` says that a lone value may stand for a list
    of one.
    """
    for value in _of_other_types(schema, fit, wraps=wraps):
        yield "type", value
    for value in _no_options(_options(schema), tokens, namesakes):
        yield "enum", value
    for value in _beyond_bounds(schema, fit):
        yield "range", value
    for value in _wrong_forms(schema):
        yield "format", value


def _of_other_types(schema: Mapping[str, Any], fit: Any, *, wraps: bool) -> Iterator[Any]:
    """Yield a value far off, what a lax reader would turn into one that fits, and null."""
    named = types(schema)
    if not named:
        return
    candidates: list[Any] = []
    if "string" in named and "enum" not in schema:
        candidates.append(12345)
    if "string" in named:
        candidates += _counts(_options(schema))
    if named & {"integer", "number"}:
        candidates += ["seven", True]
    if named & {"integer", "number"} and _is_number(fit):
        candidates.append(str(fit))
    if "boolean" in named:
        candidates += [1, "true"]
    if "object" in named:
        candidates += ["no object", []]
    if "array" in named:
        items = types(schema.get("items", {})) or frozenset({"object"})
        lone: tuple[Any, ...] = ("no list", {})
        candidates += [each for each in lone if not (wraps and _has_type(each, items))]
    if isinstance(fit, list) and fit and not wraps:
        candidates.append(fit[0])
    if isinstance(fit, dict):
        candidates.append(json_body(fit).decode())
    if named & _SCALARS and fit is not None:
        candidates.append([fit])
    yield from _once(each for each in candidates if not _has_type(each, named))
    if "null" not in named:
        yield None


def _options(schema: Mapping[str, Any]) -> list[Any]:
    """Return the values of which a schema takes one, empty if it names none."""
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))


def _counts(options: list[Any]) -> list[float]:
    """Return the number of an option that has a unit behind it: 8 of `8s`."""
    found = [_COUNTED.fullmatch(each) for each in options if isinstance(each, str)]
    numbers = [float(each[1] + (each[2] or "")) for each in found if each]
    return [_number(each) for each in numbers[-1:]]


def _once(values: Iterator[Any]) -> Iterator[Any]:
    """Yield values, equal ones once; `1` and `true` are not equal here."""
    seen = set()
    for value in values:
        key = json_body(value)
        if key not in seen:
            seen.add(key)
            yield value


def _no_options(options: Any, tokens: tuple[str, ...], namesakes: tuple[str, ...]) -> Iterator[Any]:
    """Yield values near the options and none of them: other case, blanks, a part, a sibling's."""
    words = [each for each in options if isinstance(each, str) and each]
    if not options:
        return
    if not words:
        numbers = [each for each in options if _is_number(each)]
        yield max(numbers, default=0) + 1
        return
    candidates = [
        "no-such-option",
        *[each.swapcase() for each in words if each.swapcase() != each][:1],
        f" {words[0]} ",
        words[-1][:-1],
        "",
        *[each for each in tokens if each not in options][:1],
        *[each for each in (*namesakes, *_relatives(words)) if each not in options][:_LIKE],
    ]
    yield from _once(each for each in candidates if each not in options)


def _relatives(words: list[str]) -> list[str]:
    """Return what is said elsewhere where these words are said."""
    return [each for family in _FAMILIES if set(words) & set(family) for each in family]


def _beyond_bounds(schema: Mapping[str, Any], fit: Any) -> Iterator[Any]:
    named = types(schema)
    step = schema.get("multipleOf", 1 if "integer" in named else 0.5)
    if "minimum" in schema:
        yield _number(schema["minimum"] - step)
    if "exclusiveMinimum" in schema:
        yield schema["exclusiveMinimum"]
    if "maximum" in schema and abs(schema["maximum"]) < 2**53 - 1:
        yield _number(schema["maximum"] + step)
    if "exclusiveMaximum" in schema:
        yield schema["exclusiveMaximum"]
    if schema.get("multipleOf", 1) > 1:
        yield schema.get("minimum", schema["multipleOf"]) + 1
    if "integer" in named and "number" not in named:
        yield _number(schema.get("minimum", 1) + 0.5)
    if schema.get("minLength"):
        yield "x" * (schema["minLength"] - 1)
    if "maxLength" in schema and schema["maxLength"] < _LONGEST:
        yield "x" * (schema["maxLength"] + 1)
    yield from _of_wrong_count(schema, fit)


def _of_wrong_count(schema: Mapping[str, Any], fit: Any) -> Iterator[list[Any]]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", _MANY)
    if least == 1:
        yield []
    elif least and isinstance(fit, list):
        yield fit[: least - 1]
    if isinstance(fit, list) and fit and most < _MANY and not schema.get("uniqueItems"):
        yield [fit[index % len(fit)] for index in range(most + 1)]
    if isinstance(fit, list) and fit and schema.get("uniqueItems") and most > 1:
        yield [fit[0], fit[0]]


def _wrong_forms(schema: Mapping[str, Any]) -> Iterator[str]:
    form, pattern = str(schema.get("format", "")), schema.get("pattern")
    if form in _BAD_FORMAT:
        yield from _BAD_FORMAT[form]
    elif pattern is not None:
        yield from (each for each in _BAD_PATTERN if not re.search(pattern, each))
    if form == "uuid" and not re.search(pattern or "", _NO_VERSION):
        yield _NO_VERSION


def _has_type(value: Any, named: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in named
    of = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    found = of[type(value)]
    return found in named or (found == "integer" and "number" in named)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: float) -> float:
    return int(value) if math.isfinite(value) and float(value).is_integer() else value
