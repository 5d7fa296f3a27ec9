"""The fields of the other NanoGPT's submissions, with their types, bounds and options.

Taken from the vendor's documents; a `dict` is an object's members, a one-element list an array's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


def _words(text: str) -> list[str]:
    return text.split()


@dataclass(frozen=True)
class Number:
    """A number between two bounds, both included; `whole` ones have no fraction."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False


@dataclass(frozen=True)
class Option:
    """One of some texts."""

    texts: tuple[str, ...]


class Link:
    """An http(s) link or a data URL, or nothing."""


_STYLES = _words("""
    default no_style engaging_conversational dixit_biography kind_biography hero_journey
    emotional_story dramatic_reveal heartwarming_stories educational_history news_brief
""")
_PICTURE_MODELS = _words("""
    flux_schnell flux_lora flux_pro flux_pro_ultra flux-kontext recraft sdxl sdxl_lora
    sd35_large sd35_medium sd35_large_turbo leonardo_flux_precision
    leonardo_phoenix_quality leonardo_phoenix_ultra reve-v1 hidream_fast hidream_dev
    hidream_full gpt_image_1 imagen4_preview midjourney
""")
_LORAS = _words("""
    ghibsky-comic-book colour-sketches sketch-paint 90s-anime 2000s-crime-thrillers
    xno-symbol-flux
""")
_CLIP_MODELS = _words("""
    ltx_video_13b_distilled ltx_video stable_video motion kling_v1_6_std_5s
    kling_v2_1_std_5s ltx_video_13b_dev skyreels vidu kling_v1_6_std_10s
    kling_v2_1_std_10s kling_v2_1_pro_5s luma_ray2 kling_pro_5s minimax wan_i2v motion_2
    kling_v2_1_pro_10s wan_pro luma_ray2_hd kling_pro_10s kling_v2_1_master_5s
    kling_v2_master_5s veo2 kling_v2_1_master_10s kling_v2_master_10s
""")
_VOICES = _words("""
    9BWtsMINqrJLrRacOk9x CwhRBWXzGAHq8TQ4Fs17 EXAVITQu4vr4xnSDxMaL FGY2WhTYpPnrIDTdsKH5
    IKne3meq5aSn9XLyUdCD JBFqnCBsd6RMkjVDRZzb N2lVS1w4EtoT3dr4eOWO SAz9YHcvj6GT2YYXdXww
    TX3LPaxmHKxFdv7VOQHJ XB0fDUnXU5powFXDhCwa Xb7hH8MSUJpSbSDYk0k2 XrExE9yKIg1WjnnlVkGX
    bIHbv24MWmeRgasZH58o cgSgspJ2msm6clMCkdW9 cjVigY5qzO86Huf0OWal nPczCjzI2devNBz1zQrb
    onwK4e9ZLuTAKqWW03F9 pqHfZKP75CvOlQylNhV4 pFZP5JQG7iQjIQuC4Bku KHCvMklQZZo0O30ERnVn
    Nh2zY9kknu6z4pZy6FhD LlZr3QuzbW4WrPjgATHG YExhVa4bZONzeingloMX m1VE7dnwBN0zMer3LcKv
    zWDA589rUKXuLnPRDtAG YYHkBdgrAwQWIaH6m2ai
""")
_CAPTIONS = _words("""
    default minimal neon cinematic fancy tiktok highlight gradient intellectual vida
    manuscripts subtitle modern bounce popcorn typewriter handwritten karaoke retro gaming
""")
_TRANSITIONS = _words("""
    fade random slide wipe flip none
""")
_TRACKS = _words("""
    temple_of_treasures gentle_ambient_loop serene_ambience soothing_ambience
    soothing_ambient_backdrop tranquil_ambience dreamscape belonging_resonance
    vivid_memories cinematic_intro cinematic_teaser dramatic_cinematic_score
    thriller_cinema_trailer fractured_paintings promise_of_tomorrow
    spooky_orchestral_theme light_upbeat_melody puzzle_time stomping_drums_rhythm
    stomps_and_claps_rhythm_track news_theme adventurous_intro burlesque_sweetheart
    highway_nocturne_national_sweetheart haptic_sensation
""")

