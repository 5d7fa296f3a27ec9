"""What a request makes, what models offer, and what it costs."""

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.errors import ContentPolicy, ModelNotFound, RuleBroken
from simulator.providers.leonardo import catalog, modes
from simulator.providers.leonardo.records import Frame

START = {"prompt": "p", "imageId": "a", "imageType": "UPLOADED"}
END = {"endFrameImage": {"id": "b", "type": "GENERATED"}}


def read(body: dict[str, Any], *, follows_guides: bool = False) -> modes.Video:
    return modes.video(body, body, follows_guides=follows_guides)


def broken(body: dict[str, Any], *, follows_guides: bool = False) -> RuleBroken:
    with pytest.raises(RuleBroken) as refusal:
        read(body, follows_guides=follows_guides)
    return refusal.value


def test_a_prompt_alone_is_five_seconds_of_motion_2() -> None:
    made = read({"prompt": "p"})
    assert (made.mode, made.model.token, made.size) == ("text-to-video", "MOTION2", (832, 480))
    assert (made.duration_s, made.credits, made.frames) == (5, 200, ())


def test_an_image_is_the_first_frame() -> None:
    made = read(START)
    assert made.mode == "image-to-video"
    assert made.frames == (Frame("a", "UPLOADED", "/imageId"),)


def test_two_images_are_the_first_and_the_last_frame() -> None:
    made = read({**START, **END, "model": "KLING2_1"})
    assert made.mode == "first-last-frame"
    assert made.frames[1] == Frame("b", "GENERATED", "/endFrameImage/id")


@pytest.mark.parametrize("model", sorted(set(catalog.VIDEO_MODELS) - {"KLING2_1"}))
def test_only_kling_2_1_takes_an_end_frame(model: str) -> None:
    assert broken({**START, **END, "model": model}).rule == "end_frame_not_supported"


def test_the_guides_let_kling_2_5_take_an_end_frame() -> None:
    made = read({**START, **END, "model": "KLING2_5"}, follows_guides=True)
    assert made.mode == "first-last-frame"
    refusal = broken({**START, **END, "model": "VEO3"}, follows_guides=True)
    assert refusal.rule == "end_frame_not_supported"


def test_kling_2_1_needs_a_first_frame() -> None:
    assert broken({"prompt": "p", "model": "KLING2_1"}).rule == "start_frame_required"


@pytest.mark.parametrize(
    ("model", "default", "offered"),
    [
        ("VEO3", 8, (4, 6, 8)),
        ("VEO3FAST", 8, (4, 6, 8)),
        ("KLING2_1", 5, (5, 10)),
        ("KLING2_5", 5, (5, 10)),
    ],
)
def test_a_model_offers_its_durations(model: str, default: int, offered: tuple[int, ...]) -> None:
    body = {**START, "model": model}
    assert read(body).duration_s == default
    assert read({**body, "duration": None}).duration_s == default
    for duration in range(-1, 13):
        if duration in offered:
            assert read({**body, "duration": duration}).duration_s == duration
        else:
            refusal = broken({**body, "duration": duration})
            assert (refusal.rule, refusal.allowed) == ("duration_not_offered", offered)


@pytest.mark.parametrize("model", ["MOTION2", "MOTION2FAST"])
def test_the_motion_models_ignore_a_duration(model: str) -> None:
    assert read({"prompt": "p", "model": model, "duration": 8}).duration_s == 5


def test_the_contract_s_default_duration_is_not_that_of_kling() -> None:
    given = {"prompt": "p", "model": "KLING2_5"}
    made = modes.video({**given, "duration": 8}, given, follows_guides=False)
    assert made.duration_s == 5


@pytest.mark.parametrize(
    ("model", "largest"),
    [
        ("MOTION2", 2147483637),
        ("MOTION2FAST", 2147483637),
        ("VEO3", 4294967293),
        ("VEO3FAST", 4294967293),
        ("KLING2_5", 2147483637),
    ],
)
def test_a_seed_has_a_largest_value(model: str, largest: int) -> None:
    body = {"prompt": "p", "model": model}
    assert read({**body, "seed": largest})
    assert read({**body, "seed": 0})
    for seed in (largest + 1, -1, 10**40):
        assert broken({**body, "seed": seed}).rule == "seed_out_of_range"


