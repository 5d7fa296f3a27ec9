"""What Leonardo is asked beyond its contract: refusals and their words, models, lists.

Data and small functions that build probes; nothing here is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from conformance.drivers import credentials as near_misses
from conformance.drivers.methods import UNKNOWN_ID
from conformance.model import Tier
from conformance.probe import FIRST, Probe, json_body
from conformance.profile import Ask, Json
from conformance.reading import Reading
from contracts import Contract

BASE: Final = "/api/rest/v1"
USER: Final = "2c9f4b1e-7d3a-4e58-9b60-1f2a3c4d5e6f"
"""Stands for the first key's user, whom the target tells."""

ELEMENT: Final = "ece8c6a9-3deb-430e-8c93-4d5061b6adbf"
"""A camera movement that recipes and clients name [docs: recipes]."""

UNKNOWN_KEY: Final = "00000000-0000-4000-8000-00000000f00d"
NO_UUID: Final = "not-a-uuid-at-all"
SECOND: Final = (("", "second"),)
_PROMPT: Final = "A dog walking on the beach"

ACCEPTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "sdk-defaults": {"duration": 8, "model": "MOTION2"},
    "nulls": dict.fromkeys(
        (
            "resolution", "model", "frameInterpolation", "isPublic", "seed", "negativePrompt",
            "promptEnhance", "promptEnhanceInstruction", "styleIds", "height", "width",
            "duration", "elements",
        )
    ),
    **{f"VEO3-{n}s": {"model": "VEO3", "duration": n} for n in (4, 6, 8)},
    **{f"VEO3FAST-{n}s": {"model": "VEO3FAST", "duration": n} for n in (4, 6, 8)},
    "VEO3-default": {"model": "VEO3"},
    **{
        f"KLING2_5-{n}s": {"model": "KLING2_5", "duration": n, "resolution": "RESOLUTION_1080"}
        for n in (5, 10)
    },
    "KLING2_5-default": {"model": "KLING2_5", "resolution": "RESOLUTION_1080"},
    "KLING2_5-portrait": {"model": "KLING2_5", "duration": 5, "width": 1080, "height": 1920},
    "MOTION2-720": {"model": "MOTION2", "resolution": "RESOLUTION_720"},
    "MOTION2FAST-480": {
        "model": "MOTION2FAST", "resolution": "RESOLUTION_480", "width": 832, "height": 480
    },
    "VEO3-720": {"model": "VEO3", "resolution": "RESOLUTION_720"},
    "MOTION2-seed": {"model": "MOTION2", "seed": 2147483637},
    "default-seed": {"seed": 2147483637},
    **{f"{model}-seed": {"model": model, "seed": 4294967293} for model in ("VEO3", "VEO3FAST")},
    **{f"{model}-seed-0": {"model": model, "seed": 0} for model in ("MOTION2", "VEO3")},
    "default-element": {"elements": [{"akUUID": ELEMENT, "weight": 1}]},
    "MOTION2FAST-element": {"model": "MOTION2FAST", "elements": [{"akUUID": ELEMENT}]},
    "KLING2_5-square": {"model": "KLING2_5", "duration": 5, "width": 1440, "height": 1440},
    "MOTION2-element": {"model": "MOTION2", "elements": [{"akUUID": ELEMENT, "weight": 1}]},
    "MOTION2-bare-element": {"model": "MOTION2", "elements": [{"akUUID": ELEMENT}]},
    "MOTION2-half-element": {"model": "MOTION2", "elements": [{"akUUID": ELEMENT, "weight": 0.5}]},
    "empty-lists": {"model": "MOTION2", "elements": [], "styleIds": []},
    "prompt-1500": {"prompt": "a" * 1500},
}  # fmt: skip
"""Texts to videos that the documents offer, by name [seed] [openapi: video-generation] [docs]."""

