"""NanoGPT's requests by kind of model, as the pages show them, and what stands in them.

Sources: the seed, and the pages that `contracts/nanogpt/SOURCE.md` lists.
"""

from __future__ import annotations

from typing import Any, Final

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
