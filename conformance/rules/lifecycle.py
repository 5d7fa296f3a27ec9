"""Rules of every lifecycle; a provider module yields them for its profile's journeys.

One set per journey: statuses legal and never back, terminal sticky, completed with media, failed
with an error, other reads agreeing, and media that play.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, broken, check, held
from conformance.journal import Journal
from conformance.model import Case, Finding
from conformance.profile import Journey, Read
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules import lifecycle_media
from conformance.setting import Setting

AREA: Final = "lifecycle"
_DRIVERS: Final = ("lifecycle",)
Check = Callable[[Evidence], Iterator[Finding]]


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of every journey of a profile."""
    for journey in setting.profile.journeys:
        start = f"{setting.profile.name}.lifecycle.{journey.name}"
        needs = frozenset({"failure-trigger"} if journey.fails else ())
        common: dict[str, Any] = {
            "area": AREA,
            "operation": journey.operation,
            "drivers": _DRIVERS,
            "tier": journey.tier,
            "needs": needs,
        }
        source = "facts: lifecycle and statuses"
        if journey.reads:
            yield from _followed(journey, start, source, common)
        elif journey.fails:
            yield Rule(
                f"{start}.fails",
                f"A {journey.name} request that fails is answered with a server error, not "
                "with success.",
                source,
                check=_blocking_failure(journey),
                **common,
            )
        if journey.has_media and not journey.fails:
            yield from lifecycle_media.rules(
                journey, start, {**common, "needs": needs | {"media"}, "area": "media"}
            )
        if journey.foreign:
            yield Rule(
                f"{start}.ownership",
                f"Another account's key is refused a {journey.name} run: "
                f"{', '.join(map(str, sorted(journey.foreign)))}.",
                "facts: ownership",
                check=_ownership(journey),
                cases=tuple(Case(read.operation) for read in journey.reads),
                **{**common, "needs": needs | {"second-key"}, "area": "ownership"},
            )
        if journey.delete:
            yield Rule(
                f"{start}.delete",
                f"A {journey.name} run that was deleted cannot be read any more.",
                source,
                check=_deleted(journey),
                **common,
            )


def _followed(journey: Journey, start: str, source: str, common: dict[str, Any]) -> Iterator[Rule]:
    what = f"a {journey.name} run"
    yield Rule(
        f"{start}.finishes",
        f"{what.capitalize()} ends within the time that was given (--wait): "
        + ("failed." if journey.fails else "completed."),
        source,
        check=_finishes(journey),
        **common,
    )
    yield Rule(
        f"{start}.statuses",
        f"{what.capitalize()} shows legal statuses only, in their casing.",
        source,
        check=_legal(journey),
        **common,
    )
    yield Rule(
        f"{start}.forward",
        f"The status of {what} never goes back.",
        source,
        check=_forward(journey),
        **common,
    )
    yield Rule(
        f"{start}.sticky",
        f"Once ended, {what} reads the same three times more, and at the end of all: status, "
        "media and error.",
        source,
        check=_sticky(journey),
        **common,
    )
    if journey.fails:
        yield Rule(
            f"{start}.error",
            f"{what.capitalize()} that failed says why, and has no media.",
            source,
            check=_has_error(journey),
            **common,
        )
    else:
        yield Rule(
            f"{start}.result",
            f"{what.capitalize()} that completed has the URL of its media, and one "
            "under way has none.",
            source,
            check=_has_media(journey),
            **common,
        )
    if len(journey.reads) > 1:
        yield Rule(
            f"{start}.aliases",
            f"Every way to read {what} tells of the same end.",
            source,
            check=_aliases(journey),
            cases=tuple(Case(read.operation) for read in journey.reads[1:]),
            **common,
        )


def _states(journal: Journal, read: Read, *steps: str) -> Iterator[tuple[Reading, str]]:
    for reading in journal.steps(*steps):
        if reading.is_success:
            yield reading, read.status(reading.reply.value)


def _finishes(journey: Journey) -> Check:
    wanted = journey.failed if journey.fails else journey.completed

    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            polls = journal.steps("poll")
            if polls:
                last = journey.reads[0].status(polls[-1].reply.value)
                words = " or ".join(sorted(wanted))
                yield check(last in wanted, polls[-1], f"the last status is {last!r}, not {words}")

    return run


