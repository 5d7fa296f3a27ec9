"""Contracts with one word taken out of a schema."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


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
