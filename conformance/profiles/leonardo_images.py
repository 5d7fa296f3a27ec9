"""Leonardo's stories of images: of which kind an id is, what their files are, what models take.

A story is a journey's preparation: it asks one thing after the other. Nothing here is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Ask, Journey, Json
from conformance.profiles import leonardo_uploads as uploads
from conformance.profiles.leonardo_probes import finished, get, post
from conformance.reading import Reading

_VIDEO, _SVD = "createImageToVideoGeneration", "createSVDMotionGeneration"
_IMAGE, _UNZOOM, _NO_BACKGROUND = "createGeneration", "createVariationUnzoom", "createVariationNoBG"
_UPSCALE, _UNIVERSAL = "createVariationUpscale", "CreateUniversalUpscalerJob"
_OF_IMAGES: Final = (_IMAGE, _UNZOOM, _NO_BACKGROUND, _UPSCALE, _UNIVERSAL)
_PROMPT: Final = "A cat in the rain"
_SMALL: Final = {"width": 512, "height": 512, "num_images": 1, "public": False}
PICTURE: Final = {"prompt": _PROMPT, **_SMALL}
_MOVED: Final = {"prompt": _PROMPT, "model": "MOTION2", "resolution": "RESOLUTION_480",
                 "isPublic": False}  # fmt: skip
_KLING: Final = {"prompt": _PROMPT, "model": "KLING2_1", "duration": 5,
                 "resolution": "RESOLUTION_1080"}  # fmt: skip
_OWN, _DRAWN, _VARIED = "uploaded", "generated", "variation"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an image: the operation, its fields, and which image stands in which field."""

    operation: str
    images: Mapping[str, str]
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> str:
        """The operation that a target must have for it: a generated image has to be made first."""
        is_own = set(self.images.values()) <= {_OWN}
        return self.operation if is_own or self.operation not in (_VIDEO, _SVD) else _IMAGE

    def body(self, ids: Mapping[str, str]) -> Json:
        """Return the request, with the images' ids; `a.b` is the member b of the field a."""
        body: dict[str, Any] = dict(self.fields)
        for place, kind in self.images.items():
            outer, _, inner = place.partition(".")
            body[outer] = {**body[outer], inner: ids[kind]} if inner else ids[kind]
        return body


RIGHT: Final[Mapping[str, Use]] = {
    "svd-generated": Use(_SVD, {"imageId": _DRAWN}),
    "svd-variation": Use(_SVD, {"imageId": _VARIED}, {"isVariation": True}),
    "init-image": Use(_IMAGE, {"init_image_id": _OWN}, {**PICTURE, "init_strength": 0.1}),
    "init-generation": Use(
        _IMAGE, {"init_generation_image_id": _DRAWN}, {**PICTURE, "init_strength": 0.9}
    ),
    "unzoom-variation": Use(_UNZOOM, {"id": _VARIED}, {"isVariation": True}),
    "no-background-variation": Use(_NO_BACKGROUND, {"id": _VARIED}, {"isVariation": True}),
    "universal-generated": Use(_UNIVERSAL, {"generatedImageId": _DRAWN}),
    "universal-variation": Use(_UNIVERSAL, {"variationId": _VARIED}),
}
"""Uses of an image of the kind that the field, or the flag beside it, is for."""

UNREACHABLE, NO_VARIATION = "couldn't access image", "failed to find init variation"
WORDED: Final[Mapping[str, tuple[Use, tuple[str, ...]]]] = {
    "upscale-uploaded": (Use(_UPSCALE, {"id": _OWN}), (UNREACHABLE,)),
    "unzoom-uploaded": (Use(_UNZOOM, {"id": _OWN}), (UNREACHABLE,)),
    "no-background-uploaded": (Use(_NO_BACKGROUND, {"id": _OWN}), (UNREACHABLE,)),
    "unzoom-no-variation": (Use(_UNZOOM, {"id": _DRAWN}, {"isVariation": True}), (NO_VARIATION,)),
    "no-background-no-variation": (
        Use(_NO_BACKGROUND, {"id": _DRAWN}, {"isVariation": True}), (NO_VARIATION,)
    ),
    "unzoom-unflagged": (Use(_UNZOOM, {"id": _VARIED}), (UNREACHABLE, NO_VARIATION)),
    "no-background-unflagged": (
        Use(_NO_BACKGROUND, {"id": _VARIED}, {"isVariation": False}), (UNREACHABLE, NO_VARIATION)
    ),
}  # fmt: skip
"""Variations of an image of another kind, with the refusal [docs: API Error Messages]."""

