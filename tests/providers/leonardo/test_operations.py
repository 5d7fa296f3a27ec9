"""Every operation as a client meets it: replies agree, and refusals change nothing."""

import json
from datetime import datetime
from typing import Any

import pytest

from simulator.house import House
from simulator.providers.leonardo import accounts, catalog, records
from tests.providers.leonardo.conftest import ORIGIN, Open, World

pytestmark = pytest.mark.anyio

VIDEO_S = 3
USER, OTHER_USER = accounts.DEMO_ACCOUNT_IDS
UNKNOWN = "ffffffff-ffff-4fff-8fff-ffffffffffff"
START = {"prompt": "A cat", "imageId": records.INIT_IMAGE_ID, "imageType": "UPLOADED"}


async def started(world: World, path: str = "/generations-text-to-video", **body: Any) -> str:
    """Start a job and answer the id that its reply gives."""
    (job,) = (await world.given("POST", path, {"prompt": "A dog", **body})).values()
    return str(job.get("generationId") or job["id"])


async def generation(world: World, generation_id: str) -> Any:
    return (await world.given("GET", f"/generations/{generation_id}"))["generations_by_pk"]


async def tokens(world: World) -> int:
    (details,) = (await world.given("GET", "/me"))["user_details"]
    return int(details["apiPaidTokens"])


async def test_a_video_is_pending_then_complete(world: World) -> None:
    video_id = await started(world, "/generations-image-to-video", **START)
    pending = await generation(world, video_id)
    assert (pending["status"], pending["generated_images"]) == ("PENDING", [])
    await world.advance(VIDEO_S - 0.001)
    assert (await generation(world, video_id))["status"] == "PENDING"
    await world.advance(0.001)
    complete = await generation(world, video_id)
    (image,) = complete["generated_images"]
    assert complete["status"] == "COMPLETE"
    assert image["url"].removesuffix("jpg") == image["motionMP4URL"].removesuffix("mp4")
    assert image["motionMP4URL"].startswith(f"{ORIGIN}/_assets/leonardo/default/")


async def test_an_id_is_of_version_6_and_tells_the_time(world: World) -> None:
    first = await started(world)
    await world.advance(60)
    second = await started(world)
    assert first[14] == second[14] == "6"
    assert first < second


async def test_the_time_of_creation_has_milliseconds_and_no_zone(world: World) -> None:
    created = (await generation(world, await started(world)))["createdAt"]
    assert created == "2026-08-01T09:14:40.429"
    assert datetime.fromisoformat(created).tzinfo is None


async def test_a_video_shows_what_was_asked_for(world: World) -> None:
    video_id = await started(
        world,
        "/generations-image-to-video",
        **{**START, "prompt": "A cat roars"},
        negativePrompt="blur",
        seed=7,
        isPublic=True,
        elements=[
            {"akUUID": "ece8c6a9-3deb-430e-8c93-4d5061b6adbf", "weight": 0.5},
            {"akUUID": "x"},
        ],
    )
    shown = await generation(world, video_id)
    expected = {
        "prompt": "A cat roars",
        "negativePrompt": "blur",
        "seed": 7,
        "public": True,
        "imageWidth": 832,
        "imageHeight": 480,
        "imageToVideo": True,
        "motionModel": "MOTION2",
    }
    assert {name: shown[name] for name in expected} == expected
    assert "scheduler" not in shown
    assert "sdVersion" not in shown
    dolly, other = shown["generation_elements"]
    assert (dolly["weightApplied"], dolly["lora"]["name"]) == (0.5, "Dolly In")
    assert (other["weightApplied"], other["lora"]["akUUID"], other["id"]) == (1, "x", None)


async def test_the_seed_that_nobody_gave_stays_the_same(world: World) -> None:
    video_id = await started(world)
    seeds = {(await generation(world, video_id))["seed"] for _ in range(3)}
    assert len(seeds) == 1
    assert 0 <= seeds.pop() <= catalog.MOTION_SEED_MAX


async def test_null_is_as_good_as_absent(world: World) -> None:
    optional = dict.fromkeys(
        (
            "endFrameImage",
            "resolution",
            "model",
            "frameInterpolation",
            "isPublic",
            "seed",
            "negativePrompt",
            "promptEnhance",
            "duration",
            "promptEnhanceInstruction",
            "styleIds",
            "elements",
            "height",
            "width",
        )
    )
    shown = await generation(
        world, await started(world, "/generations-image-to-video", **START, **optional)
    )
    assert (shown["motionModel"], shown["public"]) == ("MOTION2", False)


