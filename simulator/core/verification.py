"""Whether the exchanges that were are those that were expected, and if not, how near they came.

Pure: looks at exchanges, oldest first, and asks nobody.
"""

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

import msgspec

from simulator.core import expecting
from simulator.core.expecting import Difference, Expected
from simulator.core.journal import Exchange

NEAREST = 5
"""How many near misses are told."""

_LOOKED_AT = 2000
"""Among how many of the latest exchanges near misses are sought."""

_IDS_TOLD = 10


class Count(msgspec.Struct, frozen=True):
    """How many exchanges there must be."""

    kind: Literal["exactly", "at_least", "at_most"] = "at_least"
    number: int = 1

    def holds(self, count: int) -> bool:
        """Whether so many are right."""
        if self.kind == "exactly":
            return count == self.number
        return count >= self.number if self.kind == "at_least" else count <= self.number


class NearMiss(msgspec.Struct, frozen=True):
    """An exchange that is nearly what `expectation` (its number, from 0) tells."""

    exchange: Exchange
    expectation: int
    score: float
    differences: tuple[Difference, ...]


class Verdict(msgspec.Struct, frozen=True):
    """The answer, why in one line, which exchanges were as expected, and the near misses."""

    is_verified: bool
    message: str
    matched: tuple[Exchange, ...]
    near_misses: tuple[NearMiss, ...] = ()


def counted(
    exchanges: Sequence[Exchange], expectations: Sequence[Expected], count: Count
) -> Verdict:
    """Judge whether each expectation is met by so many exchanges, in whatever order."""
    found = [
        [item for item in exchanges if expecting.is_met(wanted, item)] for wanted in expectations
    ]
    ids = {item.id for items in found for item in items}
    matched = tuple(item for item in exchanges if item.id in ids)
    for number, (wanted, items) in enumerate(zip(expectations, found, strict=True)):
        if not count.holds(len(items)):
            message = f"expected {_wanted(count)} of {expecting.told(wanted)}; {_found(items)}"
            misses: tuple[NearMiss, ...] = ()
            if len(items) < count.number:
                misses = nearest(exchanges, wanted, number)
            return Verdict(False, message, matched, misses)
    return Verdict(True, f"as expected: {_found(matched)}", matched)


def ordered(exchanges: Sequence[Exchange], expectations: Sequence[Expected]) -> Verdict:
    """Judge whether exchanges meet the expectations one after the other; others may be between."""
    matched: list[Exchange] = []
    rest = list(exchanges)
    for number, wanted in enumerate(expectations):
        at = next((at for at, item in enumerate(rest) if expecting.is_met(wanted, item)), None)
        if at is None:
            return _out_of_order(exchanges, matched, rest, wanted, number)
        matched.append(rest[at])
        rest = rest[at + 1 :]
    return Verdict(True, f"as expected, in this order: {_ids(matched)}", tuple(matched))


def nearest(
    exchanges: Sequence[Exchange], wanted: Expected, expectation: int = 0
) -> tuple[NearMiss, ...]:
    """The exchanges that differ least, best first and among equals the latest first."""

    def misses() -> Iterator[NearMiss]:
        for item in islice(reversed(exchanges), _LOOKED_AT):
            score, differences = expecting.compared(wanted, item)
            if differences and score > 0:
                yield NearMiss(item, expectation, score, tuple(differences))

    return tuple(heapq.nlargest(NEAREST, misses(), key=lambda miss: miss.score))


def _out_of_order(
    exchanges: Sequence[Exchange],
    matched: list[Exchange],
    rest: list[Exchange],
    wanted: Expected,
    number: int,
) -> Verdict:
    after = f" after {matched[-1].id}" if matched else ""
    message = f"expected{after}: {expecting.told(wanted)}; there is none"
    passed = exchanges[: len(exchanges) - len(rest)]
    early = [item for item in passed if expecting.is_met(wanted, item)]
    misses = [
        NearMiss(item, number, 1.0, (Difference("order", f"after {matched[-1].id}", item.id),))
        for item in early[-NEAREST:]
        if matched
    ]
    told = (*misses, *nearest(rest, wanted, number))[:NEAREST]
    return Verdict(False, message, tuple(matched), told)


def _wanted(count: Count) -> str:
    noun = "exchange" if count.number == 1 else "exchanges"
    return f"{count.kind.replace('_', ' ')} {count.number} {noun}"


def _found(items: Sequence[Exchange]) -> str:
    return f"there {'is' if len(items) == 1 else 'are'} {_ids(items)}"


def _ids(items: Sequence[Exchange]) -> str:
    if not items:
        return "none"
    told = ", ".join(item.id for item in items[:_IDS_TOLD])
    more = len(items) - _IDS_TOLD
    return f"{len(items)}: {told}" + (f" and {more} more" if more > 0 else "")