REFUSED: Final[Mapping[str, Mapping[str, Any]]] = {
    **{f"VEO3-{n}s": {"model": "VEO3", "duration": n} for n in (0, 3, 5, 7, 9, 10)},
    **{f"VEO3FAST-{n}s": {"model": "VEO3FAST", "duration": n} for n in (5, 10)},
    **{f"KLING2_5-{n}s": {"model": "KLING2_5", "duration": n} for n in (0, 4, 6, 8, 9, 11)},
    "MOTION2-seed": {"model": "MOTION2", "seed": 2147483638},
    "default-seed": {"seed": 2147483638},
    "null-seed": {"model": None, "seed": 2147483638},
    **{f"{model}-seed": {"model": model, "seed": 4294967294} for model in ("VEO3", "VEO3FAST")},
    **{
        f"{model}-element": {"model": model, "elements": [{"akUUID": ELEMENT}]}
        for model in ("VEO3", "VEO3FAST")
    },
    "KLING2_5-element": {"model": "KLING2_5", "duration": 5, "elements": [{"akUUID": ELEMENT}]},
    "KLING2_5-size": {"model": "KLING2_5", "duration": 5, "width": 1280, "height": 720},
    "KLING2_5-tall": {"model": "KLING2_5", "duration": 5, "width": 1080, "height": 1080},
    "KLING2_5-480": {"model": "KLING2_5", "duration": 5, "resolution": "RESOLUTION_480"},
    "KLING2_5-720": {"model": "KLING2_5", "duration": 5, "resolution": "RESOLUTION_720"},
    "KLING2_1-without-frame": {"model": "KLING2_1", "duration": 5},
    "VEO3-480": {"model": "VEO3", "resolution": "RESOLUTION_480"},
    "MOTION2-1080": {"model": "MOTION2", "resolution": "RESOLUTION_1080"},
}
"""Texts to videos that a model does not offer, by name."""

IN_GUIDES: Final = (
    "KLING2_5-480", "KLING2_5-720", "KLING2_1-without-frame", "VEO3-480", "MOTION2-1080",
)  # fmt: skip
"""Those of them that guides or prices alone rule out."""

SERVICES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "motion-480": ("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_480"}),
    "motion-720": ("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_720"}),
    "veo3-720": ("VEO3_MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_720"}),
    **{
        name: (
            "IMAGE_GENERATION",
            {"imageHeight": 512, "imageWidth": side, "numImages": count, "inferenceSteps": 15},
        )
        for name, side, count in (("image", 768, 1), ("images", 768, 4), ("narrow-image", 512, 1))
    },
}
"""What the calculator is asked [openapi: pricing-calculator]."""

UNKNOWN_FIELDS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "createTextToVideoGeneration": ("sd_Version", {"prompt": _PROMPT}),
    "createImageToVideoGeneration": (
        "image_id", {"prompt": _PROMPT, "imageId": USER, "imageType": "UPLOADED"}
    ),
    "createSVDMotionGeneration": ("MotionStrength", {"imageId": USER}),
    "createGeneration": ("negativePrompt", {"prompt": _PROMPT}),
    "createVariationUpscale": ("imageId", {"id": USER}),
    "uploadInitImage": ("filename", {"extension": "png"}),
}  # fmt: skip
"""A field that an operation does not have, beside a body that would do."""

NAMED_BY_ID: Final = {
    "getGenerationById": "generations",
    "getInitImageById": "init-image",
    "getVariationById": "variations",
    "getMotionVariationById": "motion-variations",
}
"""Reads of one thing by its id, and where they are."""

_PATHS: Final = {
    "createTextToVideoGeneration": "/generations-text-to-video",
    "createImageToVideoGeneration": "/generations-image-to-video",
    "createSVDMotionGeneration": "/generations-motion-svd",
    "createGeneration": "/generations",
    "createVariationUnzoom": "/variations/unzoom",
    "createVariationUpscale": "/variations/upscale",
    "createVariationNoBG": "/variations/nobg",
    "CreateUniversalUpscalerJob": "/variations/universal-upscaler",
    "createVideoUpscale": "/generations-video-upscale",
    "uploadInitImage": "/init-image",
    "uploadMedia": "/media",
    "pricingCalculator": "/pricing-calculator",
}


