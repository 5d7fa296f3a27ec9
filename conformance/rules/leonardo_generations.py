"""Leonardo's generations: what both official clients can read, and what an id leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.leonardo_values import SCHEDULERS, SD_VERSIONS, is_whole

Check = Callable[[Evidence], Iterator[Finding]]
_READ, _LIST = "getGenerationById", "getGenerationsByUserId"


def rules() -> Iterator[Rule]:
    """Yield the rules of generations, whatever they show."""
    common: dict[str, Any] = {
        "area": "generations", "operation": _READ, "tier": Tier.PAID, "drivers": ("lifecycle",),
    }  # fmt: skip
    yield Rule(
        "leonardo.getGenerationById.clients",
        "Both official clients can read a generation: seed, width and height are whole numbers, "
        "prompt and createdAt texts; lists are lists.",
        "[openapi: image-generation]; [sdk-py] [sdk-ts] executed against a stub",
        check=_clients,
        cases=tuple(Case(name) for name in _CLIENTS),
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.client-names",
        "A generation's scheduler and sdVersion are absent, or names that both official clients "
        "know; null and KINO_2_1 break one of them at least.",
        "[sdk-py] [sdk-ts] executed against a stub; KINO_2_1 was seen live",
        check=_client_names,
        level=Level.SHOULD,
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.same",
        "A generation has the id that was asked for, and keeps the time it was made at.",
        "[openapi: image-generation]",
        check=_same,
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.created-at",
        "createdAt is a time, with or without a zone.",
        "[openapi: image-generation]; no zone [client: Leonardo proxy spec], Z in the examples",
        check=_created_at,
        level=Level.SHOULD,
        **common,
    )
    yield Rule(
        "leonardo.unknown-id",
        "An id that names nothing is null (a variation: an empty list) with 200, or a 404.",
        "[openapi: image-generation, init-images, variation] nullable; 404 [openapi-repo]",
        "generations",
        check=_unknown_id,
        drivers=("methods",),
        cases=tuple(Case(name, operation=name) for name in _NOTHING),
    )


def generations(evidence: Evidence) -> Iterator[tuple[Reading, dict[str, Any]]]:
    """Yield every generation of every reply, single or listed."""
    for reading in evidence.successes(_READ):
        if found := profile.generation_of(reading.answer):
            yield reading, found
    for reading in evidence.successes(_LIST):
        for each in reading.answer.get("generations") or ():
            if isinstance(each, dict):
                yield reading, each


def _named(*names: str) -> Callable[[Any], bool]:
    return lambda value: value in names


_ABSENT: Final = object()
_CLIENTS: Final[dict[str, Callable[[Any], bool]]] = {
    "status": _named("PENDING", "COMPLETE", "FAILED"),
    "seed": lambda value: value in (_ABSENT, None) or is_whole(value),
    "imageWidth": lambda value: value is _ABSENT or is_whole(value),
    "imageHeight": lambda value: value is _ABSENT or is_whole(value),
    "createdAt": lambda value: isinstance(value, str),
    "prompt": lambda value: isinstance(value, str),
    "public": lambda value: value is _ABSENT or isinstance(value, bool),
    "promptMagicVersion": lambda value: value in (_ABSENT, None) or isinstance(value, str),
    "generated_images": lambda value: isinstance(value, list),
    "generation_elements": lambda value: value is _ABSENT or isinstance(value, list),
}


def _clients(evidence: Evidence) -> Iterator[Finding]:
    for reading, generation in generations(evidence):
        for name, is_readable in _CLIENTS.items():
            value = generation.get(name, _ABSENT)
            yield check(is_readable(value), reading, f"{name} is {value!r}", name)


def _client_names(evidence: Evidence) -> Iterator[Finding]:
    for reading, generation in generations(evidence):
        for name, known in (("scheduler", SCHEDULERS), ("sdVersion", SD_VERSIONS)):
            value = generation.get(name, _ABSENT)
            good = value is _ABSENT or (isinstance(value, str) and value in known)
            yield check(good, reading, f"{name} is {value!r}")


def _same(evidence: Evidence) -> Iterator[Finding]:
    made: dict[str, tuple[str, Reading]] = {}
    for reading in evidence.successes(_READ):
        found = profile.generation_of(reading.answer)
        if not found:
            continue
        asked, got, at = reading.path_values.get("id"), found.get("id"), str(found.get("createdAt"))
        before = made.setdefault(str(got), (at, reading))
        words = f"asked for {asked}, got {got} of {at}, before of {before[0]}"
        yield check(got == asked and at == before[0], reading, words, "", before[1])


def _created_at(evidence: Evidence) -> Iterator[Finding]:
    for reading, generation in generations(evidence):
        at = generation.get("createdAt")
        yield check(_time(at) is not None, reading, f"createdAt is {at!r}")


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return None


_NOTHING: Final[dict[str, tuple[str, Any]]] = {
    "getGenerationById": ("generations_by_pk", None),
    "getInitImageById": ("init_images_by_pk", None),
    "getVariationById": ("generated_image_variation_generic", []),
    "getMotionVariationById": ("generated_image_variation_motion", []),
}


def _unknown_id(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("methods.unknown-id"):
        operation = reading.operation.id if reading.operation else ""
        if operation not in _NOTHING or reading.exchange.method != "GET":
            continue
        wrapper, nothing = _NOTHING[operation]
        value = reading.answer.get(wrapper, _ABSENT)
        good = reading.status == 404 or (reading.status == 200 and value == nothing)
        yield check(good, reading, f"{reading.status} with {value!r}", operation)
