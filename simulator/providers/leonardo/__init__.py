"""Leonardo's production API: how its parts go together."""

from typing import Final

from simulator.provider import Provider, Switch
from simulator.providers.leonardo import accounts, errors, operations, records

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
    credential=accounts.credential,
    is_key=accounts.is_key,
    new_key=accounts.new_key,
    demo_keys=accounts.DEMO_KEYS,
    demo_account_ids=accounts.DEMO_ACCOUNT_IDS,
    account_id=accounts.account_id,
    opening_nanos=accounts.OPENING_NANOS,
    furnish=records.furnish,
    limits=accounts.LIMITS,
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
