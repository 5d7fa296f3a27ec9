"""Recoup's finished files: films are films and pictures are pictures, and each is as was asked.

That a request may ask for length, size, shape and sound is documented; how exactly the upstream
model keeps to it is not, and a target may have one file for all. So exactness is advice, and what
is far off counts only where a target's files differ from request to request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, check, held
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles.recoup_stories import run_of
from conformance.reading import Reading
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]
_FILMS: Final = ("video", "video-other")
_PICTURES: Final = ("image", "image-other")
_SECONDS: Final = {"4s": 4.0, "6s": 6.0, "7s": 7.0, "8s": 8.0}
_PIXELS: Final = {"720p": 720, "1080p": 1080, "4k": 2160}
_TOLERANCE_SECONDS: Final = 0.5
_FAR_SECONDS: Final = 1.0
_FAR: Final = 0.1


def rules() -> Iterator[Rule]:
    """Yield the rules of files."""
    yield from _kinds()
    common: dict[str, Any] = {
        "area": "media", "drivers": ("lifecycle",), "needs": frozenset({"media"}),
    }  # fmt: skip
    exact = {**common, "operation": "createVideo", "tier": Tier.PAID, "level": Level.SHOULD}
    yield Rule(
        "recoup.createVideo.media-duration",
        "A video lasts as long as was asked, within half a second.",
        "seed 000, duration; how exactly is published nowhere",
        check=_duration,
        **exact,
    )
    yield Rule(
        "recoup.createVideo.media-size",
        "A video's shorter side has the pixels of the resolution that was asked.",
        "seed 000, resolution; how exactly is published nowhere",
        check=_size,
        **exact,
    )
    yield Rule(
        "recoup.createVideo.media-asked",
        "If not all videos are one file, each is about as long and as large as was asked, of that "
        "shape, and has sound if it was asked for.",
        "seed 000 and 001: duration, resolution, aspect_ratio, generate_audio",
        check=_as_asked(_FILMS, _film_differs),
        operation="createVideo",
        tier=Tier.FUZZ,
        **common,
    )
    yield Rule(
        "recoup.createImage.media-asked",
        "If not all images are one file, each has about the shape that was asked.",
        "docs, content/image: aspect_ratio",
        check=_as_asked(_PICTURES, _picture_differs),
        operation="createImage",
        tier=Tier.FUZZ,
        **common,
    )


_KINDS: Final[dict[str, dict[str, str]]] = {
    "createVideo": {"video": "video", "video-other": "video"},
    "createImage": {"image": "image", "image-other": "image"},
    "upscaleMedia": {"upscale": "image", "upscale-video": "video"},
    "createContent": {"create": ""},
}
"""What the files of each journey are; of a created run each member of its output says it."""


def _kinds() -> Iterator[Rule]:
    for operation, journeys in _KINDS.items():
        yield Rule(
            f"recoup.{operation}.media-kind",
            "A file is what it was asked for as: a film for a video, a picture for an image.",
            "seed 000, videoUrl; docs: imageUrl, upscale's type, output of create-content",
            "media",
            _of_kind(journeys),
            operation=operation,
            tier=Tier.PAID,
            needs=frozenset({"media"}),
            drivers=("lifecycle",),
            cases=tuple(
                Case(name, Tier.FUZZ if "-" in name else Tier.PAID, frozenset({"media"}))
                for name in journeys
            ),
        )


def _of_kind(journeys: dict[str, str]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for name, wanted in journeys.items():
            for journal in evidence.journeys(name):
                told = _told(journal.steps("poll"))
                for reading in _files(journal.steps("media", "media-redirected")):
                    kind = wanted or told.get(reading.exchange.subject, "")
                    found = containers.kind_of(reading.exchange.reply_body)
                    if kind and found:
                        good = found.startswith(f"{kind}/")
                        yield check(good, reading, f"{found} came for {name}, not {kind}", name)

    return run


def _told(polls: list[Reading]) -> dict[str, str]:
    """Return what each link of a run's output is said to lead to."""
    output = run_of(polls[-1].reply.value).get("output") if polls else None
    if not isinstance(output, dict):
        return {}
    kinds = {"videoSourceUrl": "video", "imageUrl": "image"}
    return {str(output[name]): kind for name, kind in kinds.items() if name in output}


def _files(readings: list[Reading]) -> Iterator[Reading]:
    return (reading for reading in readings if reading.status == 200)


def _made(evidence: Evidence, *journeys: str) -> Iterator[tuple[Reading, dict[str, Any]]]:
    """Yield each file that came, with the body that it was asked by."""
    for name in journeys:
        for journal in evidence.journeys(name):
            if (asked := journal.created) is not None:
                for reading in _files(journal.steps("media", "media-redirected")):
                    yield reading, asked.body


def _duration(evidence: Evidence) -> Iterator[Finding]:
    for reading, body in _made(evidence, *_FILMS):
        wanted = _SECONDS.get(str(body.get("duration", "8s")))
        found = containers.duration_seconds(reading.exchange.reply_body)
        if wanted is not None and found is not None:
            good = abs(found - wanted) <= _TOLERANCE_SECONDS
            yield check(good, reading, f"it lasts {found:.1f} s, asked were {wanted:g} s")


def _size(evidence: Evidence) -> Iterator[Finding]:
    for reading, body in _made(evidence, *_FILMS):
        wanted = _PIXELS.get(str(body.get("resolution", "720p")))
        size = containers.size_pixels(reading.exchange.reply_body)
        if wanted is not None and size is not None:
            words = f"it has {size[0]} x {size[1]} pixels, asked were {wanted}"
            yield check(min(size) == wanted, reading, words)


def _as_asked(
    journeys: tuple[str, ...], differs: Callable[[bytes, dict[str, Any]], list[str]]
) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        found = list(_made(evidence, *journeys))
        are_one = len({reading.exchange.reply_body for reading, _ in found}) == 1
        for reading, body in found:
            wrong = [] if are_one else differs(reading.exchange.reply_body, body)
            if are_one:
                yield held(reading)
            else:
                yield check(not wrong, reading, f"the file {', '.join(wrong)}")

    return run


def _film_differs(film: bytes, body: dict[str, Any]) -> list[str]:
    """Return in what a film is far from its request."""
    wrong = _shape_differs(film, body)
    seconds = containers.duration_seconds(film)
    length = _SECONDS.get(str(body.get("duration")))
    if seconds is not None and length is not None and abs(seconds - length) > _FAR_SECONDS:
        wrong.append(f"lasts {seconds:.1f} s, asked were {length:g} s")
    size, pixels = containers.size_pixels(film), _PIXELS.get(str(body.get("resolution")))
    if size is not None and pixels is not None and abs(min(size) - pixels) > _FAR * pixels:
        wrong.append(f"has {size[0]} x {size[1]} pixels, asked were {pixels}")
    if body.get("generate_audio") is True and containers.has_sound(film) is False:
        wrong.append("has no sound")
    return wrong


def _picture_differs(picture: bytes, body: dict[str, Any]) -> list[str]:
    return _shape_differs(picture, body)


def _shape_differs(file: bytes, body: dict[str, Any]) -> list[str]:
    size = containers.size_pixels(file)
    width, _, height = str(body.get("aspect_ratio")).partition(":")
    if size is None or not size[1] or not height:
        return []
    wanted = int(width) / int(height)
    is_near = abs(size[0] / size[1] - wanted) <= _FAR * wanted
    words = f"has {size[0]} x {size[1]} pixels, asked was {width}:{height}"
    return [] if is_near else [words]
