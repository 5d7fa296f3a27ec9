"""Leonardo: what costs money, how a generation is followed, and what has to be there before it.

Sources: the seed (reference page of the image-to-video operation), the vendor's documents and
guides, and what clients observed, as `contracts/leonardo/SOURCE.md` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Ask, Creation, Discovery, Journey, Profile, Read
from conformance.profiles import leonardo_account as account
from conformance.profiles import leonardo_images as images
from conformance.profiles import leonardo_probes as probes
from conformance.profiles import leonardo_stories as stories
from conformance.profiles import leonardo_uploads as uploads
from conformance.profiles.leonardo_answers import (
    WRAPPERS,
    generation_of,
    images_of,
    job_of,
    variation_of,
)
from conformance.profiles.leonardo_choices import BESIDE, RULED
from conformance.profiles.leonardo_probes import USER
from contracts import Contract

UPLOADED_ID: Final = "13b14ba1-0c33-4bc8-9b8f-1d2d2df96a8c"
"""The image of the contract's examples: it exists on no target but by chance."""

WORKING: Final = ("PENDING",)
COMPLETED: Final = frozenset({"COMPLETE"})
FAILED: Final = frozenset({"FAILED"})


def _ids(*names: str) -> Any:
    def ids(answer: Any) -> tuple[str, ...]:
        held = [job_of(answer).get(name) for name in names]
        return tuple(each for each in held if isinstance(each, str))

    return ids


def _media(answer: Any) -> tuple[str, ...]:
    found = [
        image.get(name)
        for image in images_of(generation_of(answer))
        for name in ("motionMP4URL", "url")
    ]
    return tuple(url for url in found if isinstance(url, str))


def _varied_media(answer: Any) -> tuple[str, ...]:
    url = variation_of(answer).get("url")
    return (url,) if isinstance(url, str) else ()


def _status(answer: Any) -> str:
    return str(generation_of(answer).get("status", ""))


def _varied_status(answer: Any) -> str:
    return str(variation_of(answer).get("status", ""))


def _by_id(identity: str, answer: Any) -> dict[str, str]:
    return {"id": identity}


_GENERATION: Final = Read("getGenerationById", _by_id, _status, _media)
_VARIATION: Final = Read("getVariationById", _by_id, _varied_status, _varied_media)
_MOTION: Final = Read("getMotionVariationById", _by_id, _varied_status, _varied_media)


def _journey(name: str, operation: str, body: Any, read: Read, **changes: Any) -> Journey:
    return Journey(
        name, operation, body, (read,), WORKING, COMPLETED, FAILED, has_error=False, **changes
    )


# What the official clients send for a prompt alone [sdk-py] [sdk-ts], and that it is private.
TEXT_BODY: Final = {
    "prompt": 'A dog & a "cat" < on the beach \N{DOG}, 海辺の犬, كلب على الشاطئ',
    "duration": 8,
    "model": "MOTION2",
    "isPublic": False,
    "seed": 42,
    "negativePrompt": "people",
}
IMAGE_BODY: Final = {
    "prompt": "A cat roaring like a tiger \N{CAT}, 虎のような猫, قطة",
    "imageId": UPLOADED_ID,
    "imageType": "UPLOADED",
    "model": "MOTION2",
    "resolution": "RESOLUTION_480",
    "isPublic": False,
}
NULLS: Final = (
    "resolution", "model", "frameInterpolation", "isPublic", "seed", "negativePrompt",
    "promptEnhance", "promptEnhanceInstruction", "styleIds", "height", "width", "duration",
    "elements",
)  # fmt: skip
_END: Final = {"endFrameImage": {"id": UPLOADED_ID, "type": "UPLOADED"}}
_ELEMENTS: Final = {"elements": [{"akUUID": probes.ELEMENT, "weight": 1}]}
_KLING: Final = {**IMAGE_BODY, "model": "KLING2_1", "resolution": "RESOLUTION_1080", "duration": 5}
_PICTURE: Final = {"prompt": "An oil painting of a cat \N{CAT}, 猫の油絵", "width": 512,
                   "height": 512, "num_images": 1, "public": False}  # fmt: skip
_SVD: Final = {"imageId": "", "isInitImage": True, "motionStrength": 3}
_GENERATED: Final = {**IMAGE_BODY, "imageType": "GENERATED"}
_VIDEO_BEFORE: Final = (("createTextToVideoGeneration", TEXT_BODY),)
_PICTURE_BEFORE: Final = (("createGeneration", _PICTURE),)
_UPSCALE: Final = {"sourceGenerationId": "", "resolution": "RESOLUTION_720"}
_FUZZ: Final = Tier.FUZZ


