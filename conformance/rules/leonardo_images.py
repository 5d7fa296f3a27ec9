"""Leonardo's images: of which kind an id is, what their files are, how many and how large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.profiles import leonardo_images as images
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.leonardo_errors import AREA, told

Check = Callable[[Evidence], Iterator[Finding]]
_IMAGE: Final = "createGeneration"
_DIMENSIONS: Final = {"error": "invalid dimensions", "path": "$", "code": "unexpected"}


def rules() -> Iterator[Rule]:
    """Yield the rules of images."""
    yield from _kind_rules()
    yield from _picture_rules()


def _kind_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "images", "tier": Tier.FUZZ, "drivers": ("lifecycle",)}
    needs = "createVariationUpscale"
    yield Rule(
        "leonardo.images.kinds",
        "An image is taken where its kind belongs: uploaded, generated, or a variation with its "
        "flag.",
        "[openapi: video-generation, image-generation, variation]",
        check=_taken,
        cases=tuple(Case(name, operation=use.needs) for name, use in images.RIGHT.items()),
        **common,
    )
    yield Rule(
        "leonardo.images.not-varied",
        "A variation of an uploaded image is refused: couldn't access image. So is one of another "
        "kind than isVariation says: failed to find init variation.",
        "[docs: API Error Messages]",
        check=_worded,
        cases=tuple(Case(name, operation=use.needs) for name, (use, _) in images.WORDED.items()),
        **common,
    )
    yield Rule(
        "leonardo.images.other-kind",
        "An image of another kind than its field, or the type beside it, says makes nothing: the "
        "request is refused, or what it makes fails.",
        "[seed] imageType; [openapi: variation]; that the two have to agree is assumed",
        check=_other_kind,
        provenance="assumed",
        cases=tuple(Case(name, operation=use.needs) for name, use in images.WRONG.items()),
        **common,
    )
    yield Rule(
        "leonardo.images.forged",
        "An upload whose bytes are not what its extension says makes no video: the storage or the "
        "request refuses it, or its generation fails.",
        "[docs: presigned URL guide] the bytes must match the announced extension; that the server "
        "sees to it is assumed",
        check=_forged,
        provenance="assumed",
        operation="createImageToVideoGeneration",
        cases=tuple(Case(name) for name in images.FORGED),
        **common,
    )
    yield Rule(
        "leonardo.getGenerationById.variations",
        "A generated image lists its variations.",
        "[openapi: image-generation] generated_image_variation_generics; that it is complete is "
        "assumed",
        check=_lists_variations,
        operation="getGenerationById",
        provenance="assumed",
        **{**common, "cases": (Case("", operation=needs),)},
    )


def _picture_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "images", "tier": Tier.FUZZ, "operation": _IMAGE}
    source = "[openapi: image-generation] num_images, seed, width, height"
    yield Rule(
        f"leonardo.{_IMAGE}.offered",
        "What the documents offer is accepted: eight images of 768 pixels, four of more, the "
        "smallest and the largest seed, a transparent background.",
        source,
        check=_offered,
        drivers=("modes",),
        cases=tuple(Case(name) for name in images.PICTURES_ACCEPTED),
        **common,
    )
    yield Rule(
        f"leonardo.{_IMAGE}.not-offered",
        "What they do not offer is refused: a larger seed, more than four images with a side "
        "over 768, be it the default one.",
        source,
        check=_not_offered,
        drivers=("modes",),
        cases=tuple(Case(name) for name in images.PICTURES_REFUSED),
        **common,
    )
    yield Rule(
        f"leonardo.{_IMAGE}.flux-seed",
        "A Flux model takes a seed of 2147483637, and none above.",
        "[openapi: image-generation] seed",
        check=_flux,
        drivers=("lifecycle",),
        # Which models there are, differs.
        cases=tuple(Case(name, required=False) for name in ("seed-largest", "seed-larger")),
        **common,
    )
    yield Rule(
        "leonardo.words.dimensions",
        "A side below 32, or that is no multiple of 8, is refused: invalid dimensions, unexpected.",
        "[docs: API Error Messages]",
        check=_dimensions,
        drivers=("modes",),
        cases=tuple(Case(name) for name in images.SIDES),
        **{**common, "area": AREA, "tier": Tier.VALIDATION},
    )


def _is_refused(reading: Reading) -> bool:
    """Whether a request is refused, be it with the service error whose status nobody tells."""
    return 400 <= reading.status <= 500


def _taken(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("kinds.right"):
        name = reading.exchange.subject
        yield check(reading.is_success, reading, f"{name} got {reading.status}", name)


def _worded(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("kinds.worded"):
        name = reading.exchange.subject
        wanted = images.WORDED.get(name, (None, ()))[1]
        said = told(reading)
        good = _is_refused(reading) and said["error"] in wanted and said["code"] == "unexpected"
        yield check(good, reading, f"{name} got {reading.status} with {said}", name)


def _status(end: Reading | None) -> str:
    """Return the status that the last look at a job shows, an empty text if there was none."""
    answer = end.answer if end is not None else {}
    held = profile.generation_of(answer) or profile.variation_of(answer)
    return str(held.get("status", ""))


def _made_nothing(
    evidence: Evidence, made: str, end: str
) -> Iterator[tuple[Reading, bool, list[Reading]]]:
    """Yield creations that must come to nothing, whether they did, and the last look at each."""
    ends = {each.exchange.subject: each for each in evidence.probed(end)}
    for reading in evidence.probed(made):
        last = ends.get(reading.exchange.subject)
        status = _status(last)
        if reading.is_success and status == "PENDING":
            # It may fail yet.
            continue
        yield reading, not reading.is_success or status == "FAILED", [last] if last else []


def _other_kind(evidence: Evidence) -> Iterator[Finding]:
    for reading, good, last in _made_nothing(evidence, "kinds.wrong", "kinds.end"):
        name = reading.exchange.subject
        yield check(good, reading, f"it is made all the same: {name}", name, *last)


def _forged(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        if reading.exchange.step == "upload-forged" and reading.status >= 400:
            yield check(True, reading, "", reading.exchange.subject)
    for reading, good, last in _made_nothing(evidence, "forged.used", "forged.end"):
        name = reading.exchange.subject
        yield check(good, reading, f"a video is made of a file that is no PNG: {name}", name, *last)


def _lists_variations(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("kinds.source"):
        found = [
            row.get("id")
            for image in profile.images_of(profile.generation_of(reading.answer))
            for row in image.get("generated_image_variation_generics") or ()
            if isinstance(row, dict)
        ]
        good = reading.exchange.subject in found
        yield check(good, reading, f"the variations are {found}, one is missing")


def _offered(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("pictures.accepted"):
        name = reading.exchange.subject
        yield check(reading.is_success, reading, f"{name} got {reading.status}", name)


def _not_offered(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("pictures.refused"):
        name, good = reading.exchange.subject, 400 <= reading.status < 500
        yield check(good, reading, f"{name} got {reading.status}, no refusal", name)


def _flux(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("pictures.flux"):
        name = reading.exchange.subject
        is_right = reading.is_success if name == "seed-largest" else 400 <= reading.status < 500
        yield check(is_right, reading, f"{name} got {reading.status}", name)


def _dimensions(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("words.dimensions"):
        good = reading.status >= 400 and told(reading) == _DIMENSIONS
        words = f"{reading.status} with {told(reading)}"
        yield check(good, reading, words, reading.exchange.subject)
