"""Whether NanoGPT's films are what was asked for: length, shape, size, sound."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import nanogpt_answers as answers
from conformance.reading import Reading
from conformance.rule import Rule

Look = Callable[[dict[str, Any], bytes], tuple[bool, str] | None]
_START: Final = "nanogpt.media"
_FORMS: Final = ("getVideoStatus", "getVideoStatusDeprecated", "getStoryStatus")
_SOURCES: Final = (
    "imageUrl", "imageDataUrl", "image_data_url", "image", "imageAttachmentId", "videoUrl",
    "videoDataUrl", "video", "videoAttachmentId", "audioUrl", "audioDataUrl", "audio",
    "referenceImages", "referenceVideos", "swapImage", "targetVideo", "reference_image",
)  # fmt: skip
_SIDES: Final = {"480p": 480, "540p": 540, "580p": 580, "720p": 720, "1080p": 1080}
_SIZE: Final = re.compile(r"(\d{3,4})x(\d{3,4})\Z")
_RATIO: Final = re.compile(r"([1-9]\d?):([1-9]\d?)\Z")
_WIDE: Final = frozenset({"kling-v25-turbo-pro", "veo2-video", "veo3-video"})
"""Models that take aspect_ratio, and no other word for a shape."""
_SHORT: Final = 0.6
_PART: Final = 0.1


def rules() -> Iterator[Rule]:
    """Yield the rules of films; what a file does not tell is not judged."""
    rows: tuple[tuple[str, str, str, Look], ...] = (
        (
            "length",
            "A film lasts as long as was asked for: duration, or seconds of Sora.",
            "[seed] duration, seconds",
            _length,
        ),
        (
            "shape",
            "A film has the shape that was asked for: aspect_ratio, orientation; a plain one is "
            "wide, a story's tall.",
            "[seed] aspect_ratio, orientation; [openapi] their defaults",
            _shape,
        ),
        (
            "size",
            "A film has the resolution that was asked for, as its shorter side.",
            "[seed] resolution",
            _size,
        ),
        (
            "sound",
            "A film has sound if generateAudio is true, and none if it is false.",
            "[seed] generateAudio",
            _sound,
        ),
    )
    for name, sentence, source, look in rows:
        yield Rule(
            f"{_START}.{name}",
            sentence,
            source,
            "media",
            check=_judged(look),
            operation="createVideo",
            tier=Tier.FUZZ if name in ("shape", "sound") else Tier.PAID,
            needs=frozenset({"media"}),
            drivers=("lifecycle",),
            cases=(Case("", required=False),),
        )


def _judged(look: Look) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for body, film, created in _films(evidence):
            found = look(body, film.exchange.reply_body)
            if found is not None:
                finding = check(found[0], film, found[1], "", created)
                # A story is as long as it takes to tell: what is asked for is its aim.
                is_story = look is _length and _is_story(body)
                yield replace(finding, provenance="assumed") if is_story else finding

    return run


def _films(evidence: Evidence) -> Iterator[tuple[dict[str, Any], Reading, Reading]]:
    """Yield what was asked for, the file that came of it, and the submission."""
    created = {str(r.answer.get("runId")): r for r in evidence.successes("createVideo")}
    made: dict[str, dict[str, Reading]] = {}
    for operation in _FORMS:
        for reading in evidence.successes(operation):
            asked = reading.query.get("requestId") or reading.query.get("runId") or ""
            value = reading.reply.value
            for url in (answers.video_url(value), answers.story_url(value)):
                if isinstance(url, str) and asked in created:
                    made.setdefault(url, {})[asked] = created[asked]
    seen = set()
    for reading in evidence.readings:
        exchange = reading.exchange
        url = exchange.subject
        is_file = exchange.step in ("media", "media-redirected") and reading.status == 200
        if not is_file or url not in made or url in seen:
            continue
        seen.add(url)
        if containers.kind_of(exchange.reply_body) == "video/mp4":
            for submission in made[url].values():
                yield submission.body, reading, submission


def _length(body: dict[str, Any], film: bytes) -> tuple[bool, str] | None:
    name = "seconds" if "seconds" in body else "duration"
    text = str(body.get(name, "")).removesuffix("s")
    lasts = containers.duration_seconds(film)
    if not text.isdecimal() or lasts is None or any(each in body for each in _SOURCES[5:]):
        return None
    asked = int(text)
    good = abs(lasts - asked) <= max(_SHORT, asked * _PART)
    return good, f"{name} was {asked}, the film lasts {lasts:.2f} s"


def _shape(body: dict[str, Any], film: bytes) -> tuple[bool, str] | None:
    size = containers.size_pixels(film)
    if size is None or any(name in body for name in _SOURCES):
        return None
    width, height = size
    if _is_story(body):
        named = body.get("aspectRatio", "9:16")
    else:
        named = body.get("aspect_ratio", "16:9" if body.get("model") in _WIDE else None)
    found = _RATIO.match(str(named))
    if found is not None:
        asked = Fraction(int(found[1]), int(found[2]))
        off = abs(Fraction(width, height) / asked - 1)
        return off <= _PART, f"{named} was asked for, the film has {width} x {height}"
    turned = body.get("orientation")
    if turned in ("landscape", "portrait"):
        good = width > height if turned == "landscape" else height > width
        return good, f"{turned} was asked for, the film has {width} x {height}"
    return None


def _is_story(body: dict[str, Any]) -> bool:
    return str(body.get("model")).startswith("longstories")


def _size(body: dict[str, Any], film: bytes) -> tuple[bool, str] | None:
    size, named = containers.size_pixels(film), str(body.get("resolution"))
    if size is None or any(name in body for name in _SOURCES):
        return None
    exact = _SIZE.match(named)
    asked = min(int(exact[1]), int(exact[2])) if exact else _SIDES.get(named)
    if asked is None:
        return None
    good = abs(min(size) - asked) <= asked * _PART
    return good, f"{named} was asked for, the film has {size[0]} x {size[1]}"


def _sound(body: dict[str, Any], film: bytes) -> tuple[bool, str] | None:
    asked, is_heard = body.get("generateAudio"), containers.has_sound(film)
    if not isinstance(asked, bool) or is_heard is None:
        return None
    words = "has" if is_heard else "has no"
    return is_heard is asked, f"generateAudio was {asked}, and the film {words} sound"
