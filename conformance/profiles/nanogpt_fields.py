"""NanoGPT's fields that some models take only, each with a request of such a model.

Unknown keys are ignored [seed], and what another model makes of these is said nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.profiles import nanogpt_bodies as bodies

_STORY: Final = {
    "model": "longstories-movie",
    "script": "Once there was a lighthouse.",
    "duration": "30",
}
_UPSCALE: Final = {
    "model": "video-upscaler",
    "videoUrl": bodies.VIDEO,
    "target_resolution": "1080p",
    "videoDuration": 6,
}
_FIELDS: Final[tuple[tuple[dict[str, Any] | None, str], ...]] = (
    (
        _STORY,
        "script storyConfig animation language characters projectId framework "
        "shortRequestEnhancer targetLengthInWords targetLengthInSeconds directorNotes aspectRatio "
        "scriptConfig imageConfig videoConfig voiceoverConfig captionsConfig effectsConfig "
        "musicConfig voice captionsShow captionsStyle effects quality music",
    ),
    (_UPSCALE, "target_resolution videoDuration billedDuration adjust_fps_for_interpolation"),
    (bodies.LIPSYNC, "voiceId voice_id voice_language voice_speed"),
    ({**bodies.SORA, "prompt": "A kite over the sea"}, "seconds orientation pro_mode pro"),
    (bodies.WAN, "num_frames frames_per_second num_inference_steps camera_fix camera_fixed "
                 "cameraFixed"),
    (bodies.SWAP, "swapImage targetVideo targetFaceIndex"),
    (
        {"model": "veo3-video", "prompt": "A street", "duration": "8"},
        "generateAudio enhancePrompt",
    ),
    (
        {"model": "wan-video-22-5b", "prompt": "A street", "resolution": "720p"},
        "guidance_scale shift interpolator_model num_interpolated_frames",
    ),
    (
        {"model": "vidu-video", "prompt": "A street"},
        "movementAmplitude style",
    ),
    (
        {"model": "minimax-hailuo-02", "prompt": "A street", "duration": "6"},
        "prompt_optimizer enable_prompt_expansion",
    ),
    (bodies.MIDJOURNEY, "motion"),
    (bodies.AVATAR, "audioDataUrl audioUrl audio audioDuration"),
    (bodies.EDIT, "videoUrl videoDataUrl videoAttachmentId"),
    (bodies.KINDS["reference"], "referenceImages referenceVideos"),
    ({**bodies.EDIT, "model": "runwayml-gen4-aleph"}, "reference_image"),
    # The model of these is gone [docs-history: 2026-01-17].
    (None, "age_slider audioEnabled video_quality aspect"),
)  # fmt: skip


def _takers() -> Iterator[tuple[str, dict[str, Any] | None]]:
    for body, names in _FIELDS:
        yield from ((name, body) for name in names.split())


TAKERS: Final[dict[str, Any]] = dict(_takers())

UNBOUNDED: Final = frozenset(
    {
        "videoDuration", "billedDuration", "audioDuration", "targetFaceIndex",
        "num_interpolated_frames",
    }
)  # fmt: skip
"""Numbers of which no source says that they are not negative."""
