"""Leonardo's start frames: presigned forms, reading, deletion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import containers, jsontext
from conformance.evidence import Evidence, broken, check, held
from conformance.model import Case, Finding, Tier
from conformance.profiles import leonardo_uploads as uploads
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules import leonardo_storage
from conformance.rules.leonardo_storage import steps
from conformance.rules.leonardo_values import is_uuid

_SECOND: Final = frozenset({"second-key"})
_UPLOAD, _READ, _DELETE = "uploadInitImage", "getInitImageById", "deleteInitImageById"
_GUIDE: Final = "[docs: presigned URL guide]"


def rules() -> Iterator[Rule]:
    """Yield the rules of uploads."""
    yield from _form_rules()
    yield from leonardo_storage.rules()
    yield from _image_rules()
    yield from _deletion_rules()


def _form_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "uploads", "operation": _UPLOAD}
    yield Rule(
        f"leonardo.{_UPLOAD}.form",
        "A presigned form has an id, a key, a URL, and the pairs of the form as a JSON object "
        "inside a text.",
        f"[openapi: init-images] {_GUIDE}",
        check=_form,
        drivers=("positive", "lifecycle"),
        **common,
    )
    yield Rule(
        "leonardo.uploadMedia.form",
        "A presigned form for a video has an upload id, a URL, and its pairs as a JSON object "
        "inside a text.",
        "[openapi: media] [sdk-ts]",
        check=_media_form,
        drivers=("positive",),
        **{**common, "operation": "uploadMedia"},
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.unique",
        "No two presigned forms have the same id, or the same key: each is a place of its own.",
        f"[openapi: init-images] id, key; {_GUIDE}",
        check=_unique,
        drivers=("positive", "lifecycle", "generator"),
        **common,
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.extensions",
        "There is a form for every kind of image that the documents name.",
        f"[openapi: init-images] extension; {_GUIDE}",
        check=_extensions,
        drivers=("modes",),
        cases=tuple(Case(name) for name in uploads.EXTENSIONS),
        **common,
    )


def _image_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "uploads", "drivers": ("lifecycle",), "tier": Tier.PAID, "operation": _READ,
    }  # fmt: skip
    yield Rule(
        f"leonardo.{_READ}.uploaded",
        "An uploaded image can be read: its own id, when it was made, and a URL.",
        "[openapi: init-images]",
        check=_init_image,
        **common,
    )
    media = frozenset({"media"})
    yield Rule(
        f"leonardo.{_READ}.file",
        "The URL of an uploaded image gives an image of the size that was uploaded, whole, and "
        "says that it is one.",
        "[openapi: init-images] url",
        check=_init_file,
        needs=media,
        **common,
    )
    yield Rule(
        f"leonardo.{_READ}.file-same",
        "The URL of an uploaded image gives the bytes that were uploaded, as the type that was "
        "announced.",
        f"{_GUIDE} the bytes match the extension; that they are kept as they came is assumed",
        check=_init_file_same,
        needs=media,
        provenance="assumed",
        **common,
    )
    yield Rule(
        f"leonardo.{_READ}.ownership",
        "Another account's key cannot read or delete an uploaded image: it is there as before.",
        "[docs: API FAQ] a key acts for its account",
        check=_init_ownership,
        needs=_SECOND,
        cases=(Case("read"), Case("delete")),
        **{**common, "area": "ownership"},
    )


def _deletion_rules() -> Iterator[Rule]:
    yield Rule(
        f"leonardo.{_DELETE}.gone",
        "Deleting an uploaded image names it; then it is null or 404, and cannot be deleted again.",
        "[openapi: init-images]; unknown ids: null in the document, 404 in the catalogue",
        "uploads",
        _init_deleted,
        operation=_DELETE,
        tier=Tier.PAID,
        drivers=("lifecycle",),
        cases=(Case("named"), Case("read"), Case("again")),
    )


def _form(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("uploadInitImage"):
        held_form = uploads.upload_of(reading)
        wrong = [name for name in ("id", "key", "url") if not isinstance(held_form.get(name), str)]
        wrong += [] if is_uuid(held_form.get("id")) else ["id"]
        wrong += [] if _is_form(held_form) else ["fields or url"]
        in_place = "uploadInitImage" in reading.answer and not wrong
        yield check(in_place, reading, f"the form is wrong in {', '.join(wrong) or 'its name'}")


def _media_form(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("uploadMedia"):
        form = uploads.upload_of(reading)
        good = "uploadMedia" in reading.answer and is_uuid(form.get("uploadId")) and _is_form(form)
        yield check(good, reading, f"the form is {form!r}")


def _is_form(form: dict[str, Any]) -> bool:
    pairs = jsontext.read(str(form.get("fields")).encode(errors="replace")).value
    is_text = isinstance(form.get("fields"), str)
    is_flat = isinstance(pairs, dict) and all(isinstance(each, str) for each in pairs.values())
    return is_text and is_flat and bool(pairs) and uploads.is_address(form.get("url"))


def _unique(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Reading] = {}
    for reading in evidence.successes(_UPLOAD):
        form = uploads.upload_of(reading)
        for place in [(n, form[n]) for n in ("id", "key") if isinstance(form.get(n), str)]:
            if place in seen:
                yield broken(reading, f"{place[0]} {place[1]} was given before", "", seen[place])
            else:
                seen[place] = reading
                yield held(reading)


def _extensions(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("uploads.extension"):
        name = reading.exchange.subject
        yield check(reading.is_success, reading, f"{name} got {reading.status}", name)


def _row(reading: Reading) -> dict[str, Any] | None:
    row = reading.answer.get("init_images_by_pk")
    return row if isinstance(row, dict) else None


def _init_image(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "stored"):
        row = _row(reading) or {}
        url = row.get("url")
        same = row.get("id") == reading.path_values.get("id") and isinstance(
            row.get("createdAt"), str
        )
        good = same and isinstance(url, str) and url.startswith(("http://", "https://"))
        yield check(good, reading, f"the uploaded image reads {row or reading.answer!r}")


def _init_file(evidence: Evidence) -> Iterator[Finding]:
    wanted = containers.size_pixels(uploads.PICTURE)
    for reading in steps(evidence, "stored-file"):
        content, said = reading.exchange.reply_body, reading.content_type
        size = containers.size_pixels(content)
        good = reading.status == 200 and containers.kind_of(content).startswith("image/")
        good = good and said.startswith("image/") and size in (None, wanted)
        words = f"{reading.status}, {said or 'no content type'}, size {size}"
        yield check(good, reading, f"the URL gave no whole image of its size: {words}")


def _init_file_same(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "stored-file"):
        if reading.status == 200:
            same = reading.exchange.reply_body == uploads.PICTURE
            words = f"{'the same' if same else 'other'} bytes as {reading.content_type!r}"
            yield check(same and reading.content_type == "image/png", reading, words)


def _init_ownership(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "foreign-read"):
        yield check(_row(reading) is None, reading, "another account's key read it", "read")
    for reading in steps(evidence, "foreign-delete"):
        named = reading.answer.get("delete_init_images_by_pk")
        yield check(named is None, reading, "another account's key deleted it", "delete")
    tried = [each.path for each in steps(evidence, "foreign-delete")]
    for reading in steps(evidence, "survived"):
        if reading.path in tried:
            there = _row(reading) is not None
            yield check(there, reading, "it is gone after another account's deletion", "delete")


def _init_deleted(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "delete", "delete-again"):
        if reading.operation is None or reading.operation.id != _DELETE:
            continue
        named = reading.answer.get("delete_init_images_by_pk")
        if reading.exchange.step == "delete":
            good = isinstance(named, dict) and named.get("id") == reading.path_values.get("id")
            yield check(good, reading, f"the deletion says {named!r} ({reading.status})", "named")
        else:
            good = reading.status in (200, 404) and named is None
            yield check(good, reading, f"a second deletion says {named!r}", "again")
    for reading in steps(evidence, "deleted"):
        if reading.operation is not None and reading.operation.id == _READ:
            gone = reading.status in (200, 404) and _row(reading) is None
            yield check(gone, reading, "a deleted image can still be read", "read")
