"""Strict reading of JSON text: one document, UTF-8, no duplicate member, no NaN."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Text:
    """What a body is as JSON: `fault` is empty for one document, else says what is wrong.

    `value` is the document, None if there is none; duplicate members are a fault, the last wins.
    """

    value: Any
    fault: str = ""


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
        return Text(None, f"no UTF-8: {error}")
    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Text(None, f"no JSON document: {str(error) or 'too deep'}")
    if duplicates:
        return Text(value, f"the member {duplicates[0]!r} is given twice")
    return Text(value)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
