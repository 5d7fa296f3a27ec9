"""NanoGPT's own probes: what models take and refuse, other names of fields, reads, catalogues.

Sources: the seed, and the pages that `contracts/nanogpt/SOURCE.md` lists. The tables are data;
what must come of them is said in `conformance/rules/nanogpt*.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe, json_body

Body = dict[str, Any]

NAME: Final = "modes"
IMAGE: Final = "https://assets.example.com/reference/wave.jpg"
VIDEO: Final = "https://example.com/source.mp4"
SOUND: Final = "https://example.com/voice.mp3"
PIXEL: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FILM: Final = "data:video/mp4;base64,AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDE="
VOICE: Final = "data:audio/mpeg;base64,SUQzBAAAAAAAAA=="
CONVERSATION: Final = "b7c75a5e-1e2a-4d4f-9e5b-6c6e2e2f9a17"
UNKNOWN_RUN: Final = "vid_doesnotexist0"
NO_MODEL: Final = "no-such-model"
UNKNOWN: Final = "unknown"

TEXT: Final[Body] = {"model": "kling-video-v2", "prompt": "A cat at a piano", "duration": "5"}
STILL: Final[Body] = {"model": "kling-v21-standard", "prompt": "The person waves", "duration": "5"}
WAN: Final[Body] = {
    "model": "wan-video-image-to-video",
    "prompt": "Wind in the grass",
    "imageUrl": IMAGE,
}
LIPSYNC: Final[Body] = {
    "model": "kling-lipsync-t2v",
    "video": "https://example.com/face.mp4",
    "prompt": "Hello there",
    "voice_id": "voice_1",
    "voice_language": "en",
    "voice_speed": 1.0,
}
EXTENSION: Final[Body] = {
    "model": "wan-wavespeed-22-spicy-extend",
    "prompt": "Continue smoothly",
    "videoUrl": VIDEO,
    "duration": 5,
    "resolution": "480p",
}
EDIT: Final[Body] = {
    "model": "wan-wavespeed-video-edit",
    "prompt": "Make it snow",
    "videoUrl": VIDEO,
}
AVATAR: Final[Body] = {
    "model": "veed-fabric-1.0",
    "imageDataUrl": PIXEL,
    "audioUrl": SOUND,
    "resolution": "480p",
}
SWAP: Final[Body] = {
    "model": "magicapi-video-face-swap",
    "swapImage": IMAGE,
    "targetVideo": VIDEO,
}
STORY: Final[Body] = {
    "model": "longstories-movie",
    "script": "Once there was a lighthouse.",
    "duration": "60",
    "aspectRatio": "16:9",
}
SORA: Final[Body] = {
    "model": "sora-2",
    "prompt": "A kite over the sea \N{KITE}, 海の上の凧, طائرة ورقية",
    "seconds": "4",
    "orientation": "landscape",
    "resolution": "720p",
}
MIDJOURNEY: Final[Body] = {
    "model": "midjourney-video",
    "prompt": "Drift",
    "imageUrl": IMAGE,
    "motion": "low",
}
HUNYUAN: Final[Body] = {"model": "hunyuan-video", "prompt": "A river", "resolution": "720p"}

_UNTOLD: Final[Body] = {"model": "longstories-movie", "duration": "60"}
_TOLD: Final[Body] = {**_UNTOLD, "prompt": "An old lighthouse"}

KINDS: Final[dict[str, Body]] = {
    "text": TEXT,
    "image": {**STILL, "imageUrl": IMAGE},
    "reference": {
        "model": "kling-video-o1",
        "mode": "reference-to-video",
        "prompt": "The two meet",
        "referenceImages": [IMAGE, PIXEL],
    },
    "edit": EDIT,
    "extend": EXTENSION,
    "animate": {
        "model": "wan-wavespeed-22-animate",
        "mode": "animate",
        "imageUrl": IMAGE,
        "videoUrl": VIDEO,
    },
    "lipsync": LIPSYNC,
    "avatar": AVATAR,
    "upscale": {
        "model": "video-upscaler",
        "videoUrl": VIDEO,
        "target_resolution": "1080p",
        "videoDuration": 6,
    },
    "face-swap": SWAP,
    "story": STORY,
    "story by prompt": _TOLD,
    "story by script and prompt": {**STORY, "prompt": "An old lighthouse"},
    "story by config": {**_UNTOLD, "storyConfig": {"scenes": [{"narration": "Once."}]}},
    "midjourney": MIDJOURNEY,
    "sora": SORA,
}
"""One request of every kind of model, as the pages show it [docs: video-generation; seed]."""


def _without(body: Body, *names: str) -> Body:
    return {name: value for name, value in body.items() if name not in names}


MISSING: Final[dict[str, Body]] = {
    "text without prompt": _without(TEXT, "prompt"),
    "edit without prompt": _without(EDIT, "prompt"),
    "extend without prompt": _without(EXTENSION, "prompt"),
    "image model without image": STILL,
    "image-only model without image": _without(WAN, "imageUrl"),
    "extend without video": _without(EXTENSION, "videoUrl"),
    "extend with a field it does not take": {**_without(EXTENSION, "videoUrl"), "video": VIDEO},
    "edit without video": _without(EDIT, "videoUrl"),
    "lipsync without voice_id": _without(LIPSYNC, "voice_id"),
    "lipsync without video": _without(LIPSYNC, "video"),
    "avatar without sound": _without(AVATAR, "audioUrl"),
    "face swap without video": _without(SWAP, "targetVideo"),
    "story without text": _without(STORY, "script"),
}
"""Requests without something their model needs [seed; docs: video-generation, Model Directory]."""

ALIASES: Final[dict[str, Body]] = {
    "imageDataUrl": {**STILL, "imageDataUrl": PIXEL},
    "imageUrl": {**STILL, "imageUrl": IMAGE},
    "image_data_url": {**STILL, "image_data_url": PIXEL},
    "image": {**STILL, "image": PIXEL},
}
"""Four names of one image [seed]."""

MEDIA_NAMES: Final[dict[str, Body]] = {
    "picture beside an attachment": {**STILL, "imageUrl": IMAGE, "imageAttachmentId": "att_123"},
    "link in image": {**STILL, "image": IMAGE},
    "videoDataUrl": {**_without(EXTENSION, "videoUrl"), "videoDataUrl": FILM},
    "videoDataUrl to edit": {**_without(EDIT, "videoUrl"), "videoDataUrl": FILM},
    "video": {**_without(EXTENSION, "videoUrl"), "model": "wan-wavespeed-25-extend",
              "video": VIDEO},
    "videoUrl": {**EXTENSION, "model": "wan-wavespeed-25-extend"},
    "audioDataUrl": {**_without(AVATAR, "audioUrl"), "audioDataUrl": VOICE},
}  # fmt: skip
"""Other names of a source video, of a sound, and a picture that beats an attachment [seed]."""

SPELLINGS: Final[dict[str, Body]] = {
    "duration text": TEXT,
    "duration number": {**TEXT, "duration": 5},
    "duration with unit": {"model": "veo2-video", "prompt": "An eagle", "duration": "5s"},
    "seed number": {**TEXT, "seed": 42},
    "seed text": {**TEXT, "seed": "42"},
}
"""Types that the documents give a field side by side [seed; openapi]."""

FOREIGN_WORDS: Final[dict[str, Body]] = {
    "unknown key": {**TEXT, "thisKeyDoesNotExist": True},
    "unknown object": {**TEXT, "anotherKey": {"deep": [1, None]}},
    "aspectRatio": {**TEXT, "aspectRatio": "16:9"},
    "negativePrompt": {**TEXT, "negativePrompt": "blur"},
    "proMode": {**TEXT, "proMode": False},
}

EXTRA_MEDIA: Final[dict[str, Body]] = {
    "video on a text model": {**HUNYUAN, "videoUrl": VIDEO},
    "sound on a text model": {**HUNYUAN, "audioUrl": SOUND},
}

EDGES: Final[dict[str, Body]] = {
    "cfg_scale 0": {**TEXT, "cfg_scale": 0},
    "cfg_scale 1": {**TEXT, "cfg_scale": 1},
    "num_inference_steps 1": {**WAN, "num_inference_steps": 1},
    "num_inference_steps 40": {**WAN, "num_inference_steps": 40},
    "frames_per_second 5": {**WAN, "frames_per_second": 5},
    "frames_per_second 24": {**WAN, "frames_per_second": 24},
    "voice_speed 0.8": {**LIPSYNC, "voice_speed": 0.8},
    "voice_speed 2.0": {**LIPSYNC, "voice_speed": 2.0},
}
"""Bounds that belong to what is taken, in every document that names them [seed; docs]."""

NOT_OFFERED: Final[dict[str, Body]] = {
    "duration 7": {"model": "kling-v25-turbo-pro", "prompt": "A street", "duration": "7"},
    "aspect_ratio 7:5": {
        "model": "kling-v25-turbo-pro",
        "prompt": "A street",
        "duration": "5",
        "aspect_ratio": "7:5",
    },
    "voice_language fr": {**LIPSYNC, "voice_language": "fr"},
}

PRO: Final[dict[str, Body]] = {
    "pro_mode": {**SORA, "resolution": "1792x1024", "pro_mode": True},
    "pro": {**SORA, "resolution": "1792x1024", "pro": True},
}

_BYTES: Final = {"small": 2_000_000, "large": 6 * 1024 * 1024}


def probes() -> Iterator[Probe]:
    """Yield every probe: free reads first, then what could start a job."""
    yield from _reads()
    yield from _catalogues()
    tables = {
        "kinds": KINDS, "missing": MISSING, "aliases": ALIASES, "media-names": MEDIA_NAMES,
        "spellings": SPELLINGS,
        "foreign-words": FOREIGN_WORDS, "extra-media": EXTRA_MEDIA, "edges": EDGES,
        "not-offered": NOT_OFFERED, "pro": PRO,
    }  # fmt: skip
    for name, table in tables.items():
        for subject, body in table.items():
            yield create(name, subject, body)
    yield create("pro-refused", "", {**SORA, "resolution": "1792x1024"})
    yield create("no-model", "", {"model": NO_MODEL, "prompt": "A cat"})
    yield create("price", "plain", HUNYUAN)
    yield create("price", "pro", {**HUNYUAN, "pro_mode": True})
    yield create("both-headers", "", TEXT, credentials=(("apiKey", "first"), ("bearer", "first")))
    for size, count in _BYTES.items():
        inline = "data:image/jpeg;base64," + base64.b64encode(_jpeg(count)).decode()
        yield create(f"inline-{size}", "", {**STILL, "imageDataUrl": inline})
    unknown = {"runId": UNKNOWN_RUN, "index": 0}
    yield Probe(
        "POST", "/api/generate-video/extend", NAME, "unknown", "extendVideo",
        body=json_body(unknown), tier=Tier.FUZZ,
    )  # fmt: skip


def _jpeg(count: int) -> bytes:
    """Return bytes of a given number that begin and end like a JPEG file."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(count - 13) + b"\xff\xd9"


