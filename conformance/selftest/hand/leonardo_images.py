"""Leonardo's faults by hand around images and accounts: kinds, numbers, films, lists, tokens."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any, Final

import orjson

from conformance.media import png
from conformance.profiles import leonardo_uploads as uploads
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Memory, Reply, refusal

_PICTURE: Final = "createGeneration"
_UNZOOM: Final = "createVariationUnzoom"
_GET: Final = c.success("getGenerationById")
_LIST: Final = c.success("getGenerationsByUserId")
_ME: Final = c.success("getUserSelf")
_RUN: Final = "generations_by_pk"
_PRICE: Final = 200


def _body(operation: str, fits: Callable[[dict[str, Any]], bool], *, taken: bool) -> c.When:
    """Touch what an operation takes, or refuses, by its body."""
    came = c.success(operation) if taken else c.refused(operation)
    return c.both(came, lambda r: fits(r.body))


def _number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _is_odd(body: dict[str, Any]) -> bool:
    sides = [_number(body, name) for name in ("width", "height")]
    return any(0 < side < 32 or side % 8 for side in sides)


def _film(reading: Reading) -> bool:
    return c.media("GET")(reading) and reading.content_type == "video/mp4"


def _longer(body: bytes) -> bytes:
    """Return an MP4 whose movie header says that it plays twice as long."""
    at = body.find(b"mvhd") + 4
    if at < 4 or len(body) < at + 20 or body[at]:
        return body
    (length,) = struct.unpack(">I", body[at + 16 : at + 20])
    return body[: at + 16] + struct.pack(">I", length * 2) + body[at + 20 :]


def _narrower(body: bytes) -> bytes:
    """Return an MP4 whose first track says that it is 16 pixels wide."""
    name = body.find(b"tkhd")
    if name < 4:
        return body
    end = name - 4 + int(struct.unpack(">I", body[name - 4 : name])[0])
    return body[: end - 8] + struct.pack(">I", 16 << 16) + body[end - 4 :]


def _without(status: str) -> Change:
    def edit(document: Any, reading: Reading) -> Any:
        rows = document.get("generations", [])
        return {"generations": [row for row in rows if row.get("status") != status]}

    return c.edited(_LIST, edit)


def _films_alone(document: Any, reading: Reading) -> Any:
    """Leave out of a list the generations whose images do not move."""
    rows = document.get("generations", [])
    return {"generations": [row for row in rows if not _is_still(row)]}


def _is_still(row: dict[str, Any]) -> bool:
    images = row.get("generated_images") or [{"motionMP4URL": ""}]
    return all(image.get("motionMP4URL") is None for image in images)


def _for_years(document: Any, reading: Reading) -> Any:
    """Let a form be good for years."""
    form = document["uploadInitImage"]
    pairs = orjson.loads(form["fields"])
    for name in [each for each in pairs if each.lower() == "policy"]:
        policy = orjson.loads(base64.b64decode(pairs[name]))
        policy["expiration"] = "2099-01-01T00:00:00Z"
        pairs[name] = base64.b64encode(orjson.dumps(policy)).decode()
    form["fields"] = orjson.dumps(pairs).decode()
    return document


def _losing(loses: Callable[[Reading], str]) -> Change:
    """Take tokens of the second account for what names something, once for each name."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if not c.by_second(reading):
            return None
        name = loses(reading)
        if name:
            memory.notes[f"lost {name}"] = True
        if not _ME(reading):
            return None
        lost = _PRICE * sum(each.startswith("lost ") for each in memory.notes)
        return c.put(_ME, "user_details.[].apiPaidTokens", lambda n: n - lost)(reading, memory)

    return run


def _failed(reading: Reading) -> str:
    """Return the id of a generation that is read as failed."""
    held = reading.answer.get(_RUN)
    is_it = _GET(reading) and isinstance(held, dict) and held.get("status") == "FAILED"
    return reading.path if is_it else ""


def _refused(reading: Reading) -> str:
    """Return the body of a video that is refused."""
    is_it = c.refused("createTextToVideoGeneration", 400)(reading)
    return reading.exchange.request_body.decode(errors="replace") if is_it else ""


