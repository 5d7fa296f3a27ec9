"""What Leonardo is asked one after the other: frames that nobody has, models, pages, films.

A story is a journey's preparation that creates what it needs itself, in tier fuzz, and returns no
body. Nothing here is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from conformance.drivers.methods import UNKNOWN_ID
from conformance.probe import FIRST, Probe
from conformance.profile import Ask, Json
from conformance.profiles.leonardo_probes import (
    ACCEPTED,
    ELEMENT,
    REFUSED,
    SECOND,
    USER,
    deletion,
    finished,
    get,
    post,
)
from conformance.profiles.leonardo_uploads import asked_form, is_address, upload_of, uploaded

_TEXT, _IMAGE = "createTextToVideoGeneration", "createImageToVideoGeneration"
_LIST: Final = "getGenerationsByUserId"
_VIDEO: Final = {"prompt": "Waves on a beach", "model": "MOTION2", "isPublic": False,
                 "resolution": "RESOLUTION_480"}  # fmt: skip
_FRAME: Final = {**_VIDEO, "imageId": UNKNOWN_ID, "imageType": "UPLOADED"}
_KLING: Final = {"model": "KLING2_1", "duration": 5, "resolution": "RESOLUTION_1080"}
_END: Final = {"endFrameImage": {"id": UNKNOWN_ID, "type": "UPLOADED"}}
_TURNS: Final = 8

LOST: Final[Mapping[str, bool]] = {
    "unknown": False, "deleted": False, "not-uploaded": False, "end-frame": False,
    "foreign": True, "foreign-generated": True,
}  # fmt: skip
"""Images that are none of the caller's, and whether it takes a second account to have them."""

FRAME_ACCEPTED: Final[Mapping[str, Mapping[str, Any]]] = {
    **{
        name: ACCEPTED[name]
        for name in (
            "VEO3-4s", "VEO3-6s", "VEO3-8s", "VEO3FAST-4s", "VEO3-default", "KLING2_5-5s",
            "KLING2_5-10s", "KLING2_5-default", "KLING2_5-square", "MOTION2-720",
            "MOTION2FAST-480", "MOTION2-seed", "MOTION2-seed-0", "default-seed",
            "MOTION2-element", "MOTION2FAST-element", "default-element", "empty-lists",
        )
    },
    "KLING2_1-5s": _KLING,
    "KLING2_1-10s": {**_KLING, "duration": 10},
    "KLING2_1-portrait": {**_KLING, "width": 1080, "height": 1920},
}  # fmt: skip
"""Videos from an image that the documents offer, by name [seed] [docs: model guides]."""

FRAME_REFUSED: Final[Mapping[str, Mapping[str, Any]]] = {
    **{
        name: REFUSED[name]
        for name in (
            "VEO3-0s", "VEO3-3s", "VEO3-5s", "VEO3-10s", "VEO3FAST-5s", "VEO3FAST-10s",
            "KLING2_5-0s", "KLING2_5-4s", "KLING2_5-6s", "KLING2_5-8s", "KLING2_5-11s",
            "MOTION2-seed", "default-seed", "null-seed", "VEO3-element", "VEO3FAST-element",
            "KLING2_5-element", "KLING2_5-size", "KLING2_5-480", "VEO3-480", "MOTION2-1080",
        )
    },
    "KLING2_1-size": {**_KLING, "width": 1280, "height": 720},
    "KLING2_1-square": {**_KLING, "width": 1440, "height": 1440},
    "KLING2_1-element": {**_KLING, "elements": [{"akUUID": ELEMENT}]},
    "MOTION2FAST-end": {**_END, "model": "MOTION2FAST", "resolution": "RESOLUTION_480"},
    "VEO3FAST-end": {**_END, "model": "VEO3FAST", "resolution": "RESOLUTION_720"},
    "default-end": _END,
    "KLING2_1-8s": {**_KLING, "duration": 8},
    "KLING2_1-480": {**_KLING, "resolution": "RESOLUTION_480"},
}  # fmt: skip
"""Videos from an image that a model does not offer, by name."""

PAGED: Final = 11
"""How many videos the list gets at least, one more than it shows without a limit."""

JOBS: Final[Mapping[str, tuple[tuple[str, Json], ...]]] = {
    "lost-frames": ((_TEXT, _VIDEO), *((_IMAGE, _FRAME),) * len(LOST)),
    "models": ((_IMAGE, _FRAME),) * (len(FRAME_ACCEPTED) + len(FRAME_REFUSED) + 1),
    "films": ((_TEXT, _VIDEO),) * 4,
    "pages": ((_TEXT, _VIDEO),) * PAGED,
}
"""The jobs that each story starts at worst."""


