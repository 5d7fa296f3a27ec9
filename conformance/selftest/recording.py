"""The clean target, recorded once; a fault is laid over the recording and judged again.

Nothing is sent for that: replies are what a fault changes, and rules read replies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from conformance.evidence import Evidence
from conformance.exchange import Exchange
from conformance.judge import Judge
from conformance.judging import UNREADABLE, Conditions, judge
from conformance.log import ExchangeLog
from conformance.model import Level, Tier, Verdict
from conformance.profile import Profile
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.http import is_something
from conformance.selftest.fault import Fault, Memory, Reply
from contracts import Contract

HAS: Final = frozenset({"media", "second-key", "failure-trigger", "understudy"})
_REFUSALS: Final = (400, 422)
_REFUSING: Final = frozenset({"credentials", "methods", "validation", "malformed"})


class _Laid(Evidence):
    """Evidence whose readings are given: most of them are those of the recording."""

    def __init__(self, base: Evidence, readings: list[Reading], changed: set[int]) -> None:
        self.log = ExchangeLog.of(reading.exchange for reading in readings)
        self.contracts = base.contracts
        self.profile = base.profile
        self.judges = base.judges
        # Refusals that are as they were say nothing new, and most of the recording is refusals.
        self.__dict__["readings"] = tuple(
            reading
            for place, reading in enumerate(readings)
            if place in changed or reading.exchange.driver not in _REFUSING
        )


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a fault on the recording.

    `touched` counts the exchanges it changed, `operations` are those whose rules were judged,
    `red` the ids of MUST rules that are violated, `choked` of those that could not read it.
    `is_staged` says that the reply it changed was made from the contract.
    """

    touched: int
    operations: frozenset[str]
    red: tuple[str, ...] = ()
    choked: tuple[str, ...] = ()
    is_staged: bool = False


