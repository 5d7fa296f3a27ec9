"""The pattern language of the example exchanges; `fixtures/exchanges/README.md` explains it."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from contracts import walk_pointer

_MISSING: Final = object()
_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


def mismatches(pattern: Any, value: Any) -> list[str]:
    """Return what keeps `value` from matching `pattern`: `pointer: reason`, empty if it matches."""
    return list(_compare(pattern, value, "", value))


def _compare(pattern: Any, value: Any, pointer: str, root: Any) -> Iterator[str]:
    if isinstance(pattern, dict) and _is_conditions(pattern):
        for name, argument in pattern.items():
            yield from _hold(name, argument, value, pointer, root)
    elif value is _MISSING:
        yield f"{pointer}: missing, expected {json.dumps(pattern)}"
    elif isinstance(pattern, dict):
        if not isinstance(value, dict):
            yield f"{pointer}: expected an object, got {json.dumps(value)}"
            return
        for key, held in pattern.items():
            yield from _compare(held, value.get(key, _MISSING), f"{pointer}/{key}", root)
    elif isinstance(pattern, list):
        if not isinstance(value, list) or len(value) != len(pattern):
            yield f"{pointer}: expected {len(pattern)} items, got {json.dumps(value)[:200]}"
            return
        for index, (held, item) in enumerate(zip(pattern, value, strict=True)):
            yield from _compare(held, item, f"{pointer}/{index}", root)
    elif not _equal(pattern, value):
        yield f"{pointer}: expected {json.dumps(pattern)}, got {json.dumps(value)}"


def _is_conditions(pattern: dict[str, Any]) -> bool:
    marked = [key.startswith("$") for key in pattern]
    if any(marked) and not all(marked):
        raise ValueError(f"members beside conditions: {sorted(pattern)}")
    return any(marked)


def _equal(pattern: Any, value: Any) -> bool:
    """Compare as JSON does: 1 and 1.0 are equal, 1 and true are not."""
    return bool(pattern == value) and isinstance(pattern, bool) == isinstance(value, bool)


def _hold(name: str, argument: Any, value: Any, pointer: str, root: Any) -> Iterator[str]:
    if name == "$any_of":
        if all(list(_compare(option, value, pointer, root)) for option in argument):
            yield f"{pointer}: matches none of {json.dumps(argument)}"
    elif name == "$starts_with":
        head = value[: len(argument)] if isinstance(value, list) else value
        yield from _compare(argument, head, pointer, root)
    elif name == "$same_as":
        yield from _compare(walk_pointer(root, argument), value, pointer, root)
    else:
        try:
            holds = _CONDITIONS[name]
        except KeyError:
            raise ValueError(f"no such condition: {name}") from None
        if not holds(argument, value):
            got = "nothing" if value is _MISSING else json.dumps(value)[:200]
            yield f"{pointer}: {name} {json.dumps(argument)} does not hold for {got}"


def _is_json_object(text: Any) -> bool:
    try:
        return isinstance(json.loads(text), dict) if isinstance(text, str) else False
    except ValueError:
        return False


def _is_uuid(text: Any) -> bool:
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_url(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


_CONDITIONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$type": lambda name, value: _TYPES[name](value),
    "$regex": lambda text, value: isinstance(value, str) and re.search(text, value) is not None,
    "$enum": lambda options, value: any(_equal(option, value) for option in options),
    "$absent": lambda wanted, value: (value is _MISSING) is wanted,
    "$present": lambda wanted, value: (value is not _MISSING) is wanted,
    "$length": lambda count, value: isinstance(value, list) and len(value) == count,
    "$max_items": lambda count, value: isinstance(value, list) and len(value) <= count,
    "$json_string": lambda wanted, value: _is_json_object(value) is wanted,
    "$decimal": lambda wanted, value: (
        (isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None) is wanted
    ),
    "$uuid": lambda wanted, value: _is_uuid(value) is wanted,
    "$url": lambda wanted, value: _is_url(value) is wanted,
}
