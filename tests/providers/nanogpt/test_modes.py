"""Modes, aliases and the rules a model: pure, total, and as the documents say."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.core.errors import RuleBroken, TooLarge
from simulator.providers.nanogpt import modes
from simulator.providers.nanogpt.catalog import INLINE_LIMIT_BYTES, INPUT_FIELDS, MODELS, USD

LINK = "https://example.com/a"
DATA = "data:image/jpeg;base64,/9j/4AAQSkZJRg=="
VOICE = {"voice_id": "v", "voice_language": "en"}
INPUTS: dict[str, dict[str, Any]] = {
    "prompt": {"prompt": "A cat"},
    "image": {"imageUrl": LINK},
    "video": {"videoUrl": LINK},
    "audio": {"audioUrl": LINK},
    "voice": {"voice_id": "v"},
    "swap_image": {"swapImage": LINK},
    "target_video": {"targetVideo": LINK},
    "story": {"script": "Once."},
}


def read(model: str, **given: Any) -> modes.Job:
    return modes.read(MODELS[model], {"model": model, **given})


def sufficient(model_id: str) -> dict[str, Any]:
    """A request with exactly what a model needs."""
    model = MODELS[model_id]
    needs = model.needs or ("prompt", "image")
    parts = [INPUTS[noun] for noun in needs]
    return {name: value for part in parts for name, value in part.items()}


@pytest.mark.parametrize(
    ("model", "given", "mode"),
    [
        ("kling-video-v2", {"prompt": "x"}, "text"),
        ("kling-video-v2", {"prompt": "x", "imageUrl": LINK}, "image"),
        ("kling-video-v2", {"prompt": "x", "imageDataUrl": DATA}, "image"),
        ("kling-video-v2", {"prompt": "x", "image_data_url": DATA}, "image"),
        ("kling-video-v2", {"prompt": "x", "image": LINK}, "image"),
        ("kling-video-v2", {"prompt": "x", "imageAttachmentId": "att"}, "image"),
        ("kling-video-v2", {"prompt": "x", "imageUrl": ""}, "text"),
        ("kling-video-v2", {"prompt": "x", "mode": "video-edit"}, "text"),
        ("kling-video-v2", {"prompt": "x", "mode": "text-to-video", "imageUrl": LINK}, "text"),
        ("kling-v21-standard", {"imageUrl": LINK}, "image"),
        ("kling-video-o1", {"prompt": "x"}, "text"),
        ("kling-video-o1", {"prompt": "x", "imageUrl": LINK}, "image"),
        ("kling-video-o1", {"prompt": "x", "videoUrl": LINK}, "edit"),
        ("kling-video-o1", {"prompt": "x", "videoUrl": LINK, "imageUrl": LINK}, "edit"),
        ("kling-video-o1", {"prompt": "x", "referenceImages": [LINK]}, "reference"),
        ("kling-video-o1", {"prompt": "x", "referenceVideos": [{"url": LINK}]}, "reference"),
        (
            "kling-video-o1",
            {"prompt": "x", "referenceImages": [LINK], "videoUrl": LINK},
            "reference",
        ),
        ("kling-video-o1", {"prompt": "x", "referenceImages": []}, "text"),
        ("wan-wavespeed-26", {"prompt": "x", "referenceImages": [LINK]}, "reference"),
        ("wan-wavespeed-video-edit", {"prompt": "x", "videoUrl": LINK}, "edit"),
        ("runwayml-gen4-aleph", {"prompt": "x", "video": LINK}, "edit"),
        ("veo3-1-extend", {"prompt": "x", "videoUrl": LINK}, "extend"),
        ("kling-lipsync-t2v", {"prompt": "x", "video": LINK, **VOICE}, "lipsync"),
        ("kling-lipsync-a2v", {"video": LINK, "audio": LINK}, "lipsync"),
        ("veed-fabric-1.0", {"imageUrl": LINK, "audioUrl": LINK}, "avatar"),
        ("wan-wavespeed-22-animate", {"image": LINK, "video": LINK}, "animate"),
        ("wan-wavespeed-22-animate", {"image": LINK, "video": LINK, "mode": "replace"}, "replace"),
        ("video-upscaler", {"videoUrl": LINK}, "upscale"),
        ("magicapi-video-face-swap", {"swapImage": LINK, "targetVideo": LINK}, "face-swap"),
        ("longstories-movie", {"script": "x"}, "story"),
        ("longstories-movie", {"storyConfig": {"scenes": []}}, "story"),
        ("wan-26", {"referenceImages": [LINK], "prompt": "x"}, "reference"),
    ],
)
def test_the_mode_follows_from_model_and_inputs(
    model: str, given: dict[str, Any], mode: str
) -> None:
    assert read(model, **given).mode == mode


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_content_with_what_it_needs(model: str) -> None:
    job = read(model, **sufficient(model))
    assert job.mode in MODELS[model].modes
    assert job.duration_ms > 0
    assert job.cost_nanos > 0
    assert all(spec.width > 0 and spec.height > 0 for spec in job.outputs)


@pytest.mark.parametrize("model", [item.id for item in MODELS.values() if item.needs])
def test_every_needed_input_is_missed(model: str) -> None:
    for noun in MODELS[model].needs:
        given = sufficient(model)
        for name in INPUT_FIELDS[noun]:
            given.pop(name, None)
        with pytest.raises(RuleBroken) as caught:
            read(model, **given)
        assert caught.value.rule == "missing_input"


@pytest.mark.parametrize(
    ("model", "given", "rule", "pointer"),
    [
        ("hunyuan-video", {"prompt": "x", "videoUrl": LINK}, "media_not_taken", "/videoUrl"),
        ("kling-video", {"prompt": "x", "imageUrl": LINK}, "media_not_taken", "/imageUrl"),
        ("veo3-1-extend", {"prompt": "x", "video": LINK}, "media_not_taken", "/video"),
        (
            "wan-wavespeed-22-spicy-extend",
            {"prompt": "x", "video": LINK},
            "media_not_taken",
            "/video",
        ),
        (
            "kling-v25-turbo-pro",
            {"prompt": "x", "duration": "7"},
            "duration_not_offered",
            "/duration",
        ),
        (
            "kling-v25-turbo-pro",
            {"prompt": "x", "duration": 5.5},
            "duration_not_offered",
            "/duration",
        ),
        ("kling-v26-pro", {"prompt": "x", "duration": "5 s"}, "duration_not_offered", "/duration"),
        (
            "veo3-fast-video",
            {"prompt": "x", "duration": "soon"},
            "duration_not_offered",
            "/duration",
        ),
        ("veo3-fast-video", {"prompt": "x", "duration": 0}, "duration_not_offered", "/duration"),
        ("sora-2", {"prompt": "x", "seconds": "5"}, "duration_not_offered", "/seconds"),
        ("sora-2", {"prompt": "x", "orientation": "square"}, "value_not_offered", "/orientation"),
        ("sora-2", {"prompt": "x", "resolution": "1792x1024"}, "pro_required", "/resolution"),
        (
            "kling-v25-turbo-pro",
            {"prompt": "x", "aspect_ratio": "7:5"},
            "value_not_offered",
            "/aspect_ratio",
        ),
        ("seedance-video", {"prompt": "x", "resolution": "4k"}, "value_not_offered", "/resolution"),
        ("hunyuan-video", {"prompt": "x", "num_frames": 66}, "value_not_offered", "/num_frames"),
        ("kling-video-v2", {"prompt": "x", "cfg_scale": 1.5}, "out_of_range", "/cfg_scale"),
        (
            "hunyuan-video",
            {"prompt": "x", "num_inference_steps": 9},
            "out_of_range",
            "/num_inference_steps",
        ),
        ("wan-video-22-5b", {"prompt": "x", "num_frames": "many"}, "out_of_range", "/num_frames"),
        (
            "vidu-video",
            {"prompt": "x", "movementAmplitude": "huge"},
            "value_not_offered",
            "/movementAmplitude",
        ),
        ("midjourney-video", {"imageUrl": LINK, "motion": "fast"}, "value_not_offered", "/motion"),
        (
            "kling-lipsync-t2v",
            {"prompt": "x", "video": LINK, "voice_id": "v", "voice_language": "fr"},
            "value_not_offered",
            "/voice_language",
        ),
        (
            "longstories-movie",
            {"prompt": "x", "aspectRatio": "1:1"},
            "value_not_offered",
            "/aspectRatio",
        ),
        (
            "wan-wavespeed-26",
            {"prompt": "x", "referenceImages": [LINK] * 6},
            "too_many_references",
            "/referenceImages",
        ),
        ("kling-video-o1", {"prompt": "x", "mode": "video-edit"}, "missing_input", "/videoUrl"),
        (
            "kling-video-o1",
            {"prompt": "x", "mode": "reference-to-video"},
            "missing_input",
            "/referenceImages",
        ),
    ],
)
def test_a_rule_of_the_model_is_named(
    model: str, given: dict[str, Any], rule: str, pointer: str
) -> None:
    with pytest.raises(RuleBroken) as caught:
        read(model, **given)
    assert (caught.value.rule, caught.value.pointer) == (rule, pointer)


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("hunyuan-video", {"prompt": "x", "videoUrl": "", "imageUrl": ""}),
        ("grok-imagine-video", {"prompt": "x", "videoUrl": LINK, "audioUrl": LINK}),
        ("kling-video-v2", {"prompt": "x", "aspectRatio": "1:1", "style": "anything"}),
        ("hunyuan-video", {"prompt": "x", "num_frames": "129"}),
        ("sora-2", {"prompt": "x", "resolution": "1792x1024", "pro": True}),
        ("longstories-movie", {"prompt": "x", "motion": {"enabled": True}}),
    ],
)
def test_what_no_rule_forbids_is_taken(model: str, given: dict[str, Any]) -> None:
    assert read(model, **given).cost_nanos > 0


@pytest.mark.parametrize(
    ("model", "given", "seconds"),
    [
        ("veo2-video", {"prompt": "x", "duration": "30s"}, 30),
        ("kling-video-v2", {"prompt": "x", "duration": 10}, 10),
        ("kling-video-v2", {"prompt": "x", "duration": 10.0}, 10),
        ("kling-video-v2", {"prompt": "x"}, 5),
        ("sora-2", {"prompt": "x", "seconds": "8"}, 8),
        ("sora-2", {"prompt": "x", "duration": 12}, 12),
        ("veo3-fast-video", {"prompt": "x", "duration": "6s"}, 6),
        (
            "bytedance-avatar-omni-human-1.5",
            {"image": LINK, "audio": LINK, "audioDuration": 4.2},
            4.2,
        ),
        ("video-upscaler", {"videoUrl": LINK, "videoDuration": 6, "billedDuration": 2}, 2),
        ("video-upscaler", {"videoUrl": LINK, "videoDuration": 1e300}, 3600),
        (
            "wan-video-image-to-video",
            {"imageUrl": LINK, "num_frames": 96, "frames_per_second": 16},
            6,
        ),
        ("longstories-movie", {"script": "x", "duration": "60"}, 60),
    ],
)
def test_the_length_is_read_in_every_form(
    model: str, given: dict[str, Any], seconds: float
) -> None:
    assert read(model, **given).duration_ms == seconds * 1000


def test_pro_mode_doubles_the_price() -> None:
    plain = read("hunyuan-video", prompt="x", resolution="720p")
    assert read("hunyuan-video", prompt="x", resolution="720p", pro_mode=True).cost_nanos == (
        2 * plain.cost_nanos
    )
    assert read("kling-video-v2", prompt="x", pro=True).cost_nanos == (
        read("kling-video-v2", prompt="x").cost_nanos
    )


def test_the_printed_example_price_holds() -> None:
    assert read("veo2-video", prompt="x", duration="5s").cost_nanos == 35 * USD // 100


def test_resolution_and_length_drive_the_price() -> None:
    small = read("seedance-video", prompt="x", resolution="480p", duration="5")
    large = read("seedance-video", prompt="x", resolution="1080p", duration="5")
    longer = read("seedance-video", prompt="x", resolution="1080p", duration="10")
    assert small.cost_nanos < large.cost_nanos
    assert longer.cost_nanos == 2 * large.cost_nanos


@pytest.mark.parametrize(
    ("model", "given", "size"),
    [
        ("kling-video-v2", {"prompt": "x"}, (1280, 720)),
        ("kling-video-v2", {"prompt": "x", "aspect_ratio": "9:16"}, (720, 1280)),
        (
            "seedance-video",
            {"prompt": "x", "aspect_ratio": "1:1", "resolution": "480p"},
            (480, 480),
        ),
        ("sora-2", {"prompt": "x", "resolution": "1792x1024", "pro_mode": True}, (1792, 1024)),
        ("sora-2", {"prompt": "x", "orientation": "portrait"}, (720, 1280)),
        ("video-upscaler", {"videoUrl": LINK, "target_resolution": "4k"}, (3840, 2160)),
        (
            "runwayml-gen4-aleph",
            {"prompt": "x", "videoUrl": LINK, "aspect_ratio": "auto"},
            (1280, 720),
        ),
        ("vidu-video", {"prompt": "x", "size": "1920x1080"}, (1920, 1080)),
        ("vidu-video", {"prompt": "x", "size": "832*480"}, (832, 480)),
        ("vidu-video", {"prompt": "x", "size": "enormous"}, (1280, 720)),
        ("longstories-movie", {"script": "x"}, (720, 1280)),
    ],
)
def test_the_picture_has_the_size_that_was_asked_for(
    model: str, given: dict[str, Any], size: tuple[int, int]
) -> None:
    spec = read(model, **given).outputs[0]
    assert (spec.width, spec.height) == size


def test_midjourney_makes_four_videos() -> None:
    assert len(read("midjourney-video", imageUrl=LINK).outputs) == 4


@pytest.mark.parametrize(
    ("model", "given", "is_heard"),
    [
        ("veo3-video", {"prompt": "x"}, False),
        ("veo3-video", {"prompt": "x", "generateAudio": True}, True),
        ("sora-2", {"prompt": "x"}, True),
        ("kling-video-v2", {"prompt": "x", "generateAudio": True}, False),
    ],
)
def test_sound_is_made_where_the_model_can_and_was_asked(
    model: str, given: dict[str, Any], is_heard: bool
) -> None:
    assert read(model, **given).outputs[0].has_audio is is_heard


def test_inline_media_is_measured_after_decoding() -> None:
    fits = "data:image/png;base64," + "A" * (INLINE_LIMIT_BYTES // 3 * 4) + "AA=="
    assert read("kling-v21-standard", imageDataUrl=fits).mode == "image"
    with pytest.raises(TooLarge) as caught:
        read("kling-v21-standard", imageDataUrl=fits[:-2] + "AAAA")
    assert caught.value.pointer == "/imageDataUrl"


def test_inline_media_inside_references_is_measured() -> None:
    large = "data:image/png;base64," + "A" * (INLINE_LIMIT_BYTES * 2)
    with pytest.raises(TooLarge):
        read("kling-video-o1", prompt="x", referenceImages=[{"url": large}])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("data:image/png;base64,AAAA", 3),
        ("data:image/png;base64,AAA=", 2),
        ("data:image/png;base64,AA==", 1),
        ("data:text/plain,abc", 3),
        ("AAAA", 3),
        (LINK, 0),
    ],
)
def test_decoded_size(text: str, size: int) -> None:
    assert modes.decoded_bytes(text) == size


@pytest.mark.parametrize(("source_ms", "is_refused"), [(120_000, False), (120_001, True)])
def test_a_source_video_lasts_at_most_two_minutes(source_ms: int, is_refused: bool) -> None:
    given = {"model": "veo3-1-extend", "prompt": "x", "videoUrl": LINK}
    if not is_refused:
        assert modes.read(MODELS["veo3-1-extend"], given, source_ms).mode == "extend"
        return
    with pytest.raises(RuleBroken) as caught:
        modes.read(MODELS["veo3-1-extend"], given, source_ms)
    assert (caught.value.rule, caught.value.pointer) == ("source_length", "/videoUrl")


def test_aliases_become_one_request() -> None:
    own = modes.normalised({"imageDataUrl": DATA, "pro_mode": True, "camera_fixed": True})
    for names in (
        {"image": DATA, "pro": True, "camera_fix": True},
        {"image_data_url": DATA, "pro": True, "cameraFixed": True},
    ):
        assert modes.normalised(names) == own
    assert modes.normalised({"image": LINK, "imageDataUrl": DATA}) == {"imageDataUrl": DATA}
    assert modes.normalised({"imageDataUrl": DATA, "image": LINK}) == {"imageDataUrl": DATA}
    assert modes.normalised({"image": LINK, "image_data_url": DATA}) == {"imageDataUrl": LINK}


def test_a_stored_request_has_no_inline_bytes() -> None:
    one, two = ("data:image/png;base64," + letter * 100_000 for letter in "AB")
    stored = modes.normalised({"imageDataUrl": one})
    assert len(json.dumps(stored)) < 200
    assert stored != modes.normalised({"imageDataUrl": two})
    assert stored == modes.normalised({"image": one})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
ANY_FIELD = st.sampled_from([name for names in INPUT_FIELDS.values() for name in names] + ["mode"])


@given(st.sampled_from(sorted(MODELS)), st.dictionaries(ANY_FIELD, JSON, max_size=6))
def test_inference_is_total(model: str, body: dict[str, Any]) -> None:
    assert modes.infer(MODELS[model], body) in MODELS[model].modes


TEXTS = st.text(max_size=12) | st.sampled_from(["5", "5s", "16:9", "720p", "1792x1024", LINK, DATA])
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        [
            "prompt",
            "script",
            "aspect_ratio",
            "orientation",
            "resolution",
            "target_resolution",
            "size",
            "mode",
            "voice_id",
            "voice_language",
            "motion",
            "style",
            "aspectRatio",
            "movementAmplitude",
            "imageUrl",
            "image",
            "video",
            "videoUrl",
            "audio",
            "swapImage",
            "targetVideo",
            "reference_image",
            "imageAttachmentId",
        ],
        TEXTS,
    ),
    **dict.fromkeys(
        ["duration", "seconds", "num_frames"], TEXTS | st.integers() | st.floats(0, 1e308)
    ),
    **dict.fromkeys(["audioDuration", "videoDuration", "billedDuration"], st.floats(0, 1e308)),
    "cfg_scale": st.floats(0, 20),
    "frames_per_second": st.integers(5, 24),
    "num_inference_steps": st.integers(1, 50),
    "pro": st.booleans(),
    "generateAudio": st.booleans(),
    "referenceImages": st.lists(TEXTS | st.fixed_dictionaries({"url": TEXTS}), max_size=8),
}


@settings(max_examples=400)
@given(st.sampled_from(sorted(MODELS)), st.fixed_dictionaries({}, optional=SCALARS))
def test_a_request_is_read_or_refused_by_name(model: str, body: dict[str, Any]) -> None:
    job = read_or_refused(model, body)
    if isinstance(job, RuleBroken):
        assert job.pointer.startswith("/")
    else:
        assert 0 < job.duration_ms <= 3_600_000
        assert 0 < job.cost_nanos < 10_000 * USD
        assert job.outputs


def read_or_refused(model: str, body: dict[str, Any]) -> modes.Job | RuleBroken:
    try:
        return modes.read(MODELS[model], body)
    except RuleBroken as refusal:
        return refusal