_IMAGE: Final = c.both(c.media("GET"), lambda r: r.content_type.startswith("image/"))
_NONE: Final[list[Any]] = []
ROWS: Final[tuple[tuple[str, str, str, Change], ...]] = (
    (_PICTURE, "no-seed-0", "refuses a seed of 0",
     c.answered(_body(_PICTURE, lambda b: "seed" in b and b["seed"] == 0, taken=True),
                lambda r, m: refusal(400))),
    (_PICTURE, "eight-wide", "makes eight images of any size",
     c.answered(_body(_PICTURE, lambda b: 4 < _number(b, "num_images") < 9, taken=False),
                c.as_success(_PICTURE))),
    (_PICTURE, "flux-any-seed", "takes the seeds of other models with Flux",
     c.answered(_body(_PICTURE, lambda b: _number(b, "seed") == 2147483638, taken=False),
                c.as_success(_PICTURE))),
    (_PICTURE, "odd-sides", "refuses an odd side in other words",
     c.answered(_body(_PICTURE, _is_odd, taken=False), lambda r, m: refusal(400))),
    (_PICTURE, "no-init-image", "makes no image of an uploaded one",
     c.answered(_body(_PICTURE, lambda b: bool(b.get("init_image_id")), taken=True),
                lambda r, m: refusal(400))),
    (_UNZOOM, "any-kind", "varies an image of any kind",
     c.answered(c.refused(_UNZOOM), c.as_success(_UNZOOM))),
    (_UNZOOM, "no-variation", "varies no variation",
     c.answered(_body(_UNZOOM, lambda b: b.get("isVariation") is True, taken=True),
                lambda r, m: refusal(400))),
    ("getGenerationById", "no-variations", "lists no variation of an image",
     c.put(_GET, f"{_RUN}.generated_images.[].generated_image_variation_generics", _NONE)),
    ("getGenerationById", "says-640", "says that every generation is 640 pixels wide",
     c.put(_GET, f"{_RUN}.imageWidth", 640)),
    ("", "film-longer", "plays twice as long as was asked",
     c.change(_film, c.rewritten(_longer))),
    ("", "film-narrower", "makes every film 16 pixels wide",
     c.change(_film, c.rewritten(_narrower))),
    ("getGenerationById", "strength-5", "tells a strength of five of everything",
     c.put(_GET, f"{_RUN}.motionStrength", lambda told: told and 5)),
    ("", "images-512", "makes every image 512 pixels wide and high",
     c.change(_IMAGE, c.body(png(512, 512), "image/png"))),
    ("", "still-films", "gives a picture for every film",
     c.change(_film, c.body(png(), "image/png"))),
    ("getGenerationsByUserId", "no-failed", "leaves out of lists what failed", _without("FAILED")),
    ("getGenerationsByUserId", "no-pending", "leaves out of lists what is pending",
     _without("PENDING")),
    ("getGenerationsByUserId", "no-images", "lists videos alone", c.edited(_LIST, _films_alone)),
    ("createVideoUpscale", "enlarges-more", "enlarges a video to 1080p too",
     c.answered(_body("createVideoUpscale", lambda b: b.get("resolution") == "RESOLUTION_1080",
                      taken=False), c.as_success("createVideoUpscale"))),
    ("uploadInitImage", "for-years", "signs a form that is good for years",
     c.edited(c.success("uploadInitImage"), _for_years)),
    ("getUserSelf", "not-refunded", "keeps the tokens of what failed", _losing(_failed)),
    ("getUserSelf", "refused-charged", "takes tokens for what it refuses", _losing(_refused)),
    ("pricingCalculator", "flat", "has one price for everything",
     c.put(c.success("pricingCalculator"), "calculateProductionApiServiceCost.cost", 25)),
    ("", "media-403", "refuses the form of a video file",
     c.change(
         c.both(lambda r: r.exchange.method == "POST" and r.operation is None,
                lambda r: uploads.FILM in r.exchange.request_body), c.status(403))),
)  # fmt: skip
