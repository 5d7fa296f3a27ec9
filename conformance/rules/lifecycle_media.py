"""Media that lifecycles lead to: they are there, play, and can be read as players do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance import containers
from conformance.evidence import Evidence, broken, check
from conformance.model import Finding, Level
from conformance.profile import Journey
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]


def rules(journey: Journey, start: str, common: dict[str, Any]) -> Iterator[Rule]:
    """Yield the rules of one journey\'s media."""
    what = f"of {journey.name}"
    yield Rule(
        f"{start}.media",
        f"Every media URL {what} answers with a real image or video, and says which.",
        "facts: media are files that play",
        check=_plays(journey),
        **common,
    )
    yield Rule(
        f"{start}.media-head",
        f"HEAD on media {what} answers as GET does, without a body.",
        "RFC 9110, 9.3.2",
        check=_media_head(journey),
        **{**common, "level": Level.SHOULD},
    )
    yield Rule(
        f"{start}.media-range",
        f"Media {what} can be read in ranges, as players do.",
        "RFC 9110, 14",
        check=_media_range(journey),
        **{**common, "level": Level.SHOULD},
    )


def _plays(journey: Journey) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading in journal.sent:
                if reading.exchange.step == "media" and not reading.status:
                    yield broken(reading, f"the media URL gave nothing: {reading.exchange.failure}")
            for reading in (*journal.steps("media"), *journal.steps("media-redirected")):
                if 300 <= reading.status < 400:
                    continue
                kind = containers.kind_of(reading.exchange.reply_body)
                said = reading.content_type
                fits = kind != "" and said.startswith(kind.partition("/")[0])
                good = reading.status == 200 and fits
                words = f"{reading.status}, {said or 'no content type'}, {kind or 'no known media'}"
                yield check(good, reading, f"the media URL gave {words}")

    return run


def _media_head(journey: Journey) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading in journal.steps("media-head"):
                good = reading.status < 400 and not reading.exchange.reply_body
                yield check(good, reading, f"HEAD got {reading.status}")

    return run


def _media_range(journey: Journey) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in evidence.journeys(journey.name):
            for reading in journal.steps("media-range"):
                if 300 <= reading.status < 400:
                    continue
                size = len(reading.exchange.reply_body)
                has_range = reading.exchange.reply_header("content-range") is not None
                good = reading.status == 206 and size == 16 and has_range
                yield check(good, reading, f"bytes 0-15 got {reading.status} with {size} bytes")

    return run