@dataclass
class Recording:
    """One provider's exchanges with the clean target, and the rules that judge them."""

    log: ExchangeLog
    contracts: tuple[Contract, ...]
    profile: Profile
    rules: tuple[Rule, ...]
    conditions: Conditions = field(
        default_factory=lambda: Conditions(Tier.FUZZ, HAS, is_understudy=True)
    )

    @cached_property
    def evidence(self) -> Evidence:
        """The recording as rules read it."""
        return Evidence(self.log, self.contracts, self.profile)

    @cached_property
    def memory(self) -> Memory:
        """One success and one refusal of every operation, as far as the recording has them.

        A success is one that holds something, if there is any: an unknown id may succeed with null.
        """
        successes: dict[str, Reply] = {}
        empty: dict[str, Reply] = {}
        refusals: dict[str, Reply] = {}
        for reading in self.evidence.readings:
            if reading.operation is None or not reading.is_authorized:
                continue
            name, reply = reading.operation.id, Reply.of(reading.exchange)
            if reading.is_success and reading.exchange.method == reading.operation.method:
                found = successes if is_something(reading.reply.value) else empty
                found.setdefault(name, reply)
            elif reading.status in _REFUSALS:
                refusals.setdefault(name, reply)
        return Memory({**empty, **successes}, refusals)

    def fresh_memory(self) -> Memory:
        """Return a memory with the recording's replies and no notes."""
        return replace(self.memory, notes={})

    def replay(self, fault: Fault) -> Replay:
        """Lay a fault over the recording and judge the rules of the operations it touches."""
        memory = self.fresh_memory()
        changed: set[int] = set()
        readings = list(self.evidence.readings)
        for place, reading in enumerate(readings):
            reply = fault.change(reading, memory) if reading.status else None
            if reply is None:
                continue
            exchange = replied(reading.exchange, reply)
            if exchange != reading.exchange:
                readings[place] = _answered(reading, exchange, self.evidence.judges)
                changed.add(place)
        operations = self._operations([readings[place] for place in changed])
        if not changed:
            return self._staged(fault) or Replay(0, operations)
        laid = _Laid(self.evidence, readings, changed)
        own = [rule for rule in self.rules_of(operations) if rule.operation is not None]
        results = judge(own, laid, self.conditions)
        if fault.kind == "hand" or not any(r.verdict is Verdict.FAIL for r in results):
            # Rules of the whole provider look at everything, which takes long.
            whole = [rule for rule in self.rules_of(operations) if rule.operation is None]
            results += judge(whole, laid, self.conditions)
        red = tuple(r.rule.id for r in results if r.verdict is Verdict.FAIL)
        choked = tuple(r.rule.id for r in results if r.reason.startswith(UNREADABLE))
        return Replay(len(changed), operations, red, choked)

    def _staged(self, fault: Fault) -> Replay | None:
        """Judge a fault on a reply made from the contract, None if there is none to be had."""
        judges = self.evidence.judges
        reply = fault.staged(judges[0]) if fault.staged else None
        carrier = self._carriers.get(fault.operation)
        if reply is None or carrier is None:
            return None
        right = _answered(carrier, replied(carrier.exchange, reply), judges)
        wrong = fault.change(right, self.fresh_memory())
        if wrong is None or wrong == reply:
            return None
        broken = _answered(right, replied(right.exchange, wrong), judges)
        before, _ = self._judged_alone(fault.operation, right)
        red, choked = self._judged_alone(fault.operation, broken)
        # What the right reply violates where it stands says nothing of the fault.
        red = tuple(rule for rule in red if rule not in before)
        return Replay(1, frozenset({fault.operation}), red, choked, is_staged=True)

    @cached_property
    def _carriers(self) -> dict[str, Reading]:
        """One authorised exchange of every operation, without what drivers say of it."""
        found: dict[str, Reading] = {}
        for reading in self.evidence.readings:
            operation = reading.operation
            if operation is None or not (reading.status and reading.is_authorized):
                continue
            if operation.id not in found:
                bare = replace(reading.exchange, index=0, driver="", probe="", subject="",
                               series="", step="")  # fmt: skip
                found[operation.id] = _answered(reading, bare, self.evidence.judges)
        return found

    def _judged_alone(
        self, operation: str, reading: Reading
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        laid = _Laid(self.evidence, [reading], {0})
        own = [each for each in self.rules_of(frozenset({operation})) if each.operation]
        results = judge(own, laid, self.conditions)
        red = tuple(r.rule.id for r in results if r.verdict is Verdict.FAIL)
        return red, tuple(r.rule.id for r in results if r.reason.startswith(UNREADABLE))

    def rules_of(self, operations: frozenset[str]) -> Iterable[Rule]:
        """Yield the MUST rules of some operations, and those of the provider as a whole."""
        for rule in self.rules:
            own = rule.operation is None or rule.operation in operations
            if own and rule.level is Level.MUST and "generator" not in rule.needs:
                yield rule

    def _operations(self, touched: list[Reading]) -> frozenset[str]:
        """Return the operations that some readings belong to, by request, path or journey."""
        found: set[str] = set()
        for reading in touched:
            found |= self._paths(reading.path)
            if reading.operation is not None:
                found.add(reading.operation.id)
            for journey in self.profile.journeys:
                if reading.exchange.series.split("#")[0] == journey.name:
                    found.add(journey.operation)
                    if reading.operation is None or not journey.reads:
                        # A file belongs to whatever gave its URL, a story to all that it asks.
                        found |= {read.operation for read in journey.reads} | journey.feeds
        return frozenset(found)

    def _paths(self, path: str) -> set[str]:
        return {name for name, form in self._forms if form.fullmatch(path)}

    @cached_property
    def _forms(self) -> list[tuple[str, re.Pattern[str]]]:
        return [
            (each.id, re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(each.path))))
            for each in self.contracts[0].operations
        ]


def _answered(reading: Reading, exchange: Exchange, judges: tuple[Judge, ...]) -> Reading:
    """Return the reading of an exchange with another reply; what it says of the request is kept."""
    found = Reading(exchange, judges)
    for name in ("request", "body", "credentials", "faults"):
        found.__dict__[name] = getattr(reading, name)
    return found


def replied(exchange: Exchange, reply: Reply) -> Exchange:
    """Return an exchange with another reply; HEAD brings no body, as no server sends one."""
    body = b"" if exchange.method == "HEAD" else reply.body
    return replace(exchange, status=reply.status, reply_headers=reply.headers, reply_body=body)