_TEXT, _FLAG, _ANY, _WHOLE = str, bool, Number(), Number(whole=True)
_REFERENCES = [(str, {"url": str})]
FIELDS: dict[str, Any] = {
    **dict.fromkeys(_words("""
        conversationUUID prompt negative_prompt script language aspect_ratio orientation resolution
        target_resolution size mode voiceId voice_id voice_language image imageAttachmentId audio
        reference_image video videoAttachmentId swapImage targetVideo interpolator_model model
        movementAmplitude style projectId directorNotes aspectRatio voice music
    """), _TEXT),
    **dict.fromkeys(_words("""
        animation generateAudio enhancePrompt pro_mode pro enable_prompt_expansion acceleration
        enable_safety_checker showExplicitContent camera_fix camera_fixed cameraFixed audioEnabled
        adjust_fps_for_interpolation prompt_optimizer shortRequestEnhancer captionsShow
    """), _FLAG),
    **dict.fromkeys(_words("""
        imageDataUrl image_data_url imageUrl audioDataUrl audioUrl videoUrl videoDataUrl
    """), Link),
    **dict.fromkeys(_words("duration seconds seed"), (str, _ANY)),
    **dict.fromkeys(_words("targetLengthInWords targetLengthInSeconds"), _WHOLE),
    **dict.fromkeys(_words("videoDuration billedDuration audioDuration"), Number(0)),
    "targetFaceIndex": Number(0),
    **dict.fromkeys(_words("guidance_scale shift"), _ANY),
    **dict.fromkeys(_words("referenceImages referenceVideos"), _REFERENCES),
    "characters": [object],
    "num_frames": (str, _WHOLE),
    "num_interpolated_frames": Number(0, whole=True),
    "cfg_scale": Number(0, 20),
    "voice_speed": Number(0.8, 2.0),
    "frames_per_second": Number(5, 24, whole=True),
    "num_inference_steps": Number(1, 50, whole=True),
    "age_slider": Number(18, 60, whole=True),
    "framework": Option(("default", "emotional_story", "product_showcase", "tutorial")),
    "quality": Option(("low", "medium", "high")),
    "video_quality": Option(("Standard", "High")),
    "aspect": Option(("Portrait", "Landscape", "Square")),
    "captionsStyle": Option((*_CAPTIONS[:8], "instagram", "vida", "manuscripts")),
    "motion": (str, {"enabled": _FLAG, "strength": Number(1, 10, whole=True)}),
    "storyConfig": {},
    "effects": {"transition": _TEXT, "floating": _FLAG},
    "scriptConfig": {
        "style": Option(tuple(_STYLES)),
        "targetLengthInSeconds": Number(5, 600, whole=True),
    },
    "imageConfig": {
        "model": Option(tuple(_PICTURE_MODELS)),
        "loraConfig": {"loraSlug": Option(tuple(_LORAS))},
    },
    "videoConfig": {"enabled": _FLAG, "model": Option(tuple(_CLIP_MODELS))},
    "voiceoverConfig": {"enabled": _FLAG, "voiceId": Option(tuple(_VOICES))},
    "captionsConfig": {"captionsEnabled": _FLAG, "captionsStyle": Option(tuple(_CAPTIONS))},
    "effectsConfig": {"transition": Option(tuple(_TRANSITIONS)), "floating": _FLAG},
    "musicConfig": {
        "enabled": _FLAG, "musicSlug": Option(("", *_TRACKS)), "volume": Number(0, 1),
        "loop": _FLAG,
    },
}  # fmt: skip


def fits(value: Any, kind: Any) -> bool:
    """Whether a JSON value is of a kind; a tuple offers several."""
    if isinstance(kind, tuple):
        return any(fits(value, each) for each in kind)
    if isinstance(kind, list):
        return isinstance(value, list) and all(fits(each, kind[0]) for each in value)
    if isinstance(kind, Option):
        return isinstance(value, str) and value in kind.texts
    if isinstance(kind, Number):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and kind.low <= value <= kind.high and not (kind.whole and value % 1)
    if isinstance(kind, dict):
        is_object = isinstance(value, dict) and not (kind.keys() == {"url"} and "url" not in value)
        return is_object and all(fits(value[n], k) for n, k in kind.items() if n in value)
    if kind is Link:
        starts = ("http://", "https://", "data:")
        return isinstance(value, str) and (not value or value.startswith(starts))
    return isinstance(value, kind)
