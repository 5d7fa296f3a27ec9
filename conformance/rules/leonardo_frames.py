"""Whose image a Leonardo video may start from, and what its models make of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.profiles import leonardo_stories as stories
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]
_IMAGE: Final = "createImageToVideoGeneration"
_IN_GUIDES: Final = (
    "KLING2_5-480", "KLING2_1-480", "KLING2_1-8s", "VEO3-480", "MOTION2-1080",
)  # fmt: skip
_BINDING: Final = tuple(name for name in stories.FRAME_REFUSED if name not in _IN_GUIDES)
_SECOND: Final = frozenset({"second-key"})


def rules() -> Iterator[Rule]:
    """Yield the rules of images that become videos."""
    common: dict[str, Any] = {
        "area": "models", "tier": Tier.FUZZ, "drivers": ("lifecycle",), "operation": _IMAGE,
    }  # fmt: skip
    yield Rule(
        f"leonardo.{_IMAGE}.frames",
        "An image that does not exist, was deleted, was never uploaded or is another account's "
        "makes no video: the request is refused, or its generation fails.",
        "[seed] imageId, endFrameImage: the id of a generated image or an init image; "
        "[docs: API FAQ] a key acts for its account; of a form without its file, no source",
        check=_lost,
        cases=tuple(
            Case(name, needs=_SECOND if is_foreign else frozenset())
            for name, is_foreign in stories.LOST.items()
        ),
        **{**common, "area": "ownership"},
    )
    yield Rule(
        f"leonardo.{_IMAGE}.generated",
        "A video is made from an image that was generated.",
        "[seed] imageId, imageType GENERATED",
        check=_generated,
        cases=(Case("", operation="createGeneration"),),
        **common,
    )
    yield Rule(
        f"leonardo.{_IMAGE}.offered",
        "What the documents offer from an image is accepted: each model's durations and sizes, "
        "the smallest and the largest seed and elements with Motion 2.0, named or not.",
        "[seed] duration, seed, elements; [docs: model guides]",
        check=_accepted,
        cases=tuple(Case(name) for name in stories.FRAME_ACCEPTED),
        **common,
    )
    yield Rule(
        f"leonardo.{_IMAGE}.not-offered",
        "What a model, or the default one, does not offer from an image is refused: other "
        "durations, larger seeds, elements outside Motion 2.0, other sizes with Kling, an end "
        "frame outside Kling 2.1.",
        "[seed] duration, seed, elements, endFrameImage; [docs: Kling 2.1 Pro, Kling 2.5 Turbo]",
        check=_refused(_BINDING),
        cases=tuple(Case(name) for name in _BINDING),
        **common,
    )
    yield Rule(
        f"leonardo.{_IMAGE}.not-offered-in-guides",
        "What only a guide or a price list rules out is refused: 480p with Kling and Veo 3, 1080p "
        "with Motion 2.0, 8 seconds with Kling 2.1.",
        "[docs: Kling 2.1 Pro, Kling 2.5 Turbo]; [openapi: pricing-calculator]; the refusal is "
        "published nowhere",
        check=_refused(_IN_GUIDES),
        level=Level.SHOULD,
        cases=tuple(Case(name) for name in _IN_GUIDES),
        **common,
    )


def _lost(evidence: Evidence) -> Iterator[Finding]:
    ends = {each.exchange.subject: each for each in evidence.probed("frames.end")}
    for reading in evidence.probed("frames.lost"):
        name = reading.exchange.subject
        end = ends.get(name)
        status = profile.generation_of(end.answer).get("status") if end else None
        if reading.is_success and status == "PENDING":
            # It may fail yet.
            continue
        words = f"a video is made from an image that is none of the caller's: {name}"
        good = not reading.is_success or status == "FAILED"
        found = check(good, reading, words, name, *([end] if end else []))
        yield replace(found, provenance="assumed") if name == "not-uploaded" else found


def _generated(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("generated-frame"):
        for reading in journal.steps("create"):
            yield check(reading.is_success, reading, f"a generated image got {reading.status}")


def _accepted(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("frames.accepted"):
        name = reading.exchange.subject
        yield check(reading.is_success, reading, f"{name} got {reading.status}", name)


def _refused(names: tuple[str, ...]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed("frames.refused"):
            name = reading.exchange.subject
            if name in names:
                good = 400 <= reading.status < 500
                yield check(good, reading, f"{name} got {reading.status}, no refusal", name)

    return run
