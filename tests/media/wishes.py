"""Every combination of what a client may ask a file to be, and what it then has to be.

The expected sizes are reckoned here, from the names in the request, not by the simulator's code.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from simulator.providers.leonardo.catalog import VIDEO_MODELS
from simulator.providers.leonardo.records import COMPLETE_ID, GENERATED_IMAGE_ID, INIT_IMAGE_ID
from simulator.providers.nanogpt.catalog import MODELS, Model

PICTURE: Final = "https://files.example/start.png"
FILM: Final = "https://files.example/clip.mp4"
SONG: Final = "https://files.example/song.mp3"

_SHORT_SIDES: Final = {
    "480p": 480,
    "580p": 580,
    "720p": 720,
    "1080p": 1080,
    "1440p": 1440,
    "2k": 1440,
    "2160p": 2160,
    "4k": 2160,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A request for one file, and the file; `size` in pixels, a still has no `seconds`."""

    provider: str
    operation: str
    mode: str
    body: tuple[tuple[str, Any], ...]
    size: tuple[int, int]
    seconds: float = 0
    fps: int = 24
    has_audio: bool = False
    extension: str = "mp4"
    resolution: str = "-"
    aspect: str = "-"

    @property
    def name(self) -> str:
        """A readable name, the same in every process."""
        model = str(dict(self.body).get("model", ""))
        parts = (self.provider, self.operation, self.mode, model, self.extension, self.aspect)
        told = (*parts, self.resolution, f"{self.seconds:g}s", "sound" if self.has_audio else "")
        return " ".join(part for part in told if part)

    @property
    def factors(self) -> tuple[str, ...]:
        """What is paired: provider, mode, length, aspect and resolution."""
        length = next(name for bound, name in _LENGTHS if self.seconds <= bound)
        mode = f"{self.provider} {self.operation} {self.mode}"
        return (mode, length, self.aspect, self.resolution, str(self.has_audio), self.extension)


_LENGTHS: Final = ((0, "still"), (5, "short"), (8, "middle"), (20, "long"), (3600, "very long"))


def all_wishes() -> list[Wish]:
    """All combinations of all providers, in a fixed order."""
    return [*recoup(), *nanogpt(), *leonardo()]


def pairwise(wishes: Iterable[Wish]) -> list[Wish]:
    """Few of some wishes that hold every pair of values that any of them holds."""
    left = [(wish, _pairs(wish)) for wish in wishes]
    wanted = set().union(*(pairs for _, pairs in left))
    chosen: list[Wish] = []
    while wanted:
        best, pairs = max(left, key=lambda item: (len(item[1] & wanted), -_work(item[0])))
        chosen.append(best)
        wanted -= pairs
    return chosen


def _pairs(wish: Wish) -> set[tuple[int, str, int, str]]:
    values = list(enumerate(wish.factors))
    return {(i, a, j, b) for i, a in values for j, b in values if i < j}


def _work(wish: Wish) -> float:
    return wish.size[0] * wish.size[1] * max(1.0, wish.seconds)


def shape(resolution: str, aspect: str) -> tuple[int, int]:
    """Width and height of a resolution's name, its shorter side, at a ratio."""
    if "x" in resolution:
        across, _, down = resolution.partition("x")
        return int(across), int(down)
    side = _SHORT_SIDES[resolution]
    wide, tall = (int(part) for part in aspect.split(":"))
    long = round(side * max(wide, tall) / min(wide, tall) / 2) * 2
    return (long, side) if wide >= tall else (side, long)


def _wish(provider: str, operation: str, mode: str, body: dict[str, Any], **made: Any) -> Wish:
    return Wish(provider, operation, mode, tuple(body.items()), **made)


