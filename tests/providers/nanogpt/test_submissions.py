"""What a NanoGPT submission refuses, and what inline moderation makes of it."""

import json
from typing import Any

import pytest

from tests.providers.nanogpt.stand import stand

LINK = "https://assets.example.com/a.jpg"
CLIP = "https://example.com/s.mp4"


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"model": None}, 400, "invalid_parameter_value", "model"),
        ({"model": "no-such-model"}, 400, "model_not_found", "model"),
        ({"prompt": ""}, 400, "missing_required_parameter", "prompt"),
        ({"imageUrl": "no url"}, 400, "invalid_parameter_value", "imageUrl"),
        ({"videoUrl": CLIP}, 400, "invalid_parameter_value", "videoUrl"),
        (
            {"model": "hunyuan-video", "imageUrl": LINK},
            400,
            "image_input_not_supported",
            "imageUrl",
        ),
        ({"duration": "7"}, 400, "invalid_parameter_value", "duration"),
        ({"cfg_scale": 21}, 400, "invalid_parameter_value", "cfg_scale"),
        (
            {"musicConfig": {"volume": 2}},
            400,
            "invalid_parameter_value",
            "musicConfig.volume",
        ),
    ],
)
def test_a_wrong_submission_names_the_parameter(
    body: dict[str, Any], status: int, code: str, param: str
) -> None:
    here = stand()
    answer = here.submit(**body)
    error = answer.json()["error"]
    assert (answer.status, error.get("code"), error.get("param")) == (status, code, param)
    violations = json.loads(answer.headers.get("understudy-violations", "[]"))
    assert violations[0]["pointer"] == "/" + param.replace(".", "/")
    assert here.get("/api/generate-video/recover").json() == {"data": []}


@pytest.mark.parametrize("raw_body", ["", "null", "[]", "7", '"x"', "{", '{"model":NaN}'])
def test_what_is_no_object_is_400(raw_body: str) -> None:
    for path in ("/api/generate-video", "/api/generate-video/extend"):
        assert stand().send("POST", path, raw_body=raw_body).status == 400


def test_unknown_keys_and_lone_surrogates_are_taken() -> None:
    raw_body = r'{"model":"kling-video-v2","prompt":"\ud800","thisKeyDoesNotExist":{"a":[]}}'
    assert stand().send("POST", "/api/generate-video", raw_body=raw_body).status == 202


def test_defaults_do_not_become_inputs() -> None:
    """The contract's defaults say what absence means; they never count as given."""
    assert stand().started(model="sora-2", prompt="x", seconds="4")["cost"] == 0.4


def test_inline_media_over_the_limit_is_413() -> None:
    text = "data:image/png;base64," + "A" * (4 * 1024 * 1024 // 3 * 4 + 8)
    answer = stand().submit(model="kling-v21-standard", imageDataUrl=text)
    assert answer.status == 413
    assert answer.json()["error"]["param"] == "imageDataUrl"


def test_a_source_video_known_to_be_long_is_refused() -> None:
    here = stand({"media": {CLIP: {"duration_s": 121}}})
    assert here.submit(model="veo3-1-extend", videoUrl=CLIP).status == 400
    assert here.submit(model="veo3-1-extend", videoUrl=LINK).status == 202
    swap_model = "magicapi-video-face-swap"
    assert here.submit(model=swap_model, swapImage=LINK, targetVideo=CLIP).status == 202


def test_an_upscale_is_billed_by_the_length_of_its_source() -> None:
    here = stand({"media": {CLIP: {"duration_s": 20}}})
    known = here.started(model="video-upscaler", videoUrl=CLIP)["cost"]
    unknown = here.started(model="video-upscaler", videoUrl=LINK)["cost"]
    assert known == 4 * unknown


# Moderation


def test_moderation_is_off_unless_asked_for() -> None:
    here = stand({"moderation": "flag"})
    assert here.submit(headers={"moderation": "off"}).status == 202
    assert here.submit(headers={"moderation-model": "some-model"}).status == 202
    answer = here.submit(headers={"moderation": "YES"})
    assert answer.status == 400
    assert answer.headers["x-nanogpt-inline-moderation-flagged"] == "true"
    assert answer.json()["moderation"]["results"][0]["flagged"] is True


@pytest.mark.parametrize(
    ("headers", "model"),
    [
        ({"moderation": "1"}, "omni-moderation-latest"),
        ({"moderation": "on", "moderation-model": "other"}, "other"),
        ({"moderation": "other", "moderation-model": "other"}, "other"),
        ({"moderation": "other"}, "other"),
    ],
)
def test_the_moderation_model_is_chosen_by_the_headers(headers: dict[str, str], model: str) -> None:
    answer = stand().submit(headers=headers)
    assert answer.status == 202
    assert answer.headers["x-nanogpt-inline-moderation-model"] == model
    assert answer.headers["x-nanogpt-inline-moderation-flagged"] == "false"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"prompt": "x [understudy:policy]"}, "content_policy_violation"),
        ({"model": "kling-v21-standard", "image": "iVBORw0KGgo="}, "unsupported_moderation_input"),
        (
            {"model": "kling-video-o1", "referenceImages": [{"url": "ftp://x"}]},
            "unsupported_moderation_input",
        ),
        ({"model": "video-upscaler", "prompt": "", "videoUrl": CLIP}, "empty_moderation_input"),
    ],
)
def test_what_moderation_refuses(body: dict[str, Any], code: str) -> None:
    answer = stand().submit(headers={"moderation": "true"}, **body)
    assert (answer.status, answer.json()["error"]["code"]) == (400, code)


def test_two_moderation_models_contradict_each_other() -> None:
    headers = {"moderation": "one-model", "moderation-model": "another"}
    error = stand().submit(headers=headers).json()["error"]
    assert error["code"] == "conflicting_moderation_model"
    assert error["param"] == "moderation"


def test_what_moderation_refuses_costs_nothing() -> None:
    here = stand({"moderation": "flag"})
    before = here.balance_usd()
    here.submit(headers={"moderation": "true"})
    assert here.balance_usd() == before
