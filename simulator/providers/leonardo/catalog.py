"""What Leonardo offers: models, rules per model, prices, stage lengths. Data only.

Sources by the tags of the contract's SOURCE.md; `(assumed)` where nothing is published.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from simulator.core.runs import Stage

CONCURRENCY_SLOTS: Final = 10
"""Jobs an account may have in work at once [docs: limits]."""

FORM_LIFETIME_MS: Final = 120_000
"""How long a presigned form is good [docs: presigned URL guide]."""

REFUSED_WORDS: Final = ("naked", "nude")
"""The words that the documents show the filter finding [docs: API Error Messages, NSFW guide]."""

STAGES: Final[Mapping[str, tuple[Stage, ...]]] = {
    "video": (Stage("PENDING", 3000),),
    "image": (Stage("PENDING", 2000),),
    "variation": (Stage("PENDING", 2000),),
}
"""One stage each, as the vendor shows no other [openapi: image-generation]; lengths are ours."""

VIDEO_OPERATIONS: Final = (
    "createImageToVideoGeneration",
    "createTextToVideoGeneration",
    "createSVDMotionGeneration",
    "createVideoUpscale",
)
GENERATION_OPERATIONS: Final = (*VIDEO_OPERATIONS, "createGeneration")
"""What `GET /generations` shows; the other runs are variations."""

MOTION_SEED_MAX: Final = 2147483637
"""[seed]; the other models without a published maximum have it too (assumed)."""

VEO_SEED_MAX: Final = 4294967293
"""[openapi: video-generation, text operation]"""

FLUX_SEED_MAX: Final = 2147483637
IMAGE_SEED_MAX: Final = 9999999998
"""Image models other than Flux [openapi: image-generation]."""

Size = tuple[int, int]


class VideoModel(msgspec.Struct, frozen=True):
    """One video model: what may be asked of it, and what that costs in credits.

    `sizes` are the default width and height per resolution, the first one is the default;
    `dimensions` all possible ones, or none where any sides are fine. Without `durations` a given
    duration is ignored. `credits` are by (resolution, seconds).
    """

    token: str
    sizes: Mapping[str, Size]
    default_duration_s: int
    credits: Mapping[tuple[str, int], int]
    durations: tuple[int, ...] = ()
    dimensions: tuple[Size, ...] = ()
    seed_max: int = MOTION_SEED_MAX
    needs_start_frame: bool = False
    takes_end_frame: bool = False
    takes_end_frame_in_guides: bool = False
    takes_elements: bool = False
    has_audio: bool = False


_480, _720, _1080 = "RESOLUTION_480", "RESOLUTION_720", "RESOLUTION_1080"

_WIDE_AND_TALL: Final[tuple[Size, ...]] = ((1280, 720), (720, 1280), (1920, 1080), (1080, 1920))


def _veo(token: str, prices: Mapping[int, int]) -> VideoModel:
    """Durations [seed]; both resolutions and their sizes [docs: Veo 3.0 guide, Veo 3.1]."""
    return VideoModel(
        token,
        {_720: (1280, 720), _1080: (1920, 1080)},
        8,
        {(name, seconds): prices[seconds] for name in (_720, _1080) for seconds in prices},
        durations=(4, 6, 8),
        dimensions=_WIDE_AND_TALL,
        seed_max=VEO_SEED_MAX,
        has_audio=True,
    )


VIDEO_MODELS: Final[Mapping[str, VideoModel]] = {
    model.token: model
    for model in (
        # Resolutions [openapi: pricing-calculator]; 832x480 [docs: recipe]; five seconds and the
        # price of 480p [client: video-metadata provider, animate-products script]; rest assumed.
        VideoModel(
            "MOTION2",
            {_480: (832, 480), _720: (1280, 720)},
            5,
            {(_480, 5): 200, (_720, 5): 350},
            takes_elements=True,
        ),
        # Elements [docs: recipe Motion 2.0 Fast]; prices assumed.
        VideoModel(
            "MOTION2FAST",
            {_480: (832, 480), _720: (1280, 720)},
            5,
            {(_480, 5): 100, (_720, 5): 175},
            takes_elements=True,
        ),
        # Prices are those of Veo 3.1 [client: supabase edge function].
        _veo("VEO3", {4: 1070, 6: 1605, 8: 2140}),
        _veo("VEO3FAST", {4: 546, 6: 819, 8: 1092}),
        # [docs: Kling 2.1 Pro guide], end frame [seed]; prices assumed.
        VideoModel(
            "KLING2_1",
            {_1080: (1920, 1080)},
            5,
            {(_1080, 5): 600, (_1080, 10): 1200},
            durations=(5, 10),
            dimensions=((1920, 1080), (1080, 1920)),
            needs_start_frame=True,
            takes_end_frame=True,
            takes_end_frame_in_guides=True,
        ),
        # Durations [seed]; sizes and the end frame of the guides [docs: Kling 2.5 Turbo].
        VideoModel(
            "KLING2_5",
            {_1080: (1920, 1080)},
            5,
            {(_1080, 5): 400, (_1080, 10): 800},
            durations=(5, 10),
            dimensions=((1920, 1080), (1080, 1920), (1440, 1440)),
            takes_end_frame_in_guides=True,
        ),
    )
}

DEFAULT_VIDEO_MODEL: Final = "MOTION2"
"""[seed]"""

SVD_SIZE: Final[Size] = (1024, 576)
SVD_DURATION_S: Final = 4
SVD_CREDITS: Final = 25
"""Motion 1.0 (assumed)."""

VIDEO_UPSCALE_SIZE: Final[Size] = (1280, 720)
VIDEO_UPSCALE_CREDITS: Final = 100
"""RESOLUTION_720 [sdk-py]; the price is assumed."""

VARIATION_CREDITS: Final[Mapping[str, int]] = {
    "createVariationUpscale": 10,
    "createVariationUnzoom": 10,
    "createVariationNoBG": 10,
}
"""The documents' example cost [openapi: variation]."""

