"""Core records to Leonardo's JSON, and its status words.

Shapes are those of the contract; its SOURCE.md says why some fields stand in two places.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from simulator.core import jsontext
from simulator.core.accounts import Account
from simulator.core.assets import Upload
from simulator.core.clock import utc_text
from simulator.core.runs import Run, State, Status
from simulator.providers.leonardo import accounts, catalog, records
from simulator.providers.leonardo.catalog import ImageModel
from simulator.providers.leonardo.records import MotionVariation, Variation

Json = dict[str, Any]
AssetUrl = Callable[[Run, int, str], str]
"""The URL of a run's file: run, index, extension."""

STATUS_WORDS: Final[Mapping[State, str]] = {
    "queued": "PENDING",
    "working": "PENDING",
    "completed": "COMPLETE",
    "failed": "FAILED",
    "cancelled": "FAILED",
}
"""[openapi: image-generation, job_status]"""

UPLOAD_BUCKET: Final = "image-generation-uploads"


def timestamp(at_ms: int) -> str:
    """Milliseconds and no zone [client: Leonardo proxy spec]."""
    return utc_text(at_ms).removesuffix("Z")


def cost_fields(run: Run) -> Json:
    """What a job costs: `apiCreditCost` is null for accounts that pay as they go."""
    amount = format((Decimal(run.cost_nanos) / 1_000_000_000).normalize(), "f")
    return {"apiCreditCost": None, "cost": {"amount": amount, "unit": "DOLLARS"}}


def generation_job(run: Run) -> Json:
    """The reply to a new generation, without its wrapper."""
    return {"generationId": run.id, **cost_fields(run)}


def variation_job(run: Run) -> Json:
    """The reply to a new variation, without its wrapper."""
    return {"id": run.id, **cost_fields(run)}


def generation(
    run: Run, status: Status, asset_url: AssetUrl, variations: Iterable[Json] = ()
) -> Json:
    """One generation; `variations` are bodies of `variation_summary` for any of its images."""
    request = run.decoded_request()
    is_video = run.outputs[0].media == "video"
    motion = _motion_fields(run, request, is_video=is_video)
    is_refused = status.outcome is not None and status.outcome.reason == "content_policy"
    shows_images = status.state == "completed"
    return {
        "id": run.id,
        "status": STATUS_WORDS[status.state],
        "createdAt": timestamp(run.created_at_ms),
        "prompt": (run.details or {}).get("prompt", request.get("prompt") or ""),
        "negativePrompt": request.get("negativePrompt", request.get("negative_prompt")),
        "imageHeight": run.outputs[0].height,
        "imageWidth": run.outputs[0].width,
        "seed": _seed(run, request),
        "public": bool(request.get("isPublic", request.get("public"))),
        **(_video_fields() if is_video else _image_fields(run, request)),
        **motion,
        "prompt_moderations": [{"moderationClassification": ["nsfw"] if is_refused else []}],
        "generation_elements": [_element_applied(item) for item in request.get("elements") or ()],
        "generated_images": _images(run, motion, asset_url, variations) if shows_images else [],
    }


def variation_summary(variation: Variation, run: Run, status: Status, asset_url: AssetUrl) -> Json:
    """A variation as its image lists it, and under `imageId` the image that lists it."""
    body = variation_body(variation, run, status, asset_url)
    del body["createdAt"]
    return {"imageId": variation.image_id, **body}


def variation_body(variation: Variation, run: Run, status: Status, asset_url: AssetUrl) -> Json:
    """One variation of an image."""
    return {
        "id": variation.id,
        "createdAt": timestamp(run.created_at_ms),
        "status": STATUS_WORDS[status.state],
        "transformType": variation.transform,
        "url": _finished_url(run, status, asset_url),
    }


def motion_variation_body(
    variation: MotionVariation, run: Run, status: Status, asset_url: AssetUrl
) -> Json:
    """One variation of a video [openapi: variation]."""
    return {
        "id": variation.id,
        "createdAt": timestamp(run.created_at_ms),
        "status": STATUS_WORDS[status.state],
        "motionTransformType": "UPSCALE",
        "resolution": "RESOLUTION_720",
        "url": _finished_url(run, status, asset_url),
    }


def presigned(
    upload_id: str,
    user_id: str,
    extension: str,
    content_type: str,
    folder: str,
    now_ms: int,
) -> Upload:
    """A place for a file, with the pairs of its form in the vendor's order [client: capture]."""
    expires_at_ms = now_ms + catalog.FORM_LIFETIME_MS
    key = f"users/{user_id}/{folder}/{upload_id}.{extension}"
    policy = {
        "expiration": utc_text(expires_at_ms),
        "conditions": [
            {"bucket": UPLOAD_BUCKET},
            {"key": key},
            {"Content-Type": content_type},
        ],
    }
    text = b64encode(jsontext.dumps(policy)).decode()
    day = datetime.fromtimestamp(now_ms / 1000, UTC)
    fields = {
        "Content-Type": content_type,
        "bucket": UPLOAD_BUCKET,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"UNDERSTUDY/{day:%Y%m%d}/us-east-1/s3/aws4_request",
        "X-Amz-Date": f"{day:%Y%m%dT%H%M%SZ}",
        "key": key,
        "Policy": text,
        "X-Amz-Signature": hashlib.blake2b(text.encode(), digest_size=32).hexdigest(),
    }
    return Upload(
        upload_id,
        "leonardo",
        user_id,
        extension,
        now_ms,
        expires_at_ms,
        content_type=content_type,
        fields=fields,
    )


