"""Leonardo's story of an account: one job after the other, with a look at the tokens around each.

It is the second account's, for nobody else spends what that has. Nothing here is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.model import Tier
from conformance.profile import Ask, Journey, Json
from conformance.profiles import leonardo_uploads as uploads
from conformance.profiles.leonardo_images import (
    PICTURE,
    first_image,
    job,
    variation,
    variation_end,
)
from conformance.profiles.leonardo_probes import SECOND, SERVICES, finished, get, post

_TEXT, _IMAGE = "createTextToVideoGeneration", "createImageToVideoGeneration"
_VIDEO: Final = {"prompt": "Waves on a beach", "model": "MOTION2", "isPublic": False,
                 "resolution": "RESOLUTION_480"}  # fmt: skip
_PAGE: Final = 50
_PAGES: Final = 4

PRICED: Final[Mapping[str, tuple[str, Json, str]]] = {
    "text": (_TEXT, _VIDEO, "motion-480"),
    "text-720": (_TEXT, {**_VIDEO, "resolution": "RESOLUTION_720"}, "motion-720"),
}
"""Jobs whose price the calculator can tell: operation, body, and what the calculator is asked."""

CHARGED: Final[Mapping[str, str]] = {
    **{name: operation for name, (operation, _, _) in PRICED.items()},
    "images": "createGeneration", "image-to-video": _IMAGE, "svd": "createSVDMotionGeneration",
    "upscale": "createVariationUpscale", "unzoom": "createVariationUnzoom",
    "no-background": "createVariationNoBG", "universal": "CreateUniversalUpscalerJob",
    "video-upscale": "createVideoUpscale",
}  # fmt: skip
"""Every job of the story that ends well, with its operation."""

UNCHARGED: Final[Mapping[str, Mapping[str, Any]]] = {
    "moderated": {**_VIDEO, "prompt": "a naked person on a beach"},
    "duration": {**_VIDEO, "model": "VEO3", "resolution": "RESOLUTION_720", "duration": 5},
    "no-prompt": {"model": "MOTION2"},
}
"""Requests that are refused, by name."""

JOBS: Final[tuple[tuple[str, Json], ...]] = (
    *((operation, {}) for operation in CHARGED.values()),
    *((_TEXT, body) for body in UNCHARGED.values()),
    (_TEXT, _VIDEO),
)


def account(ask: Ask) -> Json:
    """Let the second account make a job of every kind, be refused, and see one fail."""
    me = _looked(ask, "before", "")
    if not me:
        return None
    for name, (_, _, asked) in PRICED.items():
        service, params = SERVICES[asked]
        body = {"service": service, "serviceParams": {service: params}}
        ask(post("pricingCalculator", "account.price", body, subject=name, credentials=SECOND))
    for name, refused in UNCHARGED.items():
        ask(post(_TEXT, "account.refused", dict(refused), subject=name, credentials=SECOND))
        _looked(ask, "unmoved", name)
    if ask.trigger is not None:
        place, text = ask.trigger
        failing = {**_VIDEO, place or "prompt": text}
        _made(ask, "fails", _TEXT, failing, me)
    for name, operation, body in _bodies(ask, me):
        _made(ask, name, operation, body, me)
    return None


def _bodies(ask: Ask, me: str) -> Iterator[tuple[str, str, Json]]:
    """Yield the jobs that end well, each once what it needs is there."""
    for name, (operation, body, _) in PRICED.items():
        yield name, operation, body
    own = uploads.uploaded(ask, SECOND)
    if own:
        given = {**_VIDEO, "imageId": own, "imageType": "UPLOADED"}
        yield "image-to-video", CHARGED["image-to-video"], given
        yield "svd", CHARGED["svd"], {"imageId": own, "isInitImage": True}
        yield "universal", CHARGED["universal"], {"initImageId": own}
    yield "images", CHARGED["images"], {**PICTURE, "num_images": 2}
    image, video = (_last(ask, me, is_video=is_video) for is_video in (False, True))
    drawn = first_image(image)
    for name in ("upscale", "unzoom", "no-background") if drawn else ():
        yield name, CHARGED[name], {"id": drawn}
    if video:
        source = {"sourceGenerationId": video.get("id"), "resolution": "RESOLUTION_720"}
        yield "video-upscale", CHARGED["video-upscale"], source


def _last(ask: Ask, me: str, *, is_video: bool) -> dict[str, Any]:
    """Return a finished generation from the account's list, empty if there is none."""
    query = {"limit": str(_PAGE), "offset": "0"}
    path = f"/generations/user/{me}"
    found = ask(get(path, "getGenerationsByUserId", "", query=query, credentials=SECOND))
    rows = found.answer.get("generations") if found is not None else None
    for row in rows if isinstance(rows, list) else ():
        images = row.get("generated_images") if isinstance(row, dict) else None
        first = images[0] if isinstance(images, list) and images else None
        if isinstance(first, dict) and (first.get("motionMP4URL") is not None) is is_video:
            return dict(row)
    return {}


def _made(ask: Ask, name: str, operation: str, body: Json, me: str) -> None:
    """Make a job, see it in the list, wait for its end, and look at the tokens in between."""
    made = ask(post(operation, "account.job", body, subject=name, credentials=SECOND))
    if made is None or not made.is_success:
        return
    _looked(ask, "charged", name)
    identity = job(made)
    is_generation = bool(identity) and operation != "createVideoUpscale"
    if is_generation:
        _listed(ask, me, identity, "account.list-new")
    if identity:
        finished(ask, identity, probe="account.end", subject=name, credentials=SECOND)
        if is_generation:
            _listed(ask, me, identity, "account.list-ended")
    if not identity or operation == "createVideoUpscale":
        kind = "motion" if identity else "generic"
        variation_end(ask, variation(made), kind, probe="account.end", subject=name,
                      credentials=SECOND)  # fmt: skip
    _looked(ask, "after", name)


def _listed(ask: Ask, me: str, identity: str, probe: str) -> None:
    """Read the account's list, page by page, until it has a generation or ends."""
    path = f"/generations/user/{me}"
    for page in range(_PAGES):
        query = {"limit": str(_PAGE), "offset": str(page * _PAGE)}
        found = ask(get(path, "getGenerationsByUserId", probe, query=query, subject=identity,
                        credentials=SECOND))  # fmt: skip
        rows = found.answer.get("generations") if found is not None else None
        if not isinstance(rows, list) or len(rows) < _PAGE:
            return
        if any(isinstance(row, dict) and row.get("id") == identity for row in rows):
            return


def _looked(ask: Ask, when: str, name: str) -> str:
    """Look at the account; returns its user's id, an empty text if it tells none."""
    probe = get("/me", "getUserSelf", f"account.{when}", subject=name, credentials=SECOND)
    found = ask(probe)
    rows = found.answer.get("user_details") if found is not None else None
    row = rows[0] if isinstance(rows, list) and rows else None
    user = row.get("user") if isinstance(row, dict) else None
    identity = user.get("id") if isinstance(user, dict) else None
    return identity if isinstance(identity, str) else ""


JOURNEY: Final = Journey(
    "account", _TEXT, {}, prepare=account, has_media=False, tier=Tier.FUZZ, before=JOBS,
    feeds=frozenset({"getUserSelf", "getGenerationsByUserId", *CHARGED.values()}),
)  # fmt: skip
"""The story as a journey."""
