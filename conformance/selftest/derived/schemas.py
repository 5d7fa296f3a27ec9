"""Walks a schema of the contract: every node with the place in a document that it describes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from conformance.selftest.changes import ALL, ANY
from contracts import target, walk_pointer
from contracts.pointers import join

T = TypeVar("T", bound=msgspec.Struct)
_BRANCHES = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Node:
    """One schema object: where it stands in the contract, and the place it is about.

    `path` has member names, `[]` for any index and `{}` for any member; empty is the whole body.
    """

    path: tuple[str, ...]
    pointer: str
    schema: dict[str, Any]

    @property
    def name(self) -> str:
        """The place as reports write it."""
        return ".".join(self.path) or "body"


def nodes(
    document: dict[str, Any],
    pointer: str,
    path: tuple[str, ...] = (),
    above: frozenset[str] = frozenset(),
) -> Iterator[Node]:
    """Yield a schema and all below it, references followed; what holds itself is walked once."""
    schema = walk_pointer(document, pointer)
    if not isinstance(schema, dict) or pointer in above:
        return
    yield Node(path, pointer, schema)
    above |= {pointer}
    if isinstance(schema.get("$ref"), str):
        yield from nodes(document, target(schema["$ref"]), path, above)
    for word in _BRANCHES:
        for index in range(len(schema.get(word, ()))):
            yield from nodes(document, join(pointer, word, index), path, above)
    for name in schema.get("properties", {}):
        yield from nodes(document, join(pointer, "properties", name), (*path, name), above)
    for word, step in (("items", ALL), ("additionalProperties", ANY)):
        if isinstance(schema.get(word), dict):
            yield from nodes(document, join(pointer, word), (*path, step), above)


def types(schema: dict[str, Any]) -> frozenset[str]:
    """Return the JSON types that a node names."""
    given = schema.get("type", ())
    return frozenset((given,) if isinstance(given, str) else given)


def without(document: Any, pointer: list[str], word: str, name: str = "") -> Any:
    """Return a document without one word at a place, or without one name in the word's list.

    Only what is on the way is copied.
    """
    if pointer:
        head, rest = pointer[0], pointer[1:]
        if isinstance(document, list):
            index = int(head)
            changed = without(document[index], rest, word, name)
            return [*document[:index], changed, *document[index + 1 :]]
        return {**document, head: without(document[head], rest, word, name)}
    if name:
        return {**document, word: [each for each in document[word] if each != name]}
    return {key: value for key, value in document.items() if key != word}


def altered(record: T, **changes: Any) -> T:
    """Return one of the contract's records with some fields changed."""
    return msgspec.structs.replace(record, **changes)
