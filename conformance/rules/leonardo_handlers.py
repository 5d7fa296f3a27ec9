"""Leonardo's refusals behind its gateway: long and moderated prompts, images that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from conformance.drivers.methods import UNKNOWN_ID
from conformance.evidence import Evidence, check
from conformance.model import Finding, Level, Tier
from conformance.rule import Rule
from conformance.rules.leonardo_errors import AREA, Check, told

_LONG: Final = "Invalid prompt, maximum length of 1500 characters exceeded."
_MODERATED: Final = re.compile(r"content moderation filter: \S|Your prompt appears to contain ")


def rules() -> Iterator[Rule]:
    """Yield the rules of refusals by the handlers."""
    source = "[docs: API Error Messages]"
    common: dict[str, Any] = {"area": AREA, "drivers": ("modes",)}
    yield Rule(
        "leonardo.words.extension",
        "An upload of another kind of file is refused: invalid file extension, unexpected.",
        source,
        check=_worded("words.extension", "uploadInitImage", "invalid file extension"),
        operation="uploadInitImage",
        **common,
    )
    yield Rule(
        "leonardo.words.long-prompt",
        "A prompt of more than 1500 characters is refused in the documented words.",
        source,
        check=_worded("words.long-prompt", "createGeneration", _LONG),
        operation="createGeneration",
        tier=Tier.VALIDATION,
        **common,
    )
    yield Rule(
        "leonardo.words.init-image",
        "An init_image_id that is no UUID is refused: invalid init image id, unexpected.",
        source,
        check=_worded("words.init-image", "createGeneration", "invalid init image id"),
        operation="createGeneration",
        tier=Tier.FUZZ,
        **common,
    )
    yield Rule(
        "leonardo.words.generation-id",
        "The id of a generation in place of an image's is answered with Service Error.",
        f"{source} [docs: API FAQ]; the status is published nowhere",
        check=_worded("words.generation-id", "createSVDMotionGeneration", "Service Error"),
        operation="createSVDMotionGeneration",
        tier=Tier.FUZZ,
        **{**common, "drivers": ("lifecycle",)},
    )
    for name, operation, sentence, error in (
        (
            "not-generated", "createVariationUpscale",
            "A variation of an image that was not generated here is refused: couldn't access "
            "image, unexpected.",
            "couldn't access image",
        ),
        (
            "no-variation", "createVariationUnzoom",
            "A variation of a variation that does not exist is refused: failed to find init "
            "variation, unexpected.",
            "failed to find init variation",
        ),
        (
            "model", "createGeneration",
            "A model that is not offered is named in the refusal, unexpected.",
            f"{UNKNOWN_ID} is not supported within the Production API. Please try again with a "
            "different model ID.",
        ),
    ):  # fmt: skip
        yield Rule(
            f"leonardo.words.{name}",
            sentence,
            source,
            check=_worded(f"words.{name}", operation, error),
            operation=operation,
            tier=Tier.FUZZ,
            **common,
        )
    yield Rule(
        "leonardo.words.moderated",
        "A prompt that the filter refuses is told so, with 400 or 403.",
        "[docs: API Error Messages] 403, [docs: NSFW guide] 400",
        check=_moderated,
        level=Level.SHOULD,
        tier=Tier.FUZZ,
        **common,
    )


def _worded(probe: str, operation: str, error: str) -> Check:
    wanted = {"error": error, "path": "$", "code": "unexpected"}

    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed(probe):
            if reading.operation is None or reading.operation.id != operation:
                continue
            good = reading.status >= 400 and told(reading) == wanted
            yield check(good, reading, f"{reading.status} with {told(reading)}, not {error!r}")

    return run


def _moderated(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("words.moderated"):
        is_moderated = _MODERATED.match(str(reading.answer.get("error"))) is not None
        good = (
            reading.status in (400, 403)
            and is_moderated
            and reading.answer.get("code") == "unexpected"
        )
        yield check(good, reading, f"{reading.status} with {told(reading)}")
