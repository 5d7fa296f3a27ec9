"""Selecting rules by id, as one selects by path: `recoup.createVideo` takes all below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from conformance.rule import Rule


def selects(pattern: str, rule_id: str) -> bool:
    """Whether a pattern names a rule: its id, an id above it, or a glob (`*.credential.*`)."""
    return rule_id == pattern or rule_id.startswith(f"{pattern}.") or fnmatchcase(rule_id, pattern)


def select(rules: Iterable[Rule], only: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules that one of the patterns names; all of them without patterns."""
    return tuple(rule for rule in rules if not only or any(selects(each, rule.id) for each in only))
