"""A target's known deviations: a dated file, so that none is forgotten.

The file is JSON or YAML: a list of `{rule, reason, expires}`; `rule` selects as `--only` does,
`expires` is an ISO date after which the entry no longer counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from conformance.selection import selects


class BadDeviations(Exception):
    """A deviations file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One rule that is known not to hold, why, and until when that is accepted."""

    rule: str
    reason: str
    expires: date

    def covers(self, rule_id: str) -> bool:
        """Whether this entry is about a rule."""
        return selects(self.rule, rule_id)


def read(path: Path, today: date) -> tuple[Deviation, ...]:
    """Return a file's entries that have not expired; raises BadDeviations naming the file."""
    import yaml

    try:
        entries = yaml.safe_load(path.read_text()) or []
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadDeviations(f"{path}: {error}") from error
    if not isinstance(entries, list):
        raise BadDeviations(f"{path}: not a list")
    found = tuple(_entry(entry, path) for entry in entries)
    return tuple(each for each in found if each.expires >= today)


def _entry(entry: Any, path: Path) -> Deviation:
    if not isinstance(entry, dict) or not {"rule", "reason", "expires"} <= entry.keys():
        raise BadDeviations(f"{path}: an entry needs rule, reason and expires")
    try:
        expires = date.fromisoformat(str(entry["expires"]))
    except ValueError as error:
        raise BadDeviations(f"{path}: {error}") from error
    return Deviation(str(entry["rule"]), str(entry["reason"]), expires)
