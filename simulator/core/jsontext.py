"""JSON text both ways, fast where it can be and exact where it must.

Reading refuses NaN, Infinity, invalid UTF-8 and nesting over 512; duplicate keys: the last wins.
Lone surrogate escapes are text like any other, and are written back as escapes.
"""

import json
from typing import Any, NoReturn

import orjson

DEEPEST = 512
"""How deep arrays and objects may be nested."""


class NotJson(ValueError):
    """The text is no JSON; says where and why."""


def loads(text: bytes) -> Any:
    """Read a JSON text; raises `NotJson`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _loads_slowly(text, error)
    if text.count(b"[") + text.count(b"{") > DEEPEST and _depth(text) > DEEPEST:
        raise NotJson(f"nested deeper than {DEEPEST}")
    return value


def dumps(value: Any) -> bytes:
    """Write a JSON value without spaces, keys in their order."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def dumps_sorted(value: Any) -> bytes:
    """Write a JSON value with sorted keys: equal values give equal bytes."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _loads_slowly(text: bytes, error: orjson.JSONDecodeError) -> Any:
    """Read what orjson refuses but JSON allows: lone surrogate escapes."""
    if b"\\u" not in text or _depth(text) > DEEPEST:
        raise NotJson(str(error)) from None
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as reason:
        raise NotJson(str(reason)) from None


def _refuse(word: str) -> NoReturn:
    raise NotJson(f"{word} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise NotJson("number out of range")
    return number


def _depth(text: bytes) -> int:
    """The deepest nesting of a JSON text, brackets inside strings left out."""
    depth = deepest = 0
    is_string = is_escaped = False
    for byte in text:
        if is_string:
            if is_escaped:
                is_escaped = False
            elif byte == 0x5C:
                is_escaped = True
            elif byte == 0x22:
                is_string = False
        elif byte == 0x22:
            is_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