def form(upload: Upload, form_url: str) -> Json:
    """The pairs of a presigned form as a JSON text, and where it is posted."""
    return {"fields": jsontext.dumps(upload.fields).decode(), "url": form_url}


def init_image(upload: Upload, url: str) -> Json:
    """One uploaded start frame."""
    return {"createdAt": timestamp(upload.created_at_ms), "id": upload.id, "url": url}


def user_details(account: Account) -> Json:
    """The account: an account that pays as it goes has paid API tokens and no others."""
    return {
        "user": {"id": account.id, "username": account.name},
        "tokenRenewalDate": None,
        "paidTokens": 0,
        "subscriptionTokens": 0,
        "subscriptionGptTokens": 0,
        "subscriptionModelTokens": 0,
        "apiConcurrencySlots": catalog.CONCURRENCY_SLOTS,
        "apiPaidTokens": account.available_nanos // accounts.NANOS_PER_CREDIT,
        "apiSubscriptionTokens": 0,
        "apiPlanTokenRenewalDate": None,
    }


def platform_model(model: ImageModel, picture_url: str) -> Json:
    """One public image model with a picture that it made."""
    return {
        "id": model.id,
        "name": model.name,
        "description": model.description,
        "featured": model.featured,
        "nsfw": False,
        "generated_image": {"id": records.derived_id(model.id, "picture"), "url": picture_url},
    }


def element(item: catalog.Element, picture_url: str) -> Json:
    """One public element."""
    return {
        "akUUID": item.id,
        "name": item.name,
        "description": item.description,
        "creatorName": "Leonardo",
        "urlImage": picture_url,
        "baseModel": item.base_model,
        "weightDefault": item.weight_default,
        "weightMin": item.weight_min,
        "weightMax": item.weight_max,
    }


def _images(run: Run, motion: Json, asset_url: AssetUrl, variations: Iterable[Json]) -> list[Json]:
    """The images of a finished run; a video's image is its poster frame."""
    by_image: dict[str, list[Json]] = {}
    for item in variations:
        body = {name: value for name, value in item.items() if name != "imageId"}
        by_image.setdefault(item["imageId"], []).append(body)
    is_video = run.outputs[0].media == "video"
    return [
        {
            "id": image_id,
            "url": asset_url(run, index, "jpg"),
            "motionMP4URL": asset_url(run, index, "mp4") if is_video else None,
            "nsfw": False,
            "likeCount": 0,
            **motion,
            "generated_image_variation_generics": by_image.get(image_id, []),
        }
        for index, image_id in enumerate(records.image_ids(run))
    ]


def _finished_url(run: Run, status: Status, asset_url: AssetUrl) -> str | None:
    return asset_url(run, 0, "") if status.state == "completed" else None


def _motion_fields(run: Run, request: Mapping[str, Any], *, is_video: bool) -> Json:
    """On the generation as live, and on its images as documented."""
    return {
        "motion": is_video,
        "imageToVideo": run.mode in ("image-to-video", "first-last-frame", "motion"),
        "fantasyAvatar": bool(request.get("fantasyAvatar")),
        "motionModel": run.model if is_video and run.model else None,
        "motionStrength": _whole(request.get("motionStrength")),
    }


def _video_fields() -> Json:
    """What only images have is null; `scheduler` and `sdVersion` may not be null, so are absent."""
    return {
        "inferenceSteps": None,
        "guidanceScale": None,
        "initStrength": None,
        "modelId": None,
        "presetStyle": None,
        "photoReal": None,
        "photoRealStrength": None,
        "promptMagic": None,
        "promptMagicStrength": None,
        "promptMagicVersion": None,
        "ultra": None,
    }


def _image_fields(run: Run, request: Mapping[str, Any]) -> Json:
    return {
        "inferenceSteps": _whole(request.get("num_inference_steps")) or 15,
        "guidanceScale": request.get("guidance_scale") or 7,
        "initStrength": request.get("init_strength"),
        "modelId": run.model,
        "scheduler": request.get("scheduler", "EULER_DISCRETE"),
        "sdVersion": request.get("sd_version", catalog.IMAGE_MODELS[run.model].sd_version),
        "presetStyle": request.get("presetStyle"),
        "photoReal": bool(request.get("photoReal")),
        "photoRealStrength": request.get("photoRealStrength"),
        "promptMagic": bool(request.get("promptMagic")),
        "promptMagicStrength": request.get("promptMagicStrength"),
        "promptMagicVersion": request.get("promptMagicVersion"),
        "ultra": bool(request.get("ultra")),
    }


def _whole(number: float | None) -> int | None:
    """JSON does not tell 5.0 from 5, but the clients do."""
    return None if number is None else int(number)


def _seed(run: Run, request: Mapping[str, Any]) -> int:
    """The given seed, or one that follows from the run's id."""
    if request.get("seed") is not None:
        return int(request["seed"])
    digest = hashlib.blake2b(run.id.encode(), digest_size=8, person=b"seed").digest()
    return int.from_bytes(digest) % catalog.MOTION_SEED_MAX


def _element_applied(given: Mapping[str, Any]) -> Json:
    """An element of a generation; of one that is not public only the id is known."""
    known = catalog.ELEMENTS.get(given["akUUID"].lower())
    weight = given.get("weight")
    lora: Json = {
        "akUUID": given["akUUID"],
        "name": known.name if known else None,
        "description": known.description if known else None,
        "urlImage": None,
        "weightDefault": known.weight_default if known else None,
        "weightMin": known.weight_min if known else None,
        "weightMax": known.weight_max if known else None,
    }
    if known:
        lora["baseModel"] = known.base_model
    number = known.number if known else None
    return {"id": number, "weightApplied": 1 if weight is None else weight, "lora": lora}