WRONG: Final[Mapping[str, Use]] = {
    "uploaded-as-generated": Use(_VIDEO, {"imageId": _OWN}, {**_MOVED, "imageType": "GENERATED"}),
    "generated-as-uploaded": Use(_VIDEO, {"imageId": _DRAWN}, {**_MOVED, "imageType": "UPLOADED"}),
    "end-frame-generated-as-uploaded": Use(
        _VIDEO, {"imageId": _OWN, "endFrameImage.id": _DRAWN},
        {**_KLING, "imageType": "UPLOADED", "endFrameImage": {"type": "UPLOADED"}},
    ),
    "end-frame-uploaded-as-generated": Use(
        _VIDEO, {"imageId": _OWN, "endFrameImage.id": _OWN},
        {**_KLING, "imageType": "UPLOADED", "endFrameImage": {"type": "GENERATED"}},
    ),
    "svd-uploaded-as-generated": Use(_SVD, {"imageId": _OWN}, {"isInitImage": False}),
    "svd-generated-as-uploaded": Use(_SVD, {"imageId": _DRAWN}, {"isInitImage": True}),
    "svd-generated-as-variation": Use(_SVD, {"imageId": _DRAWN}, {"isVariation": True}),
    "init-image-generated": Use(_IMAGE, {"init_image_id": _DRAWN}, PICTURE),
    "init-generation-uploaded": Use(_IMAGE, {"init_generation_image_id": _OWN}, PICTURE),
    "universal-uploaded-as-generated": Use(_UNIVERSAL, {"generatedImageId": _OWN}),
    "universal-generated-as-uploaded": Use(_UNIVERSAL, {"initImageId": _DRAWN}),
    "universal-generated-as-variation": Use(_UNIVERSAL, {"variationId": _DRAWN}),
}  # fmt: skip
"""Uses of an image of another kind than the field, or the flag beside it, is for."""

FORGED: Final[Mapping[str, bytes]] = {
    "no-image": b"%PDF-1.4 not a picture at all\n" * 8,
    "other-kind": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00"
    b"\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
}
"""Bytes that are no PNG, by name."""

PICTURES_ACCEPTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "seed-0": {"seed": 0},
    "seed-largest": {"seed": 9999999998},
    "eight-at-768": {"width": 768, "height": 768, "num_images": 8},
    "four-beyond-768": {"width": 1024, "height": 768, "num_images": 4},
    "foreground": {"transparency": "foreground_only"},
    "unlike": {"negative_prompt": "people", "enhancePrompt": False},
}
"""Images that the documents offer, by name [openapi: image-generation]."""

PICTURES_REFUSED: Final[Mapping[str, Mapping[str, Any]]] = {
    "seed-larger": {"seed": 9999999999},
    "five-wide": {"width": 776, "height": 512, "num_images": 5},
    "five-tall": {"width": 512, "height": 776, "num_images": 5},
    "eight-of-default-size": {"width": None, "height": None, "num_images": 8},
}
"""Images that they do not offer: larger seeds, more than four when a side is over 768."""

FLUX_SEED: Final = 2147483637
SIDES: Final[Mapping[str, Mapping[str, int]]] = {
    "narrow": {"width": 24}, "low": {"height": 24}, "odd-width": {"width": 1001},
    "odd-height": {"height": 513},
}  # fmt: skip
"""Sides that are below 32, or no multiple of 8, whichever largest side counts."""


def probes() -> Iterator[Probe]:
    """Yield images of every number, seed and size that is near a bound."""
    for kind, table in (("accepted", PICTURES_ACCEPTED), ("refused", PICTURES_REFUSED)):
        for name, fields in table.items():
            body = {name: value for name, value in {**PICTURE, **fields}.items() if value}
            body |= {"seed": fields["seed"]} if "seed" in fields else {}
            yield post(_IMAGE, f"pictures.{kind}", body, subject=name)
    for name, sides in SIDES.items():
        body = {**PICTURE, **sides}
        yield post(_IMAGE, "words.dimensions", body, subject=name, tier=Tier.VALIDATION)


def kinds(ask: Ask) -> Json:
    """Use an uploaded image, a generated one and a variation as what they are, and are not."""
    made = job(ask(post(_IMAGE, "", PICTURE, step="first")))
    drawn = first_image(finished(ask, made)) if made else ""
    varied = _finished_variation(ask, ask(post(_UPSCALE, "", {"id": drawn}))) if drawn else ""
    if varied:
        ask(get(f"/generations/{made}", "getGenerationById", "kinds.source", subject=varied))
    held = {_OWN: uploads.uploaded(ask), _DRAWN: drawn, _VARIED: varied}
    ids = {kind: identity for kind, identity in held.items() if identity}
    # Where no images are made, there is nothing of theirs to use or to vary.
    served = {_VIDEO, _SVD} if not made else {_VIDEO, _SVD, *_OF_IMAGES}
    for probe, table in (
        ("kinds.right", RIGHT),
        ("kinds.worded", {name: use for name, (use, _) in WORDED.items()}),
        ("kinds.wrong", WRONG),
    ):
        for name, use in table.items():
            if use.operation in served and set(use.images.values()) <= ids.keys():
                reading = ask(post(use.operation, probe, use.body(ids), subject=name))
                if probe == "kinds.wrong" and reading is not None and reading.is_success:
                    _end(ask, reading, name)
    return None


