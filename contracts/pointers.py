"""JSON pointers (RFC 6901) and local `$ref`s inside one document."""

from typing import Any
from urllib.parse import unquote


def tokens(pointer: str) -> list[str]:
    """Split a JSON pointer into its unescaped tokens; `""` has none. Raises ValueError."""
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise ValueError(f"no JSON pointer: {pointer}")
    found = pointer[1:].split("/")
    if "~" in pointer:
        return [token.replace("~1", "/").replace("~0", "~") for token in found]
    return found


def join(pointer: str, *members: str | int) -> str:
    """Append members to a JSON pointer, escaping them."""
    tail = (str(member).replace("~", "~0").replace("/", "~1") for member in members)
    return "/".join((pointer, *tail))


def walk_pointer(document: Any, pointer: str) -> Any:
    """Return the value a JSON pointer names; raises LookupError if there is none."""
    value = document
    for token in tokens(pointer):
        if isinstance(value, list):
            if not token.isdecimal():
                raise LookupError(pointer)
            value = value[int(token)]
        else:
            if not isinstance(value, dict) or token not in value:
                raise LookupError(pointer)
            value = value[token]
    return value


class Walker:
    """Walks one document from place to place, and remembers every place it has been to."""

    def __init__(self, document: Any) -> None:
        self._places: dict[str, Any] = {"": document}

    def walk(self, pointer: str) -> Any:
        """Return the value a JSON pointer names; raises LookupError if there is none."""
        places = self._places
        if pointer in places:
            return places[pointer]
        above, _, token = pointer.rpartition("/")
        value = places[pointer] = walk_pointer(self.walk(above), f"/{token}")
        return value


def lookup(document: dict[str, Any], pointer: str, walker: Walker | None = None) -> tuple[Any, str]:
    """Follow `$ref`s from a pointer; returns the value found and its own pointer.

    A schema that has members beside its `$ref` keeps its pointer, and is shown with the target's
    members under its own. Whoever looks up much in one document keeps a walker of it.
    Raises LookupError for a reference that leads nowhere or in a circle.
    """
    walk = (walker or Walker(document)).walk
    value = walk(pointer)
    seen = {pointer}
    beside: dict[str, Any] = {}
    own_pointer: str | None = None
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        if len(value) > 1:
            own_pointer = own_pointer or pointer
            beside = {**{key: held for key, held in value.items() if key != "$ref"}, **beside}
        pointer = target(value["$ref"])
        if pointer in seen:
            raise LookupError(f"$ref in a circle: {pointer}")
        seen.add(pointer)
        value = walk(pointer)
    if beside and isinstance(value, dict):
        return {**value, **beside}, own_pointer or pointer
    return value, pointer


def target(reference: str) -> str:
    """Return the JSON pointer of a local reference (`#/…`); raises LookupError for any other."""
    if reference != "#" and not reference.startswith("#/"):
        raise LookupError(f"$ref outside the document: {reference}")
    return unquote(reference[1:])