async def test_fields_may_be_query_parameters_and_the_body_wins(world: World) -> None:
    target = "/generations-image-to-video"
    by_query = await world.send("POST", target, params=START)
    assert by_query.status_code == 200
    both = await world.send("POST", target, {"prompt": "The body"}, params=START)
    job_id = both.json()["motionVideoGenerationJob"]["generationId"]
    assert (await generation(world, job_id))["prompt"] == "The body"


async def test_credits_are_held_captured_and_given_back(world: World) -> None:
    before = await tokens(world)
    await started(world)
    assert await tokens(world) == before - 200
    await started(world, prompt="[understudy:fail]")
    assert await tokens(world) == before - 400
    await world.advance(VIDEO_S)
    assert await tokens(world) == before - 200


@pytest.mark.parametrize("trigger", ["fail", "policy"])
async def test_a_failed_video_has_no_images(world: World, trigger: str) -> None:
    video_id = await started(world, prompt=f"A dog [understudy:{trigger}]")
    await world.advance(VIDEO_S)
    failed = await generation(world, video_id)
    assert (failed["status"], failed["generated_images"]) == ("FAILED", [])
    (moderation,) = failed["prompt_moderations"]
    assert bool(moderation["moderationClassification"]) is (trigger == "policy")


async def test_the_price_depends_on_model_and_duration(world: World) -> None:
    reply = await world.given(
        "POST", "/generations-text-to-video", {"prompt": "p", "model": "VEO3", "duration": 4}
    )
    cost = reply["motionVideoGenerationJob"]["cost"]
    assert cost == {"amount": "1.5729", "unit": "DOLLARS"}
    assert reply["motionVideoGenerationJob"]["apiCreditCost"] is None


async def test_the_list_agrees_with_the_detail(world: World) -> None:
    ids = []
    for _ in range(3):
        ids.append(await started(world))
        await world.advance(1)
    listed = (await world.given("GET", f"/generations/user/{USER}?limit=2"))["generations"]
    assert [item["id"] for item in listed] == ids[:0:-1]
    for item in listed:
        assert item == await generation(world, item["id"])
    later = (await world.given("GET", f"/generations/user/{USER}?limit=1&offset=2"))["generations"]
    assert [item["id"] for item in later] == ids[:1]


async def test_the_list_has_ten_by_default_and_none_for_none(world: World) -> None:
    for _ in range(12):
        await started(world)
    path = f"/generations/user/{USER}"
    assert len((await world.given("GET", path))["generations"]) == 10
    assert (await world.given("GET", f"{path}?limit=0"))["generations"] == []


async def test_variations_are_not_in_the_list_of_generations(world: World) -> None:
    job = await world.given("POST", "/variations/nobg", {"id": records.GENERATED_IMAGE_ID})
    listed = (await world.given("GET", f"/generations/user/{USER}?limit=100"))["generations"]
    assert job["sdNobgJob"]["id"] not in {item["id"] for item in listed}
    assert await generation(world, job["sdNobgJob"]["id"]) is None


async def test_another_account_s_things_are_as_nothing(world: World) -> None:
    video_id = await started(world)
    other = world.other()
    assert await generation(other, video_id) is None
    gone = await other.given("DELETE", f"/generations/{video_id}")
    assert gone == {"delete_generations_by_pk": None}
    assert (await other.given("GET", f"/generations/user/{USER}"))["generations"] == []
    image = await other.given("GET", f"/init-image/{records.INIT_IMAGE_ID}")
    assert image == {"init_images_by_pk": None}
    refusal = await other.refused("POST", "/generations-image-to-video", START)
    assert refusal == (400, "invalid init image id", "unexpected")
    variation = await other.given("GET", f"/variations/{records.VARIATION_ID}")
    assert variation == {"generated_image_variation_generic": []}
    motion = await other.given("GET", f"/motion-variations/{records.VARIATION_ID}")
    assert motion == {"generated_image_variation_motion": []}
    assert await generation(world, video_id) is not None


