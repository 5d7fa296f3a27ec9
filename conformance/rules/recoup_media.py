"""Recoup's finished videos as files: they last as long, and are as large, as was asked.

That a request may ask for both is documented; how exactly the upstream model keeps to it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, check
from conformance.model import Finding, Level, Rule, Tier
from conformance.reading import Reading

_OPERATION: Final = "createVideo"
_JOURNEY: Final = "video"
_SECONDS: Final = {"4s": 4.0, "6s": 6.0, "7s": 7.0, "8s": 8.0}
_PIXELS: Final = {"720p": 720, "1080p": 1080, "4k": 2160}
_TOLERANCE_SECONDS: Final = 0.5


def rules() -> Iterator[Rule]:
    """Yield the rules; they are read off the one lifecycle of a video."""
    common: dict[str, Any] = {
        "area": "media",
        "operation": _OPERATION,
        "tier": Tier.PAID,
        "drivers": ("lifecycle",),
        "needs": frozenset({"media"}),
        "level": Level.SHOULD,
    }
    yield Rule(
        "recoup.createVideo.media-duration",
        "A video lasts as long as was asked, within half a second.",
        "seed 000, duration; how exactly is published nowhere",
        check=_duration,
        **common,
    )
    yield Rule(
        "recoup.createVideo.media-size",
        "A video's shorter side has the pixels of the resolution that was asked.",
        "seed 000, resolution; how exactly is published nowhere",
        check=_size,
        **common,
    )


def _films(evidence: Evidence) -> Iterator[tuple[Reading, dict[str, Any]]]:
    """Yield each film that came, with the body that it was asked by."""
    for journal in evidence.journeys(_JOURNEY):
        asked = journal.created
        for reading in journal.steps("media", "media-redirected"):
            if asked is not None and reading.status == 200:
                yield reading, asked.body


def _duration(evidence: Evidence) -> Iterator[Finding]:
    for reading, body in _films(evidence):
        wanted = _SECONDS.get(str(body.get("duration", "8s")))
        found = containers.duration_seconds(reading.exchange.reply_body)
        if wanted is not None and found is not None:
            good = abs(found - wanted) <= _TOLERANCE_SECONDS
            yield check(good, reading, f"it lasts {found:.1f} s, asked were {wanted:g} s")


def _size(evidence: Evidence) -> Iterator[Finding]:
    for reading, body in _films(evidence):
        wanted = _PIXELS.get(str(body.get("resolution", "720p")))
        size = containers.size_pixels(reading.exchange.reply_body)
        if wanted is not None and size is not None:
            words = f"it has {size[0]} x {size[1]} pixels, asked were {wanted}"
            yield check(min(size) == wanted, reading, words)