@pytest.mark.parametrize(
    ("model", "offered"),
    [
        ("MOTION2", ("RESOLUTION_480", "RESOLUTION_720")),
        ("MOTION2FAST", ("RESOLUTION_480", "RESOLUTION_720")),
        ("VEO3", ("RESOLUTION_720", "RESOLUTION_1080")),
        ("VEO3FAST", ("RESOLUTION_720", "RESOLUTION_1080")),
        ("KLING2_1", ("RESOLUTION_1080",)),
        ("KLING2_5", ("RESOLUTION_1080",)),
    ],
)
def test_a_model_offers_its_resolutions(model: str, offered: tuple[str, ...]) -> None:
    for resolution in ("RESOLUTION_480", "RESOLUTION_720", "RESOLUTION_1080"):
        body = {**START, "model": model, "resolution": resolution}
        if resolution in offered:
            assert f"RESOLUTION_{min(read(body).size)}" == resolution
        else:
            refusal = broken(body)
            assert (refusal.rule, refusal.allowed) == ("resolution_not_offered", offered)


@pytest.mark.parametrize(
    ("model", "sides", "size"),
    [
        ("KLING2_1", {"width": 1080, "height": 1920}, (1080, 1920)),
        ("KLING2_5", {"width": 1440, "height": 1440}, (1440, 1440)),
        ("VEO3", {"width": 1080}, (1080, 1920)),
        ("VEO3", {"height": 1280}, (720, 1280)),
        ("VEO3", {"width": 1920.0, "height": 1080.0}, (1920, 1080)),
        ("MOTION2", {"width": 480}, (480, 480)),
        ("MOTION2", {"width": 640, "height": 1024}, (640, 1024)),
    ],
)
def test_a_model_offers_its_sizes(
    model: str, sides: dict[str, float], size: tuple[int, int]
) -> None:
    made = read({**START, "model": model, **sides})
    assert made.size == size
    assert all(type(side) is int for side in made.size)


@pytest.mark.parametrize(
    ("model", "sides", "rule"),
    [
        ("KLING2_1", {"width": 1280, "height": 720}, "dimensions_not_offered"),
        ("KLING2_1", {"width": 1440, "height": 1440}, "dimensions_not_offered"),
        ("VEO3", {"height": 1}, "dimensions_not_offered"),
        ("MOTION2", {"width": 24}, "invalid_dimensions"),
        ("MOTION2", {"height": 1544}, "invalid_dimensions"),
        ("MOTION2", {"width": 833}, "invalid_dimensions"),
    ],
)
def test_other_sizes_are_refused(model: str, sides: dict[str, int], rule: str) -> None:
    assert broken({**START, "model": model, **sides}).rule == rule


def test_sides_tell_the_resolution_that_is_paid_for() -> None:
    large = read({**START, "model": "MOTION2", "width": 1280, "height": 720})
    assert large.credits == 350


@pytest.mark.parametrize("model", ["VEO3", "VEO3FAST", "KLING2_1", "KLING2_5"])
def test_elements_are_for_motion_2(model: str) -> None:
    elements = {"elements": [{"akUUID": "a"}]}
    assert broken({**START, "model": model, **elements}).rule == "elements_not_supported"
    assert read({**START, "model": model, "elements": []})
    assert read({**START, "model": "MOTION2FAST", **elements})


@given(
    model=st.sampled_from([None, *catalog.VIDEO_MODELS]),
    resolution=st.sampled_from([None, "RESOLUTION_480", "RESOLUTION_720", "RESOLUTION_1080"]),
    duration=st.none() | st.integers() | st.sampled_from([4, 5, 6, 8, 10]),
    width=st.none() | st.integers() | st.sampled_from([480, 832, 1080, 1280, 1920]),
    height=st.none() | st.integers() | st.sampled_from([480, 720, 1080, 1920]),
    seed=st.none() | st.integers(),
    has_start=st.booleans(),
)
def test_every_request_makes_a_priced_video_or_breaks_a_rule(
    *, has_start: bool, **fields: object
) -> None:
    body = {**(START if has_start else {"prompt": "p"}), **fields}
    made = None
    with suppress(RuleBroken):
        made = read(body)
    if made is not None:
        assert made.credits > 0
        assert min(made.size) >= 32
        assert made.model.token == (fields["model"] or "MOTION2")


def test_images_have_a_model_and_a_size_by_default() -> None:
    made = modes.images({"prompt": "p"}, {})
    assert (made.mode, made.size, made.count) == ("text-to-image", (1024, 768), 4)
    assert made.model.id == catalog.DEFAULT_IMAGE_MODEL


