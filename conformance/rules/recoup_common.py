"""What several of Recoup's rules look at: echoes of a field, refusals of a probe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from conformance.evidence import Evidence, check
from conformance.model import Finding

Check = Callable[[Evidence], Iterator[Finding]]
MODES: Final = ("modes", "positive", "generator", "lifecycle")


def echo(operation: str, name: str, *, is_optional: bool = False) -> Check:
    """Return the check that a success of an operation repeats a field of its request.

    That it does is assumed where the reply need not have the field.
    """

    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.successes(operation):
            given, got = reading.body.get(name), reading.answer.get(name)
            if name in reading.body and given != "" and reading.is_valid:
                found = check(given == got, reading, f"{name} was {given!r}, {got!r} came back")
                is_left_out = is_optional and name not in reading.answer
                yield replace(found, provenance="assumed") if is_left_out else found

    return run


def refused_as(probe: str, *statuses: int) -> Check:
    """Return the check that a probe is refused with one of some statuses."""

    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed(probe):
            words = " or ".join(map(str, statuses))
            yield check(reading.status in statuses, reading, f"got {reading.status}, not {words}")

    return run
