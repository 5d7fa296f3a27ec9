"""JSON text both ways, fast where it can be and exact where it must.

Reading refuses NaN, Infinity, invalid UTF-8 and nesting over 512; duplicate keys: the last wins.
Lone surrogate escapes are text like any other, and are written back as escapes.
"""

import json
from typing import Any, NoReturn

import orjson

DEEPEST = 512
"""How deep arrays and objects may be nested."""

_LONGEST_INTEGER = 20


class NotJson(ValueError):
    """The text is no JSON; says where and why."""


def loads(text: bytes, deepest: int = DEEPEST) -> Any:
    """Read a JSON text nested no deeper than `deepest`; raises `NotJson`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _loads_slowly(text, error, deepest)
    if text.count(b"[") + text.count(b"{") > deepest:
        _refuse_deeper(value, deepest)
    return value


def dumps(value: Any) -> bytes:
    """Write a JSON value without spaces, keys in their order."""
    try:
        return _trimmed(orjson.dumps(value))
    except TypeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def dumps_sorted(value: Any) -> bytes:
    """Write a JSON value with sorted keys: equal values give equal bytes."""
    try:
        return _trimmed(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
    except TypeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _trimmed(text: bytes) -> bytes:
    """The same bytes without the room to spare that orjson leaves behind them (up to 4 KiB)."""
    return memoryview(text).tobytes()


def _loads_slowly(text: bytes, error: orjson.JSONDecodeError, deepest: int) -> Any:
    """Read what orjson refuses but JSON allows: lone surrogate escapes."""
    if b"\\u" not in text:
        raise NotJson(str(error)) from None
    try:
        value = json.loads(
            text.decode("utf-8"),
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as reason:
        raise NotJson(str(reason)) from None
    _refuse_deeper(value, deepest)
    return value


def _refuse(word: str) -> NoReturn:
    raise NotJson(f"{word} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise NotJson("number out of range")
    return number


def _whole(digits: str) -> int | float:
    """An integer of 64 bits, or the float nearest to a larger one, as orjson has it."""
    if len(digits) <= _LONGEST_INTEGER and -(1 << 63) <= int(digits) < 1 << 64:
        return int(digits)
    return _finite(digits)


def _refuse_deeper(value: Any, deepest: int) -> None:
    """Go down level by level, so that the cost is that of the values and not of their text."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, list | dict)]:
        depth += 1
        if depth > deepest:
            raise NotJson(f"nested deeper than {deepest}")
        level = [
            inner for item in level for inner in (item.values() if isinstance(item, dict) else item)
        ]
