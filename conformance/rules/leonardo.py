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
from conformance.model import Case, Finding, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules import (
    leonardo_catalogue,
    leonardo_films,
    leonardo_frames,
    leonardo_generations,
    leonardo_images,
    leonardo_lists,
    leonardo_models,
    leonardo_prices,
    leonardo_refusals,
    leonardo_uploads,
    leonardo_variations,
    leonardo_videos,
    lifecycle,
)
from conformance.rules.leonardo_values import is_uuid, is_whole
from conformance.setting import Setting

Check = Callable[[Evidence], Iterator[Finding]]
_DECIMAL: Final = re.compile(r"\d+(\.\d+)?")
_UNITS: Final = ("CREDITS", "DOLLARS")
_ALL: Final = ("lifecycle", "modes", "positive", "generator")
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
    yield from leonardo_videos.rules()
    yield from leonardo_lists.rules()
    yield from _job_rules()
    yield from leonardo_models.rules()
    yield from leonardo_frames.rules()
    yield from leonardo_images.rules()
    yield from leonardo_films.rules()
    yield from leonardo_prices.rules()
    yield from leonardo_uploads.rules()
    yield from leonardo_catalogue.rules()
    yield from leonardo_variations.rules()


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
        "apiCreditCost of a job is a whole number, none below nothing, or null.",
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
        good = value is None or (is_whole(value) and int(value or 0) >= 0)
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
        # an enlarged video may go on under its source's id: its variation is what is new
        names = ("variationId", "generationId", "id")
        identity = next((job[name] for name in names if job.get(name)), None)
        if not isinstance(identity, str):
            continue
        if identity in seen:
            yield broken(reading, f"{identity} was given before", "", seen[identity])
        else:
            seen[identity] = reading
            yield held(reading)
