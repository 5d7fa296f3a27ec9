"""Leonardo's own rules: jobs and their cost, what models offer, and variations.

Written from the seed, the vendor's documents and guides, and what clients observed
(`contracts/leonardo/SOURCE.md`). Refusals, generations, uploads and catalogues have modules of
their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, broken, check, held
from conformance.model import Case, Finding, Level, Rule, Tier
from conformance.profiles import leonardo as profile
from conformance.profiles import leonardo_probes as probes
from conformance.reading import Reading
from conformance.rules import (
    leonardo_catalogue,
    leonardo_generations,
    leonardo_lists,
    leonardo_refusals,
    leonardo_uploads,
    lifecycle,
)
from conformance.rules.leonardo_values import is_uuid, is_whole
from conformance.setting import Setting

Check = Callable[[Evidence], Iterator[Finding]]
_DECIMAL: Final = re.compile(r"\d+(\.\d+)?")
_UNITS: Final = ("CREDITS", "DOLLARS")
_ALL: Final = ("lifecycle", "modes", "positive", "generator")
_SECOND: Final = frozenset({"second-key"})
_FREE_READS: Final = (
    "getUserSelf", "listPlatformModels", "listElements", "pricingCalculator", "uploadInitImage",
    "uploadMedia",
)  # fmt: skip
_PAID_READS: Final = ("getGenerationById", "getGenerationsByUserId", "getInitImageById")
_PAID: Final = frozenset({"createTextToVideoGeneration", "createImageToVideoGeneration"})


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield Leonardo's rules."""
    yield from lifecycle.rules(setting)
    yield from leonardo_refusals.rules(setting)
    yield from leonardo_generations.rules()
    yield from leonardo_lists.rules()
    yield from _job_rules()
    yield from _model_rules()
    yield from leonardo_uploads.rules()
    yield from leonardo_catalogue.rules()
    yield from _variation_rules()


def creations() -> tuple[Case, ...]:
    """Return a row per creation, in the tier that brings about its success."""
    return tuple(
        Case(name, Tier.PAID if name in _PAID else Tier.FUZZ, operation=name)
        for name in profile.WRAPPERS
    )


def _job_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "create", "drivers": _ALL, "cases": creations()}
    source = "[openapi: video-generation, image-generation, variation] [sdk-py]"
    yield Rule(
        "leonardo.success.status",
        "Every success is a 200, a creation and a deletion too: the official clients take "
        "nothing else.",
        "[openapi: all] [sdk-py] 201 raises",
        check=_success_status,
        area="contract",
        drivers=_ALL,
        cases=(
            *(Case(name, operation=name) for name in _FREE_READS),
            *(Case(name, Tier.PAID, operation=name) for name in _PAID_READS),
            *creations(),
        ),
    )
    yield Rule(
        "leonardo.create.wrapper",
        "A creation's reply holds its job under the operation's own name.",
        source,
        check=_wrapper,
        **common,
    )
    yield Rule(
        "leonardo.create.id",
        "A job's id is a UUID, of any version.",
        "[openapi: video-generation] [client: relay probe log] ids of version 6",
        check=_job_id,
        **common,
    )
    yield Rule(
        "leonardo.create.credits",
        "apiCreditCost of a job is a whole number or null.",
        source + " a fraction breaks both clients",
        check=_credits,
        **common,
    )
    yield Rule(
        "leonardo.create.cost",
        "cost of a job is null, or a decimal number as text with the unit CREDITS or DOLLARS.",
        source + " a number breaks both clients",
        check=_cost,
        **common,
    )
    yield Rule(
        "leonardo.create.unique",
        "No two creations get the same id.",
        source,
        check=_unique,
        **{**common, "cases": ()},
        tier=Tier.PAID,
    )


