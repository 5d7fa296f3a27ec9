"""What Leonardo's finished generations show: videos with their posters, images, files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, check
from conformance.journal import Journal
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.leonardo_generations import generations

_READ: Final = "getGenerationById"
_VIDEOS: Final = ("text-to-video", "image-to-video", "svd")
_VARIED: Final = {
    "upscale": "createVariationUpscale", "unzoom": "createVariationUnzoom",
    "no-background": "createVariationNoBG", "universal-upscale": "CreateUniversalUpscalerJob",
    "video-upscale": "createVideoUpscale",
}  # fmt: skip
_ECHOES: Final = {
    "prompt": "prompt", "seed": "seed", "negativePrompt": "negativePrompt", "isPublic": "public"
}  # fmt: skip


def rules() -> Iterator[Rule]:
    """Yield the rules of what generations show."""
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
        "leonardo.getGenerationById.strength",
        "A generation of Motion 1.0 tells the motionStrength of its request, where it tells any.",
        "[openapi: video-generation] motionStrength; [openapi: image-generation] of images; on the "
        "generation [client: Leonardo proxy spec]",
        check=_strength,
        **{**plain, "tier": Tier.FUZZ, "cases": (Case("", required=False),)},
    )
    yield Rule(
        "leonardo.getGenerationById.images",
        "A finished image generation has as many images as were asked, of that size, and no film.",
        "[openapi: image-generation] num_images, width, height, motionMP4URL",
        check=_images,
        **{**plain, "tier": Tier.FUZZ, "cases": (Case("", operation="createGeneration"),)},
    )
    yield Rule(
        "leonardo.media.kinds",
        "motionMP4URL gives an MP4, url a picture.",
        "[openapi: image-generation]; [client: GraphQL capture] url is the poster frame",
        check=_kinds,
        **media,
    )
    yield Rule(
        "leonardo.media.image-size",
        "The file of a generated image has the width and height that were asked.",
        "[openapi: image-generation] width, height",
        check=_image_size,
        **{**media, "tier": Tier.FUZZ, "cases": (Case("", operation="createGeneration"),)},
    )
    yield Rule(
        "leonardo.media.enlarged",
        "The file of an enlarged video is a film, that of a variation of an image a picture.",
        "[openapi: variation] url",
        check=_enlarged,
        **{
            **media,
            "operation": None,
            "tier": Tier.FUZZ,
            "cases": tuple(Case(name, operation=each) for name, each in _VARIED.items()),
        },
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


def _images(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("image"):
        body = journal.created.body if journal.created else {}
        for reading, generation in _seen(journal, "COMPLETE"):
            images = profile.images_of(generation)
            size = (generation.get("imageWidth"), generation.get("imageHeight"))
            asked = (body.get("width"), body.get("height"))
            films = [each for each in images if each.get("motionMP4URL") is not None]
            good = len(images) == body.get("num_images") and size == asked and not films
            words = f"{len(images)} image(s) of {size}, {len(films)} film(s); asked was {body}"
            yield check(good, reading, words)


def _strength(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("svd"):
        asked = journal.created.body.get("motionStrength") if journal.created else None
        for reading, generation in _seen(journal, "COMPLETE"):
            images = profile.images_of(generation)
            told = [place.get("motionStrength") for place in (generation, *images)]
            wrong = [each for each in told if each not in (None, asked)]
            words = f"motionStrength was {asked}, and is told as {wrong}"
            yield check(not wrong, reading, words)


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


def _image_size(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("image"):
        body = journal.created.body if journal.created else {}
        asked = (body.get("width"), body.get("height"))
        for reading in journal.steps("media"):
            size = containers.size_pixels(reading.exchange.reply_body)
            if reading.status == 200 and size is not None:
                yield check(size == asked, reading, f"the file has {size}, asked was {asked}")


def _enlarged(evidence: Evidence) -> Iterator[Finding]:
    for name in _VARIED:
        for journal in evidence.journeys(name):
            for reading in journal.steps("media"):
                kind = containers.kind_of(reading.exchange.reply_body)
                if reading.status == 200:
                    wanted = "video/" if name == "video-upscale" else "image/"
                    words = f"the file of {name} is {kind or 'no known media'}"
                    yield check(kind.startswith(wanted), reading, words, name)


def _size(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, which, generation in _files(evidence):
        size = containers.size_pixels(reading.exchange.reply_body)
        if which == "motionMP4URL" and size is not None:
            said = (generation.get("imageWidth"), generation.get("imageHeight"))
            yield check(size == said, reading, f"the video has {size}, said is {said}", name)
