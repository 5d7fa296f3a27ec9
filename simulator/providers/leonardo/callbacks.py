"""Leonardo's callback: what is posted to the URL of an API key when a generation has ended.

Envelope, headers and the sixty members of a generation are those of the guide's sample; what only
captures show comes with the switch `webhook-form`. The image's event is documented, the video's is
what clients handle in production [docs: webhook guide] [client: leonardo zod library].
"""

from collections.abc import Mapping
from typing import Any, Final

from simulator.core import ids
from simulator.core.clock import utc_text
from simulator.core.webhooks import Event, Subscription
from simulator.provider import Reply, Told
from simulator.providers.leonardo import accounts, catalog, wire
from simulator.providers.leonardo.wire import Json

HEADERS: Final = (
    ("content-type", "application/json"),
    ("accept", "application/json, text/plain, */*"),
    ("user-agent", "axios/1.4.0"),
    ("connection", "close"),
)
"""[docs: webhook guide]"""

ENDED: Final[tuple[Event, ...]] = ("run.completed", "run.failed", "run.cancelled")

_UNSET: Final = (
    "initUpscaledImageId",
    "imageAspectRatio",
    "canvasInitImageId",
    "canvasMaskImageId",
    "imagePromptStrength",
    "category",
    "poseImage2ImageType",
    "highContrast",
    "poseImage2ImageWeight",
    "contrastRatio",
    "highResolution",
    "expandedDomain",
    "unzoom",
    "unzoomAmount",
)
"""Null in the sample of the guide."""


def events(switches: Mapping[str, str]) -> tuple[Event, ...]:
    """What it tells of: the end; of one that failed only if it is told at all."""
    return ENDED[:1] if switches["webhook-failed"] == "silent" else ENDED


def write(told: Told) -> Reply:
    """The request that tells of a generation's end."""
    proof = (("authorization", f"Bearer {told.secret}"),) if told.secret else ()
    return Reply(200, envelope(told), (*HEADERS, *proof))


def envelope(told: Told) -> Json:
    """Type, object, timestamp, version and data, in the guide's order."""
    subject = "video" if told.run.outputs[0].media == "video" else "image"
    has_failed = told.event != "run.completed"
    is_told_apart = has_failed and told.switches["webhook-failed"] == "failed"
    return {
        "type": f"{subject}_generation.{'failed' if is_told_apart else 'complete'}",
        "object": "generation",
        "timestamp": told.at_ms,
        "api_version": "v1",
        "data": {"object": _generation(told)},
    }


def _generation(told: Told) -> Json:
    run, is_documented = told.run, told.switches["webhook-form"] == "documented"
    request = run.decoded_request()
    shown = wire.generation(run, told.status, told.asset_url)
    is_video = run.outputs[0].media == "video"
    cents = run.cost_nanos // accounts.NANOS_PER_CREDIT
    frame = request.get("imageId") or request.get("init_image_id")
    is_generated = request.get("imageType") == "GENERATED"
    model = None if is_video else catalog.IMAGE_MODELS.get(run.model)
    created_at, ended_at = utc_text(run.created_at_ms), utc_text(told.at_ms)
    generation: Json = {
        "id": run.id,
        "createdAt": created_at,
        "updatedAt": ended_at,
        "userId": run.account_id,
        "public": shown["public"],
        "flagged": False,
        "nsfw": False,
        "status": shown["status"],
        "coreModel": "SD",
        "guidanceScale": shown["guidanceScale"],
        "imageHeight": shown["imageHeight"],
        "imageWidth": shown["imageWidth"],
        "inferenceSteps": shown["inferenceSteps"],
        "initGeneratedImageId": frame if is_generated else None,
        "initImageId": None if is_generated else frame,
        "initStrength": shown["initStrength"],
        "initType": request.get("imageType"),
        "modelId": shown["modelId"],
        "negativePrompt": shown["negativePrompt"] or "",
        "prompt": shown["prompt"],
        "quantity": len(run.outputs),
        "sdVersion": shown.get("sdVersion"),
        "tiling": bool(request.get("tiling")),
        "tokenCost": 0,
        "negativeStylePrompt": "",
        "seed": str(shown["seed"]) if is_documented else shown["seed"],
        "scheduler": shown.get("scheduler"),
        "presetStyle": shown["presetStyle"],
        "promptMagic": bool(shown["promptMagic"]),
        "canvasRequest": False,
        "api": True,
        "poseImage2Image": False,
        **dict.fromkeys(_UNSET),
        "apiDollarCost": str(cents) if is_documented else cents,
        "alchemy": request.get("alchemy"),
        "promptMagicVersion": shown["promptMagicVersion"],
        "photoReal": bool(shown["photoReal"]),
        "promptMagicStrength": shown["promptMagicStrength"],
        "photoRealStrength": shown["photoRealStrength"],
        "imageToImage": bool(request.get("init_image_id")),
        "controlnetsUsed": bool(request.get("controlnets")),
        "model": None if model is None else _model(model),
        "images": [_image(told, item, ended_at, is_documented) for item in _images(shown)],
    }
    if is_documented:
        key = _api_key(told.subscription)
        generation |= {"apiKeyId": key["id"], "apiKey": key}
    else:
        generation |= _observed(run.mode, request, shown, is_video=is_video)
    return generation


