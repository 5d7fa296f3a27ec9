"""Which mode a video request is, and what it and the others make of their inputs. Pure and total.

Precedence: contracts/recoup/SOURCE.md row 6 [impl]; an explicit mode always wins [seed 000].
"""

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from simulator.core import jsontext, pictures
from simulator.core.assets import MediaSpec
from simulator.core.inputs import Link
from simulator.providers.recoup import catalog

Body = Mapping[str, Any]
Size = tuple[int, int]

PRECEDENCE: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("lipsync", ("audio_url", "image_url")),
    ("extend", ("video_url",)),
    ("first-last", ("image_url", "end_image_url")),
    ("animate", ("image_url",)),
    ("prompt", ()),
)
"""Modes and the inputs that select them; the first whose inputs are all present wins."""

VIDEO_INPUTS: Final = {
    "image_url": "image",
    "end_image_url": "image",
    "video_url": "video",
    "audio_url": "audio",
}
"""The links in a video request, and what they lead to [seed 001]."""

IMAGE_INPUTS: Final = {"reference_image_url": "image", "images": "image"}
"""The links in an image request [docs]."""

_RATIO_SIDE = re.compile(r"[1-9][0-9]{0,3}")


def infer(body: Body) -> str:
    """The mode of a video request: the one given, else the first whose inputs are present."""
    if explicit := body.get("mode"):
        return str(explicit)
    matching = (mode for mode, inputs in PRECEDENCE if all(body.get(name) for name in inputs))
    return next(matching, "prompt")


def video_model(mode: str, body: Body) -> str:
    """The model of a video request: the one given, else the mode's [impl]."""
    default = catalog.LIPSYNC_MODEL if mode == "lipsync" else catalog.VIDEO_MODEL
    return str(body.get("model") or default)


def drawing(request: Any) -> Callable[[int], int]:
    """Draws indexes that depend on the request alone, so that equal requests are made alike."""
    source = hashlib.blake2b(jsontext.dumps_sorted(request), digest_size=16).digest()
    return lambda count: int.from_bytes(source) % count


def lacks_image(mode: str, body: Body) -> bool:
    """Whether the default model will refuse this for want of an image (row 4, inferred)."""
    return not body.get("image_url") and video_model(mode, body) in (
        catalog.VIDEO_MODEL,
        catalog.LIPSYNC_MODEL,
    )


def motion_prompt(body: Body, choose: Callable[[int], int]) -> str:
    """The caller's prompt, else a movement and a mood of the template, drawn by `choose` [impl].

    `choose(n)` gives an index below n. Templates without either leave the prompt empty.
    """
    if body.get("prompt"):
        return str(body["prompt"])
    template = catalog.TEMPLATES.get(str(body.get("template")))
    if template is None:
        return ""
    drawn = (texts[choose(len(texts))] for texts in (template.movements, template.moods) if texts)
    return ". ".join(drawn)


def image_model(body: Body) -> str:
    """The model of an image request; any reference picture asks for the editing one [impl]."""
    has_reference = any(body.get(name) for name in ("reference_image_url", "images", "template"))
    default = catalog.IMAGE_EDIT_MODEL if has_reference else catalog.IMAGE_MODEL
    return str(body.get("model") or default)


def image_prompt(body: Body) -> str:
    """The caller's prompt, else the template's, else a plain portrait [impl]."""
    template = catalog.TEMPLATES.get(str(body.get("template")))
    fallback = template.prompt if template else catalog.DEFAULT_IMAGE_PROMPT
    return str(body.get("prompt") or fallback)


def start_picture(inputs: Iterable[Link]) -> bytes | None:
    """The first picture that a request carries in itself, for its files to begin with."""
    for link in inputs:
        if link.kind == "image" and (content := pictures.from_data_url(link.url)) is not None:
            return content
    return None


def links(body: Body, kinds: Mapping[str, str]) -> Iterator[Link]:
    """The links in some members of a request, which are lists or not, by the members' kinds."""
    for name, kind in kinds.items():
        value = body.get(name) or ()
        if isinstance(value, str):
            yield Link(f"/{name}", value, kind)
        else:
            yield from (Link(f"/{name}/{number}", url, kind) for number, url in enumerate(value))


def video_spec(body: Body, shape: Size | None = None) -> MediaSpec:
    """The file that a video request makes; `auto` follows the picture it begins with [docs]."""
    width, height = catalog.VIDEO_SIZES[body.get("resolution", "720p")]
    ratio = body.get("aspect_ratio", "auto")
    if ratio == "9:16":
        width, height = height, width
    elif ratio == "auto" and shape is not None:
        width, height = pictures.fitted(shape, (width, height))
    duration_ms = catalog.DURATIONS_MS[body.get("duration", "8s")]
    has_audio = bool(body.get("generate_audio") or body.get("audio_url"))
    has_audio = has_audio or infer(body) == "lipsync"
    return MediaSpec("video", "mp4", width, height, duration_ms, has_audio=has_audio)


def image_spec(body: Body, shape: Size | None = None) -> MediaSpec:
    """The file that an image request makes, `num_images` times.

    `auto` follows a reference picture, else it is square (assumed).
    """
    long_side = catalog.IMAGE_LONG_SIDE[body.get("resolution", "1K")]
    ratio = body.get("aspect_ratio", "auto")
    across, down = (1, 1) if ratio == "auto" else map(int, ratio.split(":"))
    if ratio == "auto" and shape is not None:
        across, down = pictures.fitted(shape, (long_side, long_side))
    unit = long_side / max(across, down)
    return MediaSpec("image", "png", _even(across * unit), _even(down * unit))


