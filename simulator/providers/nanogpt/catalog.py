"""What NanoGPT offers: its video models and what each takes, prices and stage lengths.

Data only. Models: [docs: video-generation] and the Model Directory of [docs-history: 2026-01-17];
`is_documented=False` marks models seen in the live list only. No source prints a price: every
price here is assumed, but for pro mode doubling it [docs: video-generation].
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from simulator.core.runs import Stage

MILLION: Final = 1_000_000
USD: Final = 1_000_000_000
"""Nanos in the unit of account."""

STAGES: Final = (
    Stage("queued", 300, "queued"),
    Stage("processing", 500),
    Stage("generating", 1700),
    Stage("delivering", 500),
)
"""The stages the seed names; their lengths are ours, so that a video is done in 3 s."""

INLINE_LIMIT_BYTES: Final = 4 * 1024 * 1024
"""Inline media after decoding [docs: video-generation]."""

DAY_MS: Final = 86_400_000
REQUESTS_PER_DAY: Final = "requests-per-day"
USD_PER_DAY: Final = "usd-per-day"
DEFAULT_MODERATION: Final = "omni-moderation-latest"
"""[docs: inline-moderation]"""

IMAGE_FIELDS: Final = ("imageDataUrl", "imageUrl", "image_data_url", "image", "imageAttachmentId")
VIDEO_FIELDS: Final = ("videoUrl", "videoDataUrl", "video", "videoAttachmentId")
AUDIO_FIELDS: Final = ("audioUrl", "audioDataUrl", "audio")
INPUT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "prompt": ("prompt",),
    "image": IMAGE_FIELDS,
    "video": VIDEO_FIELDS,
    "audio": AUDIO_FIELDS,
    "voice": ("voice_id",),
    "reference_image": ("reference_image",),
    "references": ("referenceImages",),
    "reference_videos": ("referenceVideos",),
    "references_any": ("referenceImages", "referenceVideos"),
    "swap_image": ("swapImage",),
    "target_video": ("targetVideo",),
    "story": ("prompt", "script", "storyConfig"),
}
"""The request fields that carry each input, the preferred one first [seed]."""

ALIASES: Final[Mapping[str, str]] = {
    "image_data_url": "imageDataUrl",
    "image": "imageDataUrl",
    "pro": "pro_mode",
    "camera_fix": "camera_fixed",
    "cameraFixed": "camera_fixed",
}
"""Other names of one field [seed]."""

LINKED: Final = {
    "image": "image",
    "reference_image": "image",
    "references": "image",
    "swap_image": "image",
    "video": "video",
    "reference_videos": "video",
    "target_video": "video",
    "audio": "audio",
}
"""Inputs that may be links, and what these lead to."""

MEDIA_INPUTS: Final = (
    "image",
    "video",
    "audio",
    "reference_image",
    "references",
    "reference_videos",
    "swap_image",
    "target_video",
)

MODE_WORDS: Final[Mapping[str, str]] = {
    "text-to-video": "text",
    "image-to-video": "image",
    "reference-to-video": "reference",
    "video-edit": "edit",
    "animate": "animate",
    "replace": "replace",
}
"""The documented words of the field `mode` [seed]."""

MODE_NAMES: Final[Mapping[str, str]] = {mode: word for word, mode in MODE_WORDS.items()}

MODE_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("prompt",),
    "image": ("image",),
    "reference": ("references_any",),
    "edit": ("video",),
}
"""What a mode needs beside what the model needs."""


class Price(msgspec.Struct, frozen=True):
    """Nanos a video or a second, by resolution where that matters; all assumed."""

    unit: str
    nanos: int
    by_resolution: Mapping[str, int] = {}


class Model(msgspec.Struct, frozen=True):
    """One video model. `modes`: what it can make, the usual one first. `needs`, `takes`: inputs.

    `durations` in s, any if empty. `choices`: the values of text fields; `ranges`: the bounds of
    numbers, both ends in. `source_limit_ms`: shortest and longest source video. `sound`: never,
    always, or asked for with generateAudio. A model that is not strict ignores media it does not
    take; `is_proxied`: its files can be had through the content operation.
    """

    id: str
    name: str
    owner: str
    modes: tuple[str, ...]
    price: Price
    needs: tuple[str, ...] = ("prompt",)
    takes: tuple[str, ...] = ()
    durations: tuple[int, ...] = ()
    default_s: int = 5
    choices: Mapping[str, tuple[str, ...]] = {}
    ranges: Mapping[str, tuple[float, float]] = {}
    has_video_field: bool = False
    source_limit_ms: tuple[int, int] | None = None
    pro_resolutions: tuple[str, ...] = ()
    has_pro: bool = False
    sound: str = "never"
    is_story: bool = False
    is_proxied: bool = False
    is_relative: bool = False
    is_strict: bool = True
    is_documented: bool = True
    videos: int = 1
    max_references: int = 0


def _second(thousandths: int, **by_resolution: int) -> Price:
    """A price of so many thousandths of a dollar a second; resolutions written `r720p`."""
    return _price("second", thousandths, by_resolution)


def _video(thousandths: int, **by_resolution: int) -> Price:
    """A price of so many thousandths of a dollar a video."""
    return _price("video", thousandths, by_resolution)


def _price(unit: str, thousandths: int, by_resolution: Mapping[str, int]) -> Price:
    steps = {name[1:]: amount * MILLION for name, amount in by_resolution.items()}
    return Price(unit, thousandths * MILLION, steps)


_BOTH = ("text", "image")
_WIDE_TALL = ("16:9", "9:16")
_THREE = ("16:9", "9:16", "1:1")
_FIVE = ("16:9", "9:16", "1:1", "4:3", "3:4")
_HD = ("720p", "1080p")
_SD_HD = ("480p", "720p")
_ALL = ("480p", "720p", "1080p")
_SEEDANCE = ("16:9", "1:1", "3:4", "4:3", "9:16", "21:9", "9:21")
_ORIENTATION = ("landscape", "portrait")
_EXTEND_LIMIT = (0, 120_000)  # [seed]
_UNIT = (0.0, 1.0)


def _choices(
    ratios: tuple[str, ...] = (), resolutions: tuple[str, ...] = (), **others: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    named = {"aspect_ratio": ratios, "resolution": resolutions, **others}
    return {name: values for name, values in named.items() if values}


def _made(
    model: str,
    name: str,
    owner: str,
    price: Price,
    *,
    ratios: tuple[str, ...] = (),
    resolutions: tuple[str, ...] = (),
    durations: tuple[int, ...] = (),
    default_s: int = 0,
) -> Model:
    """A model that makes videos from a text, and from an image too."""
    seconds = default_s or (durations[0] if durations else 5)
    choices = _choices(ratios, resolutions)
    return Model(
        model, name, owner, _BOTH, price, ("prompt",), ("image",), durations, seconds, choices
    )


_VEO = (
    _made("veo2-video", "Veo 2", "google", _second(70), ratios=_FIVE,
          durations=tuple(range(5, 31))),
    replace(
        _made("veo2-video-image-to-video", "Veo 2 Image to Video", "google", _second(70),
              ratios=_WIDE_TALL, durations=(5, 6, 7, 8)),
        modes=("image",), needs=("image",),
    ),
    replace(
        _made("veo3-video", "Veo 3", "google", _second(400), ratios=("16:9",), resolutions=_HD,
              durations=(5, 6, 7, 8), default_s=8),
        sound="asked",
    ),
    replace(
        _made("veo3-fast-video", "Veo 3 Fast", "google", _second(150), ratios=_WIDE_TALL,
              resolutions=_HD, default_s=8),
        sound="asked",
    ),
    replace(
        _made("veo3-1-video", "Veo 3.1", "google", _second(400), ratios=_WIDE_TALL,
              resolutions=_HD, durations=(4, 6, 8), default_s=8),
        sound="asked",
    ),
)  # fmt: skip

_SORA = (
    Model(
        "sora-2", "Sora 2", "openai", _BOTH, _second(100), takes=("image",), durations=(4, 8, 12),
        default_s=4, choices=_choices((), ("720p", "1792x1024"), orientation=_ORIENTATION),
        pro_resolutions=("1792x1024",), has_pro=True, sound="always", is_proxied=True,
    ),
)  # fmt: skip


def _kling(model: Model) -> Model:
    """A Kling model: its cfg_scale goes from 0 to 1 [docs: video-generation]."""
    return replace(model, ranges={"cfg_scale": _UNIT})


def _of_image(model: Model, *needs: str) -> Model:
    """The same model, starting from an image only."""
    return replace(model, modes=("image",), needs=("image", *needs))


_KLING = tuple(
    _kling(model)
    for model in (
        replace(
            _made("kling-video", "Kling 1.5", "kling", _second(60), durations=(5, 10)),
            modes=("text",), takes=(),
        ),
        _made("kling-video-v2", "Kling 2.0", "kling", _second(250), durations=(5, 10),
              ratios=_FIVE),
        Model("kling-video-o1", "Kling O1", "kling", ("text", "image", "reference", "edit"),
              _second(112), takes=("image", "references", "reference_videos", "video"),
              durations=(5, 6, 7, 8, 9, 10), max_references=7),
        Model("kling-video-o1-standard", "Kling O1 Standard", "kling",
              ("text", "image", "reference", "edit"), _second(84),
              takes=("image", "references", "reference_videos", "video"),
              durations=(5, 6, 7, 8, 9, 10), max_references=7),
        _of_image(_made("kling-v21-standard", "Kling 2.1 Standard", "kling", _second(50),
                        durations=(5,), ratios=_FIVE)),
        _of_image(_made("kling-v21-pro", "Kling 2.1 Pro", "kling", _second(90),
                        durations=(5, 10), ratios=_FIVE)),
        _of_image(_made("kling-v21-master", "Kling 2.1 Master", "kling", _second(280),
                        durations=(5, 10)), "prompt"),
        _made("kling-v25-turbo-pro", "Kling 2.5 Turbo Pro", "kling", _second(70),
              durations=(5, 10), ratios=_THREE),
        _of_image(_made("kling-v25-turbo-std", "Kling 2.5 Turbo Standard", "kling", _second(42),
                        durations=(5, 10))),
        replace(_made("kling-v26-pro", "Kling 2.6 Pro", "kling", _second(140),
                      durations=(5, 6, 7, 8, 9, 10)), sound="asked"),
    )
)  # fmt: skip

_MINIMAX = (
    _made("minimax-video", "MiniMax Video-01", "minimax", _video(500), durations=(6, 10)),
    _made("minimax-hailuo-02", "Hailuo 02", "minimax", _second(45), durations=(6, 10)),
    _made("minimax-hailuo-02-pro", "Hailuo 02 Pro", "minimax", _second(80), durations=(6,)),
    _made("minimax-hailuo-23-standard", "Hailuo 2.3 Standard", "minimax", _second(47),
          durations=(6, 10)),
    _made("minimax-hailuo-23-pro", "Hailuo 2.3 Pro", "minimax", _video(490)),
)  # fmt: skip

_HUNYUAN = (
    Model("hunyuan-video", "Hunyuan Video", "tencent", ("text",), _video(400), durations=(5,),
          choices=_choices((), _ALL, num_frames=("65", "97", "129")), has_pro=True,
          ranges={"num_inference_steps": (10, 50)}),
    Model("hunyuan-video-15", "Hunyuan Video 1.5", "tencent", _BOTH,
          _video(200, r480p=100, r720p=200), takes=("image",),
          choices=_choices(orientation=_ORIENTATION), has_pro=True),
    Model("hunyuan-video-image-to-video", "Hunyuan Image to Video", "tencent", ("image",),
          _video(400), ("image",), ("image",), choices=_choices((), _ALL), has_pro=True,
          ranges={"num_inference_steps": (10, 50)}),
)  # fmt: skip

_WAN = (
    Model("wan-video-image-to-video", "Wan 2.1 Image to Video", "alibaba", ("image",),
          _video(400, r480p=200, r720p=400), ("image",), ("image",),
          choices=_choices((), _SD_HD),
          ranges={"num_frames": (81, 100), "num_inference_steps": (1, 40)}),
    Model("wan-video-22", "Wan 2.2", "alibaba", _BOTH, _second(60, r480p=40, r720p=80),
          takes=("image",), durations=(5, 8),
          choices=_choices((), _SD_HD, orientation=_ORIENTATION)),
    Model("wan-video-22-5b", "Wan 2.2 5B", "alibaba", _BOTH, _video(150), takes=("image",),
          choices=_choices((), ("580p", "720p")), ranges={"num_frames": (81, 121)}),
    Model("wan-video-22-turbo", "Wan 2.2 Turbo", "alibaba", _BOTH,
          _video(100, r480p=50, r580p=75, r720p=100), takes=("image",), durations=(5,),
          choices=_choices(("auto", *_THREE), ("480p", "580p", "720p"))),
    Model("wan-wavespeed-22-plus", "Wan 2.2 Plus", "alibaba", _BOTH,
          _video(250, r480p=100, r720p=250, r1080p=500), takes=("image",), durations=(5,),
          choices=_choices((), _ALL, orientation=_ORIENTATION)),
    Model("wan-wavespeed-25", "Wan 2.5", "alibaba", _BOTH,
          _second(100, r480p=50, r720p=100, r1080p=150), takes=("image", "audio"),
          durations=(5, 10), choices=_choices((), _ALL)),
    Model("wan-wavespeed-26", "Wan 2.6", "alibaba", ("text", "image", "reference"),
          _second(100, r720p=100, r1080p=150),
          takes=("image", "references", "reference_videos", "audio"),
          durations=tuple(range(2, 16)), choices=_choices((), _HD), default_s=5,
          max_references=5),
    Model("wan-wavespeed-video-edit", "Wan Video Edit", "alibaba", ("edit",),
          _second(60, r480p=40, r720p=80), ("prompt", "video"), ("video",),
          choices=_choices((), _SD_HD)),
    Model("wan-wavespeed-22-animate", "Wan 2.2 Animate", "alibaba", ("animate", "replace"),
          _second(60, r480p=40, r720p=80), ("image", "video"), ("image", "video"),
          choices=_choices((), _SD_HD), has_video_field=True),
    Model("wan-wavespeed-s2v", "Wan 2.2 Speech to Video", "alibaba", ("avatar",),
          _second(60, r480p=40, r720p=80), ("image", "audio"), ("image", "audio"),
          choices=_choices((), _SD_HD), sound="always"),
)  # fmt: skip

_SEEDANCE_MODELS = (
    _made("seedance-video", "Seedance 1.0 Pro", "bytedance",
          _second(90, r480p=30, r720p=60, r1080p=150), ratios=_SEEDANCE, resolutions=_ALL,
          durations=(5, 10)),
    _made("seedance-lite-video", "Seedance 1.0 Lite", "bytedance",
          _second(36, r480p=18, r720p=36, r1080p=80), ratios=_SEEDANCE, resolutions=_ALL,
          durations=(5, 10)),
    _made("bytedance-seedance-v1-pro-fast", "Seedance 1.0 Pro Fast", "bytedance",
          _second(40, r480p=15, r720p=40, r1080p=60), resolutions=_ALL,
          ratios=("16:9", "9:16", "1:1", "3:4", "4:3", "21:9"),
          durations=tuple(range(2, 13)), default_s=5),
)  # fmt: skip


def _extend(
    model: str, name: str, owner: str, price: Price, resolutions: tuple[str, ...],
    *, has_video_field: bool = False, durations: tuple[int, ...] = (5, 8),
) -> Model:  # fmt: skip
    """A model that continues a source video of at most 120 s [seed]."""
    return Model(
        model, name, owner, ("extend",), price, ("prompt", "video"), ("video",), durations,
        choices=_choices((), resolutions), has_video_field=has_video_field,
        source_limit_ms=_EXTEND_LIMIT,
    )  # fmt: skip


_EXTENSIONS = (
    _extend("veo3-1-extend", "Veo 3.1 Extend", "google", _second(400), _HD),
    _extend("veo3-1-fast-extend", "Veo 3.1 Fast Extend", "google", _second(150), _HD),
    _extend("wan-wavespeed-25-extend", "Wan 2.5 Extend", "alibaba", _second(100), _SD_HD,
            has_video_field=True),
    _extend("wan-wavespeed-22-spicy-extend", "Wan 2.2 Spicy Extend", "alibaba", _second(60),
            _SD_HD),
    _extend("bytedance-seedance-v1.5-pro-extend", "Seedance 1.5 Pro Extend", "bytedance",
            _second(60), (), durations=()),
)  # fmt: skip

_MORE = (
    _made("pixverse-v45", "PixVerse 4.5", "pixverse", _video(400), durations=(5, 8)),
    _made("pixverse-v5", "PixVerse 5", "pixverse", _video(400), durations=(5, 8)),
    replace(_made("pixverse-v55", "PixVerse 5.5", "pixverse", _video(450)), sound="asked"),
    _made("pixverse-v55-effects", "PixVerse 5.5 Effects", "pixverse", _video(450)),
    replace(_made("lightricks-ltx-2-fast", "LTX-2 Fast", "lightricks", _second(40),
                  durations=tuple(range(6, 21))), sound="asked"),
    replace(_made("lightricks-ltx-2-pro", "LTX-2 Pro", "lightricks", _second(60),
                  durations=(6, 8, 10)), sound="asked"),
    replace(_made("vidu-video", "Vidu", "vidu", _video(400), durations=(5,)),
            choices={"movementAmplitude": ("auto", "small", "medium", "large"),
                     "style": ("general", "anime")}),
    Model("runwayml-gen4-aleph", "Runway Gen-4 Aleph", "runway", ("edit",), _second(180),
          ("prompt", "video"), ("video", "reference_image"), has_video_field=True,
          choices=_choices((*_FIVE, "auto"))),
    Model("midjourney-video", "Midjourney Video", "midjourney", ("image",), _video(300),
          ("image",), ("image",), choices={"motion": ("low", "high")}, videos=4),
    Model("bytedance-waver-1.0", "Waver 1.0", "bytedance", ("image",), _video(300), ("image",),
          ("image", "audio"), (5,)),
    Model("veed-fabric-1.0", "VEED Fabric 1.0", "veed", ("avatar",),
          _second(80, r480p=80, r720p=150), ("image", "audio"), ("image", "audio"),
          choices=_choices((), _SD_HD), sound="always"),
    Model("bytedance-avatar-omni-human-1.5", "OmniHuman 1.5", "bytedance", ("avatar",),
          _second(140), ("image", "audio"), ("image", "audio"), sound="always"),
    Model("kling-v2-avatar-standard", "Kling Avatar 2 Standard", "kling", ("avatar",),
          _second(56), ("image", "audio"), ("image", "audio"), sound="always"),
    Model("kling-v2-avatar-pro", "Kling Avatar 2 Pro", "kling", ("avatar",), _second(115),
          ("image", "audio"), ("image", "audio"), sound="always"),
    Model("kling-lipsync-t2v", "Kling Lip Sync, text", "kling", ("lipsync",), _second(28),
          ("video", "prompt", "voice"), ("video",), choices={"voice_language": ("en", "zh")},
          ranges={"voice_speed": (0.8, 2.0)}, has_video_field=True, sound="always"),
    Model("kling-lipsync-a2v", "Kling Lip Sync, sound", "kling", ("lipsync",), _second(28),
          ("video", "audio"), ("video", "audio"), has_video_field=True, sound="always",
          source_limit_ms=(2_000, 10_000)),
    Model("latentsync", "LatentSync", "bytedance", ("lipsync",), _second(10),
          ("video", "audio"), ("video", "audio"), has_video_field=True, sound="always"),
    Model("video-upscaler", "Video Upscaler", "nanogpt", ("upscale",), _second(20), ("video",),
          ("video",), choices={"target_resolution": ("720p", "1080p", "2k", "4k")}),
    Model("bytedance-seedance-upscaler", "ByteDance Upscaler", "bytedance", ("upscale",),
          _second(20), ("video",), ("video",),
          choices={"target_resolution": ("1080p", "2k", "4k")}),
    Model("seedvr2-video-upscaler", "SeedVR2 Upscaler", "bytedance", ("upscale",), _second(15),
          ("video",), ("video",)),
    Model("magicapi-video-face-swap", "Face Swap", "magicapi", ("face-swap",), _second(30),
          ("swap_image", "target_video"), ("swap_image", "target_video"),
          source_limit_ms=(0, 240_000)),
    Model("longstories-movie", "LongStories Movie", "longstories", ("story",), _second(50),
          ("story",), (), (30, 60, 180, 300, 600), 30,
          choices={"aspectRatio": _WIDE_TALL}, is_story=True, sound="always"),
    Model("longstories-pixel-art", "LongStories Pixel Art", "longstories", ("story",),
          _second(40), ("story",), (), (15, 30, 60, 180, 300, 600), 30,
          choices={"aspectRatio": _WIDE_TALL}, is_story=True, sound="always"),
)  # fmt: skip


def _live(model: str, name: str, owner: str, price: Price, *modes: str) -> Model:
    """A model seen in the live list, whose rules no document tells: it takes what comes."""
    return Model(model, name, owner, modes or _BOTH, price, (), MEDIA_INPUTS,
                 has_video_field=True, is_strict=False, is_documented=False)  # fmt: skip


_LIVE = (
    replace(_live("grok-imagine-video", "Grok Imagine", "xai", _second(70)),
            is_proxied=True, is_relative=True),
    _live("xai/grok-imagine-video/v1.5/image-to-video", "Grok Imagine 1.5", "xai", _second(70),
          "image"),
    _live("bytedance/seedance-2.5", "Seedance 2.5", "bytedance", _second(100)),
    _live("alibaba/wan-3.0-prime", "Wan 3.0 Prime", "alibaba", _second(120)),
    _live("wan-25", "Wan 2.5", "alibaba", _second(100)),
    _live("wan-26", "Wan 2.6", "alibaba", _second(100), "text", "image", "reference"),
    _live("wan-26-flash", "Wan 2.6 Flash", "alibaba", _second(50)),
    _live("wan-22-plus", "Wan 2.2 Plus", "alibaba", _video(250)),
    _live("wan-22-spicy", "Wan 2.2 Spicy", "alibaba", _video(250)),
    _live("wan-22-animate", "Wan 2.2 Animate", "alibaba", _second(60), "animate", "replace"),
    _live("wan-s2v", "Wan Speech to Video", "alibaba", _second(60), "avatar"),
)  # fmt: skip

MODELS: Final[Mapping[str, Model]] = {
    model.id: model
    for family in (
        _VEO, _SORA, _KLING, _MINIMAX, _HUNYUAN, _WAN, _SEEDANCE_MODELS, _EXTENSIONS, _MORE, _LIVE
    )
    for model in family
}  # fmt: skip
"""By id, in the order of the catalogue."""

MIDJOURNEY: Final = MODELS["midjourney-video"]
"""The only model whose jobs can be extended by index [seed]."""

TEXT_MODELS: Final[tuple[tuple[str, str, str, int], ...]] = (
    ("llama-3.3-70b", "Llama 3.3 70B", "meta", 131_072),
    ("deepseek-chat", "DeepSeek Chat", "deepseek", 65_536),
    ("gpt-4o-mini", "GPT-4o mini", "openai", 128_000),
)
"""Id, name, owner and context length of some text models; which ones is assumed."""

CREATED_S: Final = 1_735_689_600
"""When every model says it was made: 2025-01-01; assumed."""


def even(number: float) -> int:
    """The nearest side in pixels that encoders accept."""
    return max(2, round(number / 2) * 2)


def _sizes() -> dict[tuple[str, str], tuple[int, int]]:
    """Width and height by resolution and ratio; the resolution is the shorter side."""
    sides = {"480p": 480, "540p": 540, "580p": 580, "720p": 720, "1080p": 1080, "2k": 1440}
    sides |= {"4k": 2160, "1792x1024": 1024}
    ratios = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "9:21")
    table = {}
    for resolution, side in sides.items():
        for ratio in ratios:
            wide, tall = (int(part) for part in ratio.split(":"))
            long = even(side * max(wide, tall) / min(wide, tall))
            table[resolution, ratio] = (long, side) if wide >= tall else (side, long)
    table["1792x1024", "16:9"] = (1792, 1024)
    table["1792x1024", "9:16"] = (1024, 1792)
    return table


SIZES: Final = _sizes()
