"""The form of Leonardo's errors, as several modules of its rules read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence
from conformance.model import Case, Finding, Tier
from conformance.reading import Reading

Check = Callable[[Evidence], Iterator[Finding]]
AREA: Final = "errors"
MEMBERS: Final = ("error", "path", "code")


def row(operation: str, tier: Tier) -> Case:
    """Return the row of an operation in a rule about several."""
    return Case(operation, tier, operation=operation)


def told(reading: Reading) -> dict[str, Any]:
    """Return the members of an error that a reply has."""
    return {name: reading.answer.get(name) for name in MEMBERS}
