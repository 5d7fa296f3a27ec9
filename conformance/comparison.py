"""Two JSON reports side by side: what got worse, what got better, what is new or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from conformance.model import Verdict

_VIOLATED = (Verdict.FAIL, Verdict.XPASS)


class NoReport(Exception):
    """A file is no JSON report of this suite."""


@dataclass(frozen=True, slots=True)
class Change:
    """One rule whose verdict changed; an empty verdict is a rule that one report lacks."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes, by whether they are for the worse, for the better, or neither."""

    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    other: tuple[Change, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the changes as JSON data."""
        return {
            name: [{"rule": c.rule, "before": c.before, "after": c.after} for c in changes]
            for name, changes in (
                ("worse", self.worse), ("better", self.better), ("other", self.other),
            )
        }  # fmt: skip

    @property
    def text(self) -> str:
        """The changes as lines."""
        lines = [
            f"{word:7} {change.rule}: {change.before or '-'} -> {change.after or '-'}"
            for word, changes in (
                ("worse", self.worse), ("better", self.better), ("changed", self.other),
            )
            for change in changes
        ]  # fmt: skip
        return "\n".join(lines) if lines else "no verdict changed"


def compared(old: bytes, new: bytes) -> Comparison:
    """Return what changed between two JSON reports; raises NoReport."""
    before, after = _verdicts(old, "OLD"), _verdicts(new, "NEW")
    changes = [
        Change(rule, before.get(rule, ""), after.get(rule, ""))
        for rule in dict.fromkeys((*before, *after))
        if before.get(rule) != after.get(rule)
    ]
    worse = tuple(c for c in changes if c.after in _VIOLATED and c.before not in _VIOLATED)
    better = tuple(c for c in changes if c.before in _VIOLATED and c.after not in _VIOLATED)
    rest = tuple(c for c in changes if c not in worse and c not in better)
    return Comparison(worse, better, rest)


def _verdicts(content: bytes, which: str) -> dict[str, str]:
    try:
        results = orjson.loads(content)["results"]
        return {rule["id"]: rule["verdict"] for each in results for rule in each["rules"]}
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise NoReport(f"{which} is no JSON report of `understudy check`: {error}") from error
