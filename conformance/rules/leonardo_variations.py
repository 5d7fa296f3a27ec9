"""Leonardo's variations: what they say of themselves, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]
_SECOND: Final = frozenset({"second-key"})


def rules() -> Iterator[Rule]:
    """Yield the rules of variations."""
    common: dict[str, Any] = {"area": "variations", "drivers": ("lifecycle",), "tier": Tier.FUZZ}
    yield Rule(
        "leonardo.getVariationById.transform",
        "A variation is a list of the one that was asked for, and says how it was made.",
        "[openapi: variation]",
        check=_transforms,
        operation="getVariationById",
        cases=tuple(Case(name) for name in profile.TRANSFORMS),
        **common,
    )
    yield Rule(
        "leonardo.getMotionVariationById.upscale",
        "A larger video is a motion variation: UPSCALE, RESOLUTION_720, a URL when it is complete.",
        "[openapi: variation] [sdk-py]",
        check=_motion_variation,
        operation="getMotionVariationById",
        provenance="observed",
        **common,
    )
    for operation, journeys in (
        ("getVariationById", (*profile.TRANSFORMS, "universal-upscale")),
        ("getMotionVariationById", ("video-upscale",)),
    ):
        yield Rule(
            f"leonardo.{operation}.ownership",
            "Another account's key cannot read a variation.",
            "[docs: API FAQ] a key acts for its account",
            check=_foreign_variation(journeys),
            operation=operation,
            needs=_SECOND,
            **{**common, "area": "ownership"},
        )


def _transforms(evidence: Evidence) -> Iterator[Finding]:
    for name, transform in profile.TRANSFORMS.items():
        for journal in evidence.journeys(name):
            for reading in journal.steps("poll", "after"):
                rows = reading.answer.get("generated_image_variation_generic")
                row = profile.variation_of(reading.answer)
                is_it = row.get("id") == reading.path_values.get("id") and len(rows or ()) == 1
                good = is_it and row.get("transformType") == transform
                words = f"{len(rows or ())} row(s), transformType {row.get('transformType')!r}"
                yield check(good, reading, words, name)


def _motion_variation(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("video-upscale"):
        for reading in journal.steps("poll", "after"):
            row = profile.variation_of(reading.answer)
            named = (row.get("motionTransformType"), row.get("resolution"))
            good = named == ("UPSCALE", "RESOLUTION_720") and row.get(
                "id"
            ) == reading.path_values.get("id")
            yield check(good, reading, f"the motion variation is {row!r}")


def _foreign_variation(journeys: tuple[str, ...]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for name in journeys:
            for journal in evidence.journeys(name):
                for reading in journal.steps("foreign"):
                    row = profile.variation_of(reading.answer)
                    yield check(not row, reading, "another account's key read a variation")

    return run
