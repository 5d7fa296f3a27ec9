"""PyPI leonardo-ai-sdk 7.0.0, unmodified, does everything a video application does.

Nothing that the API should give may come back unset: the client turns what it cannot read into
an empty `Unset`, so every field of every reply is looked at.
"""

import importlib.metadata
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pydantic
import pytest
from leonardo_ai_sdk import LeonardoAiSDK
from leonardo_ai_sdk.models import errors, operations, shared

from simulator.core.clock import Clock
from simulator.providers.leonardo.accounts import DEMO_ACCOUNT_IDS, DEMO_KEYS
from simulator.settings import Settings
from tests.sdk.picture import png
from tests.sdk.server import StandIn

_STARTED_MS = 1_785_575_680_429
_VIDEO_S = 3

Motion = operations.CreateImageToVideoGenerationRequestBody
Model = operations.CreateImageToVideoGenerationString


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    frozen = Clock(_STARTED_MS, _STARTED_MS, 0)
    with StandIn.running(Settings(only=("leonardo",), clock=frozen)) as running:
        yield running


@pytest.fixture
def sdk(stand_in: StandIn) -> Iterator[LeonardoAiSDK]:
    with client(stand_in, DEMO_KEYS[0]) as opened:
        yield opened


def client(stand_in: StandIn, key: str) -> LeonardoAiSDK:
    url = f"{stand_in.origin}/api/rest/v1"
    return LeonardoAiSDK(bearer_auth=key, server_url=url)


def unset(value: Any, path: str = "$") -> list[str]:
    """The places below a reply's object that the client could not fill."""
    if isinstance(value, list):
        return [place for n, item in enumerate(value) for place in unset(item, f"{path}[{n}]")]
    if not isinstance(value, pydantic.BaseModel):
        return []
    if type(value).__name__ == "Unset":
        return [path]
    found = []
    for name in type(value).model_fields:
        place = f"{path}.{name}"
        given = name in value.model_fields_set
        found += unset(vars(value)[name], place) if given else [place]
    return found


def uploaded_image(stand_in: StandIn, sdk: LeonardoAiSDK) -> str:
    """Upload a picture as the guide says, and answer its id."""
    place = sdk.init_images.upload_init_image(request={"extension": "png"})
    assert place.object is not None
    assert unset(place.object) == []
    form: Any = place.object.upload_init_image
    sent = httpx.post(
        form.url, data=json.loads(form.fields), files={"file": ("start.png", png(), "image/png")}
    )
    assert (sent.status_code, sent.content) == (204, b"")
    assert form.url.startswith(stand_in.origin)
    return str(form.id)


def finished(stand_in: StandIn, sdk: LeonardoAiSDK, generation_id: str) -> Any:
    """See a video pending, let its time pass, and answer it complete."""
    pending = video(sdk, generation_id)
    assert pending.status is shared.JobStatus.PENDING
    assert pending.generated_images == []
    stand_in.advance(_VIDEO_S)
    complete = video(sdk, generation_id)
    assert complete.status is shared.JobStatus.COMPLETE
    return complete


def video(sdk: LeonardoAiSDK, generation_id: str) -> Any:
    """Read a video generation, which lacks the two fields that only images have."""
    reply = sdk.image.get_generation_by_id(id=generation_id).object
    assert reply is not None
    assert set(unset(reply)) == {
        "$.generations_by_pk.scheduler",
        "$.generations_by_pk.sd_version",
    }
    return reply.generations_by_pk


def job_of(reply: Any) -> Any:
    """The job of a creation's reply, all of its fields there."""
    assert unset(reply.object) == []
    job = next(getattr(reply.object, name) for name in type(reply.object).model_fields)
    assert job.cost.unit is shared.Unit.DOLLARS
    return job


def assert_plays(clip: Any) -> None:
    """A finished video has a poster and a film that differ in nothing but the ending."""
    (image,) = clip.generated_images
    film = httpx.get(image.motion_mp4_url)
    poster = httpx.get(image.url)
    assert film.headers["content-type"] == "video/mp4"
    assert film.content[4:8] == b"ftyp"
    assert poster.headers["content-type"] == "image/jpeg"
    assert image.motion_mp4_url.removesuffix("mp4") == image.url.removesuffix("jpg")


def test_the_client_is_the_one_we_speak_of() -> None:
    assert importlib.metadata.version("leonardo-ai-sdk") == "7.0.0"