def lost_frames(ask: Ask) -> Json:
    """Make videos from images that are none, or none of the caller's."""
    for case, body, credentials in _lost(ask):
        made = ask(post(_IMAGE, "frames.lost", body, subject=case, credentials=credentials))
        identity = _job(made)
        if identity:
            finished(ask, identity, probe="frames.end", subject=case, credentials=credentials)
    return None


def _lost(ask: Ask) -> Iterator[tuple[str, Json, tuple[tuple[str, str], ...]]]:
    yield "unknown", _FRAME, (FIRST,)
    own = uploaded(ask)
    if own:
        yield "end-frame", {**_FRAME, **_KLING, **_END, "imageId": own}, (FIRST,)
        gone = ask(deletion(f"/init-image/{own}", "deleteInitImageById", ""))
        if gone is not None and gone.answer.get("delete_init_images_by_pk"):
            yield "deleted", {**_FRAME, "imageId": own}, (FIRST,)
    form = asked_form(ask)
    empty = upload_of(form).get("id") if form is not None else None
    if isinstance(empty, str):
        yield "not-uploaded", {**_FRAME, "imageId": empty}, (FIRST,)
    theirs = uploaded(ask, SECOND)
    if theirs:
        yield "foreign", {**_FRAME, "imageId": theirs}, (FIRST,)
    made = _job(ask(post(_TEXT, "", _VIDEO, step="first")))
    images = finished(ask, made).get("generated_images") if made else None
    if isinstance(images, list) and images and isinstance(images[0], dict):
        drawn = {**_FRAME, "imageId": images[0].get("id"), "imageType": "GENERATED"}
        yield "foreign-generated", drawn, SECOND


def _job(made: Any) -> str:
    """Return the id of a job that a reply gives, an empty text if it gives none."""
    if made is None or not made.is_success:
        return ""
    held = next(iter(made.answer.values()), None)
    identity = held.get("generationId") if isinstance(held, dict) else None
    return identity if isinstance(identity, str) else ""


def models(ask: Ask) -> Json:
    """Ask for a video from one image in everything that models offer, and do not."""
    own = uploaded(ask)
    for kind, table in (("accepted", FRAME_ACCEPTED), ("refused", FRAME_REFUSED)):
        for name, fields in table.items() if own else ():
            body = {"prompt": _VIDEO["prompt"], "imageId": own, "imageType": "UPLOADED", **fields}
            if "endFrameImage" in fields:
                body["endFrameImage"] = {"id": own, "type": "UPLOADED"}
            ask(post(_IMAGE, f"frames.{kind}", body, subject=name))
    if own:
        query = {"prompt": _VIDEO["prompt"], "imageId": own, "imageType": "UPLOADED"}
        ask(replace(post(_IMAGE, "frames.query", {}, query=query), body=None))
    return None


FILMS: Final[Mapping[str, tuple[float, tuple[int, int] | None]]] = {
    "VEO3-4s": (4, None),
    "VEO3-default": (8, None),
    "MOTION2FAST-480": (0, (832, 480)),
    "KLING2_5-portrait": (5, (1080, 1920)),
}  # fmt: skip
"""Films whose length in seconds (0: no source tells it), or width and height, were asked for."""

FETCHED: Final = ("VEO3-4s", "VEO3-default", "MOTION2FAST-480")
"""The smaller ones of them, whose files are looked into."""


def films(ask: Ask) -> Json:
    """Wait for videos of known length or size, and fetch them."""
    for name in FILMS:
        body = {"prompt": _VIDEO["prompt"], "isPublic": False, **ACCEPTED[name]}
        made = _job(ask(post(_TEXT, "films.job", body, subject=name)))
        ended = finished(ask, made, probe="films.end", subject=name) if made else {}
        images = ended.get("generated_images")
        first = images[0] if isinstance(images, list) and images else None
        url = first.get("motionMP4URL") if isinstance(first, dict) else None
        if ask.media and name in FETCHED and is_address(url):
            probe = Probe("GET", "", "", "films.file", url=url, credentials=(), subject=name)
            ask(probe)
    return None


def pages(ask: Ask) -> Json:
    """Fill the list beyond its first page, and read it in parts."""
    for _ in range(PAGED):
        ask(post(_TEXT, "", _VIDEO, step="page"))
    users = f"/generations/user/{USER}"
    ask(get(users, _LIST, "list.default"))
    ask(get(users, _LIST, "list.zero", query={"limit": "0"}))
    for turn in range(_TURNS):
        seen = []
        for name, offset, limit in (("before", 0, 8), ("inside", 3, 4), ("after", 0, 8)):
            query = {"offset": str(offset), "limit": str(limit)}
            probe = get(users, _LIST, f"list.window-{name}", query=query, subject=f"page-{turn}")
            found = ask(probe)
            seen.append(found.exchange.reply_body if found is not None else b"")
        if seen[0] == seen[2]:
            break
    return None