def film_of(source: MediaSpec | None) -> MediaSpec | None:
    """A file as the film that it is, if it is one."""
    return source if source is not None and source.media == "video" else None


def upscaled_spec(
    body: Body, shape: Size | None = None, source: MediaSpec | None = None
) -> MediaSpec:
    """The file that an upscale makes: a target's size, else a factor of what is upscaled [docs].

    What is not known to be of another size is 720p; a video grows up to 4k (assumed).
    """
    target = body.get("target_resolution")
    width, height = catalog.VIDEO_SIZES[target or "720p"]
    if shape is not None:
        width, height = pictures.fitted(shape, (width, height)) if target else shape
    factor = 1.0 if target else body.get("upscale_factor", 2)
    is_image = body["type"] == "image"
    largest = catalog.LARGEST_IMAGE_SIDE if is_image else catalog.VIDEO_SIZES["4k"][0]
    factor = min(factor, largest / max(width, height))
    size = _even(width * factor), _even(height * factor)
    if is_image:
        return MediaSpec("image", "png", *size)
    film = source or MediaSpec("video", "mp4", duration_ms=catalog.CONTENT_DURATION_MS)
    return replace(film, media="video", extension="mp4", width=size[0], height=size[1])


def content_specs(body: Body) -> tuple[MediaSpec, MediaSpec]:
    """The video and the still that a content-creation run makes; upscaling doubles both sides."""
    factor = 2 if body.get("upscale") else 1
    width, height = (side * factor for side in catalog.CONTENT_SIZE)
    duration_ms = catalog.CONTENT_DURATION_MS
    video = MediaSpec("video", "mp4", width, height, duration_ms, has_audio=True)
    return video, MediaSpec("image", "png", width, height)


def edit_operations(body: Body) -> tuple[Mapping[str, Any], ...]:
    """The operations an edit applies: those given, even none, else the template's [impl]."""
    given = body.get("operations")
    if given is not None:
        return tuple(given)
    return catalog.EDIT_OPERATIONS if body.get("template") in catalog.TEMPLATES else ()


def edited_spec(body: Body, source: MediaSpec | None = None) -> MediaSpec:
    """The file that an edit makes: the video after its operations, 720p if it is not known."""
    film = source or MediaSpec(
        "video", "mp4", *catalog.VIDEO_SIZES["720p"], catalog.CONTENT_DURATION_MS
    )
    width, height, duration_ms = film.width, film.height, film.duration_ms
    for operation in edit_operations(body):
        if operation["type"] == "trim" and operation.get("duration", 0) > 0:
            duration_ms = int(min(duration_ms, operation["duration"] * 1000))
        elif operation["type"] in ("crop", "resize"):
            width, height = _framed(operation, width, height)
    extension = str(body.get("output_format", "mp4"))
    is_muxed = any(operation["type"] == "mux_audio" for operation in edit_operations(body))
    return replace(
        film,
        extension=extension,
        width=width,
        height=height,
        duration_ms=max(duration_ms, 1000),
        has_audio=is_muxed or film.has_audio,
    )


def lacking(
    files: Container[str] | None,
) -> tuple[list[catalog.Requirement], list[catalog.Requirement]]:
    """The required and the recommended files that a folder lacks; None is no folder [impl]."""
    if files is None:
        return [catalog.NO_TREE], []
    absent = [item for item in catalog.REQUIREMENTS if item.file not in files]
    return (
        [item for item in absent if item.severity == "required"],
        [item for item in absent if item.severity == "recommended"],
    )


def chunks(verses: tuple[str, ...], level: str) -> list[dict[str, Any]]:
    """What a speech model hears beside the text: nothing, lines, or words, evenly timed in s."""
    pieces = {"none": [], "segment": list(verses), "word": " ".join(verses).split()}[level]
    length_s = catalog.SONG_LENGTH_S / len(pieces) if pieces else 0.0
    return [
        {
            "start": round(index * length_s, 2),
            "end": round((index + 1) * length_s, 2),
            "text": piece,
        }
        for index, piece in enumerate(pieces)
    ]


def answer(seen: str, max_tokens: float | None) -> dict[str, Any]:
    """An analysis of at most so many tokens, three words to four tokens (assumed)."""
    words = seen.split()
    allowed = len(words) if max_tokens is None else max(1, int(max_tokens * 3 / 4))
    shown = words[:allowed]
    return {
        "text": " ".join(shown),
        "finish_reason": "stop" if len(shown) == len(words) else "length",
        "usage": {"output_tokens": max(1, len(shown) * 4 // 3)},
    }


def _framed(operation: Mapping[str, Any], width: int, height: int) -> tuple[int, int]:
    """The frame after a crop or a resize; an aspect that cannot be read changes nothing."""
    width, height = (
        _bounded(operation.get("width"), width),
        _bounded(operation.get("height"), height),
    )
    across, _, down = str(operation.get("aspect", "")).partition(":")
    if not all(_RATIO_SIDE.fullmatch(side) for side in (across, down)):
        return width, height
    unit = min(width / int(across), height / int(down))
    return _even(int(across) * unit), _even(int(down) * unit)


def _bounded(given: Any, otherwise: int) -> int:
    largest = catalog.VIDEO_SIZES["4k"][0]
    return _even(min(given, largest)) if isinstance(given, int) and given > 0 else otherwise


def _even(length: float) -> int:
    """A side in pixels that encoders accept."""
    return max(catalog.SMALLEST_SIDE, round(length / 2) * 2)
