"""Flags that are more than a word: times, triggers, lists of operations, reports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


class KeyValue(click.ParamType[tuple[tuple[str, Path], ...]]):
    """`kind=file`, one or several separated by spaces; gives a list of (kind, Path)."""

    name = "kind=file"

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self._kinds = kinds

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[str, Path], ...]:
        """Return the pairs; fails for a kind that does not exist."""
        if isinstance(value, tuple):
            return value
        pairs = []
        for word in str(value).split():
            kind, sign, path = word.partition("=")
            if not sign or not path or kind not in self._kinds:
                self.fail(f"{word!r} is not KIND=FILE with KIND of {', '.join(self._kinds)}")
            pairs.append((kind, Path(path)))
        return tuple(pairs)


def parse_seconds(text: str) -> float | None:
    """Return `90`, `90s`, `10m` or `1h` in seconds, None for nothing; raises BadParameter."""
    if not text:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found:
        raise click.BadParameter(f"{text!r} is no time; write 90s, 10m or 1h")
    return float(found.group(1)) * _UNITS[found.group(2)]


def parse_trigger(text: str) -> tuple[str, str] | None:
    """Return (field, text) of `[FIELD=]TEXT`, the field empty if none is named."""
    if not text:
        return None
    field, sign, rest = text.partition("=")
    if sign and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", field):
        return field, rest
    return "", text


def parse_operations(text: str) -> tuple[str, ...]:
    """Return a comma-separated list's words, with single spaces between method and path."""
    words = (" ".join(word.split()) for word in text.split(","))
    return tuple(word for word in words if word)
