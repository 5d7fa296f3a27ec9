"""Reads plain data as one expects it, and notes everything that is otherwise with its place.

Knows no scenarios: the words of a scenario are in `grammar.py`.
"""

import difflib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from simulator.core.durations import duration_ms

T = TypeVar("T")
Path = tuple[str | int, ...]

LONGEST_MS = 10 * 365 * 24 * 3_600_000
"""The longest duration that a scenario may name: ten years."""

_SHOWN = 80


class Mistake(NamedTuple):
    """What was found at a place of the data, and what was expected there."""

    path: Path
    found: str
    expected: str

    def __str__(self) -> str:
        return f"found {self.found}, expected {self.expected}"


class Reader:
    """Reads values; what is wrong with them is in `mistakes`, in the order in which it was met."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def wrong(self, path: Path, value: Any, expected: str) -> None:
        """Note that a value is not what was expected."""
        self.mistakes.append(Mistake(path, shown(value), expected))

    def missing(self, path: Path, expected: str) -> None:
        """Note that something is not there."""
        self.mistakes.append(Mistake(path, "nothing", expected))

    def members(self, value: Any, path: Path, known: Iterable[str]) -> Mapping[str, Any]:
        """An object with known members alone; unknown ones are told with the closest known."""
        if not isinstance(value, dict):
            self.wrong(path, value, f"an object with {', '.join(known)}")
            return {}
        names = list(known)
        for name in value:
            if name not in names:
                self.unknown((*path, name), name, names)
        return {name: value[name] for name in names if name in value}

    def unknown(self, path: Path, word: Any, known: Iterable[str]) -> None:
        """Note a word that is none of those there are."""
        names = list(known)
        close = difflib.get_close_matches(str(word)[:100], names, n=1, cutoff=0.6)
        hint = f" (did you mean {close[0]}?)" if close else ""
        self.wrong(path, word, f"one of {', '.join(names)}{hint}")

    def word(self, value: Any, path: Path, known: Iterable[str]) -> str:
        """One of some words; empty if it is none."""
        names = list(known)
        if isinstance(value, str) and value in names:
            return value
        self.unknown(path, value, names)
        return ""

    def words(self, value: Any, path: Path, known: Iterable[str] | None = None) -> tuple[str, ...]:
        """A word or a list of them, of some known ones or any."""
        listed = value if isinstance(value, list) else [value]
        if not listed:
            self.wrong(path, value, "at least one")
        found = []
        for number, item in enumerate(listed):
            at = (*path, number) if isinstance(value, list) else path
            if known is None:
                found.append(self.text(item, at))
            else:
                found.append(self.word(item, at, known))
        return tuple(item for item in found if item)

    def text(self, value: Any, path: Path, most: int = 4096) -> str:
        """A text of some length."""
        if isinstance(value, str) and 0 < len(value) <= most:
            return value
        self.wrong(path, value, f"a text of 1 to {most} characters")
        return ""

    def flag(self, value: Any, path: Path) -> bool:
        """True or false."""
        if isinstance(value, bool):
            return value
        self.wrong(path, value, "true or false")
        return False

    def whole(self, value: Any, path: Path, least: int = 1, most: int = 1_000_000_000) -> int:
        """A whole number within bounds."""
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and least <= value <= most:
            return int(value)
        self.wrong(path, value, f"a whole number from {least} to {most}")
        return least

    def number(self, value: Any, path: Path, least: float, most: float) -> float:
        """A number within bounds."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and not math.isnan(value) and least <= value <= most:
            return float(value)
        self.wrong(path, value, f"a number from {least:g} to {most:g}")
        return least

    def duration(self, value: Any, path: Path) -> int:
        """A duration in ms."""
        try:
            length_ms = duration_ms(value)
        except ValueError:
            length_ms = -1
        if 0 <= length_ms <= LONGEST_MS:
            return length_ms
        self.wrong(path, value, "a duration such as 30s, 1h30m, PT90S or 1500 (in ms)")
        return 0

    def judged(self, read: Callable[[Any], T], value: Any, path: Path) -> T | None:
        """What another reader makes of a value; the reason of its `ValueError` is what it wants."""
        try:
            return read(value)
        except (ValueError, TypeError) as error:
            self.wrong(path, value, str(error))
            return None


def shown(value: Any) -> str:
    """A value as JSON in a line, cut to a bearable length."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