def test_the_user_is_the_owner_of_the_key(sdk: LeonardoAiSDK) -> None:
    reply = sdk.user.get_user_self().object
    assert reply is not None
    assert unset(reply) == []
    (details,) = reply.user_details or []
    assert details.user
    assert details.user.id == DEMO_ACCOUNT_IDS[0]


def test_an_uploaded_image_is_the_one_that_is_served(stand_in: StandIn, sdk: LeonardoAiSDK) -> None:
    image_id = uploaded_image(stand_in, sdk)
    reply = sdk.init_images.get_init_image_by_id(id=image_id).object
    assert reply is not None
    assert unset(reply) == []
    assert reply.init_images_by_pk
    served = httpx.get(reply.init_images_by_pk.url or "")
    assert served.headers["content-type"] == "image/png"
    assert served.content == png()


def test_an_uploaded_image_can_be_deleted(stand_in: StandIn, sdk: LeonardoAiSDK) -> None:
    image_id = uploaded_image(stand_in, sdk)
    deleted = sdk.init_images.delete_init_image_by_id(id=image_id).object
    assert deleted is not None
    assert unset(deleted) == []
    again = sdk.init_images.get_init_image_by_id(id=image_id).object
    assert again is not None
    assert again.init_images_by_pk is None


def test_an_image_becomes_a_video(stand_in: StandIn, sdk: LeonardoAiSDK) -> None:
    request = Motion(
        prompt="A cat roaring like a tiger",
        image_id=uploaded_image(stand_in, sdk),
        image_type=operations.ImageType.UPLOADED,
        elements=[shared.ElementInput(ak_uuid="ece8c6a9-3deb-430e-8c93-4d5061b6adbf")],
    )
    job = job_of(sdk.motion.create_image_to_video_generation(request=request))
    clip = finished(stand_in, sdk, job.generation_id)
    assert clip.prompt == request.prompt
    assert clip.generated_images[0].image_to_video is True
    assert clip.generation_elements[0].lora.name == "Dolly In"
    assert_plays(clip)


def test_a_first_and_a_last_frame_become_a_video(stand_in: StandIn, sdk: LeonardoAiSDK) -> None:
    first, last = (uploaded_image(stand_in, sdk) for _ in range(2))
    assert first != last
    request = Motion(
        prompt="From day to night",
        image_id=first,
        image_type=operations.ImageType.UPLOADED,
        end_frame_image=operations.Object(id=last, type=operations.String.UPLOADED),
        model=Model.KLING2_1,
        duration=10,
    )
    job = job_of(sdk.motion.create_image_to_video_generation(request=request))
    clip = finished(stand_in, sdk, job.generation_id)
    assert (clip.image_width, clip.image_height) == (1920, 1080)
    assert_plays(clip)


def test_a_text_becomes_a_video_with_the_client_s_own_defaults(
    stand_in: StandIn, sdk: LeonardoAiSDK
) -> None:
    job = job_of(sdk.motion.create_text_to_video_generation(request={"prompt": "A dog"}))
    clip = finished(stand_in, sdk, job.generation_id)
    assert clip.generated_images[0].image_to_video is False
    assert_plays(clip)


def test_a_generated_image_is_moved_and_a_video_made_larger(
    stand_in: StandIn, sdk: LeonardoAiSDK
) -> None:
    made = job_of(sdk.image.create_generation(request={"prompt": "A cat", "num_images": 1}))
    stand_in.advance(_VIDEO_S)
    image = sdk.image.get_generation_by_id(id=made.generation_id).object
    assert image is not None
    assert unset(image) == []
    image_id = image.generations_by_pk.generated_images[0].id  # type: ignore[union-attr,index]
    moved = job_of(sdk.motion.create_svd_motion_generation(request={"image_id": str(image_id)}))
    finished(stand_in, sdk, moved.generation_id)
    larger = job_of(
        sdk.motion.create_video_upscale(
            request=operations.CreateVideoUpscaleRequestBody(
                source_generation_id=moved.generation_id,
                resolution=operations.CreateVideoUpscaleString.RESOLUTION_720,
            )
        )
    )
    stand_in.advance(_VIDEO_S)
    reply = sdk.variation.get_motion_variation_by_id(id=larger.variation_id).object
    assert reply is not None
    assert unset(reply) == []
    (variation,) = reply.generated_image_variation_motion or []
    assert variation.status is shared.JobStatus.COMPLETE