def post(operation: str, probe: str, body: Json, **changes: Any) -> Probe:
    """Return a POST of one of the operations named here; tier fuzz unless it says otherwise."""
    given: dict[str, Any] = {"tier": Tier.FUZZ, "body": json_body(body), **changes}
    return Probe("POST", BASE + _PATHS[operation], "modes", probe, operation, **given)


def get(path: str, operation: str, probe: str, **changes: Any) -> Probe:
    """Return a GET below the base path."""
    return Probe("GET", BASE + path, "modes", probe, operation, **changes)


def probes(contract: Contract) -> Iterator[Probe]:
    """Yield the provider's own stateless probes."""
    yield from _keys()
    yield from _words()
    yield from _models()
    yield from _reads()


def _keys() -> Iterator[Probe]:
    for name, key in {"unknown": UNKNOWN_KEY, "malformed": NO_UUID}.items():
        headers = (("authorization", f"Bearer {key}"),)
        yield get("/me", "getUserSelf", f"key.{name}", headers=headers, credentials=())
    yield get("/me", "getUserSelf", "key.missing", credentials=())
    yield get("/me", "getUserSelf", "key.second", credentials=SECOND)


def _words() -> Iterator[Probe]:
    """Yield refusals whose words the documents quote."""
    for operation, (name, body) in UNKNOWN_FIELDS.items():
        tier = Tier.FREE if operation == "uploadInitImage" else Tier.VALIDATION
        yield post(operation, "words.unknown-field", {**body, name: "v2"}, subject=name, tier=tier)
    for operation, extension in {"uploadInitImage": "gif", "uploadMedia": "avi"}.items():
        yield post(operation, "words.extension", {"extension": extension}, tier=Tier.FREE)
    text = "createTextToVideoGeneration"
    yield post(
        text, "words.resolution", {"prompt": _PROMPT, "resolution": "720p"}, tier=Tier.VALIDATION
    )
    for operation in (text, "createGeneration"):
        yield post(operation, "words.long-prompt", {"prompt": "a" * 1501}, tier=Tier.VALIDATION)
        yield post(operation, "words.moderated", {"prompt": "a naked person on a beach"})
    yield post(
        "createGeneration", "words.init-image", {"prompt": _PROMPT, "init_image_id": NO_UUID}
    )
    yield post("createVariationUpscale", "words.not-generated", {"id": UNKNOWN_ID})
    varied = {"id": UNKNOWN_ID, "isVariation": True}
    yield post("createVariationUnzoom", "words.no-variation", varied)
    model = {"prompt": _PROMPT, "modelId": UNKNOWN_ID}
    yield post("createGeneration", "words.model", model, subject=UNKNOWN_ID)


def _models() -> Iterator[Probe]:
    for kind, table in (("accepted", ACCEPTED), ("refused", REFUSED)):
        for name, fields in table.items():
            body = {"prompt": _PROMPT, **fields}
            yield post("createTextToVideoGeneration", f"models.{kind}", body, subject=name)
    query = {"prompt": _PROMPT, "duration": "8", "model": "MOTION2"}
    by_query = post("createTextToVideoGeneration", "models.query", {}, query=query)
    yield replace(by_query, body=None)


def _reads() -> Iterator[Probe]:
    for operation, folder in NAMED_BY_ID.items():
        yield get(f"/{folder}/{NO_UUID}", operation, "reads.no-uuid")
    for name, (service, params) in SERVICES.items():
        body = {"service": service, "serviceParams": {service: params}}
        yield post("pricingCalculator", "price", body, subject=name, tier=Tier.FREE)


