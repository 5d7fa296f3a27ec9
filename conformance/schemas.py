"""Walks a contract's schemas: every node with the place it describes, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.model import Provenance
from contracts import target, walk_pointer
from contracts.pointers import join

ALL: Final = "[]"
ANY: Final = "{}"
_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_STRENGTH: Final = {"documented": 0, "observed": 1, "assumed": 2}


@dataclass(frozen=True, slots=True)
class Node:
    """One schema object: where it stands in the contract, and the place it is about.

    `path` has member names, `[]` for any index and `{}` for any member; empty is the whole body.
    `provenance` is the weakest on the way from the whole body to here.
    """

    path: tuple[str, ...]
    pointer: str
    schema: dict[str, Any]
    provenance: Provenance = "documented"

    @property
    def name(self) -> str:
        """The place as reports write it."""
        return ".".join(self.path) or "body"

    @property
    def subject(self) -> str:
        """The place as violations name it: `operations[].type`."""
        return ".".join(self.path).replace(f".{ALL}", ALL)


def weakest(*given: object) -> Provenance:
    """Return the weakest provenance of some; what is none counts as documented."""
    known = [str(each) for each in given if each in _STRENGTH]
    found: Any = max(known, key=lambda each: _STRENGTH[each], default="documented")
    return found  # type: ignore[no-any-return]  # one of the three words


def nodes(
    document: dict[str, Any],
    pointer: str,
    path: tuple[str, ...] = (),
    above: frozenset[str] = frozenset(),
    worth: Provenance = "documented",
) -> Iterator[Node]:
    """Yield a schema and all below it, references followed; what holds itself is walked once."""
    schema = walk_pointer(document, pointer)
    if not isinstance(schema, dict) or pointer in above:
        return
    worth = weakest(worth, schema.get("x-provenance"))
    yield Node(path, pointer, schema, worth)
    above |= {pointer}
    if isinstance(schema.get("$ref"), str):
        yield from nodes(document, target(schema["$ref"]), path, above, worth)
    for word in _BRANCHES:
        for index in range(len(schema.get(word, ()))):
            yield from nodes(document, join(pointer, word, index), path, above, worth)
    for name in schema.get("properties", {}):
        place = join(pointer, "properties", name)
        yield from nodes(document, place, (*path, name), above, worth)
    for word, step in (("items", ALL), ("additionalProperties", ANY)):
        if isinstance(schema.get(word), dict):
            yield from nodes(document, join(pointer, word), (*path, step), above, worth)


def types(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the JSON types that a node names."""
    given = schema.get("type", ())
    return frozenset((given,) if isinstance(given, str) else given)