@pytest.mark.parametrize(
    ("method", "request_body"),
    [
        ("create_variation_upscale", {"id": "8815cca4-4cf7-4f21-aec4-00f8977f61d5"}),
        ("create_variation_unzoom", {"id": "8815cca4-4cf7-4f21-aec4-00f8977f61d5"}),
        ("create_variation_no_bg", {"id": "8815cca4-4cf7-4f21-aec4-00f8977f61d5"}),
        (
            "create_universal_upscaler_job",
            {"generated_image_id": "8815cca4-4cf7-4f21-aec4-00f8977f61d5"},
        ),
    ],
)
def test_a_generated_image_is_varied(
    stand_in: StandIn, sdk: LeonardoAiSDK, method: str, request_body: dict[str, Any]
) -> None:
    job = job_of(getattr(sdk.variation, method)(request=request_body))
    stand_in.advance(_VIDEO_S)
    reply = sdk.variation.get_variation_by_id(id=job.id).object
    assert reply is not None
    assert unset(reply) == []
    (variation,) = reply.generated_image_variation_generic or []
    assert variation.status is shared.JobStatus.COMPLETE
    assert httpx.get(variation.url or "").status_code == 200


def test_the_list_of_the_user_begins_with_the_newest(stand_in: StandIn, sdk: LeonardoAiSDK) -> None:
    ids = []
    for number in range(2):
        stand_in.advance(1)
        request = operations.CreateTextToVideoGenerationRequestBody(prompt=f"Dog {number}")
        ids.append(
            job_of(sdk.motion.create_text_to_video_generation(request=request)).generation_id
        )
    reply = sdk.image.get_generations_by_user_id(user_id=DEMO_ACCOUNT_IDS[0], limit=2).object
    assert reply is not None
    absent = {f"$.generations[{n}].{name}" for n in (0, 1) for name in ("scheduler", "sd_version")}
    assert set(unset(reply)) == absent
    assert [item.id for item in reply.generations or []] == ids[::-1]


def test_a_deleted_generation_is_gone(sdk: LeonardoAiSDK) -> None:
    job = job_of(sdk.motion.create_text_to_video_generation(request={"prompt": "A dog"}))
    deleted = sdk.image.delete_generation_by_id(id=job.generation_id).object
    assert deleted is not None
    assert unset(deleted) == []
    assert deleted.delete_generations_by_pk
    assert deleted.delete_generations_by_pk.id == job.generation_id
    gone = sdk.image.get_generation_by_id(id=job.generation_id).object
    assert gone is not None
    assert gone.generations_by_pk is None


def test_the_lists_of_models_and_elements_are_complete(sdk: LeonardoAiSDK) -> None:
    models = sdk.models.list_platform_models().object
    elements = sdk.elements.list_elements().object
    assert models is not None
    assert elements is not None
    assert unset(models) == []
    assert unset(elements) == []
    assert models.custom_models
    assert elements.loras


def test_the_calculator_agrees_with_the_job(sdk: LeonardoAiSDK) -> None:
    request = operations.PricingCalculatorRequestBody.model_validate(
        {
            "service": "MOTION_VIDEO_GENERATION",
            "serviceParams": {"MOTION_VIDEO_GENERATION": {"resolution": "RESOLUTION_720"}},
        }
    )
    reply = sdk.pricing_calculator.pricing_calculator(request=request).object
    assert reply is not None
    assert unset(reply) == []
    body = operations.CreateTextToVideoGenerationRequestBody.model_validate(
        {"prompt": "A dog", "resolution": "RESOLUTION_720"}
    )
    job = job_of(sdk.motion.create_text_to_video_generation(request=body))
    cost = reply.calculate_production_api_service_cost
    assert cost
    assert float(job.cost.amount) == pytest.approx((cost.cost or 0) * 0.00147)


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [
        ("00000000-0000-0000-0000-000000000000", 401, "unauthorized this request"),
        ("not-a-uuid", 500, "Invalid response from authorization hook"),
    ],
)
def test_a_refused_key_is_refused(stand_in: StandIn, key: str, status: int, words: str) -> None:
    with client(stand_in, key) as stranger, pytest.raises(errors.SDKError) as refusal:
        stranger.user.get_user_self()
    assert refusal.value.status_code == status
    assert words in refusal.value.body


def test_the_other_account_sees_nothing_of_it(stand_in: StandIn, sdk: LeonardoAiSDK) -> None:
    job = job_of(sdk.motion.create_text_to_video_generation(request={"prompt": "A dog"}))
    with client(stand_in, DEMO_KEYS[1]) as other:
        reply = other.image.get_generation_by_id(id=job.generation_id).object
        listed = other.image.get_generations_by_user_id(user_id=DEMO_ACCOUNT_IDS[0]).object
    assert reply is not None
    assert reply.generations_by_pk is None
    assert listed is not None
    assert listed.generations == []