async def test_a_deleted_generation_is_gone_with_its_images(world: World) -> None:
    job_id = await started(world, "/generations", num_images=1)
    await world.advance(VIDEO_S)
    (image,) = (await generation(world, job_id))["generated_images"]
    before = await tokens(world)
    gone = await world.given("DELETE", f"/generations/{job_id.upper()}")
    assert gone == {"delete_generations_by_pk": {"id": job_id}}
    assert await generation(world, job_id) is None
    refusal = await world.refused("POST", "/variations/upscale", {"id": image["id"]})
    assert refusal == (400, "couldn't access image", "unexpected")
    assert await tokens(world) == before
    house: House = world.app.state.house
    tenant = await house.default()
    kept = await tenant.transact(lambda tx: tx.all(records.IMAGES))
    assert image["id"] not in {item.id for item in kept}


async def test_a_list_is_of_one_s_own_id_alone(world: World) -> None:
    other = world.other()
    video_id = await started(other)
    assert (await other.given("GET", f"/generations/user/{USER}"))["generations"] == []
    own = await other.given("GET", f"/generations/user/{OTHER_USER.upper()}")
    assert [item["id"] for item in own["generations"]] == [video_id]


async def test_deleting_a_pending_video_gives_its_credits_back(world: World) -> None:
    before = await tokens(world)
    await world.given("DELETE", f"/generations/{await started(world)}")
    assert await tokens(world) == before


async def test_an_id_that_names_nothing_is_null_or_404(world: World, opened: Open) -> None:
    assert await generation(world, UNKNOWN) is None
    async with opened(switches={"leonardo": {"unknown-id": "404"}}) as strict:
        for path, noun in (("generations", "generation"), ("init-image", "init image")):
            for method in ("GET", "DELETE"):
                told = await strict.refused(method, f"/{path}/{UNKNOWN}")
                assert told == (404, f"{noun} not found", "not-found")


async def test_the_moderation_status_is_a_switch(world: World, opened: Open) -> None:
    body = {"prompt": "nude"}
    words = "content moderation filter: nude"
    path = "/generations-text-to-video"
    assert await world.refused("POST", path, body) == (400, words, "unexpected")
    async with opened(switches={"leonardo": {"moderation": "403"}}) as strict:
        assert await strict.refused("POST", path, body) == (403, words, "unexpected")


async def test_a_missing_key_is_a_switch(world: World, opened: Open) -> None:
    nobody = {"headers": {"authorization": ""}}
    assert (await world.send("GET", "/me", **nobody)).status_code == 401
    async with opened(switches={"leonardo": {"missing-key": "500"}}) as other:
        assert (await other.send("GET", "/me", **nobody)).status_code == 500


async def test_the_end_frame_of_kling_2_5_is_a_switch(world: World, opened: Open) -> None:
    end = {"id": records.GENERATED_IMAGE_ID, "type": "GENERATED"}
    body = {**START, "model": "KLING2_5", "endFrameImage": end}
    path = "/generations-image-to-video"
    refusal = await world.refused("POST", path, body)
    assert refusal == (400, "end frame is not supported for model KLING2_5", "unexpected")
    async with opened(switches={"leonardo": {"end-frame": "guides"}}) as lenient:
        assert await lenient.given("POST", path, body)


async def test_a_refused_request_changes_nothing(world: World) -> None:
    before = await world.given("GET", f"/generations/user/{USER}?limit=100")
    tokens_before = await tokens(world)
    for body in (
        {**START, "imageId": "nope"},
        {**START, "duration": 5, "model": "VEO3"},
        {**START, "prompt": "nude"},
        {**START, "odd": 1},
    ):
        assert (await world.refused("POST", "/generations-image-to-video", body))[0] == 400
    assert await world.given("GET", f"/generations/user/{USER}?limit=100") == before
    assert await tokens(world) == tokens_before


async def test_a_frame_must_be_there(world: World) -> None:
    path = "/generations-image-to-video"
    pending = await started(world, "/generations", num_images=1)
    assert (await generation(world, pending))["generated_images"] == []
    form = (await world.given("POST", "/init-image", {"extension": "png"}))["uploadInitImage"]
    unreachable = (400, "couldn't access image", "unexpected")
    assert await world.refused("POST", path, {**START, "imageId": form["id"]}) == unreachable
    generated = {**START, "imageType": "GENERATED"}
    assert await world.refused("POST", path, generated) == unreachable
    last = {"id": UNKNOWN, "type": "UPLOADED"}
    body = {**START, "model": "KLING2_1", "endFrameImage": last}
    assert (await world.refused("POST", path, body))[1] == "invalid init image id"


