"""Leonardo: what costs money. Uploads and the calculator bill nothing, other writes do."""

from __future__ import annotations

from typing import Any, Final

from conformance.profile import Creation, Profile


def _ids(answer: Any) -> tuple[str, ...]:
    """Return the ids inside a job wrapper (`{"motionVideoGenerationJob": {"generationId": …}}`)."""
    jobs = answer.values() if isinstance(answer, dict) else ()
    held = [
        job.get(name) for job in jobs if isinstance(job, dict) for name in ("generationId", "id")
    ]
    return tuple(each for each in held if isinstance(each, str))


_CREATIONS: Final = (
    "createImageToVideoGeneration",
    "createTextToVideoGeneration",
    "createSVDMotionGeneration",
    "createVideoUpscale",
    "createGeneration",
    "createVariationUpscale",
    "createVariationUnzoom",
    "createVariationNoBG",
    "CreateUniversalUpscalerJob",
)

PROFILE: Final = Profile(
    name="leonardo",
    creations=tuple(Creation(operation, ids=_ids) for operation in _CREATIONS),
    harmless=frozenset({"pricingCalculator", "uploadInitImage", "uploadMedia"}),
    # A key that is no UUID ends in a 500 there [impl]; a well-formed unknown one in a 401.
    refused=frozenset({401, 403, 500}),
    skipped_checks=frozenset({"ignored_auth"}),
    unknown_path="/api/rest/v1/no-such-operation",
)