def create(probe: str, subject: str, body: Body, **changes: Any) -> Probe:
    """Return a submission that may start a job."""
    return Probe(
        "POST", "/api/generate-video", NAME, probe, "createVideo",
        body=json_body(body), subject=subject, tier=Tier.FUZZ, **changes,
    )  # fmt: skip


def _reads() -> Iterator[Probe]:
    yield _get("missing-id", "getVideoStatus", {})
    story = {"runId": UNKNOWN_RUN, "projectId": "proj_doesnotexist"}
    yield _get("unknown", "getVideoStatus", {"requestId": UNKNOWN_RUN})
    yield _get("unknown", "getVideoStatusDeprecated", {"runId": UNKNOWN_RUN, "model": "veo2-video"})
    yield _get("unknown", "getStoryStatus", story)
    yield _get("unknown", "getVideoContent", {"runId": UNKNOWN_RUN, "model": "sora-2"})
    yield _get("recover", "recoverVideos", {})
    yield _get("recover", "recoverVideos", {"limit": "1"})
    yield _get("recover", "recoverVideos", {"limit": "50"})
    yield _get("recover", "recoverVideos", {"model": NO_MODEL})
    for scheme, label in (("apiKey", "first"), ("bearer", "first"), ("apiKey", "second")):
        yield Probe(
            "POST", "/api/check-balance", NAME, "balance", "checkBalance",
            credentials=((scheme, label),), subject=scheme,
        )  # fmt: skip