def _success_status(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        if reading.operation is not None and 200 <= reading.status < 400:
            if reading.exchange.method in ("HEAD", "OPTIONS"):
                continue
            words = f"a success with {reading.status}, not 200"
            yield check(reading.status == 200, reading, words, reading.operation.id)


def jobs(evidence: Evidence) -> Iterator[tuple[str, Reading, dict[str, Any]]]:
    """Yield operation, reading and job of every creation that succeeded."""
    for operation, wrapper in profile.WRAPPERS.items():
        for reading in evidence.successes(operation):
            job = reading.answer.get(wrapper)
            if isinstance(job, dict):
                yield operation, reading, job


def _wrapper(evidence: Evidence) -> Iterator[Finding]:
    for operation, wrapper in profile.WRAPPERS.items():
        for reading in evidence.successes(operation):
            words = f"no {wrapper}, but {', '.join(reading.answer) or 'nothing'}"
            good = isinstance(reading.answer.get(wrapper), dict)
            yield check(good, reading, words, operation)


def _job_id(evidence: Evidence) -> Iterator[Finding]:
    for operation, reading, job in jobs(evidence):
        name = "generationId" if "generationId" in job else "id"
        yield check(is_uuid(job.get(name)), reading, f"{name} is {job.get(name)!r}", operation)


def _credits(evidence: Evidence) -> Iterator[Finding]:
    for operation, reading, job in jobs(evidence):
        value = job.get("apiCreditCost")
        good = value is None or is_whole(value)
        yield check(good, reading, f"apiCreditCost is {value!r}", operation)


def _cost(evidence: Evidence) -> Iterator[Finding]:
    for operation, reading, job in jobs(evidence):
        cost = job.get("cost")
        amount, unit = (
            (cost.get("amount"), cost.get("unit")) if isinstance(cost, dict) else (None, None)
        )
        is_decimal = isinstance(amount, str) and _DECIMAL.fullmatch(amount) is not None
        good = cost is None or (is_decimal and unit in _UNITS)
        yield check(good, reading, f"cost is {cost!r}", operation)


def _unique(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[str, Reading] = {}
    for _, reading, job in jobs(evidence):
        identity = job.get("generationId") or job.get("id")
        if not isinstance(identity, str):
            continue
        if identity in seen:
            yield broken(reading, f"{identity} was given before", "", seen[identity])
        else:
            seen[identity] = reading
            yield held(reading)


_BINDING: Final = tuple(
    name for name in probes.REFUSED if name not in ("KLING2_5-480", "KLING2_1-without-frame")
)


def _model_rules() -> Iterator[Rule]:
    text = "createTextToVideoGeneration"
    common: dict[str, Any] = {"area": "models", "tier": Tier.FUZZ, "drivers": ("modes",)}
    yield Rule(
        f"leonardo.{text}.offered",
        "What the documents offer is accepted: the clients' defaults, null for what may be null, "
        "each model's durations and sizes, the largest seeds, elements with Motion 2.0, a prompt "
        "of 1500 characters.",
        "[seed] duration, seed, elements; [openapi: video-generation]; [docs: model guides]",
        check=_offered,
        operation=text,
        cases=tuple(Case(name) for name in probes.ACCEPTED),
        **common,
    )
    yield Rule(
        f"leonardo.{text}.not-offered",
        "What a model does not offer is refused: other durations, larger seeds, elements outside "
        "Motion 2.0, other sizes with Kling 2.5.",
        "[seed] duration, seed, elements; [openapi: video-generation]; [docs: Kling 2.5 Turbo]",
        check=_not_offered(_BINDING),
        operation=text,
        cases=tuple(Case(name) for name in _BINDING),
        **common,
    )
    unpublished = ("KLING2_5-480", "KLING2_1-without-frame")
    yield Rule(
        f"leonardo.{text}.not-offered-in-guides",
        "What only a model's guide rules out is refused: 480p with Kling 2.5, Kling 2.1 without "
        "a start frame.",
        "[docs: Kling 2.1 Pro, Kling 2.5 Turbo]; the refusal is published nowhere",
        check=_not_offered(unpublished),
        operation=text,
        level=Level.SHOULD,
        cases=tuple(Case(name) for name in unpublished),
        **common,
    )
    yield Rule(
        f"leonardo.{text}.query",
        "The fields may travel as query parameters instead of a body.",
        "[seed] query parameters can also be provided in the body; [openapi: video-generation]",
        check=_by_query,
        operation=text,
        **common,
    )
    image = "createImageToVideoGeneration"
    lives: dict[str, Any] = {**common, "drivers": ("lifecycle",), "operation": image}
    yield Rule(
        f"leonardo.{image}.uploaded",
        "A video is made from an image that was uploaded by a presigned form, with null for what "
        "may be null too.",
        "[seed] imageId, imageType; [docs: presigned URL guide]",
        check=_created("image-to-video", "image-nulls"),
        cases=(Case("image-to-video", Tier.PAID), Case("image-nulls", Tier.FUZZ)),
        **{**lives, "tier": Tier.PAID},
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


def _by_query(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("models.query"):
        yield check(reading.is_success, reading, f"fields in the query got {reading.status}")


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


def _variation_rules() -> Iterator[Rule]:
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