def _legal(journey: Journey) -> Check:
    legal = {*journey.working, *journey.terminal}

    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading in journal.steps("poll", "after"):
                status = journey.reads[0].status(reading.reply.value)
                yield check(
                    reading.is_success and status in legal,
                    reading,
                    f"status {status!r} ({reading.status}) is none of {', '.join(sorted(legal))}",
                )

    return run


def _forward(journey: Journey) -> Check:
    rank = {status: place for place, status in enumerate(journey.working)}
    rank |= dict.fromkeys(journey.terminal, len(journey.working))

    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            before: tuple[Reading, str] | None = None
            for reading, status in _states(journal, journey.reads[0], "poll", "after"):
                if before is not None and status in rank and before[1] in rank:
                    back = rank[status] < rank[before[1]] and not _may_swap(before[1], status)
                    yield check(
                        not back, reading, f"{status} came after {before[1]}", "", before[0]
                    )
                elif before is None:
                    yield held(reading)
                before = (reading, status)

    def _may_swap(earlier: str, later: str) -> bool:
        return {earlier, later} <= journey.swaps

    return run


def _sticky(journey: Journey) -> Check:
    main = journey.reads[0]

    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            polls = journal.steps("poll")
            if not polls or main.status(polls[-1].reply.value) not in journey.terminal:
                continue
            end = _told(main, polls[-1])
            for reading in journal.steps("after"):
                now = _told(main, reading)
                yield check(now == end, reading, f"was {end}, then {now}", "", polls[-1])

    return run


def _told(read: Read, reading: Reading) -> tuple[str, tuple[str, ...], str]:
    value = reading.reply.value
    paths = tuple(url.split("?")[0] for url in read.media(value))
    return read.status(value), paths, str(read.error(value))


def _has_media(journey: Journey) -> Check:
    main = journey.reads[0]

    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading, status in _states(journal, main, "poll", "after"):
                media = main.media(reading.reply.value)
                if status in journey.completed:
                    if journey.has_media:
                        yield check(bool(media), reading, f"{status} without a media URL")
                    else:
                        yield held(reading)
                elif status in journey.working and media:
                    yield broken(reading, f"{status} with a media URL")

    return run


def _has_error(journey: Journey) -> Check:
    main = journey.reads[0]

    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading, status in _states(journal, main, "poll", "after"):
                if status in journey.failed:
                    has_error = bool(main.error(reading.reply.value)) or not journey.has_error
                    has_media = bool(main.media(reading.reply.value))
                    words = "has media" if has_media else "says no reason"
                    yield check(has_error and not has_media, reading, f"{status} {words}")

    return run


def _aliases(journey: Journey) -> Check:
    by_operation = {read.operation: read for read in journey.reads}
    main = journey.reads[0]

    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            polls = journal.steps("poll")
            if not polls:
                continue
            ended = main.status(polls[-1].reply.value) in journey.completed
            for reading in journal.steps("alias"):
                name = reading.exchange.step.partition(":")[2]
                read = by_operation[name]
                status = read.status(reading.reply.value)
                good = status in (journey.completed if ended else journey.failed)
                yield check(
                    good, reading, f"{name} says {status!r} ({reading.status})", name, polls[-1]
                )

    return run


def _ownership(journey: Journey) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading in journal.steps("foreign"):
                words = f"another account's key got {reading.status}"
                case = reading.exchange.step.partition(":")[2]
                yield check(reading.status in journey.foreign, reading, words, case)

    return run


def _blocking_failure(journey: Journey) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading in journal.steps("create"):
                yield check(
                    reading.status >= 500 and bool(reading.specs()),
                    reading,
                    f"a failing request got {reading.status}",
                )

    return run


def _deleted(journey: Journey) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            main = journey.reads[0]
            for reading in journal.steps("deleted"):
                is_gone = not reading.is_success or not main.status(reading.reply.value)
                yield check(is_gone, reading, "a deleted run can still be read")

    return run