ASSUMED_UPLOAD_SIZE: Final[Size] = (1024, 1024)
"""An uploaded image is priced as if it had this size; its bytes are not looked into (ours)."""

UPSCALER_CREDITS_PER_MEGAPIXEL: Final = 10
UPSCALER_ULTRA_CREDITS_PER_MEGAPIXEL: Final = 20
"""Universal upscaler (assumed)."""

IMAGE_PIXELS_PER_CREDIT: Final = 512 * 512
IMAGE_SURCHARGES: Final[Mapping[str, int]] = {
    "alchemy": 1,
    "highResolution": 2,
    "photoReal": 3,
    "promptMagic": 1,
    "ultra": 5,
}
"""Credits an image costs beyond its size, by feature (assumed)."""

PRICED_SERVICES: Final[Mapping[str, int]] = {
    "FANTASY_AVATAR_GENERATION": 10,
    "LCM_GENERATION": 1,
    "MODEL_TRAINING": 500,
    "TEXTURE_GENERATION": 20,
}
"""Flat prices of services that the stand-in prices but does not run (assumed)."""


class ImageModel(msgspec.Struct, frozen=True):
    """A public image model, with the base version that its generations report."""

    id: str
    name: str
    description: str
    sd_version: str
    featured: bool = False


DEFAULT_IMAGE_MODEL: Final = "b24e16ff-06e3-43eb-8d33-4416c2d75876"
"""[openapi: image-generation]"""

IMAGE_MODELS: Final[Mapping[str, ImageModel]] = {
    model.id: model
    for model in (
        ImageModel(
            DEFAULT_IMAGE_MODEL,
            "Leonardo Lightning XL",
            "Quick images for any purpose.",
            "SDXL_LIGHTNING",
            featured=True,
        ),
        ImageModel(
            "de7d3faf-762f-48e0-b3b7-9d0ac3a3fcf3",
            "Leonardo Phoenix 1.0",
            "Follows long prompts and writes legible text.",
            "PHOENIX",
            featured=True,
        ),
        ImageModel(
            "6b645e3a-d64f-4341-a6d8-7a3690fbf042",
            "Leonardo Phoenix 0.9",
            "An early form of Phoenix.",
            "PHOENIX",
        ),
        ImageModel(
            "b2614463-296c-462a-9586-aafdb8f00e36",
            "Flux Dev",
            "Close to the prompt, rich in detail.",
            "FLUX_DEV",
        ),
        ImageModel(
            "1dd50843-d653-4516-a8e3-f0238ee453ff",
            "Flux Schnell",
            "Close to the prompt, and quick.",
            "FLUX",
        ),
        ImageModel(
            "aa77f04e-3eec-4034-9c07-d0f619684628",
            "Leonardo Kino XL",
            "Pictures that look like film.",
            "KINO_2_0",
        ),
        ImageModel(
            "5c232a9e-9061-4777-980a-ddc8e65647c6",
            "Leonardo Vision XL",
            "Realism and photography.",
            "SDXL_1_0",
        ),
        ImageModel(
            "1e60896f-3c26-4296-8ecc-53e2afecc132",
            "Leonardo Diffusion XL",
            "A broad model that needs few words.",
            "SDXL_1_0",
        ),
        ImageModel(
            "6bef9f1b-29cb-40c7-b9df-32b51c1f67d3",
            "Leonardo Creative",
            "Stylised pictures with room for surprise.",
            "v1_5",
        ),
    )
}
"""Ids of the public list [openapi: models] [docs: API FAQ]; descriptions are ours."""


class Element(msgspec.Struct, frozen=True):
    """A public element; weights are whole numbers [openapi: elements]."""

    id: str
    number: int
    name: str
    description: str
    base_model: str = "KINO_2_0"
    weight_default: int = 1
    weight_min: int = 0
    weight_max: int = 2


ELEMENTS: Final[Mapping[str, Element]] = {
    element.id: element
    for element in (
        Element("ece8c6a9-3deb-430e-8c93-4d5061b6adbf", 1, "Dolly In", "Moves to the subject."),
        Element("772cb36a-7d18-4250-b4aa-0c3f1a8431a0", 2, "Dolly Out", "Moves away from it."),
        Element("74bea0cc-9942-4d45-9977-28c25078bfd4", 3, "Orbit Left", "Circles it leftwards."),
        Element("c765bd57-cdc5-4317-a600-69a8bd6c4ce6", 4, "Crane Up", "Rises above it."),
    )
}
"""Camera movements [docs: recipes] [client: supabase edge function]; base model assumed."""

IMAGE_EXTENSIONS: Final[Mapping[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
"""[docs: presigned URL guide]"""

MEDIA_EXTENSIONS: Final[Mapping[str, str]] = {"mp4": "video/mp4", "mov": "video/quicktime"}
"""[openapi: media]"""