def _varied(name: str, operation: str) -> Journey:
    """Return the lifecycle of a variation of an image that is generated first."""
    prepare = probes.with_generated({"id": ""}, "id", _PICTURE)
    return _journey(
        name, operation, {"id": ""}, _VARIATION,
        prepare=prepare, before=_PICTURE_BEFORE, tier=_FUZZ,
    )  # fmt: skip


def _image_only(
    name: str,
    body: Any,
    fields: tuple[str, ...] = ("imageId",),
    first: Any = None,
    misses: frozenset[str] = frozenset(),
) -> Journey:
    """Return a creation from an image, uploaded or generated first, that nobody follows."""
    prepare = (
        uploads.with_upload(body, *fields)
        if first is None
        else probes.with_generated(body, fields[0], first)
    )
    return Journey(
        name, "createImageToVideoGeneration", body, prepare=prepare, has_media=False, tier=_FUZZ,
        before=() if first is None else (("createGeneration", first),), misses=misses,
    )  # fmt: skip


def _from_upload(name: str, operation: str, body: Any, field: str, *misses: str) -> Journey:
    """Return a creation from an uploaded image, whose near misses need what else is asked."""
    return Journey(
        name, operation, body, prepare=uploads.with_upload(body, field), has_media=False,
        tier=_FUZZ, misses=frozenset(misses) | {field},
    )  # fmt: skip


def _story(name: str, operation: str, prepare: Callable[[Ask], Any]) -> Journey:
    """Return what is asked in an order of its own; its jobs are made on the way."""
    return Journey(
        name, operation, {}, prepare=prepare, has_media=False, tier=_FUZZ,
        before=stories.JOBS[name],
    )  # fmt: skip


_JOURNEYS: Final = (
    _journey(
        "text-to-video", "createTextToVideoGeneration", TEXT_BODY, _GENERATION,
        then=probes.after_video,
        feeds=frozenset(
            {"getGenerationsByUserId", "deleteGenerationById", "createSVDMotionGeneration"}
        ),
    ),
    _journey(
        "text-to-video-fails", "createTextToVideoGeneration", TEXT_BODY, _GENERATION, fails=True
    ),
    _journey(
        "image-to-video", "createImageToVideoGeneration", IMAGE_BODY, _GENERATION,
        prepare=uploads.with_upload(IMAGE_BODY, "imageId"),
    ),
    _journey(
        "image", "createGeneration",
        {**_PICTURE, "width": 640, "num_images": 2, "seed": 42, "negative_prompt": "people"},
        _GENERATION, tier=_FUZZ,
    ),
    _from_upload(
        "image-to-image", "createGeneration",
        {**_PICTURE, "init_image_id": "", "init_strength": 0.5}, "init_image_id", "init_strength",
    ),
    _journey(
        "svd", "createSVDMotionGeneration", {**_SVD, "imageId": UPLOADED_ID},
        _GENERATION, tier=_FUZZ, prepare=uploads.with_upload(_SVD, "imageId"),
    ),
    Journey(
        "start-frame", "uploadInitImage", {"extension": "png"},
        prepare=uploads.start_frame, has_media=False,
        feeds=frozenset({"getInitImageById", "deleteInitImageById", "uploadMedia"}),
    ),
    _story("lost-frames", "createImageToVideoGeneration", stories.lost_frames),
    _story("models", "createImageToVideoGeneration", stories.models),
    _story("pages", "getGenerationsByUserId", stories.pages),
    _story("films", "createTextToVideoGeneration", stories.films),
    account.JOURNEY,
    *images.JOURNEYS,
    _image_only("image-nulls", {**IMAGE_BODY, **dict.fromkeys((*NULLS, "endFrameImage"))}),
    Journey(
        "image-generated", "createImageToVideoGeneration", _GENERATED, has_media=False,
        prepare=probes.with_generated(_GENERATED, "imageId", _PICTURE),
        before=_PICTURE_BEFORE, tier=_FUZZ,
    ),
    _image_only(
        "end-frame-kling", {**_KLING, **_END}, ("imageId", "endFrameImage.id"),
        misses=frozenset({"endFrameImage"}),
    ),
    _image_only("elements", {**IMAGE_BODY, **_ELEMENTS}, misses=frozenset({"elements"})),
    _image_only("end-frame-motion", {**IMAGE_BODY, **_END}, ("imageId", "endFrameImage.id")),
    _image_only(
        "end-frame-veo", {**IMAGE_BODY, **_END, "model": "VEO3", "resolution": "RESOLUTION_720"},
        ("imageId", "endFrameImage.id"),
    ),
    _image_only("generated-frame", {**IMAGE_BODY, "imageType": "GENERATED"}, first=_PICTURE),
    _varied("upscale", "createVariationUpscale"),
    _varied("unzoom", "createVariationUnzoom"),
    _varied("no-background", "createVariationNoBG"),
    _journey(
        "universal-upscale", "CreateUniversalUpscalerJob", {"initImageId": UPLOADED_ID},
        _VARIATION, prepare=uploads.with_upload({"initImageId": ""}, "initImageId"), tier=_FUZZ,
    ),
    _from_upload(
        "ultra-upscale", "CreateUniversalUpscalerJob",
        {"initImageId": "", "ultraUpscaleStyle": "ARTISTIC", "detailContrast": 5, "similarity": 5},
        "initImageId", "ultraUpscaleStyle", "detailContrast", "similarity",
    ),
    _journey(
        "video-upscale", "createVideoUpscale", _UPSCALE, _MOTION, tier=_FUZZ,
        prepare=probes.with_generated(_UPSCALE, "sourceGenerationId", TEXT_BODY, is_video=True),
        before=_VIDEO_BEFORE,
    ),
)  # fmt: skip