async def test_the_id_of_a_generation_is_no_image(world: World) -> None:
    path = "/generations-motion-svd"
    refusal = await world.refused("POST", path, {"imageId": records.COMPLETE_ID})
    assert refusal == (500, "Service Error", "unexpected")
    refusal = await world.refused("POST", path, {"imageId": UNKNOWN})
    assert refusal == (400, "couldn't access image", "unexpected")


@pytest.mark.parametrize(
    "body",
    [
        {"imageId": records.GENERATED_IMAGE_ID, "motionStrength": 5.0},
        {"imageId": records.INIT_IMAGE_ID, "isInitImage": True},
        {"imageId": records.VARIATION_ID, "isVariation": True},
    ],
)
async def test_any_image_can_be_set_in_motion(world: World, body: dict[str, Any]) -> None:
    job = (await world.given("POST", "/generations-motion-svd", body))["motionSvdGenerationJob"]
    shown = await generation(world, job["generationId"])
    assert shown["motion"] is True
    assert shown["motionStrength"] == body.get("motionStrength")
    assert "5.0" not in json.dumps(shown["motionStrength"])


async def test_a_larger_video_is_read_as_a_variation_and_as_a_generation(world: World) -> None:
    video_id = await started(world, prompt="A dog", model="MOTION2")
    body = {"sourceGenerationId": video_id, "resolution": "RESOLUTION_720"}
    path = "/generations-video-upscale"
    assert (await world.refused("POST", path, body))[1] == "failed to find source generation"
    await world.advance(VIDEO_S)
    job = (await world.given("POST", path, body))["motionVideoGenerationJob"]
    place = f"/motion-variations/{job['variationId']}"
    (pending,) = (await world.given("GET", place))["generated_image_variation_motion"]
    assert (pending["status"], pending["url"]) == ("PENDING", None)
    await world.advance(VIDEO_S)
    (variation,) = (await world.given("GET", place))["generated_image_variation_motion"]
    shown = await generation(world, job["generationId"])
    assert variation["status"] == shown["status"] == "COMPLETE"
    assert variation["url"] == shown["generated_images"][0]["motionMP4URL"]
    assert (shown["imageWidth"], shown["imageHeight"], shown["prompt"]) == (1280, 720, "A dog")


async def test_images_are_as_many_and_as_large_as_asked_for(world: World) -> None:
    job_id = await started(
        world,
        "/generations",
        num_images=3,
        width=512,
        height=768,
        public=True,
        negative_prompt="blur",
        presetStyle=None,
        modelId="6bef9f1b-29cb-40c7-b9df-32b51c1f67d3",
    )
    await world.advance(VIDEO_S)
    shown = await generation(world, job_id)
    assert len(shown["generated_images"]) == 3
    assert len({image["id"] for image in shown["generated_images"]}) == 3
    expected = {
        "imageWidth": 512,
        "imageHeight": 768,
        "public": True,
        "negativePrompt": "blur",
        "presetStyle": None,
        "sdVersion": "v1_5",
        "scheduler": "EULER_DISCRETE",
        "motion": False,
        "motionModel": None,
    }
    assert {name: shown[name] for name in expected} == expected
    assert all(image["motionMP4URL"] is None for image in shown["generated_images"])


async def test_a_generated_image_becomes_a_start_frame(world: World) -> None:
    job_id = await started(world, "/generations", num_images=1)
    await world.advance(VIDEO_S)
    (image,) = (await generation(world, job_id))["generated_images"]
    body = {**START, "imageId": image["id"], "imageType": "GENERATED"}
    assert await world.given("POST", "/generations-image-to-video", body)


