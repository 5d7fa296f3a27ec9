"""Leonardo's generations: what both official clients can read, and what a finished video has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, Journal, check
from conformance.model import Case, Finding, Level, Rule, Tier
from conformance.profiles import leonardo as profile
from conformance.reading import Reading
from conformance.rules.leonardo_values import SCHEDULERS, SD_VERSIONS, is_whole

Check = Callable[[Evidence], Iterator[Finding]]
_READ, _LIST = "getGenerationById", "getGenerationsByUserId"
_VIDEOS: Final = ("text-to-video", "image-to-video", "svd")
_ECHOES: Final = {
    "prompt": "prompt", "seed": "seed", "negativePrompt": "negativePrompt", "isPublic": "public"
}  # fmt: skip


def rules() -> Iterator[Rule]:
    """Yield the rules of generations."""
    yield from _shape_rules()
    yield from _content_rules()


def _shape_rules() -> Iterator[Rule]:
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


def _content_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "generations", "operation": _READ, "tier": Tier.PAID, "drivers": ("lifecycle",),
        "cases": tuple(
            Case(name, Tier.FUZZ if name == "svd" else Tier.PAID) for name in _VIDEOS
        ),
    }  # fmt: skip
    media = {**common, "needs": frozenset({"media"}), "area": "media"}
    plain = {**common, "cases": ()}
    yield Rule(
        "leonardo.getGenerationById.pending",
        "A generation that is PENDING has no images.",
        "[docs: API FAQ]",
        check=_pending,
        **plain,
    )
    yield Rule(
        "leonardo.getGenerationById.video",
        "A video that is COMPLETE has an image entry with a URL and a motionMP4URL, both absolute.",
        "[openapi: image-generation] generated_images; [docs: webhook guide] URLs",
        check=_video,
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.poster",
        "url and motionMP4URL of a video differ in nothing but the extension.",
        "[client: GraphQL capture]",
        check=_poster,
        provenance="observed",
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.motion",
        "The motion fields of a video, on the generation and on its image, say that it moves, and "
        "whether it came from an image.",
        "[openapi: image-generation] on the image; on the generation [client: Leonardo proxy spec]",
        check=_motion,
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.motion-places",
        "motion stands on the generation and on its image.",
        "[openapi: image-generation] on the image; on the generation [client: Leonardo proxy spec]",
        check=_motion_places,
        level=Level.SHOULD,
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.echo",
        "A generation repeats the prompt, seed, negative prompt and visibility of its request.",
        "[openapi: image-generation] fields of the request",
        check=_echo,
        cases=tuple(Case(name) for name in _ECHOES),
        **{name: value for name, value in common.items() if name != "cases"},
    )
    yield Rule(
        "leonardo.media.kinds",
        "motionMP4URL gives an MP4, url a picture.",
        "[openapi: image-generation]; [client: GraphQL capture] url is the poster frame",
        check=_kinds,
        **media,
    )
    yield Rule(
        "leonardo.media.size",
        "The video has the width and height that its generation says.",
        "[openapi: image-generation] imageWidth, imageHeight",
        check=_size,
        level=Level.SHOULD,
        **media,
    )


def _videos(evidence: Evidence) -> Iterator[tuple[str, Journal]]:
    for name in _VIDEOS:
        for journal in evidence.journeys(name):
            yield name, journal


def _seen(journal: Journal, *statuses: str) -> Iterator[tuple[Reading, dict[str, Any]]]:
    for reading in journal.steps("poll", "after"):
        found = profile.generation_of(reading.answer)
        if found.get("status") in statuses:
            yield reading, found


def _pending(evidence: Evidence) -> Iterator[Finding]:
    for reading, generation in generations(evidence):
        if generation.get("status") == "PENDING":
            images = generation.get("generated_images")
            yield check(images == [], reading, f"PENDING with {images!r}")


def ended(evidence: Evidence) -> Iterator[tuple[str, Reading, dict[str, Any], dict[str, Any]]]:
    """Yield each finished video as it was read last: journey, reading, generation, first image.

    Whether COMPLETE can come before the file, no source says; three reads later it is there.
    """
    for name, journal in _videos(evidence):
        for reading, generation in list(_seen(journal, "COMPLETE"))[-1:]:
            images = profile.images_of(generation)
            yield name, reading, generation, images[0] if images else {}


def _video(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, _, image in ended(evidence):
        urls = [image.get("url"), image.get("motionMP4URL")]
        good = all(isinstance(u, str) and u.startswith(("http://", "https://")) for u in urls)
        yield check(good, reading, f"url and motionMP4URL are {urls!r}", name)


def _poster(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, _, image in ended(evidence):
        poster, video = (
            str(image.get(which)).split("?")[0].rpartition(".") for which in ("url", "motionMP4URL")
        )
        good = poster[0] == video[0] != "" and poster[2] != video[2] == "mp4"
        yield check(good, reading, f"{''.join(poster)} beside {''.join(video)}", name)


def _motion(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, generation, image in ended(evidence):
        is_from_image = name != "text-to-video"
        wrong = [
            f"{field} is {place[field]!r}"
            for place in (generation, image)
            for field, wanted in (("motion", True), ("imageToVideo", is_from_image))
            # Motion 1.0 is not told apart by every source.
            if place.get(field) is not None and place[field] is not wanted and name != "svd"
        ]
        yield check(not wrong, reading, "; ".join(wrong), name)


def _motion_places(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, generation, image in ended(evidence):
        good = generation.get("motion") is True and image.get("motion") is True
        yield check(good, reading, "motion is missing on the generation or its image", name)


def _echo(evidence: Evidence) -> Iterator[Finding]:
    for journey in ("text-to-video", "image-to-video"):
        for journal in evidence.journeys(journey):
            body = journal.created.body if journal.created else {}
            for reading in journal.steps("poll", "after"):
                generation = profile.generation_of(reading.answer)
                for given, field in _ECHOES.items():
                    if given in body and generation:
                        got = generation.get(field)
                        words = f"{given} was {body[given]!r}, {field} is {got!r}"
                        yield check(got == body[given], reading, words, given)


def _files(evidence: Evidence) -> Iterator[tuple[str, Reading, str, dict[str, Any]]]:
    """Yield the files of finished videos: journey, reading, member, generation."""
    for name, _, generation, image in ended(evidence):
        urls = {str(image.get(which)): which for which in ("url", "motionMP4URL")}
        for journal in evidence.journeys(name):
            for reading in journal.steps("media"):
                which = urls.get(reading.exchange.subject)
                if which is not None and reading.status == 200:
                    yield name, reading, which, generation


def _kinds(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, which, _ in _files(evidence):
        kind = containers.kind_of(reading.exchange.reply_body)
        good = kind.startswith("image/") if which == "url" else kind == "video/mp4"
        yield check(good, reading, f"{which} gives {kind or 'no known media'}", name)


def _size(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, which, generation in _files(evidence):
        size = containers.size_pixels(reading.exchange.reply_body)
        if which == "motionMP4URL" and size is not None:
            said = (generation.get("imageWidth"), generation.get("imageHeight"))
            yield check(size == said, reading, f"the video has {size}, said is {said}", name)
