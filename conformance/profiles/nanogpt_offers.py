"""What each of NanoGPT's models offers: lengths, shapes and sizes that all sources agree on.

Sources: [docs: video-generation] tables and samples, [docs: video-extend], and the per-model
entries that the seed refers to [docs-history: 2026-01-17]. Values that only some of them have are
left out. That other values are refused is assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.probe import Probe
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_probes as probes

Body = dict[str, Any]
Values = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Model:
    """A request that a model takes, the values it offers by field, and some that it does not."""

    body: Body
    offers: Values
    others: Values = field(default_factory=dict)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _ratios(text: str) -> Values:
    return {"aspect_ratio": _words(text)}


def _sizes(text: str) -> Values:
    return {"resolution": _words(text)}


def _lengths(text: str) -> Values:
    return {"duration": _words(text)}


_TEXT: Final[Body] = {"prompt": "A street"}
_IMAGE: Final[Body] = {"prompt": "A street", "imageUrl": bodies.IMAGE}
_VIDEO: Final[Body] = {"prompt": "A street", "videoUrl": bodies.VIDEO}
_SPOKEN: Final[Body] = {"imageUrl": bodies.IMAGE, "audioUrl": bodies.SOUND}
_STORY: Final[Body] = {"script": "Once there was a lighthouse."}
_SQUARE: Final = _ratios("1:1")
_BIG: Final = _sizes("4k")
_SMALL: Final = _sizes("480p")
_ODD: Final = _lengths("7")
_TURNED: Final = {"orientation": ("landscape", "portrait")}

MODELS: Final[Mapping[str, Model]] = {
    "veo2-video": Model(
        _TEXT, {**_lengths("5s 8s"), **_ratios("16:9 9:16 1:1 4:3 3:4")}, _lengths("3s")
    ),
    "veo3-video": Model(
        _TEXT, {**_lengths("8s"), **_ratios("16:9"), **_sizes("720p 1080p")}, _SMALL
    ),
    "veo3-fast-video": Model(_TEXT, {**_ratios("16:9 9:16"), **_sizes("720p 1080p")}, _SMALL),
    "veo3-1-video": Model(
        _TEXT,
        {**_lengths("4 6 8"), **_ratios("16:9 9:16"), **_sizes("720p 1080p")},
        {**_ODD, **_SQUARE, **_SMALL},
    ),
    "sora-2": Model(_TEXT, {"seconds": _words("4 8 12"), **_TURNED}, {"seconds": ("5",)}),
    "kling-video": Model(_TEXT, _lengths("5 10"), _ODD),
    "kling-video-v2": Model(_TEXT, _lengths("5 10"), _ODD),
    "kling-v21-standard": Model(_IMAGE, _lengths("5"), _ODD),
    "kling-v21-pro": Model(_IMAGE, _lengths("5 10"), _ODD),
    "kling-v25-turbo-pro": Model(_TEXT, {**_lengths("5 10"), **_ratios("16:9 9:16 1:1")}),
    "minimax-hailuo-02": Model(_TEXT, _lengths("6 10"), _ODD),
    "minimax-hailuo-23-standard": Model(_TEXT, _lengths("6 10"), _ODD),
    "hunyuan-video": Model(
        _TEXT,
        {**_sizes("480p 720p 1080p"), "num_frames": (65, 97, 129)},
        {**_BIG, "num_frames": (66,)},
    ),
    "hunyuan-video-image-to-video": Model(_IMAGE, _sizes("480p 720p 1080p"), _BIG),
    "wan-video-image-to-video": Model(
        _IMAGE, {**_sizes("480p 720p"), "num_frames": (81, 100)}, {**_BIG, "num_frames": (200,)}
    ),
    "wan-video-22": Model(_TEXT, {**_sizes("480p 720p"), **_TURNED}, _BIG),
    "wan-video-22-5b": Model(_TEXT, {**_sizes("580p 720p"), "num_frames": (81, 121)}, _BIG),
    "wan-video-22-turbo": Model(
        _TEXT, {**_sizes("480p 580p 720p"), **_ratios("16:9 9:16 1:1")}, _BIG
    ),
    "wan-wavespeed-22-plus": Model(_TEXT, {**_sizes("480p 720p 1080p"), **_TURNED}, _BIG),
    "wan-wavespeed-25": Model(
        _TEXT, {**_lengths("5 10"), **_sizes("480p 720p 1080p")}, {**_ODD, **_BIG}
    ),
    "wan-wavespeed-25-extend": Model(
        _VIDEO, {**_lengths("5 8"), **_sizes("480p 720p")}, {**_ODD, **_BIG}
    ),
    "wan-wavespeed-22-spicy-extend": Model(
        _VIDEO, {**_lengths("5 8"), **_sizes("480p 720p")}, {**_ODD, **_BIG}
    ),
    "veo3-1-extend": Model(_VIDEO, {**_lengths("5 8"), **_sizes("720p 1080p")}, {**_ODD, **_SMALL}),
    "wan-wavespeed-video-edit": Model(_VIDEO, _sizes("480p 720p"), _BIG),
    "wan-wavespeed-22-animate": Model(
        {"imageUrl": bodies.IMAGE, "videoUrl": bodies.VIDEO},
        {**_sizes("480p 720p"), "mode": ("animate", "replace")},
        _BIG,
    ),
    "wan-wavespeed-s2v": Model(_SPOKEN, _sizes("480p 720p"), _BIG),
    "seedance-video": Model(
        _TEXT,
        {**_lengths("5 10"), **_ratios("16:9 1:1 3:4 9:16 21:9 9:21"), **_SMALL},
        {**_ODD, **_BIG},
    ),
    "seedance-lite-video": Model(_TEXT, {**_lengths("5"), **_sizes("480p 720p")}, _BIG),
    "bytedance-seedance-v1-pro-fast": Model(
        _TEXT,
        {
            **_lengths("2 12"),
            **_ratios("16:9 9:16 1:1 3:4 4:3 21:9"),
            **_sizes("480p 720p 1080p"),
        },
        {**_lengths("13"), **_BIG},
    ),
    "pixverse-v45": Model(_TEXT, _lengths("5 8"), _ODD),
    "pixverse-v5": Model(_TEXT, _lengths("5 8"), _ODD),
    "lightricks-ltx-2-fast": Model(_TEXT, _lengths("6 20"), _lengths("5")),
    "lightricks-ltx-2-pro": Model(_TEXT, _lengths("6 8 10"), _ODD),
    "runwayml-gen4-aleph": Model(_VIDEO, _ratios("16:9 4:3 1:1 3:4 9:16 auto")),
    "midjourney-video": Model(_IMAGE, {"motion": ("low", "high")}, {"motion": ("wild",)}),
    "veed-fabric-1.0": Model(_SPOKEN, _sizes("480p 720p"), _BIG),
    "video-upscaler": Model(
        {"videoUrl": bodies.VIDEO},
        {"target_resolution": _words("720p 1080p 2k 4k")},
        {"target_resolution": ("480p",)},
    ),
    "kling-lipsync-t2v": Model(bodies.LIPSYNC, {"voice_language": ("en", "zh")}),
    "longstories-movie": Model(
        _STORY,
        {**_lengths("30 60 180 300 600"), "aspectRatio": ("9:16", "16:9")},
        {**_lengths("15"), "aspectRatio": ("1:1",)},
    ),
    "longstories-pixel-art": Model(
        _STORY, {**_lengths("15 600"), "aspectRatio": ("9:16", "16:9")}, _lengths("45")
    ),
}


PRICED: Final[dict[str, Body]] = {
    "five seconds": bodies.TEXT,
    "ten seconds": {**bodies.TEXT, "duration": "10"},
    "ten seconds as a number": {**bodies.TEXT, "duration": 10},
    "one resolution": {
        "model": "seedance-video",
        "prompt": "A street",
        "resolution": "480p",
        "duration": "5",
    },
    "another resolution": {
        "model": "seedance-video",
        "prompt": "A street",
        "resolution": "720p",
        "duration": "5",
    },
    "a fixed price": {**bodies.HUNYUAN, "duration": "5"},
}
"""Plain requests whose price follows from a catalogue [seed; docs: video-models]."""


_NEEDED: Final = (
    "prompt", "imageUrl", "videoUrl", "video", "audioUrl", "script", "voice_id", "swapImage",
    "targetVideo",
)  # fmt: skip
_UNSURE: Final = frozenset({("kling-v21-pro", "imageUrl"), ("runwayml-gen4-aleph", "prompt")})
"""Sources disagree whether these are needed."""

_FURTHER: Final[dict[str, Body]] = {
    "bytedance-avatar-omni-human-1.5": _SPOKEN,
    "kling-v2-avatar-standard": _SPOKEN,
    "kling-v2-avatar-pro": _SPOKEN,
    "kling-lipsync-a2v": {"video": bodies.VIDEO, "audioUrl": bodies.SOUND},
    "latentsync": {"videoUrl": bodies.VIDEO, "audioUrl": bodies.SOUND},
    "bytedance-seedance-upscaler": {"videoUrl": bodies.VIDEO},
    "seedvr2-video-upscaler": {"videoUrl": bodies.VIDEO},
    "magicapi-video-face-swap": {"swapImage": bodies.IMAGE, "targetVideo": bodies.VIDEO},
    "veo3-1-fast-extend": _VIDEO,
    "bytedance-seedance-v1.5-pro-extend": _VIDEO,
    "kling-video-o1": _TEXT,
    "minimax-hailuo-02-pro": _TEXT,
}


def lacking() -> dict[str, Body]:
    """Return every model's request without one of its inputs [docs: video-generation]."""
    found: dict[str, Body] = {}
    for name, body in ({n: m.body for n, m in MODELS.items()} | _FURTHER).items():
        # What goes beside a picture or a video need not be said, but for edits and extensions.
        is_shown = "imageUrl" in body or ("videoUrl" in body and "extend" not in name)
        for needed in _NEEDED:
            is_free = needed == "prompt" and is_shown and name != "wan-wavespeed-video-edit"
            if needed in body and not is_free and (name, needed) not in _UNSURE:
                found[f"{name} without {needed}"] = {
                    "model": name,
                    **{field: value for field, value in body.items() if field != needed},
                }
    return found


def probes_of_offers() -> Iterator[Probe]:
    """Yield a submission for every value that is offered, is not, or has its price."""
    for subject, body in offered():
        yield probes.create("model-values", subject, body)
    for subject, body in others():
        yield probes.create("model-limits", subject, body)
    for subject, body in lacking().items():
        yield probes.create("missing.input", subject, body)
    for subject, body in PRICED.items():
        yield probes.create("priced", subject, body)


def offered() -> Iterator[tuple[str, Body]]:
    """Yield requests, as few as can be, that together have every value of every model."""
    for name, model in MODELS.items():
        for turn in range(max(map(len, model.offers.values()))):
            chosen = {field: values[turn % len(values)] for field, values in model.offers.items()}
            words = ", ".join(f"{field} {value}" for field, value in chosen.items())
            yield f"{name}: {words}", {"model": name, **model.body, **chosen}


def others() -> Iterator[tuple[str, Body]]:
    """Yield requests with one value each that their model does not offer."""
    for name, model in MODELS.items():
        first = {field: values[0] for field, values in model.offers.items()}
        for field_name, values in model.others.items():
            for value in values:
                body = {"model": name, **model.body, **first, field_name: value}
                yield f"{name}: {field_name} {value}", body