def test_a_model_that_is_not_offered_is_named() -> None:
    with pytest.raises(ModelNotFound) as refusal:
        modes.images({"prompt": "p", "modelId": "nope"}, {})
    assert refusal.value.model == "nope"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"num_images": 5, "width": 776}, "too_many_images"),
        ({"ultra": True, "alchemy": True}, "ultra_with_alchemy"),
        ({"unzoom": True}, "unzoom_incomplete"),
        ({"seed": 9999999999}, "seed_out_of_range"),
        (
            {"seed": 2147483638, "modelId": "b2614463-296c-462a-9586-aafdb8f00e36"},
            "seed_out_of_range",
        ),
    ],
)
def test_images_have_rules(body: dict[str, Any], rule: str) -> None:
    full = {"prompt": "p", **body}
    with pytest.raises(RuleBroken) as refusal:
        modes.images(full, full)
    assert refusal.value.rule == rule


def test_eight_small_images_are_fine() -> None:
    assert modes.images({"prompt": "p", "num_images": 8, "width": 768}, {}).count == 8


def test_an_image_can_start_from_others() -> None:
    body = {"prompt": "p", "init_image_id": "a", "init_generation_image_id": "b"}
    made = modes.images(body, body)
    assert made.mode == "image-to-image"
    assert [frame.kind for frame in made.frames] == ["UPLOADED", "GENERATED"]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({}, "one_image_required"),
        ({"generatedImageId": "a", "variationId": "b"}, "one_image_required"),
        ({"initImageId": "a", "similarity": 1}, "ultra_style_required"),
        (
            {"initImageId": "a", "ultraUpscaleStyle": "ARTISTIC", "upscalerStyle": "CINEMATIC"},
            "styles_exclude_each_other",
        ),
    ],
)
def test_a_universal_upscale_has_rules(body: dict[str, Any], rule: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        modes.upscaled_frame(body)
    assert refusal.value.rule == rule


def test_the_style_that_clients_send_unasked_excludes_nothing() -> None:
    body = {"initImageId": "a", "ultraUpscaleStyle": "ARTISTIC", "upscalerStyle": "GENERAL"}
    assert modes.upscaled_frame(body) == Frame("a", "UPLOADED", "/initImageId")


@pytest.mark.parametrize(
    ("prompt", "word"), [("nude", "nude"), ("A NAKED truth", "naked"), ("so nude!", "nude")]
)
def test_the_filter_names_the_word(prompt: str, word: str) -> None:
    with pytest.raises(ContentPolicy) as refusal:
        modes.check_prompt(prompt)
    assert refusal.value.word == word


def test_the_filter_leaves_other_words_alone() -> None:
    modes.check_prompt("a denuded hill, nudes")


@pytest.mark.parametrize(
    ("service", "params", "price"),
    [
        ("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_480"}, 200),
        ("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_720"}, 350),
        ("MOTION_VIDEO_GENERATION", {}, 200),
        ("VEO3_MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_720"}, 2140),
        ("MOTION_SVD_GENERATION", {}, 25),
        ("UNIVERSAL_UPSCALER", {"megapixel": 20}, 200),
        ("UNIVERSAL_UPSCALER_ULTRA", {"inputWidth": 1000, "inputHeight": 1000}, 60),
        ("FANTASY_AVATAR_GENERATION", {"numImages": 3}, 30),
    ],
)
def test_the_calculator_knows_every_service(
    service: str, params: dict[str, Any], price: int
) -> None:
    assert modes.service_credits(service, params) == price


def test_the_calculator_and_a_job_agree_on_images() -> None:
    params = {"imageWidth": 512, "imageHeight": 768, "numImages": 2, "alchemyMode": True}
    body = {"prompt": "p", "width": 512, "height": 768, "num_images": 2, "alchemy": True}
    by_job = modes.images(body, body).credits
    assert modes.service_credits("IMAGE_GENERATION", params) == by_job


def test_a_larger_upscale_costs_no_less() -> None:
    prices = [modes.upscale_credits((1024, 1024), n / 10, is_ultra=False) for n in range(10, 21)]
    assert prices == sorted(prices)
    assert prices[-1] == math.ceil(4 * 1.048576) * catalog.UPSCALER_CREDITS_PER_MEGAPIXEL
