"""Finds schemas that are none: misspelt types, bounds that are no numbers. Judges no values."""

from collections.abc import Iterator
from typing import Any, Final

from contracts.errors import ContractError
from contracts.pointers import join

_META: Final = "https://json-schema.org/draft/2020-12/schema"
_DATA: Final = frozenset({"example", "examples", "default", "value", "x-example"})


def check(document: dict[str, Any], file: str) -> None:
    """Hold every schema to the rules of JSON Schema; raises ContractError at the first that fails.

    Also refuses a document that does not call itself OpenAPI 3.1.
    """
    import jsonschema_rs

    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.1."):
        raise ContractError(file, "/openapi", f"must be a version 3.1, not {version!r}")
    for pointer, schema in places(document):
        try:
            jsonschema_rs.meta.validate({"$schema": _META, **schema})
        except jsonschema_rs.ValidationError as error:
            at = join(pointer, *error.instance_path)
            raise ContractError(file, at, f"no JSON Schema: {error.message}") from None


def places(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the outermost schemas of a document, each with its pointer."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, join(pointer, index))
        return
    if not isinstance(value, dict):
        return
    for key, held in value.items():
        at = join(pointer, key)
        if at == "/components/schemas" and isinstance(held, dict):
            named = ((join(at, name), schema) for name, schema in held.items())
            yield from (place for place in named if isinstance(place[1], dict))
        elif key == "schema" and isinstance(held, dict):
            yield at, held
        elif key not in _DATA:
            yield from places(held, at)
