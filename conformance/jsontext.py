"""Strict reading of JSON text: one document, UTF-8, no duplicate member, no NaN."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Text:
    """What a body is as JSON: `fault` is empty for one document, else says what is wrong.

    `value` is the document, None if there is none; duplicate members are a fault, the last wins.
    `is_doubtful` marks what lenient readers take: bytes that are no UTF-8, and great depth.
    """

    value: Any
    fault: str = ""
    is_doubtful: bool = False


def read(body: bytes) -> Text:
    """Read a body as JSON; never raises."""
    duplicates: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            duplicates.append(next(name for name in names if names.count(name) > 1))
        return found

    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return Text(None, f"no UTF-8: {error}", is_doubtful=True)
    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=_no_constant)
    except RecursionError:
        return Text(None, "nested too deep to be read", is_doubtful=True)
    except ValueError as error:
        return Text(None, f"no JSON document: {error}")
    if duplicates:
        return Text(value, f"the member {duplicates[0]!r} is given twice")
    return Text(value)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
