"""Leonardo's start frames: presigned forms, the storage that takes them, reading, deletion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import containers, jsontext
from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Rule, Tier
from conformance.profiles import leonardo as profile
from conformance.profiles import leonardo_probes as probes
from conformance.reading import Reading
from conformance.rules.leonardo_values import is_uuid

_SECOND: Final = frozenset({"second-key"})


def rules() -> Iterator[Rule]:
    """Yield the rules of uploads."""
    upload = "uploadInitImage"
    common: dict[str, Any] = {"area": "uploads", "drivers": ("lifecycle",), "tier": Tier.PAID}
    source = "[openapi: init-images] [docs: presigned URL guide]"
    yield Rule(
        f"leonardo.{upload}.form",
        "A presigned form has an id, a key, a URL, and the pairs of the form as a JSON object "
        "inside a text.",
        source,
        check=_form,
        operation=upload,
        area="uploads",
        drivers=("positive", "lifecycle"),
    )
    yield Rule(
        "leonardo.uploadMedia.form",
        "A presigned form for a video has an upload id, a URL, and its pairs as a JSON object "
        "inside a text.",
        "[openapi: media] [sdk-ts]",
        check=_media_form,
        operation="uploadMedia",
        area="uploads",
        drivers=("positive",),
    )
    yield Rule(
        f"leonardo.{upload}.stores",
        "The storage takes the form with the file, without an API key, and answers an empty 204.",
        source,
        check=_stored,
        operation=upload,
        **common,
    )
    yield Rule(
        f"leonardo.{upload}.no-key",
        "The storage answers 403 to an upload that carries the API key.",
        "[docs: API Error Messages]",
        check=_upload_with_key,
        operation=upload,
        cases=(Case("", Tier.FUZZ, required=False),),
        **common,
    )
    yield Rule(
        "leonardo.getInitImageById.uploaded",
        "An uploaded image can be read: its own id, when it was made, and a URL.",
        "[openapi: init-images]",
        check=_init_image,
        operation="getInitImageById",
        **common,
    )
    yield Rule(
        "leonardo.getInitImageById.file",
        "The URL of an uploaded image gives an image.",
        "[openapi: init-images] url",
        check=_init_file,
        operation="getInitImageById",
        needs=frozenset({"media"}),
        level=Level.SHOULD,
        **common,
    )
    yield Rule(
        "leonardo.getInitImageById.ownership",
        "Another account's key cannot read or delete an uploaded image.",
        "[docs: API FAQ] a key acts for its account",
        check=_init_ownership,
        operation="getInitImageById",
        needs=_SECOND,
        cases=(Case("read"), Case("delete")),
        **{**common, "area": "ownership"},
    )
    yield Rule(
        "leonardo.deleteInitImageById.gone",
        "Deleting an uploaded image names it, and then it is null or 404.",
        "[openapi: init-images]; unknown ids: null in the document, 404 in the catalogue",
        check=_init_deleted,
        operation="deleteInitImageById",
        **common,
    )


def _form(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("uploadInitImage"):
        held_form = probes.upload_of(reading)
        wrong = [name for name in ("id", "key", "url") if not isinstance(held_form.get(name), str)]
        wrong += [] if is_uuid(held_form.get("id")) else ["id"]
        wrong += [] if _is_form(held_form) else ["fields or url"]
        in_place = "uploadInitImage" in reading.answer and not wrong
        yield check(in_place, reading, f"the form is wrong in {', '.join(wrong) or 'its name'}")


def _media_form(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("uploadMedia"):
        form = probes.upload_of(reading)
        good = "uploadMedia" in reading.answer and is_uuid(form.get("uploadId")) and _is_form(form)
        yield check(good, reading, f"the form is {form!r}")


def _is_form(form: dict[str, Any]) -> bool:
    url, text = form.get("url"), form.get("fields")
    if not isinstance(url, str) or not isinstance(text, str):
        return False
    fields = jsontext.read(text.encode(errors="replace")).value
    is_flat = isinstance(fields, dict) and all(isinstance(each, str) for each in fields.values())
    return is_flat and bool(fields) and url.startswith(("http://", "https://"))


def _steps(evidence: Evidence, *steps: str) -> Iterator[Reading]:
    """Yield the readings of some steps of every journey that uploads."""
    for journey in profile.PROFILE.journeys:
        for journal in evidence.journeys(journey.name):
            yield from journal.steps(*steps)


def _stored(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "upload"):
        good = reading.status == 204 and not reading.exchange.reply_body
        yield check(good, reading, f"the upload got {reading.status}, not an empty 204")


def _upload_with_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "upload-authorized"):
        if reading.exchange.request_header("authorization") is not None:
            yield check(reading.status == 403, reading, f"got {reading.status}, not 403")


def _row(reading: Reading) -> dict[str, Any] | None:
    row = reading.answer.get("init_images_by_pk")
    return row if isinstance(row, dict) else None


def _init_image(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "stored"):
        row = _row(reading) or {}
        url = row.get("url")
        same = row.get("id") == reading.path_values.get("id") and isinstance(
            row.get("createdAt"), str
        )
        good = same and isinstance(url, str) and url.startswith(("http://", "https://"))
        yield check(good, reading, f"the uploaded image reads {row or reading.answer!r}")


def _init_file(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "stored-file"):
        kind = containers.kind_of(reading.exchange.reply_body)
        good = reading.status == 200 and kind.startswith("image/")
        yield check(good, reading, f"the URL gave {reading.status} and {kind or 'no image'}")


def _init_ownership(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "foreign-read"):
        yield check(_row(reading) is None, reading, "another account's key read it", "read")
    for reading in _steps(evidence, "foreign-delete"):
        named = reading.answer.get("delete_init_images_by_pk")
        yield check(named is None, reading, "another account's key deleted it", "delete")


def _init_deleted(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "delete"):
        if reading.operation is None or reading.operation.id != "deleteInitImageById":
            continue
        named = reading.answer.get("delete_init_images_by_pk")
        good = isinstance(named, dict) and named.get("id") == reading.path_values.get("id")
        yield check(good, reading, f"the deletion says {named!r} ({reading.status})")
    for reading in _steps(evidence, "deleted"):
        if reading.operation is not None and reading.operation.id == "getInitImageById":
            gone = reading.status in (200, 404) and _row(reading) is None
            yield check(gone, reading, "a deleted image can still be read")
