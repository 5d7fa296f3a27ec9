"""What may be chosen together at Leonardo: values that a model or a service wants others beside.

Data only, for requests that hold every legal value (`conformance/legal.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.profile import Choices
from conformance.profiles.leonardo_probes import SERVICES

_PRICED: Final[Mapping[str, Mapping[str, Any]]] = {
    **dict(SERVICES.values()),
    "FANTASY_AVATAR_GENERATION": {"imageHeight": 512, "imageWidth": 512, "numImages": 1},
    "MOTION_SVD_GENERATION": {},
    "LCM_GENERATION": {"height": 512, "width": 512},
    "MODEL_TRAINING": {"resolution": 512},
    "TEXTURE_GENERATION": {"preview": True},
    "UNIVERSAL_UPSCALER": {"megapixel": 1},
    "UNIVERSAL_UPSCALER_ULTRA": {"inputWidth": 512, "inputHeight": 512, "upscaleMultiplier": 1.5},
}
"""Parameters for every service that has a price."""

_HIGH: Final = {"resolution": "RESOLUTION_1080"}
_MIDDLE: Final = {"resolution": "RESOLUTION_720"}
_VIDEO_CHOICES: Final[Choices] = {
    "model": (
        ("MOTION2", {"resolution": "RESOLUTION_480"}),
        ("MOTION2FAST", {"resolution": "RESOLUTION_480"}),
        ("VEO3", _MIDDLE),
        ("VEO3FAST", _MIDDLE),
        ("KLING2_5", _HIGH),
    ),
    "resolution": (
        ("RESOLUTION_480", {"model": "MOTION2"}),
        ("RESOLUTION_720", {"model": "MOTION2"}),
        ("RESOLUTION_1080", {"model": "KLING2_5"}),
    ),
}
"""What each model offers [seed] [docs]; a start frame alone makes a film of KLING2_1."""

BESIDE: Final[Mapping[str, Choices]] = {
    "createTextToVideoGeneration": _VIDEO_CHOICES,
    "createImageToVideoGeneration": {
        **_VIDEO_CHOICES,
        "model": (*_VIDEO_CHOICES["model"], ("KLING2_1", {**_HIGH, "duration": 5})),
    },
    "CreateUniversalUpscalerJob": {
        "ultraUpscaleStyle": (("ARTISTIC", {}), ("REALISTIC", {})),
        "detailContrast": tuple((n, {"ultraUpscaleStyle": "ARTISTIC"}) for n in (1, 10)),
        "similarity": tuple((n, {"ultraUpscaleStyle": "ARTISTIC"}) for n in (1, 10)),
    },
    "createGeneration": {
        "num_images": ((1, {}), (8, {})),
        **dict.fromkeys(("width", "height"), ((32, {}), (1536, {"alchemy": False}))),
    },
    "pricingCalculator": {
        "service": tuple(
            (service, {"serviceParams": {service: params}}) for service, params in _PRICED.items()
        )
    },
}
_PER_MODEL: Final = frozenset(
    {"model", "resolution", "elements", "height", "width", "duration", "seed"}
)
RULED: Final = {
    "createTextToVideoGeneration": _PER_MODEL,
    "createImageToVideoGeneration": _PER_MODEL | {"imageId", "imageType", "endFrameImage"},
    # The documents know no range, a client one of 1 to 10.
    "createSVDMotionGeneration": frozenset({"isInitImage", "isVariation", "motionStrength"}),
    "createVariationUnzoom": frozenset({"isVariation"}),
    "createVariationNoBG": frozenset({"isVariation"}),
    "CreateUniversalUpscalerJob": frozenset(
        {
            "generatedImageId", "initImageId", "variationId", "ultraUpscaleStyle",
            "detailContrast", "similarity",
        }
    ),
    # Sizes beyond 1024 are refused with Alchemy [docs], ids of images and models must exist.
    "createGeneration": frozenset(
        {
            "ultra", "unzoom", "width", "height", "num_images", "modelId", "controlnets",
            "elements", "userElements", "imagePrompts", "init_image_id",
            "init_generation_image_id", "init_strength", "canvasRequest", "canvasRequestType",
            "canvasInitId", "canvasMaskId", "controlNet", "controlNetType",
        }
    ),
    "pricingCalculator": frozenset({"service"}),
}  # fmt: skip
"""Fields that a rule outside the schema is about [seed] [docs] [openapi]."""
