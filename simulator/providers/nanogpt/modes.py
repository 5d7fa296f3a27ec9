"""What a request asks for: its mode, and whether the model takes its inputs. Pure.

Each model's rules are compiled once into a judge a field, so that a request is checked in one pass
over the fields it has. Wording and status of a refusal are `errors.py`'s business.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from simulator.core import pictures
from simulator.core.assets import MediaSpec
from simulator.core.errors import RuleBroken, TooLarge
from simulator.core.inputs import Link
from simulator.providers.nanogpt.catalog import (
    ALIASES,
    IMAGE_FIELDS,
    INLINE_LIMIT_BYTES,
    INPUT_FIELDS,
    LINKED,
    MEDIA_INPUTS,
    MODE_NEEDS,
    MODE_WORDS,
    MODELS,
    SIZES,
    Model,
    even,
)

Given = Mapping[str, Any]
Judge = Callable[[str, Any], None]

_MEDIA_FIELDS: Final = frozenset(name for noun in MEDIA_INPUTS for name in INPUT_FIELDS[noun])
_REWRITTEN: Final = _MEDIA_FIELDS | frozenset(ALIASES)
_PICTURE_FIELDS: Final = (*IMAGE_FIELDS, "reference_image", "referenceImages", "swapImage")
_PICTURES_SENT: Final = frozenset(_PICTURE_FIELDS)
_LONG_TEXT: Final = 1024
_LONGEST_MS: Final = 3_600_000
_BARE_S: Final = 5


class Job(msgspec.Struct, frozen=True):
    """What a request comes to: its mode, length, price, files, and itself in one form."""

    mode: str
    duration_ms: int
    cost_nanos: int
    outputs: tuple[MediaSpec, ...]
    request: Given


def read(
    model: Model, given: Given, source_ms: int | None = None, picture: bytes | None = None
) -> Job:
    """Read a schema-valid request; `source_ms` is the length of its source video, if known.

    `picture` is what was fetched for it to begin with, if anything was.
    Raises `RuleBroken` or `TooLarge`: the fields in the request's order, then what is missing.
    """
    judges = _JUDGES[model.id]
    for name, value in given.items():
        judge = judges.get(name)
        if judge is not None:
            judge(name, value)
    mode = infer(model, given)
    for noun in _NEEDS[model.id, mode]:
        if not has(given, noun):
            name = INPUT_FIELDS[noun][0]
            data = {"model": model.name, "noun": noun, "mode": mode}
            raise RuleBroken("missing_input", f"/{name}", data=data)
    is_pro = model.has_pro and bool(given.get("pro_mode") or given.get("pro"))
    if model.pro_resolutions and not is_pro and given.get("resolution") in model.pro_resolutions:
        raise RuleBroken("pro_required", "/resolution", given["resolution"])
    if source_ms is not None and model.source_limit_ms is not None:
        _check_source(model, given, source_ms)
    length_ms = duration_ms(model, given, source_ms)
    cost_nanos = _cost_nanos(model, given, length_ms, is_pro)
    outputs = _files(model, given, length_ms, picture)
    return Job(mode, length_ms, cost_nanos, outputs, normalised(given))


def infer(model: Model, given: Given) -> str:
    """The mode of a request: total, and an explicit mode wins if the model has it.

    Nothing documents the order; this one agrees with every documented field rule: the model alone
    decides if it can do one thing only, then references, a source video, an image, a text.
    """
    modes = model.modes
    asked = given.get("mode")
    if isinstance(asked, str) and (explicit := MODE_WORDS.get(asked)) in modes:
        return explicit or modes[0]
    if len(modes) == 1 or _MEDIA_FIELDS.isdisjoint(given):
        return modes[0]
    if "reference" in modes and has(given, "references_any"):
        return "reference"
    if "edit" in modes and has(given, "video"):
        return "edit"
    if "image" in modes and has(given, "image"):
        return "image"
    return modes[0]


def has(given: Given, noun: str) -> bool:
    """Whether a request carries an input in any of its fields; an empty value is none."""
    return any(given.get(name) for name in INPUT_FIELDS[noun])


def normalised(given: Given) -> Given:
    """The request in one form: aliases resolved, inline media replaced by their digest.

    A field's own name beats its aliases. What needs no change is handed back, not copied.
    """
    if _REWRITTEN.isdisjoint(given):
        return given
    result: dict[str, Any] = {}
    for name, value in given.items():
        if name in _MEDIA_FIELDS:
            value = _without_bytes(value)
        own = ALIASES.get(name)
        if own is None:
            result[name] = value
        elif own not in given and own not in result:
            result[own] = value
    return result


def source_url(model: Model, given: Given) -> str | None:
    """The link of the source video, for a model that bounds its length."""
    if model.source_limit_ms is None and "upscale" not in model.modes:
        return None
    for name in ("videoUrl", "video", "targetVideo"):
        value = given.get(name)
        if value and isinstance(value, str):
            return value
    return None


def duration_ms(model: Model, given: Given, source_ms: int | None = None) -> int:
    """How long the video will be, in ms, at most an hour."""
    table = _SECONDS.get(model.id)
    if table is not None:
        asked = given.get("seconds") if model.id == "sora-2" else None
        return table.get(asked or given.get("duration"), model.default_s) * 1000
    mode = model.modes[0]
    if mode in ("avatar", "lipsync"):
        seconds = given.get("audioDuration") or _BARE_S
    elif mode == "upscale":
        seconds = given.get("billedDuration") or given.get("videoDuration")
        seconds = seconds or (source_ms or _BARE_S * 1000) / 1000
    elif "num_frames" in model.ranges:
        seconds = int(given.get("num_frames") or 81) / (given.get("frames_per_second") or 16)
    else:
        seconds = _parsed_seconds(given.get("duration")) or model.default_s
    return int(min(_LONGEST_MS, max(1.0, seconds * 1000)))


def decoded_bytes(text: str) -> int:
    """The size of inline media after decoding; 0 for a link."""
    if text.startswith(("http://", "https://")):
        return 0
    start = text.find(",") + 1 if text.startswith("data:") else 0
    length = len(text) - start
    if start and ";base64" not in text[:start]:
        return length
    return length * 3 // 4 - (text.endswith("=") + text.endswith("=="))


def _check_source(model: Model, given: Given, source_ms: int) -> None:
    low, high = model.source_limit_ms or (0, source_ms)
    if not low <= source_ms <= high:
        noun = "target_video" if "target_video" in model.takes else "video"
        name = next(field for field in INPUT_FIELDS[noun] if given.get(field))
        data = {"longest_s": high // 1000, "shortest_s": low // 1000}
        raise RuleBroken("source_length", f"/{name}", source_ms / 1000, data=data)


def _cost_nanos(model: Model, given: Given, length_ms: int, is_pro: bool) -> int:
    price = model.price
    nanos = price.nanos
    if price.by_resolution:
        nanos = price.by_resolution.get(given.get("resolution") or "720p", nanos)
    if price.unit == "second":
        nanos = nanos * length_ms // 1000
    return nanos * 2 if is_pro else nanos


def _without_bytes(value: Any) -> Any:
    """A media value without its bytes, which would weigh on every stored run."""
    if isinstance(value, str):
        if len(value) <= _LONG_TEXT or value.startswith("http"):
            return value
        raw = value.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
        return f"{value.partition(',')[0][:64]},blake2b-{digest}"
    if isinstance(value, list):
        return [_without_bytes(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_bytes(item) for name, item in value.items()}
    return value


# Sizes of the files


_PICTURES: Final = {"portrait": "9:16", "landscape": "16:9"}


def _files(
    model: Model, given: Given, length_ms: int, picture: bytes | None
) -> tuple[MediaSpec, ...]:
    get = given.get
    resolution = get("target_resolution") or get("resolution") or "720p"
    ratio = get("aspect_ratio") or _PICTURES.get(get("orientation") or "") or "16:9"
    if model.is_story:
        ratio = get("aspectRatio") or "9:16"
    size = SIZES.get((resolution, ratio)) or SIZES.get((resolution, "16:9")) or (1280, 720)
    if (preset := get("size")) is not None:
        size = _preset_size(preset) or size
    elif ratio == "auto" and (shown := start_picture(given) or picture) is not None:
        shape = pictures.size_of(shown)
        size = size if shape is None else pictures.fitted(shape, size)
    is_heard = model.sound == "always" or (model.sound == "asked" and get("generateAudio") is True)
    return _made_files(model.id, size, length_ms, _frames_a_second(model, given), is_heard)


def start_picture(given: Given) -> bytes | None:
    """The first picture that a request carries in itself, for its videos to begin with."""
    if _PICTURES_SENT.isdisjoint(given):
        return None
    for name in _PICTURE_FIELDS:
        value = given.get(name)
        first = value[0] if isinstance(value, list) and value else value
        text = first.get("url") if isinstance(first, dict) else first
        if isinstance(text, str) and (content := pictures.from_data_url(text)) is not None:
            return content
    return None


def links(model: Model, given: Given) -> Iterator[Link]:
    """The links among the inputs that a model takes, pictures first."""
    for noun, kind in LINKED.items():
        for name in INPUT_FIELDS[noun] if noun in model.takes else ():
            if name == "video" and not model.has_video_field:
                continue
            value = given.get(name) or ()
            for number, item in enumerate(value if isinstance(value, list) else [value]):
                url = item.get("url") if isinstance(item, dict) else item
                if isinstance(url, str) and not name.endswith("Id"):
                    place = f"/{name}/{number}" if isinstance(value, list) else f"/{name}"
                    yield Link(place, url, kind)


def _frames_a_second(model: Model, given: Given) -> int:
    """24 (assumed), but for models that count frames: theirs, 16 if not given [contract]."""
    if "num_frames" not in model.ranges:
        return 24
    asked = given.get("frames_per_second") or 16
    return min(60, max(1, round(asked))) if isinstance(asked, int | float) else 16


def _preset_size(preset: str) -> tuple[int, int] | None:
    """The size a preset names: a ratio or a resolution, or width and height."""
    known = SIZES.get(("720p", preset)) or SIZES.get((preset, "16:9"))
    if known is not None:
        return known
    wide, mark, tall = preset.replace("*", "x").partition("x")
    if mark and len(preset) <= 9 and wide.isdecimal() and tall.isdecimal():
        width, height = int(wide), int(tall)
        if 64 <= width <= 4096 and 64 <= height <= 4096:
            return even(width), even(height)
    return None


@lru_cache(maxsize=4096)
def _made_files(
    model_id: str, size: tuple[int, int], length_ms: int, fps: int, is_heard: bool
) -> tuple[MediaSpec, ...]:
    """The files of a run: its videos, and for a proxied model a thumbnail and a sprite sheet."""
    model = MODELS[model_id]
    width, height = size
    video = MediaSpec("video", "mp4", width, height, length_ms, fps, is_heard)
    if not model.is_proxied:
        return (video,) * model.videos
    return (video, MediaSpec("image", "jpg", width, height), MediaSpec("image", "jpg", 1280, 720))


# Rules, compiled


def _parsed_seconds(value: Any) -> int | float:
    """The seconds in `5`, `"5"` or `"5s"`; 0 if there are none."""
    if isinstance(value, int | float):
        return value if 0 < value <= 3600 else 0
    text = value[:-1] if isinstance(value, str) and value.endswith("s") else value
    if isinstance(text, str) and len(text) <= 4 and text.isascii() and text.isdecimal():
        return _parsed_seconds(int(text))
    return 0


def _seconds_table(model: Model) -> dict[Any, int]:
    table: dict[Any, int] = {}
    for seconds in model.durations:
        table |= {seconds: seconds, str(seconds): seconds, f"{seconds}s": seconds}
    return table


def _duration_judge(model: Model) -> Judge:
    table = _seconds_table(model)
    allowed = tuple(str(seconds) for seconds in model.durations)

    def judge(name: str, value: Any) -> None:
        if value not in table if table else not _parsed_seconds(value):
            if value == "":
                return
            raise RuleBroken("duration_not_offered", f"/{name}", value, allowed)

    return judge


def _choice_judge(allowed: tuple[str, ...]) -> Judge:
    known = frozenset(allowed)

    def judge(name: str, value: Any) -> None:
        if isinstance(value, str | int) and value != "" and str(value) not in known:
            raise RuleBroken("value_not_offered", f"/{name}", value, allowed)

    return judge


def _range_judge(low: float, high: float) -> Judge:
    def judge(name: str, value: Any) -> None:
        number = value
        if isinstance(value, str):
            is_short = len(value) <= 9 and value.isascii() and value.isdecimal()
            number = int(value) if is_short else -1
        if not low <= number <= high:
            raise RuleBroken("out_of_range", f"/{name}", value, (low, high))

    return judge


def _media_judge(model: Model) -> Judge:
    def judge(name: str, value: Any) -> None:
        if isinstance(value, list):
            if model.max_references and len(value) > model.max_references:
                data = {"most": model.max_references}
                raise RuleBroken("too_many_references", f"/{name}", len(value), data=data)
            for item in value:
                judge(name, item["url"] if isinstance(item, dict) else item)
        elif decoded_bytes(value) > INLINE_LIMIT_BYTES:
            raise TooLarge(INLINE_LIMIT_BYTES, f"/{name}")

    return judge


def _foreign_media_judge(model: Model) -> Judge:
    allowed = tuple(sorted(_taken_fields(model)))

    def judge(name: str, value: Any) -> None:
        if value:
            raise RuleBroken("media_not_taken", f"/{name}", None, allowed, {"model": model.name})

    return judge


def _taken_fields(model: Model) -> frozenset[str]:
    taken = {name for noun in model.takes for name in INPUT_FIELDS[noun]}
    return frozenset(taken if model.has_video_field else taken - {"video"})


def _judges(model: Model) -> dict[str, Judge]:
    judges: dict[str, Judge] = {"duration": _duration_judge(model)}
    if model.id == "sora-2":
        judges["seconds"] = judges["duration"]
    for name, values in model.choices.items():
        judges[name] = _choice_judge(values)
    for name, (low, high) in model.ranges.items():
        judges[name] = _range_judge(low, high)
    taken = _taken_fields(model)
    accept, refuse = _media_judge(model), _foreign_media_judge(model)
    for name in _MEDIA_FIELDS:
        judges[name] = accept if name in taken or not model.is_strict else refuse
    return judges


_JUDGES: Final = {model.id: _judges(model) for model in MODELS.values()}
_SECONDS: Final = {model.id: _seconds_table(model) for model in MODELS.values() if model.durations}
_NEEDS: Final = {
    (model.id, mode): tuple(dict.fromkeys((*model.needs, *MODE_NEEDS.get(mode, ()))))
    for model in MODELS.values()
    for mode in model.modes
}
