"""Makes small values that fit a schema, with a given place in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.schemas import ALL, ANY, types
from contracts import target, walk_pointer
from contracts.pointers import join

_DEEPEST: Final = 12
_FORMS: Final = {
    "uuid": "7d9f3a52-1c64-4c0e-9a8b-5f2d61e0b3c4",
    "uri": "https://example.com/file",
    "date-time": "2026-01-02T03:04:05.678Z",
    "date": "2026-01-02",
    "email": "somebody@example.com",
}


@dataclass(slots=True)
class _Flat:
    """A schema with references and joins resolved: its words, and where its parts stand."""

    words: dict[str, Any] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    items: str = ""
    others: str = ""


def sample(document: dict[str, Any], pointer: str, path: tuple[str, ...] = ()) -> Any:
    """Return a small value for the schema at a pointer that has something at a place."""
    return _sample(document, pointer, path, 0)


def joined(value: Any, more: Any) -> Any:
    """Return a value with what another one has beside it, nulls replaced."""
    if isinstance(value, dict) and isinstance(more, dict):
        both = {**more, **value}
        return {key: joined(value.get(key), more.get(key)) for key in both}
    if isinstance(value, list) and isinstance(more, list) and value and more:
        return [joined(each, more[0]) for each in value]
    return more if value is None or value == [] else value


def _sample(document: dict[str, Any], pointer: str, path: tuple[str, ...], depth: int) -> Any:
    flat = _Flat()
    _flatten(document, pointer, path, flat, 0)
    kinds = types(flat.words)
    if depth > _DEEPEST:
        return None
    if not path:
        for word in ("const", "example", "default"):
            if word in flat.words and flat.words[word] is not None:
                return flat.words[word]
        for word in ("examples", "enum"):
            given = flat.words.get(word)
            if isinstance(given, list) and given:
                return next((each for each in given if each is not None), None)
    head, rest = (path[0], path[1:]) if path else ("", ())
    if head == ALL or (not path and "array" in kinds and "object" not in kinds):
        count = max(int(flat.words.get("minItems", 0)), 1 if path else 0)
        return [_sample(document, flat.items, rest, depth + 1) for _ in range(count)]
    if path or flat.members or "object" in kinds:
        found = {
            name: _sample(document, flat.members[name], (), depth + 1)
            for name in flat.required
            if name in flat.members and name != head
        }
        if head == ANY and flat.others:
            found["some"] = _sample(document, flat.others, rest, depth + 1)
        elif head in flat.members:
            found[head] = _sample(document, flat.members[head], rest, depth + 1)
        return found
    return _scalar(flat.words, kinds)


def _scalar(words: dict[str, Any], kinds: frozenset[str]) -> Any:
    if "string" in kinds:
        form = str(_FORMS.get(str(words.get("format")), "text"))
        text = _fitting(str(words["pattern"]), form) if "pattern" in words else form
        return text.ljust(int(words.get("minLength", 0)), "x")[: int(words.get("maxLength", 9999))]
    if kinds & {"integer", "number"}:
        least = words.get("minimum", words.get("exclusiveMinimum", 0))
        return least + 1 if "exclusiveMinimum" in words else least
    return True if "boolean" in kinds else None if "null" in kinds else "text"


def _fitting(pattern: str, text: str) -> str:
    """Return a text that has a pattern, as far as a few guesses find one."""
    start = re.match(r"\^?([\w/:-]*)", pattern)
    begun = f"{start.group(1) if start else ''}abc123def456"
    guesses = (text, begun, "12", "0.5", *_FORMS.values())
    return next((each for each in guesses if re.search(pattern, each)), text)


def _flatten(
    document: dict[str, Any], pointer: str, path: tuple[str, ...], flat: _Flat, depth: int
) -> None:
    """Join what a schema says by itself, by reference, and by the branch that leads to a place."""
    schema = walk_pointer(document, pointer) if pointer else None
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    flat.words = {**schema, **flat.words}
    for name in schema.get("properties", {}):
        flat.members.setdefault(name, join(pointer, "properties", name))
    flat.required += [each for each in schema.get("required", ()) if each not in flat.required]
    if isinstance(schema.get("items"), dict):
        flat.items = flat.items or join(pointer, "items")
    if isinstance(schema.get("additionalProperties"), dict):
        flat.others = flat.others or join(pointer, "additionalProperties")
    if isinstance(schema.get("$ref"), str):
        _flatten(document, target(schema["$ref"]), path, flat, depth + 1)
    for index in range(len(schema.get("allOf", ()))):
        _flatten(document, join(pointer, "allOf", index), path, flat, depth + 1)
    for word in ("anyOf", "oneOf"):
        branches = [join(pointer, word, index) for index in range(len(schema.get(word, ())))]
        fitting = [each for each in branches if _leads(document, each, path, 0)]
        if fitting:
            _flatten(document, fitting[0], path, flat, depth + 1)


def _leads(document: dict[str, Any], pointer: str, path: tuple[str, ...], depth: int) -> bool:
    """Whether a branch has a place in it; any that is not null leads to itself."""
    flat = _Flat()
    _flatten(document, pointer, path[:1] if depth == 0 else (), flat, _DEEPEST - 2)
    if not path:
        return types(flat.words) != {"null"}
    if path[0] == ALL:
        below = flat.items
    else:
        below = flat.others if path[0] == ANY else flat.members.get(path[0], "")
    return bool(below) and (depth > _DEEPEST or _leads(document, below, path[1:], depth + 1))