def _images(shown: Json) -> list[Json]:
    images: list[Json] = shown["generated_images"]
    return images


def _image(told: Told, image: Json, ended_at: str, is_documented: bool) -> Json:
    """One image, or a video's: its poster in `url`, the film in `motionMP4URL`."""
    is_video = image["motionMP4URL"] is not None
    body = {
        "id": image["id"],
        "createdAt": ended_at,
        "updatedAt": ended_at,
        "userId": told.run.account_id,
        "url": image["url"],
        "generationId": told.run.id,
        "nobgId": None,
        "nsfw": False,
        "likeCount": 0,
        "trendingScore": 0,
        "public": bool(told.run.decoded_request().get("public")),
    }
    if is_video or not is_documented:
        body["motionMP4URL"] = image["motionMP4URL"]
    if not is_documented:
        size = {
            "image_height": told.run.outputs[0].height,
            "image_width": told.run.outputs[0].width,
        }
        body |= {"motionGIFURL": None, "teamId": None, **size}
    return body


def _observed(mode: str, request: Mapping[str, Any], shown: Json, *, is_video: bool) -> Json:
    """What a capture of 2026 shows beyond the guide [client: PHP webhook receiver]."""
    return {
        "motionLora": None,
        "motionFrameInterpolation": request.get("frameInterpolation"),
        "motionDurationSeconds": request.get("duration"),
        "motionModule": None,
        "motionOfficialModelId": None,
        "motionGenerationResolution": request.get("resolution"),
        "motion": shown["motion"],
        "motionHasAudio": None,
        "fantasyAvatar": shown["fantasyAvatar"],
        "isStoryboard": False,
        "imageToVideo": shown["imageToVideo"],
        "textToVideo": is_video and mode == "text-to-video",
        "motionModel": shown["motionModel"],
        "motionStrength": shown["motionStrength"],
        "universalUpscaler": None,
        "teamId": None,
        "styleUUID": None,
        "ultra": shown["ultra"],
        "source": None,
        "transparency": request.get("transparency"),
        "generation_notes": [],
        "teams": None,
    }


def _model(model: catalog.ImageModel) -> Json:
    """The model as the guide's sample has it, as far as it is known of one."""
    return {
        "id": model.id,
        "name": model.name,
        "description": model.description,
        "public": True,
        "flagged": False,
        "nsfw": False,
        "official": True,
        "status": "COMPLETE",
        "sdVersion": model.sd_version,
        "type": "GENERAL",
        "featured": model.featured,
        "api": False,
    }


def _api_key(subscription: Subscription) -> Json:
    """The key, itself masked as in the guide's sample: the stand-in keeps no key."""
    created_at = utc_text(subscription.created_at_ms)
    return {
        "id": ids.uuid4(bytes.fromhex(subscription.key) * 2),
        "createdAt": created_at,
        "userId": subscription.account_id,
        "key": "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX",
        "lastUsed": created_at,
        "name": "understudy",
        "type": "PRODUCTION",
        "webhookCallbackUrl": subscription.url,
        "webhookCallbackApiKey": subscription.secret or None,
    }
