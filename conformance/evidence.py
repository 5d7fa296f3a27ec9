"""What rules read: the log's exchanges with their readings, by operation, probe and lifecycle.

Rule authors: yield `held(reading)` or `broken(reading, message)` for everything you look at, with
`case=` for rules that have a table. Never yield for what you could not judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from conformance.journal import Journal
from conformance.judge import Judge
from conformance.log import ExchangeLog, Note
from conformance.model import Finding
from conformance.profile import Profile
from conformance.reading import Reading
from contracts import Contract

if TYPE_CHECKING:
    from conformance.second import SecondJudge


class Evidence:
    """Everything a run (or a recorded log) gives to judge; immutable once made."""

    def __init__(self, log: ExchangeLog, contracts: tuple[Contract, ...], profile: Profile) -> None:
        self.log = log
        self.contracts = contracts
        self.profile = profile
        self.judges = tuple(Judge(contract) for contract in contracts)

    @property
    def contract(self) -> Contract:
        """The first contract: the dialect asked for, else the documented one."""
        return self.contracts[0]

    @cached_property
    def second(self) -> SecondJudge:
        """The second judge of replies, imported when it is first asked."""
        from conformance.second import SecondJudge

        return SecondJudge(self.contracts)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Every exchange, read, in the order of the log."""
        return tuple(Reading(exchange, self.judges) for exchange in self.log)

    @cached_property
    def _by_operation(self) -> Mapping[str, list[Reading]]:
        found = defaultdict(list)
        for reading in self.readings:
            if reading.operation is not None:
                found[reading.operation.id].append(reading)
        return found

    def of(self, operation: str) -> list[Reading]:
        """Return the readings of one operation (by operationId) that have a whole reply."""
        return [each for each in self._by_operation.get(operation, ()) if each.status]

    def sent(self, operation: str) -> list[Reading]:
        """Return all readings of one operation, those without a whole reply too."""
        return list(self._by_operation.get(operation, ()))

    def valid(self, operation: str) -> Iterator[Reading]:
        """Yield readings of authorised requests that every contract takes."""
        return (each for each in self.of(operation) if each.is_authorized and each.is_valid)

    def successes(self, operation: str) -> Iterator[Reading]:
        """Yield readings of authorised, accepted requests of one operation: 2xx with JSON."""
        return (each for each in self.of(operation) if each.is_success and each.is_authorized)

    def probed(self, *probes: str) -> list[Reading]:
        """Return readings whose probe is one of these, or below one (`a.b` is below `a`)."""
        starts = tuple(f"{probe}." for probe in probes)
        return [
            each
            for each in self.readings
            if each.status
            and (each.exchange.probe in probes or each.exchange.probe.startswith(starts))
        ]

    @cached_property
    def _by_series(self) -> Mapping[str, list[Reading]]:
        found = defaultdict(list)
        for reading in self.readings:
            if reading.exchange.series:
                found[reading.exchange.series].append(reading)
        return found

    def journeys(self, name: str) -> list[Journal]:
        """Return the lifecycles driven under a journey's name, one per created run."""
        return [
            Journal(series, found)
            for series, found in self._by_series.items()
            if series == name or series.startswith(f"{name}#")
        ]

    def notes(self, check: str) -> Iterator[Note]:
        """Yield what a generator's check of that name said."""
        return (note for note in self.log.notes if note.check == check)

    def exchange(self, index: int) -> Reading:
        """Return the reading at an index of the log."""
        return self._by_index[index]

    @cached_property
    def _by_index(self) -> Mapping[int, Reading]:
        return {reading.index: reading for reading in self.readings}


def held(reading: Reading, case: str = "", *also: Reading) -> Finding:
    """Say that a rule held here."""
    return Finding(True, reading.index, "", case, tuple(each.index for each in also))


def broken(reading: Reading, message: str, case: str = "", *also: Reading) -> Finding:
    """Say that a rule did not hold here, and how: what was expected, what was there."""
    return Finding(False, reading.index, message, case, tuple(each.index for each in also))


def check(holds: bool, reading: Reading, message: str, case: str = "", *also: Reading) -> Finding:
    """Say whether a rule held here; `message` is used if it did not."""
    return held(reading, case, *also) if holds else broken(reading, message, case, *also)