async def test_a_variation_is_listed_under_its_image(world: World) -> None:
    job_id = await started(world, "/generations", num_images=2)
    await world.advance(VIDEO_S)
    first, second = (await generation(world, job_id))["generated_images"]
    job = (await world.given("POST", "/variations/unzoom", {"id": second["id"]}))["sdUnzoomJob"]
    (variation,) = (await world.given("GET", f"/variations/{job['id']}"))[
        "generated_image_variation_generic"
    ]
    assert (variation["status"], variation["transformType"]) == ("PENDING", "UNZOOM")
    await world.advance(VIDEO_S)
    shown = (await generation(world, job_id))["generated_images"]
    assert shown[0]["generated_image_variation_generics"] == []
    (listed,) = shown[1]["generated_image_variation_generics"]
    (variation,) = (await world.given("GET", f"/variations/{job['id']}"))[
        "generated_image_variation_generic"
    ]
    assert listed == {name: variation[name] for name in ("id", "status", "transformType", "url")}
    assert first["id"] == shown[0]["id"]


async def test_a_variation_of_a_variation_is_one_of_the_same_image(world: World) -> None:
    body = {"id": records.VARIATION_ID, "isVariation": True}
    job = (await world.given("POST", "/variations/nobg", body))["sdNobgJob"]
    (image,) = (await generation(world, records.IMAGE_GENERATION_ID))["generated_images"]
    listed = {item["id"] for item in image["generated_image_variation_generics"]}
    assert listed == {records.VARIATION_ID, job["id"]}


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("upscale", {"id": records.INIT_IMAGE_ID}, "couldn't access image"),
        ("nobg", {"id": records.VARIATION_ID}, "failed to find init variation"),
        (
            "unzoom",
            {"id": records.GENERATED_IMAGE_ID, "isVariation": True},
            "failed to find init variation",
        ),
        ("universal-upscaler", {"variationId": UNKNOWN}, "failed to find init variation"),
        ("universal-upscaler", {"initImageId": UNKNOWN}, "invalid init image id"),
    ],
)
async def test_a_variation_needs_an_image_of_the_right_kind(
    world: World, path: str, body: dict[str, Any], words: str
) -> None:
    assert await world.refused("POST", f"/variations/{path}", body) == (400, words, "unexpected")


async def test_the_documents_ids_are_there_from_the_start(world: World) -> None:
    states = {
        records.PENDING_ID: "PENDING",
        records.COMPLETE_ID: "COMPLETE",
        records.FAILED_ID: "FAILED",
    }
    await world.advance(3600)
    for generation_id, status in states.items():
        assert (await generation(world, generation_id))["status"] == status
    assert (await world.other().given("GET", f"/generations/user/{OTHER_USER}")) == {
        "generations": []
    }


async def test_limits_count_when_they_are_on(opened: Open) -> None:
    async with opened(limits="vendor") as world:
        for _ in range(100):
            await world.given("POST", "/variations/nobg", {"id": records.GENERATED_IMAGE_ID})
        path, body = "/variations/nobg", {"id": records.GENERATED_IMAGE_ID}
        reply = await world.send("POST", path, body)
        assert (reply.status_code, reply.headers["retry-after"]) == (429, "60")
        assert await world.given("GET", "/me")
        await world.advance(60)
        assert await world.given("POST", path, body)


async def test_every_reply_is_json_with_a_charset_and_not_to_be_sniffed(world: World) -> None:
    for method, path in (("GET", "/me"), ("GET", "/nothing"), ("PUT", "/me")):
        reply = await world.send(method, path)
        assert reply.headers["content-type"] == "application/json; charset=utf-8"
        assert reply.headers["x-content-type-options"] == "nosniff"


async def test_lone_surrogates_are_text(world: World) -> None:
    raw = b'{"prompt": "a \\ud800 b"}'
    reply = await world.send(
        "POST",
        "/generations-text-to-video",
        content=raw,
        headers={"content-type": "application/json"},
    )
    job_id = reply.json()["motionVideoGenerationJob"]["generationId"]
    assert (await generation(world, job_id))["prompt"] == "a \ud800 b"


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff", b'{"prompt": NaN}', b"[1]", b'"x"', b"null"])
async def test_a_body_that_cannot_be_read_lacks_the_first_field(world: World, raw: bytes) -> None:
    reply = await world.send(
        "POST",
        "/generations-text-to-video",
        content=raw,
        headers={"content-type": "application/json"},
    )
    assert reply.status_code == 400
    assert reply.json()["error"] == 'expecting a value for non-nullable variable: "prompt"'
