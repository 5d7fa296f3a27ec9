"""Core records as Leonardo's JSON."""

import json
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import load
from simulator.core import ids
from simulator.core.assets import MediaSpec
from simulator.core.runs import Outcome, Plan, Run, Stage, State, Status, status_at
from simulator.http.validation import Schemas
from simulator.providers.leonardo import records, wire

ID = "1f197fd2-30f6-6e90-a026-b7ffcf2cba29"
CONTRACT = load("leonardo")
SCHEMAS = Schemas(CONTRACT, {})


def run(**fields: Any) -> Run:
    stages = (Stage("PENDING", 3000),)
    plan = Plan(1_785_575_680_429, stages, fields.pop("outcome", Outcome()))
    spec = MediaSpec("video", "mp4", 832, 480, 5000)
    known = {"mode": "text-to-video", "model": "MOTION2", "outputs": (spec,), **fields}
    return Run(ID, "leonardo", "createTextToVideoGeneration", "account", plan, **known)


def url(a_run: Run, index: int, extension: str) -> str:
    return f"http://x/{a_run.id}/{index}.{extension or a_run.outputs[index].extension}"


def at(a_run: Run, ms: int) -> Status:
    return status_at(a_run, a_run.created_at_ms + ms)


def faults(schema: str, body: Any) -> list[str]:
    judge = SCHEMAS.at(f"/components/schemas/{schema}")
    return [item.message for item in judge.violations(body, "body")]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("queued", "PENDING"),
        ("working", "PENDING"),
        ("completed", "COMPLETE"),
        ("failed", "FAILED"),
        ("cancelled", "FAILED"),
    ],
)
def test_every_state_has_a_word(state: State, word: str) -> None:
    assert wire.STATUS_WORDS[state] == word


@pytest.mark.parametrize("ms", [0, 2999, 3000, 10**9])
@pytest.mark.parametrize("outcome", [Outcome(), Outcome("failed", "content_policy")])
def test_a_generation_keeps_its_schema_at_any_time(ms: int, outcome: Outcome) -> None:
    a_run = run(outcome=outcome, request=b'{"prompt":"p","elements":[{"akUUID":"x"}]}')
    body = wire.generation(a_run, at(a_run, ms), url)
    assert faults("Generation", body) == []
    is_shown = ms >= 3000 and outcome.state == "completed"
    assert len(body["generated_images"]) == (1 if is_shown else 0)


def test_motion_stands_on_the_generation_and_on_its_images() -> None:
    a_run = run(mode="motion", request=b'{"motionStrength":4}', model="SVD")
    body = wire.generation(a_run, at(a_run, 3000), url)
    (image,) = body["generated_images"]
    for name in ("motion", "imageToVideo", "fantasyAvatar", "motionModel", "motionStrength"):
        assert body[name] == image[name]
    assert (body["motionStrength"], body["imageToVideo"]) == (4, True)


def test_image_ids_follow_from_the_run_and_differ() -> None:
    spec = MediaSpec("image", "jpg", 8, 8)
    four = run(outputs=(spec,) * 4)
    found = records.image_ids(four)
    assert found == records.image_ids(four)
    assert len(set(found)) == 4
    assert {image_id[14] for image_id in found} == {"4"}


def test_image_ids_that_were_given_stay() -> None:
    assert records.image_ids(run(details={"image_ids": ["a"]})) == ["a"]


@given(st.integers(min_value=0, max_value=10**18))
def test_a_cost_is_a_decimal_number_of_dollars(nanos: int) -> None:
    fields = wire.cost_fields(run(cost_nanos=nanos))
    assert faults("Cost", fields["cost"]) == []
    whole, _, part = fields["cost"]["amount"].partition(".")
    assert int(whole) * 10**9 + int(part.ljust(9, "0")) == nanos


def test_a_form_names_the_place_and_its_end() -> None:
    upload = wire.presigned("id", "user", "png", "image/png", "initImages", 1_785_575_680_429)
    form = wire.form(upload, "http://x")
    fields = json.loads(form["fields"])
    assert fields == upload.fields
    assert list(fields)[:2] == ["Content-Type", "bucket"]
    assert fields["key"] == "users/user/initImages/id.png"
    policy = json.loads(b64decode(fields["Policy"]))
    assert policy["expiration"] == "2026-08-01T09:16:40.429Z"
    assert {"key": fields["key"]} in policy["conditions"]
    assert upload.expires_at_ms - upload.created_at_ms == 120_000


def test_two_forms_are_not_signed_alike() -> None:
    first, second = (
        wire.presigned(name, "user", "png", "image/png", "initImages", 0).fields["X-Amz-Signature"]
        for name in "ab"
    )
    assert first != second


def test_ids_of_two_purposes_differ() -> None:
    assert records.derived_id(ID, "a") != records.derived_id(ID, "b")
    assert records.derived_id(ID, "a") == records.derived_id(ID, "a")
    assert ids.uuid4(bytes(16))[14] == "4"
