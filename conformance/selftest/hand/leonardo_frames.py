"""Leonardo's faults by hand around images: uploads, their storage, and what starts from them."""

from __future__ import annotations

from typing import Final

from conformance.media import png
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Memory, Reply, refusal

_UPLOAD: Final = c.success("uploadInitImage")
_READ: Final = c.success("getInitImageById")
_DELETE: Final = c.success("deleteInitImageById")
_VIDEO: Final = "createImageToVideoGeneration"
_UUID: Final = "99999999-9999-4999-8999-999999999999"
_TAKEN: Final = Reply(204)


def storage(reading: Reading) -> bool:
    """Touch what is posted to the storage."""
    is_post = reading.operation is None and reading.exchange.method == "POST"
    return is_post and "uploads" in reading.path


def _refused_by_storage(kind: str) -> c.When:
    """Touch what the storage refuses: with a key, as JSON, or a form that nobody has signed."""

    def run(reading: Reading) -> bool:
        has_key = reading.exchange.request_header("authorization") is not None
        is_json = reading.exchange.request_header("content-type") == "application/json"
        found = "key" if has_key else "json" if is_json else "form"
        return storage(reading) and reading.status >= 400 and found == kind

    return run


def _taken(kind: str) -> Change:
    return c.answered(_refused_by_storage(kind), lambda r, m: _TAKEN)


def _kept(reading: Reading) -> bool:
    return c.media("GET")(reading) and "uploads" in reading.path


def _flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


def _deleted_by_anybody(reading: Reading, memory: Memory) -> Reply | None:
    """Say null to a foreign deletion, and delete all the same."""
    if _DELETE(reading) and c.by_second(reading):
        memory.notes[reading.path] = True
    if _READ(reading) and memory.notes.get(reading.path):
        return Reply.of(reading.exchange).json({"init_images_by_pk": None})
    return None


def _deleted_for_ever(reading: Reading, memory: Memory) -> Reply | None:
    """Say that an image was deleted, as often as it is."""
    if not _DELETE(reading) or c.by_second(reading):
        return None
    named = {"id": reading.path_values.get("id")}
    return Reply.of(reading.exchange).json({"delete_init_images_by_pk": named})


def _asks_for(kind: str) -> c.When:
    return c.both(_UPLOAD, lambda r: r.body.get("extension") == kind)


ROWS: Final[tuple[tuple[str, str, str, Change], ...]] = (
    ("uploadInitImage", "same-id", "gives every upload the same id",
     c.put(_UPLOAD, "uploadInitImage.id", _UUID)),
    ("uploadInitImage", "same-key", "gives every upload the same key",
     c.put(_UPLOAD, "uploadInitImage.key", "users/1/initImages/frame.png")),
    ("uploadInitImage", "no-webp", "has no form for a WebP",
     c.answered(_asks_for("webp"), lambda r, m: refusal(400))),
    ("", "storage-with-key", "stores an upload that carries the API key", _taken("key")),
    ("", "storage-of-json", "stores an upload in JSON", _taken("json")),
    ("", "storage-unsigned", "stores whatever form it is sent", _taken("form")),
    ("", "upload-403", "refuses the form it gave", c.change(storage, c.status(403))),
    ("", "upload-200", "answers an upload with a page",
     c.change(storage, lambda reply: Reply(200, (("content-type", "text/html"),), b"<p>ok"))),
    ("", "kept-cut", "gives the first half of an uploaded image",
     c.change(_kept, c.rewritten(lambda body: body[: len(body) // 2]))),
    ("", "kept-flipped", "gives an uploaded image with a bit turned",
     c.change(_kept, c.rewritten(_flipped))),
    ("", "kept-octets", "says application/octet-stream of an uploaded image",
     c.change(_kept, c.header("content-type", "application/octet-stream"))),
    ("", "kept-small", "gives a thumbnail of an uploaded image",
     c.change(_kept, c.body(png(16, 16), "image/png"))),
    ("", "kept-other", "gives another image of the same size",
     c.change(_kept, c.body(png(colour=b"\x10\x20\x30"), "image/png"))),
    ("", "kept-jpeg", "says image/jpeg of an uploaded PNG",
     c.change(_kept, c.header("content-type", "image/jpeg"))),
    ("deleteInitImageById", "by-anybody", "deletes another account's image, and says it did not",
     _deleted_by_anybody),
    ("deleteInitImageById", "again", "says so too when an image was deleted before",
     _deleted_for_ever),
    (_VIDEO, "anything-goes", "takes whatever image and model it must refuse",
     c.answered(c.refused(_VIDEO, 400), c.as_success(_VIDEO))),
    (_VIDEO, "nothing-goes", "refuses every image and model",
     c.answered(c.success(_VIDEO), lambda r, m: refusal(400))),
)  # fmt: skip
