"""What Leonardo's models offer and refuse: durations, sizes, seeds, elements, end frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import leonardo_probes as probes
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]

_BINDING: Final = tuple(name for name in probes.REFUSED if name not in probes.IN_GUIDES)


def rules() -> Iterator[Rule]:
    """Yield the rules of models."""
    text = "createTextToVideoGeneration"
    common: dict[str, Any] = {"area": "models", "tier": Tier.FUZZ, "drivers": ("modes",)}
    yield Rule(
        f"leonardo.{text}.offered",
        "What the documents offer is accepted: the clients' defaults, null for what may be null, "
        "each model's durations and sizes, the smallest and the largest seeds, elements with "
        "Motion 2.0 and where no model is named, a prompt of 1500 characters.",
        "[seed] duration, seed, elements; [openapi: video-generation]; [docs: model guides]",
        check=_offered,
        operation=text,
        cases=tuple(Case(name) for name in probes.ACCEPTED),
        **common,
    )
    yield Rule(
        f"leonardo.{text}.not-offered",
        "What a model, or the default one, does not offer is refused: other durations, larger "
        "seeds, elements outside Motion 2.0, other sizes with Kling 2.5.",
        "[seed] duration, seed, elements; [openapi: video-generation]; [docs: Kling 2.5 Turbo]",
        check=_not_offered(_BINDING),
        operation=text,
        cases=tuple(Case(name) for name in _BINDING),
        **common,
    )
    yield Rule(
        f"leonardo.{text}.not-offered-in-guides",
        "What only a guide or a price list rules out is refused: 480p and 720p with Kling 2.5, "
        "Kling 2.1 without a start frame, 480p with Veo 3, 1080p with Motion 2.0.",
        "[docs: Kling 2.1 Pro, Kling 2.5 Turbo]; [openapi: pricing-calculator]; the refusal is "
        "published nowhere",
        check=_not_offered(probes.IN_GUIDES),
        operation=text,
        level=Level.SHOULD,
        cases=tuple(Case(name) for name in probes.IN_GUIDES),
        **common,
    )
    yield Rule(
        f"leonardo.{text}.query",
        "The fields may travel as query parameters instead of a body.",
        "[seed] query parameters can also be provided in the body; [openapi: video-generation]",
        check=_by_query("models.query"),
        operation=text,
        **common,
    )
    image = "createImageToVideoGeneration"
    lives: dict[str, Any] = {**common, "drivers": ("lifecycle",), "operation": image}
    yield Rule(
        f"leonardo.{image}.uploaded",
        "A video is made from an image that was uploaded by a presigned form, or generated, with "
        "null for what may be null too.",
        "[seed] imageId, imageType; [docs: presigned URL guide]",
        check=_created("image-to-video", "image-nulls", "image-generated"),
        cases=(
            Case("image-to-video", Tier.PAID),
            Case("image-nulls", Tier.FUZZ),
            Case("image-generated", Tier.FUZZ, operation="createGeneration"),
        ),
        **{**lives, "tier": Tier.PAID},
    )
    yield Rule(
        f"leonardo.{image}.query",
        "The fields may travel as query parameters instead of a body.",
        "[seed] query parameters can also be provided in the body",
        check=_by_query("frames.query"),
        **lives,
    )
    yield Rule(
        f"leonardo.{image}.end-frame",
        "Kling 2.1 takes an end frame beside a start frame.",
        "[seed] endFrameImage",
        check=_created("end-frame-kling"),
        **lives,
    )
    yield Rule(
        f"leonardo.{image}.no-end-frame",
        "Motion 2.0 and Veo 3 refuse an end frame.",
        "[seed] endFrameImage, supported on kling2_1 only",
        check=_refused_journeys("end-frame-motion", "end-frame-veo"),
        cases=(Case("end-frame-motion"), Case("end-frame-veo")),
        **lives,
    )


def _offered(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("models.accepted"):
        name = reading.exchange.subject
        yield check(reading.is_success, reading, f"{name} got {reading.status}", name)


def _not_offered(names: tuple[str, ...]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed("models.refused"):
            name = reading.exchange.subject
            if name in names:
                good = 400 <= reading.status < 500
                yield check(good, reading, f"{name} got {reading.status}, no refusal", name)

    return run


def _by_query(probe: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed(probe):
            yield check(reading.is_success, reading, f"fields in the query got {reading.status}")

    return run


def _created(*names: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for name in names:
            for journal in evidence.journeys(name):
                for reading in journal.steps("create"):
                    case = name if len(names) > 1 else ""
                    yield check(reading.is_success, reading, f"{name} got {reading.status}", case)

    return run


def _refused_journeys(*names: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for name in names:
            for journal in evidence.journeys(name):
                for reading in journal.steps("create"):
                    good = 400 <= reading.status < 500
                    yield check(good, reading, f"{name} got {reading.status}, no refusal", name)

    return run
