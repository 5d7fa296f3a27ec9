"""Leonardo's own callback: bound to a key, with a bearer secret, as the guide shows it."""

from typing import Any

import pytest

from tests.control.plane import Plane, plane
from tests.control.test_runs import LEONARDO, start
from tests.receiver import Receiver

pytestmark = pytest.mark.anyio

KEY = LEONARDO["authorization"].removeprefix("Bearer ")
SECOND = {"authorization": "Bearer 7a2b3c4d-5e6f-4a71-9b8c-0d1e2f3a4b5c"}
DOCUMENTED = [
    "id",
    "createdAt",
    "updatedAt",
    "userId",
    "public",
    "flagged",
    "nsfw",
    "status",
    "coreModel",
    "guidanceScale",
    "imageHeight",
    "imageWidth",
    "inferenceSteps",
    "initGeneratedImageId",
    "initImageId",
    "initStrength",
    "initType",
    "initUpscaledImageId",
    "modelId",
    "negativePrompt",
    "prompt",
    "quantity",
    "sdVersion",
    "tiling",
    "imageAspectRatio",
    "tokenCost",
    "negativeStylePrompt",
    "seed",
    "scheduler",
    "presetStyle",
    "promptMagic",
    "canvasInitImageId",
    "canvasMaskImageId",
    "canvasRequest",
    "api",
    "poseImage2Image",
    "imagePromptStrength",
    "category",
    "poseImage2ImageType",
    "highContrast",
    "apiDollarCost",
    "poseImage2ImageWeight",
    "alchemy",
    "contrastRatio",
    "highResolution",
    "expandedDomain",
    "promptMagicVersion",
    "unzoom",
    "unzoomAmount",
    "apiKeyId",
    "photoReal",
    "promptMagicStrength",
    "photoRealStrength",
    "imageToImage",
    "controlnetsUsed",
    "model",
    "images",
    "apiKey",
]
"""The members in the guide's sample [docs: webhook guide]."""


async def called_back(at: Plane, receiver: Receiver, **body: Any) -> dict[str, Any]:
    made = await at.told(
        "POST", "/tenants/default/webhooks", json={"url": receiver.url, "key": KEY, **body}
    )
    assert isinstance(made, dict)
    return made


async def image(at: Plane, headers: dict[str, str]) -> str:
    answer = await at.raw(
        "POST", "/api/rest/v1/generations", json={"prompt": "A cat"}, headers=headers
    )
    return str(answer.json()["sdGenerationJob"]["generationId"])


async def advance(at: Plane) -> None:
    await at.told("POST", "/tenants/default/clock/advance", json={"by": "10m"})


async def test_an_image_is_told_as_the_guide_shows_it() -> None:
    at = plane()
    async with Receiver().running() as receiver:
        made = await called_back(at, receiver, secret="the-secret")
        assert made["kind"] == "vendor"
        run = await image(at, LEONARDO)
        await advance(at)
    [got] = receiver.got
    assert got.headers["authorization"] == "Bearer the-secret"
    assert got.headers["user-agent"] == "axios/1.4.0"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["accept"] == "application/json, text/plain, */*"
    assert got.headers["connection"] == "close"
    assert not [name for name in got.headers if name.startswith("webhook-")]
    told = got.told
    assert list(told) == ["type", "object", "timestamp", "api_version", "data"]
    assert told["type"] == "image_generation.complete"
    generation = told["data"]["object"]
    assert set(generation) == set(DOCUMENTED)
    assert generation["id"] == run
    assert generation["status"] == "COMPLETE"
    assert isinstance(generation["seed"], str)
    assert generation["apiKey"]["webhookCallbackApiKey"] == "the-secret"
    assert generation["images"][0]["url"].endswith(".jpg")
    assert KEY not in got.body.decode()


async def test_a_video_is_told_with_its_film() -> None:
    at = plane()
    async with Receiver().running() as receiver:
        await called_back(at, receiver)
        await start(at, "leonardo")
        await advance(at)
    [got] = receiver.got
    assert "authorization" not in got.headers
    assert got.told["type"] == "video_generation.complete"
    assert got.told["data"]["object"]["images"][0]["motionMP4URL"].endswith(".mp4")


async def test_only_runs_of_the_key_are_told() -> None:
    at = plane()
    async with Receiver().running() as receiver:
        made = await called_back(at, receiver)
        run = await image(at, LEONARDO)
        await image(at, SECOND)
        await start(at, "nanogpt")
        await advance(at)
        assert [got.told["data"]["object"]["id"] for got in receiver.got] == [run]
        await at.told("DELETE", f"/tenants/default/webhooks/{made['id']}")
        await image(at, LEONARDO)
        await advance(at)
    assert len(receiver.got) == 1


async def test_a_key_has_one_callback_and_must_be_of_a_vendor_that_has_them() -> None:
    at = plane()
    async with Receiver().running() as receiver:
        await called_back(at, receiver)
        body = {"url": receiver.url, "key": KEY}
        again = await at.ask("POST", "/tenants/default/webhooks", json=body)
        body["key"] = "recoup_sk_test"
        other = await at.ask("POST", "/tenants/default/webhooks", json=body)
        body["key"] = "nobody"
        unknown = await at.ask("POST", "/tenants/default/webhooks", json=body)
    assert (again.status_code, other.status_code, unknown.status_code) == (409, 400, 400)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("complete", [("image_generation.complete", "FAILED")]),
        ("failed", [("image_generation.failed", "FAILED")]),
        ("silent", []),
    ],
)
async def test_a_failed_generation_is_told_as_chosen(
    choice: str, expected: list[tuple[str, str]]
) -> None:
    at = plane(switches={"leonardo": {"webhook-failed": choice}})
    async with Receiver().running() as receiver:
        await called_back(at, receiver)
        run = await image(at, LEONARDO)
        await at.told("POST", f"/tenants/default/runs/{run}/fail")
        await advance(at)
    told = [(got.told["type"], got.told["data"]["object"]["status"]) for got in receiver.got]
    assert told == expected


async def test_the_observed_form_has_numbers_and_no_key() -> None:
    at = plane(switches={"leonardo": {"webhook-form": "observed"}})
    async with Receiver().running() as receiver:
        await called_back(at, receiver)
        await image(at, LEONARDO)
        await advance(at)
    generation = receiver.got[0].told["data"]["object"]
    assert isinstance(generation["seed"], int)
    assert isinstance(generation["apiDollarCost"], int)
    assert not {"apiKey", "apiKeyId"} & set(generation)
    assert generation["images"][0]["motionMP4URL"] is None


async def test_whether_it_is_sent_again_is_chosen() -> None:
    async def attempts(choice: str) -> int:
        at = plane(switches={"leonardo": {"webhook-retry": choice}})
        async with Receiver().running() as receiver:
            await called_back(at, receiver)
            port = receiver.url
        assert port
        await image(at, LEONARDO)
        await advance(at)
        [delivery] = (await at.told("GET", "/tenants/default/deliveries"))["deliveries"]
        return int(delivery["attempt_count"])

    assert await attempts("never") == 1
    assert await attempts("24h") > 3