def recoup() -> Iterator[Wish]:
    """Videos, images, upscales, edits and content."""
    inputs = {
        "prompt": {"image_url": PICTURE},
        "animate": {"image_url": PICTURE},
        "first-last": {"image_url": PICTURE, "end_image_url": PICTURE},
        "extend": {"image_url": PICTURE, "video_url": FILM},
        "lipsync": {"image_url": PICTURE, "audio_url": SONG},
    }
    seconds, ratios = (4, 6, 7, 8), ("auto", "16:9", "9:16")
    for mode, length, ratio, resolution, sound in product(
        inputs, seconds, ratios, ("720p", "1080p", "4k"), (False, True)
    ):
        body: dict[str, Any] = {
            "mode": mode,
            **inputs[mode],
            "duration": f"{length}s",
            "aspect_ratio": ratio,
        }
        body |= {"resolution": resolution, "generate_audio": sound, "prompt": "A slow wave"}
        yield _wish(
            "recoup", "createVideo", mode, body,
            size=shape(resolution, "16:9" if ratio == "auto" else ratio), seconds=length,
            has_audio=sound or mode == "lipsync", resolution=resolution, aspect=ratio,
        )  # fmt: skip
    shapes = ("auto", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16")
    longest = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}
    for ratio, name in product((*shapes, "4:1", "1:4", "8:1", "1:8"), longest):
        across, down = (1, 1) if ratio == "auto" else map(int, ratio.split(":"))
        unit = longest[name] / max(across, down)
        made = (max(16, round(across * unit / 2) * 2), max(16, round(down * unit / 2) * 2))
        body = {"prompt": "A lamp", "aspect_ratio": ratio, "resolution": name}
        yield _wish("recoup", "createImage", "image", body, size=made, extension="png",
                    resolution=name, aspect=ratio)  # fmt: skip
    for kind, target in product(("image", "video"), ("720p", "1080p", "1440p", "2160p")):
        body = {"type": kind, "url": FILM, "target_resolution": target}
        is_film = kind == "video"
        yield _wish("recoup", "upscaleMedia", kind, body, size=shape(target, "16:9"),
                    seconds=8 if is_film else 0, extension="mp4" if is_film else "png",
                    resolution=target, aspect="16:9")  # fmt: skip
    yield from _recoup_tasks()


def _recoup_tasks() -> Iterator[Wish]:
    for extension, ratio, length in product(("mp4", "mov", "webm"), ("16:9", "9:16"), (2, 8)):
        steps: list[dict[str, Any]] = [{"type": "trim", "start": 0, "duration": length}]
        steps += [{"type": "crop", "aspect": "9:16"}] if ratio == "9:16" else []
        body: dict[str, Any] = {"operations": steps, "output_format": extension}
        yield _wish("recoup", "editContent", "edit", {"video_url": FILM, **body},
                    size=(1280, 720) if ratio == "16:9" else (404, 720), seconds=length,
                    extension=extension, aspect=ratio)  # fmt: skip
    for extension in ("mp4", "mov", "webm"):  # a template crops, and adds a song
        body = {"template": "artist-caption-bedroom", "output_format": extension}
        yield _wish("recoup", "editContent", "edit", {"video_url": FILM, **body}, size=(404, 720),
                    seconds=8, has_audio=True, extension=extension, aspect="9:16")  # fmt: skip
    for lipsync, upscale in product((False, True), (False, True)):
        body = {"artist_account_id": "", "lipsync": lipsync, "upscale": upscale}
        yield _wish("recoup", "createContent", "lipsync" if lipsync else "animate", body,
                    size=(1440, 2560) if upscale else (720, 1280), seconds=8, has_audio=True,
                    resolution="1440p" if upscale else "720p", aspect="9:16")  # fmt: skip


_INPUTS: Final = {
    "prompt": {"prompt": "A slow wave"},
    "image": {"imageUrl": PICTURE},
    "video": {"videoUrl": FILM},
    "audio": {"audioUrl": SONG},
    "voice": {"voice_id": "calm"},
    "swap_image": {"swapImage": PICTURE},
    "target_video": {"targetVideo": FILM},
    "story": {"prompt": "A slow wave", "script": "A wave comes, and goes."},
}
_MODES: Final[dict[str, dict[str, Any]]] = {
    "text": {"prompt": "A slow wave"},
    "image": {"imageUrl": PICTURE},
    "reference": {"mode": "reference-to-video", "referenceImages": [PICTURE]},
    "edit": {"mode": "video-edit", "videoUrl": FILM},
    "animate": {"mode": "animate"},
    "replace": {"mode": "replace"},
}


