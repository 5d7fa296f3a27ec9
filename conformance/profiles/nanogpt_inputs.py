"""What NanoGPT's models take and refuse, by table: needs, other names, spellings, bounds.

The tables are data; what must come of them is said in `conformance/rules/nanogpt*.py`.
"""

from __future__ import annotations

from typing import Final

from conformance.profiles.nanogpt_bodies import (
    AVATAR,
    EDIT,
    EXTENSION,
    FILM,
    HUNYUAN,
    IMAGE,
    KINDS,
    LIPSYNC,
    PIXEL,
    SORA,
    SOUND,
    STILL,
    STORY,
    SWAP,
    TEXT,
    VIDEO,
    VOICE,
    WAN,
    Body,
)  # fmt: skip


def without(body: Body, *names: str) -> Body:
    """Return a body without some members."""
    return {name: value for name, value in body.items() if name not in names}


MISSING: Final[dict[str, Body]] = {
    "text without prompt": without(TEXT, "prompt"),
    "edit without prompt": without(EDIT, "prompt"),
    "extend without prompt": without(EXTENSION, "prompt"),
    "image model without image": STILL,
    "image-only model without image": without(WAN, "imageUrl"),
    "extend without video": without(EXTENSION, "videoUrl"),
    "extend with a field it does not take": {**without(EXTENSION, "videoUrl"), "video": VIDEO},
    "edit without video": without(EDIT, "videoUrl"),
    "lipsync without voice_id": without(LIPSYNC, "voice_id"),
    "lipsync with voiceId alone": {**without(LIPSYNC, "voice_id"), "voiceId": "oversea_male1"},
    "lipsync without video": without(LIPSYNC, "video"),
    "avatar without sound": without(AVATAR, "audioUrl"),
    "face swap without video": without(SWAP, "targetVideo"),
    "story without text": without(STORY, "script"),
}
"""Requests without something their model needs [seed; docs: video-generation, Model Directory]."""

ALIASES: Final[dict[str, Body]] = {
    "imageDataUrl": {**STILL, "imageDataUrl": PIXEL},
    "imageUrl": {**STILL, "imageUrl": IMAGE},
    "image_data_url": {**STILL, "image_data_url": PIXEL},
    "image": {**STILL, "image": PIXEL},
}
"""Four names of one image [seed]."""

PICTURED: Final[dict[str, Body]] = {
    model: {"model": model, "prompt": "The person waves", **more}
    for model, more in (
        ("kling-v21-pro", {}),
        ("kling-video-v2", {}),
        ("veo2-video", {}),
        ("kling-video-o1", {}),
        ("wan-video-image-to-video", {}),
        ("hunyuan-video-image-to-video", {}),
        ("midjourney-video", {}),
        ("wan-wavespeed-22-animate", {"videoUrl": VIDEO}),
        ("veed-fabric-1.0", {"audioUrl": SOUND}),
    )
}
"""Requests that lack a picture alone, or may have one: by text, picture, driver, sound."""

FILMED: Final[dict[str, Body]] = {
    "wan-wavespeed-22-spicy-extend": {"prompt": "On"},
    "wan-wavespeed-25-extend": {"prompt": "On"},
    "veo3-1-extend": {"prompt": "On"},
    "wan-wavespeed-video-edit": {"prompt": "Make it snow"},
    "runwayml-gen4-aleph": {"prompt": "Make it snow"},
    "wan-wavespeed-22-animate": {"imageUrl": IMAGE},
    "video-upscaler": {"target_resolution": "1080p", "videoDuration": 6},
}
"""What stands beside a source video, by model."""

VOICED: Final[dict[str, Body]] = {
    "veed-fabric-1.0": {"imageUrl": IMAGE},
    "wan-wavespeed-s2v": {"imageUrl": IMAGE},
    "bytedance-avatar-omni-human-1.5": {"imageUrl": IMAGE},
    "kling-lipsync-a2v": {"video": VIDEO},
    "latentsync": {"videoUrl": VIDEO},
}
"""What stands beside a sound, by model."""

_PICTURES: Final = {
    "imageUrl": IMAGE, "imageDataUrl": PIXEL, "image_data_url": PIXEL, "image": PIXEL,
}  # fmt: skip
_FILMS: Final = {"videoUrl": VIDEO, "videoDataUrl": FILM}
_SOUNDS: Final = {"audioUrl": SOUND, "audioDataUrl": VOICE, "audio": SOUND}


def _named(bodies: dict[str, Body], names: dict[str, str]) -> dict[str, Body]:
    """Return a request of every model with its input under every name."""
    return {
        f"{model}: {name}": {"model": model, **body, name: value}
        for model, body in bodies.items()
        for name, value in names.items()
    }


MEDIA_NAMES: Final[dict[str, Body]] = {
    "picture beside an attachment": {**STILL, "imageUrl": IMAGE, "imageAttachmentId": "att_123"},
    "link in image": {**STILL, "image": IMAGE},
    "videoDataUrl": {**without(EXTENSION, "videoUrl"), "videoDataUrl": FILM},
    "videoDataUrl to edit": {**without(EDIT, "videoUrl"), "videoDataUrl": FILM},
    "video": {**without(EXTENSION, "videoUrl"), "model": "wan-wavespeed-25-extend",
              "video": VIDEO},
    "videoUrl": {**EXTENSION, "model": "wan-wavespeed-25-extend"},
    "audioDataUrl": {**without(AVATAR, "audioUrl"), "audioDataUrl": VOICE},
    "imageUrl and image": {**STILL, "imageUrl": IMAGE, "image": IMAGE},
    "imageDataUrl and image_data_url": {**STILL, "imageDataUrl": PIXEL, "image_data_url": PIXEL},
    **_named(PICTURED, _PICTURES),
    **_named(FILMED, _FILMS),
    **_named(VOICED, _SOUNDS),
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
    "num_inference_steps 50": {**HUNYUAN, "num_inference_steps": 50},
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
    "pro_mode of Hunyuan": {**HUNYUAN, "pro_mode": True},
    "pro of Hunyuan": {**HUNYUAN, "pro": True},
    "pro and pro_mode of Hunyuan": {**HUNYUAN, "pro": True, "pro_mode": True},
}

TABLES: Final[dict[str, dict[str, Body]]] = {
    "kinds": KINDS, "missing": MISSING, "aliases": ALIASES, "media-names": MEDIA_NAMES,
    "spellings": SPELLINGS, "foreign-words": FOREIGN_WORDS, "extra-media": EXTRA_MEDIA,
    "edges": EDGES, "not-offered": NOT_OFFERED, "pro": PRO,
}  # fmt: skip
"""Every table by the name of the probes that are made of it."""