def _catalogues() -> Iterator[Probe]:
    keys: dict[str, tuple[tuple[str, str], ...]] = {
        "no key": (),
        "unknown x-api-key": (("apiKey", UNKNOWN),),
        "unknown bearer": (("bearer", UNKNOWN),),
    }
    for operation in ("listModels", "listVideoModels"):
        for subject, credentials in keys.items():
            yield _get("open", operation, {}, subject=subject, credentials=credentials)
        for detailed in ("true", "false"):
            yield _get("catalogue", operation, {"detailed": detailed}, credentials=())
    # What the target offers decides which rows of other operations can be judged.
    yield Probe("GET", PATHS["listVideoModels"], NAME, "offers", credentials=())
    yield _get("sort", "listModels", {"sort": "zzz"}, credentials=())
    yield _get("catalogue", "listModelsByKind", {}, credentials=())


PATHS: Final = {
    "getVideoStatus": "/api/video/status",
    "getVideoStatusDeprecated": "/api/generate-video/status",
    "getStoryStatus": "/api/v1/video/status",
    "recoverVideos": "/api/generate-video/recover",
    "getVideoContent": "/api/generate-video/content",
    "listModels": "/api/v1/models",
    "listVideoModels": "/api/v1/video-models",
    "listModelsByKind": "/api/models",
}


def _get(probe: str, operation: str, query: dict[str, str], **changes: Any) -> Probe:
    return Probe("GET", PATHS[operation], NAME, probe, operation, query=query, **changes)