def _end(ask: Ask, made: Reading, name: str) -> None:
    """Follow what was made of an image of another kind: it may fail yet."""
    if job(made):
        finished(ask, job(made), probe="kinds.end", subject=name)
    else:
        _finished_variation(ask, made, probe="kinds.end", subject=name)


def flux(ask: Ask) -> Json:
    """Ask a Flux model, if there is one, for the largest seed and for a larger one."""
    listed = ask(get("/platformModels", "listPlatformModels", ""))
    models = listed.answer.get("custom_models") if listed is not None else None
    for model in models if isinstance(models, list) else ():
        if isinstance(model, dict) and "flux" in str(model.get("name")).lower():
            for name, seed in (("seed-largest", FLUX_SEED), ("seed-larger", FLUX_SEED + 1)):
                body = {**PICTURE, "modelId": model.get("id"), "seed": seed}
                ask(post(_IMAGE, "pictures.flux", body, subject=name))
            break
    return None


def forged(ask: Ask) -> Json:
    """Upload what is no PNG by the form of one, and make a video of it."""
    for name, content in FORGED.items():
        form = uploads.asked_form(ask)
        held = uploads.upload_of(form) if form is not None else {}
        probe = uploads.form_post(held, "upload-forged", subject=name, content=content)
        taken = ask(probe) if probe is not None else None
        if taken is None or not 200 <= taken.status < 300:
            continue
        body = {**_MOVED, "imageId": held.get("id"), "imageType": "UPLOADED"}
        made = job(ask(post(_VIDEO, "forged.used", body, subject=name)))
        if made:
            finished(ask, made, probe="forged.end", subject=name)
    return None


def job(made: Reading | None) -> str:
    """Return the generation that a reply gives, an empty text if it gives none."""
    held = _held(made)
    identity = held.get("generationId")
    return identity if isinstance(identity, str) else ""


def variation(made: Reading | None) -> str:
    """Return the variation that a reply gives, an empty text if it gives none."""
    held = _held(made)
    identity = held.get("variationId", held.get("id"))
    return identity if isinstance(identity, str) else ""


def _held(made: Reading | None) -> dict[str, Any]:
    held = next(iter(made.answer.values()), None) if made is not None and made.is_success else None
    return held if isinstance(held, dict) else {}


def first_image(generation: Mapping[str, Any]) -> str:
    """Return the id of a generation's first image, an empty text if it has none."""
    images = generation.get("generated_images")
    first = images[0] if isinstance(images, list) and images else None
    identity = first.get("id") if isinstance(first, dict) else None
    return identity if isinstance(identity, str) else ""


def _finished_variation(ask: Ask, made: Reading | None, probe: str = "", subject: str = "") -> str:
    """Wait for a variation to be done; returns its id, an empty text if it never is."""
    return variation_end(ask, variation(made), probe=probe, subject=subject)


def variation_end(ask: Ask, identity: str, kind: str = "generic", **changes: Any) -> str:
    """Read a variation until it is done; returns its id, an empty text if it never is."""
    operation, folder = {
        "generic": ("getVariationById", "variations"),
        "motion": ("getMotionVariationById", "motion-variations"),
    }[kind]
    if not identity:
        return ""

    def status(reading: Reading) -> object:
        rows = reading.answer.get(f"generated_image_variation_{kind}")
        row = rows[0] if isinstance(rows, list) and rows else None
        return row.get("status") if isinstance(row, dict) else None

    read = get(f"/{folder}/{identity}", operation, step="first-read", **{"probe": "", **changes})
    end = ask.follow(read, lambda reading: status(reading) != "PENDING")
    return identity if end is not None and status(end) == "COMPLETE" else ""


def _asked(table: Mapping[str, Use]) -> tuple[tuple[str, Json], ...]:
    return tuple((use.operation, {}) for use in table.values())


_START: Final[tuple[tuple[str, Json], ...]] = ((_IMAGE, PICTURE), (_UPSCALE, {}))
_WORDED: Final = {name: use for name, (use, _) in WORDED.items()}
JOURNEYS: Final = tuple(
    Journey(name, operation, {}, prepare=story, has_media=False, tier=Tier.FUZZ, before=before,
            feeds=feeds)
    for name, operation, story, before, feeds in (
        ("kinds", _VIDEO, kinds,
         (*_START, *_asked(RIGHT), *_asked(_WORDED), *_asked(WRONG)),
         frozenset({_SVD, _IMAGE, _UNZOOM, _NO_BACKGROUND, _UPSCALE, _UNIVERSAL})),
        ("flux", _IMAGE, flux, ((_IMAGE, PICTURE),) * 2, frozenset({"listPlatformModels"})),
        ("forged", _VIDEO, forged, ((_VIDEO, {}),) * len(FORGED), frozenset({"uploadInitImage"})),
    )
)  # fmt: skip
"""The stories as journeys, with the jobs that each starts at worst."""