def nanogpt() -> Iterator[Wish]:
    """Every model in each of its modes, lengths, ratios and resolutions."""
    for model in MODELS.values():
        field = "target_resolution" if "target_resolution" in model.choices else "resolution"
        ratio_field = "aspectRatio" if model.is_story else "aspect_ratio"
        for mode, length, ratio, resolution, sound in product(
            model.modes,
            model.durations or (0,),
            model.choices.get(ratio_field) or ("",),
            model.choices.get(field) or ("",),
            (False, True) if model.sound == "asked" else (model.sound == "always",),
        ):
            body: dict[str, Any] = {"model": model.id, **_MODES.get(mode, {})}
            for noun in model.needs:
                body |= _INPUTS[noun]
            body |= {ratio_field: ratio} if ratio else {}
            body |= {field: resolution} if resolution else {}
            body |= {"duration": str(length)} if length else {}
            body |= {"pro_mode": True} if resolution in model.pro_resolutions else {}
            body |= {"generateAudio": sound} if model.sound == "asked" else {}
            yield _nanogpt(model, mode, body, length, ratio, resolution, sound)


def _nanogpt(
    model: Model, mode: str, body: dict[str, Any], length: int, ratio: str, name: str, sound: bool
) -> Wish:
    usual = "9:16" if model.is_story else "16:9"
    counts = "num_frames" in model.ranges
    seconds = length or (81 / 16 if counts else model.default_s)
    return _wish(
        "nanogpt", "createVideo", mode, body,
        size=shape(name or "720p", ratio if ratio not in ("", "auto") else usual),
        seconds=seconds, fps=16 if counts else 24, has_audio=sound,
        resolution=name or "-", aspect=ratio or "-",
    )  # fmt: skip


def leonardo() -> Iterator[Wish]:
    """Every video model, from a text and from an image, and what else makes a file."""
    for model in VIDEO_MODELS.values():
        for resolution, length in product(model.sizes, model.durations or (5,)):
            wide = model.sizes[resolution]
            side = min(wide)
            fitting = [size for size in model.dimensions if min(size) == side] or [wide]
            for size, is_image in product(fitting, (False, True)):
                if model.needs_start_frame and not is_image:
                    continue
                body: dict[str, Any] = {
                    "prompt": "A slow wave",
                    "model": model.token,
                    "resolution": resolution,
                }
                body |= {"duration": length} if model.durations else {}
                body |= {"width": size[0], "height": size[1]} if model.dimensions else {}
                if is_image:
                    body |= {"imageId": INIT_IMAGE_ID, "imageType": "UPLOADED"}
                mode = "image-to-video" if is_image else "text-to-video"
                kind = "ImageToVideo" if is_image else "TextToVideo"
                yield _wish(
                    "leonardo", f"create{kind}Generation", mode, body, size=size, seconds=length,
                    has_audio=model.has_audio, resolution=resolution.removeprefix("RESOLUTION_"),
                    aspect=f"{size[0]}:{size[1]}",
                )  # fmt: skip
    body = {"imageId": GENERATED_IMAGE_ID}
    yield _wish("leonardo", "createSVDMotionGeneration", "motion", body, size=(1024, 576),
                seconds=4)  # fmt: skip
    body = {"sourceGenerationId": COMPLETE_ID, "resolution": "RESOLUTION_720"}
    yield _wish("leonardo", "createVideoUpscale", "upscale", body, size=(1280, 720),
                seconds=5)  # fmt: skip
    for width, height in ((512, 512), (1024, 768), (768, 1024), (1536, 1536)):
        body = {"prompt": "A lamp", "width": width, "height": height, "num_images": 1}
        yield _wish("leonardo", "createGeneration", "image", body, size=(width, height),
                    extension="jpg", aspect=f"{width}:{height}")  # fmt: skip
