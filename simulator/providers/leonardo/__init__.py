"""Leonardo's production API: how its parts go together."""

import re
from typing import Final

from simulator.core import ids
from simulator.core.errors import Unauthenticated
from simulator.provider import Headers, Provider, Switch
from simulator.providers.leonardo import catalog, errors, operations, world

_KEY: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""A UUID [docs: API Error Messages, API FAQ]."""


def credential(headers: Headers) -> str | Unauthenticated:
    """The bearer token; a header of another scheme is a key of the wrong form (assumed)."""
    authorization = headers.get("authorization", "").strip()
    if not authorization:
        return Unauthenticated("missing")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return Unauthenticated("malformed")
    return token.strip() or Unauthenticated("malformed")


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return _KEY.fullmatch(text) is not None


def new_key(source: bytes) -> str:
    """A key of the vendor's form."""
    return ids.uuid4(source)


PROVIDER: Final = Provider(
    name="leonardo",
    title="Leonardo",
    handlers={
        "createImageToVideoGeneration": operations.create_image_to_video_generation,
        "createTextToVideoGeneration": operations.create_text_to_video_generation,
        "createSVDMotionGeneration": operations.create_svd_motion_generation,
        "createVideoUpscale": operations.create_video_upscale,
        "createGeneration": operations.create_generation,
        "getGenerationById": operations.get_generation_by_id,
        "deleteGenerationById": operations.delete_generation_by_id,
        "getGenerationsByUserId": operations.get_generations_by_user_id,
        "uploadInitImage": operations.upload_init_image,
        "getInitImageById": operations.get_init_image_by_id,
        "deleteInitImageById": operations.delete_init_image_by_id,
        "uploadMedia": operations.upload_media,
        "getUserSelf": operations.get_user_self,
        "listPlatformModels": operations.list_platform_models,
        "listElements": operations.list_elements,
        "pricingCalculator": operations.pricing_calculator,
        "createVariationUpscale": operations.create_variation_upscale,
        "createVariationUnzoom": operations.create_variation_unzoom,
        "createVariationNoBG": operations.create_variation_no_bg,
        "CreateUniversalUpscalerJob": operations.create_universal_upscaler_job,
        "getVariationById": operations.get_variation_by_id,
        "getMotionVariationById": operations.get_motion_variation_by_id,
    },
    refuse=errors.refuse,
    credential=credential,
    is_key=is_key,
    new_key=new_key,
    demo_keys=catalog.DEMO_KEYS,
    demo_account_ids=catalog.USER_IDS,
    account_id=ids.uuid4,
    opening_nanos=catalog.OPENING_NANOS,
    furnish=world.furnish,
    limits=catalog.LIMITS,
    content_type="application/json; charset=utf-8",
    headers=(("x-content-type-options", "nosniff"),),
    switches={
        "moderation": Switch(("400", "403"), "the status of a prompt that the filter refuses"),
        "unknown-id": Switch(("null", "404"), "the answer to an id that names nothing"),
        "end-frame": Switch(("seed", "guides"), "whether KLING2_5 takes an end frame"),
        "missing-key": Switch(("401", "500"), "the status of a request without a key"),
        "malformed-key": Switch(("500", "401"), "the status of a key that is no UUID"),
    },
    prefixes=("/api/rest/v1",),
    environment={"LEONARDO_API_KEY": "{key}", "LEONARDO_BASE_URL": "{url}"},
)