def _user_id(answer: Any) -> str:
    rows = answer.get("user_details") if isinstance(answer, dict) else None
    row = rows[0] if isinstance(rows, list) and rows else None
    user = row.get("user") if isinstance(row, dict) else None
    identity = user.get("id") if isinstance(user, dict) else None
    return identity if isinstance(identity, str) else ""


_LISTED: Final = frozenset({"getGenerationsByUserId", "createTextToVideoGeneration"})
_NEEDS_AN_ID: Final = frozenset(
    {
        *WRAPPERS, "getGenerationById", "deleteGenerationById", "getInitImageById",
        "deleteInitImageById", "getVariationById", "getMotionVariationById",
    }
) - {"createTextToVideoGeneration", "createGeneration"}  # fmt: skip


def _probes(contract: Contract) -> Iterator[Probe]:
    yield from probes.probes(contract)
    yield from uploads.probes()
    yield from images.probes()


PROFILE: Final = Profile(
    name="leonardo",
    creations=tuple(
        Creation(
            operation,
            # A video upscale is read by its variation.
            ids=_ids("variationId") if operation == "createVideoUpscale"
            else _ids("generationId", "id"),
        )
        for operation in WRAPPERS
    ),
    journeys=_JOURNEYS,
    harmless=frozenset({"pricingCalculator", "uploadInitImage", "uploadMedia"}),
    # A key that is no UUID ends in a 500 [client: scormify notes]; an unknown one in a 401. 403
    # is never an answer to a key [docs: API Error Messages].
    refused=frozenset({401, 500}),
    skipped_checks=frozenset({"ignored_auth"}),
    # Fields are variables of a GraphQL operation, where a lone value is coerced to a list of one
    # [engine].
    wraps=True,
    unknown_path="/api/rest/v1/no-such-operation",
    discoveries=(Discovery("getUserSelf", USER, _user_id, _LISTED),),
    bodies={
        # No model or image that exists here and there only.
        "createGeneration": _PICTURE,
        # Refused whatever the target is; every nested field is there to be broken.
        "createImageToVideoGeneration": {
            **IMAGE_BODY,
            **_END,
            **_ELEMENTS,
        },
    },
    hard_to_succeed=_NEEDS_AN_ID,
    ruled=RULED,
    beside=BESIDE,
    # Guides and clients show a few of their fields, and none of those as null.
    silent_on_null=frozenset({"createGeneration", "CreateUniversalUpscalerJob", "uploadMedia"}),
    # Rules per model, images that do not exist, prompts that are filtered, ids of nothing.
    refuses_valid={
        **dict.fromkeys(WRAPPERS, (400, 403, 404, 500)),
        **dict.fromkeys(_NEEDS_AN_ID - set(WRAPPERS), (400, 404)),
        "getGenerationsByUserId": (400, 403, 404),
        "pricingCalculator": (400,),
    },
    probes=_probes,
)  # fmt: skip
