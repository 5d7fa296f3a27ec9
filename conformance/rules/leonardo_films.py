"""Whether Leonardo's videos are what was asked for: as long, as wide and as high."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.profiles import leonardo_stories as stories
from conformance.reading import Reading
from conformance.rule import Rule

_TEXT: Final = "createTextToVideoGeneration"
_TOLERANCE_SECONDS: Final = 0.75
_LONG: Final = tuple(name for name in stories.FETCHED if stories.FILMS[name][0])
_SIZED: Final = tuple(name for name, (_, size) in stories.FILMS.items() if size)


def rules() -> Iterator[Rule]:
    """Yield the rules of videos whose length or size was asked for."""
    common: dict[str, Any] = {
        "operation": _TEXT, "tier": Tier.FUZZ, "drivers": ("lifecycle",), "area": "media",
    }  # fmt: skip
    media: dict[str, Any] = {**common, "needs": frozenset({"media"})}
    yield Rule(
        f"leonardo.{_TEXT}.length",
        "A video plays as long as was asked, one of Veo 3 for eight seconds by default.",
        "[seed] duration, in seconds, and its default; [openapi: video-generation]",
        check=_length,
        cases=tuple(Case(name) for name in _LONG),
        **media,
    )
    yield Rule(
        f"leonardo.{_TEXT}.size",
        "A video has the width and height that were asked.",
        "[openapi: video-generation] width, height",
        check=_size,
        cases=tuple(Case(name) for name in _SIZED if name in stories.FETCHED),
        **media,
    )
    yield Rule(
        f"leonardo.{_TEXT}.told-size",
        "The generation of a video of a given width and height says so.",
        "[openapi: image-generation] imageWidth, imageHeight",
        check=_told_size,
        cases=tuple(Case(name) for name in _SIZED),
        **{**common, "area": "generations"},
    )


def _files(evidence: Evidence, names: tuple[str, ...]) -> Iterator[tuple[str, Reading]]:
    for reading in evidence.probed("films.file"):
        if reading.exchange.subject in names and reading.status == 200:
            yield reading.exchange.subject, reading


def _length(evidence: Evidence) -> Iterator[Finding]:
    for name, reading in _files(evidence, _LONG):
        wanted = stories.FILMS[name][0]
        lasts = containers.duration_seconds(reading.exchange.reply_body)
        if lasts is not None:
            good = abs(lasts - wanted) <= _TOLERANCE_SECONDS
            yield check(good, reading, f"{name} plays {lasts:.1f} s, not {wanted:g}", name)


def _size(evidence: Evidence) -> Iterator[Finding]:
    for name, reading in _files(evidence, _SIZED):
        wanted, size = stories.FILMS[name][1], containers.size_pixels(reading.exchange.reply_body)
        if size is not None:
            yield check(size == wanted, reading, f"{name} has {size}, not {wanted}", name)


def _told_size(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("films.end"):
        name, found = reading.exchange.subject, profile.generation_of(reading.answer)
        if name in _SIZED and found:
            wanted = stories.FILMS[name][1]
            said = (found.get("imageWidth"), found.get("imageHeight"))
            yield check(said == wanted, reading, f"{name} is said to have {said}", name)
