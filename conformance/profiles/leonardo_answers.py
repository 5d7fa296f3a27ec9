"""What Leonardo's replies hold: jobs, generations, images and variations, found in an answer.

Read by the profile and by the rules; nothing here is judged.
"""

from __future__ import annotations

from typing import Any, Final

WRAPPERS: Final = {
    "createImageToVideoGeneration": "motionVideoGenerationJob",
    "createTextToVideoGeneration": "motionVideoGenerationJob",
    "createSVDMotionGeneration": "motionSvdGenerationJob",
    "createVideoUpscale": "motionVideoGenerationJob",
    "createGeneration": "sdGenerationJob",
    "createVariationUpscale": "sdUpscaleJob",
    "createVariationUnzoom": "sdUnzoomJob",
    "createVariationNoBG": "sdNobgJob",
    "CreateUniversalUpscalerJob": "universalUpscaler",
}
"""The member that holds a new job [openapi: video-generation, image-generation, variation]."""

TRANSFORMS: Final = {"upscale": "UPSCALE", "unzoom": "UNZOOM", "no-background": "NOBG"}
"""What a variation says it is, by journey [openapi: variation]."""


def job_of(answer: Any) -> dict[str, Any]:
    """Return the job inside a creation's reply, empty if there is none."""
    held = answer.values() if isinstance(answer, dict) else ()
    return next((job for job in held if isinstance(job, dict)), {})


def generation_of(answer: Any) -> dict[str, Any]:
    """Return the generation of a reply, empty if there is none."""
    found = answer.get("generations_by_pk") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def variation_of(answer: Any) -> dict[str, Any]:
    """Return the one variation of a reply, of either kind, empty if there is none."""
    for kind in ("generic", "motion"):
        rows = answer.get(f"generated_image_variation_{kind}") if isinstance(answer, dict) else None
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            return rows[0]
    return {}


def images_of(generation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the images of a generation."""
    images = generation.get("generated_images")
    return [each for each in images if isinstance(each, dict)] if isinstance(images, list) else []