def after_video(identity: str, answer: Json) -> Iterator[Probe]:
    """Yield what a finished, private video is asked: lists, the second key, its deletion."""
    own, users = f"/generations/{identity}", f"/generations/user/{USER}"
    listing = "getGenerationsByUserId"
    yield get(users, listing, "list.own", query={"offset": "0", "limit": "100"}, subject=identity)
    yield get(users, listing, "list.sdk", query={"limit": "10", "offset": "0"})
    yield get(users, listing, "list.one", query={"limit": "1"})
    yield get(users, listing, "list.beyond", query={"offset": "1000000", "limit": "5"})
    for turn in range(3):
        for name, offset, limit in (("before", 0, 3), ("inside", 1, 2), ("after", 0, 3)):
            query = {"offset": str(offset), "limit": str(limit)}
            yield get(users, listing, f"list.window-{name}", query=query, subject=str(turn))
    yield get(users, listing, "list.foreign", credentials=SECOND, subject=identity)
    stranger = f"/generations/user/{UNKNOWN_ID}"
    yield get(stranger, listing, "list.stranger", query={"limit": "100"}, subject=identity)
    misused = {"imageId": identity}
    yield post("createSVDMotionGeneration", "words.generation-id", misused)
    yield from refused_deletions(own, "deleteGenerationById")
    yield deletion(own, "deleteGenerationById", "delete.foreign", SECOND)
    yield get(own, "getGenerationById", "delete.survives")
    yield deletion(own, "deleteGenerationById", "delete.own")
    yield get(own, "getGenerationById", "delete.read")
    yield deletion(own, "deleteGenerationById", "delete.again")
    yield get(users, listing, "delete.list", query={"limit": "100"}, subject=identity)


def refused_deletions(path: str, operation: str) -> Iterator[Probe]:
    """Yield the deletion of something real with every credential that must be refused."""
    yield deletion(path, operation, "credentials.none", ())
    for label in (*near_misses.REFUSED, *near_misses.BEARER_REFUSED):
        yield deletion(path, operation, f"credentials.{label}", (("", label),))


def deletion(
    path: str,
    operation: str,
    probe: str,
    credentials: tuple[tuple[str, str], ...] = (FIRST,),
    **changes: Any,
) -> Probe:
    """Return a deletion below the base path."""
    given = {"credentials": credentials, **changes}
    return Probe("DELETE", BASE + path, "modes", probe, operation, **given)


def with_generated(
    body: Json, field: str, first: Json, *, is_video: bool = False
) -> Callable[[Ask], Json]:
    """Return a journey's preparation: make a generation, take its id, or its image's."""
    operation = "createTextToVideoGeneration" if is_video else "createGeneration"

    def prepare(ask: Ask) -> Json:
        made = ask(post(operation, "", first, step="first"))
        job = next(iter((made.answer if made else {}).values()), None)
        identity = job.get("generationId") if isinstance(job, dict) else None
        generation = finished(ask, identity) if isinstance(identity, str) else {}
        images = generation.get("generated_images")
        if not isinstance(images, list) or not images or not isinstance(images[0], dict):
            return None
        return filled(body, (field,), identity if is_video else images[0].get("id"))

    return prepare


def finished(ask: Ask, identity: str, probe: str = "", **changes: Any) -> dict[str, Any]:
    """Read a generation until it is done; returns it, empty if it never is."""

    def told(reading: Reading) -> dict[str, Any]:
        found = reading.answer.get("generations_by_pk")
        return found if isinstance(found, dict) else {}

    path = f"/generations/{identity}"
    read = get(path, "getGenerationById", probe, step="first-read", **changes)
    end = ask.follow(read, lambda reading: told(reading).get("status") != "PENDING")
    return told(end) if end is not None else {}


def filled(body: Json, fields: tuple[str, ...], identity: Any) -> Json:
    """Return a body with an id in some fields; `a.b` is the member b of the field a."""
    found = {**body}
    for field in fields:
        outer, _, inner = field.partition(".")
        found[outer] = {**found[outer], inner: identity} if inner else identity
    return found
