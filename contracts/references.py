"""Finds `$ref`s that lead nowhere. Looks at the places of references only, never inside data."""

from collections.abc import Iterator
from typing import Any

from contracts.errors import ContractError
from contracts.pointers import join, lookup, walk_pointer

_DATA = frozenset({"example", "default", "const", "enum", "value"})
_NAMES = frozenset({"properties", "patternProperties", "$defs", "definitions", "schemas"})


def check(document: dict[str, Any], file: str) -> None:
    """Follow every `$ref` of a document; raises ContractError at the first that leads nowhere."""
    for pointer in places(document):
        try:
            lookup(document, pointer)
        except LookupError as error:
            reference = walk_pointer(document, pointer)["$ref"]
            raise ContractError(file, pointer, f"unresolvable $ref: {reference}") from error


def places(value: Any, pointer: str = "", *, named: bool = False) -> Iterator[str]:
    """Yield the pointer of every object that holds a `$ref`; `named`: keys are names, not words."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, join(pointer, index))
        return
    if not isinstance(value, dict):
        return
    if not named and isinstance(value.get("$ref"), str):
        yield pointer
    for key, held in value.items():
        is_data = key in _DATA or (key == "examples" and isinstance(held, list))
        if named or not is_data:
            yield from places(held, join(pointer, key), named=not named and key in _NAMES)
