"""The stories of Leonardo's uploads: presigned forms, forms that were tampered with, start frames.

A story is a journey's preparation: it asks one thing after the other. Nothing here is judged.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeGuard

from conformance import jsontext
from conformance.media import png
from conformance.model import Tier
from conformance.probe import FIRST, Probe, json_body
from conformance.profile import Ask, Json
from conformance.profiles.leonardo_probes import (
    SECOND,
    deletion,
    filled,
    get,
    post,
    refused_deletions,
)
from conformance.reading import Reading

_BOUNDARY: Final = "understudy-form-boundary"
EXTENSIONS: Final = ("png", "jpg", "jpeg", "webp")
"""Kinds of images [openapi: init-images]."""

TAMPERED: Final = ("signature", "unsigned", "policy", "key")
"""What is changed in a presigned form: the signature, or what it signs."""

UNMADE: Final = {"no-file": "", "other-part": "picture"}
"""Forms without a part named file, and how what is there in its place is named."""


def probes() -> Iterator[Probe]:
    """Yield a request for a form of each kind; forms cost nothing."""
    for name in EXTENSIONS:
        body = {"extension": name}
        yield post("uploadInitImage", "uploads.extension", body, tier=Tier.FREE, subject=name)


def with_upload(body: Json, *fields: str) -> Callable[[Ask], Json]:
    """Return a journey's preparation: upload an image and put its id into some fields."""

    def prepare(ask: Ask) -> Json:
        identity = uploaded(ask)
        return filled(body, fields, identity) if identity else None

    return prepare


def uploaded(ask: Ask, credentials: tuple[tuple[str, str], ...] = (FIRST,)) -> str:
    """Upload an image by a form of its own; returns its id, an empty text if it was not taken."""
    return _upload(ask, asked_form(ask, credentials))


def asked_form(ask: Ask, credentials: tuple[tuple[str, str], ...] = (FIRST,)) -> Reading | None:
    """Ask for a presigned form."""
    probe = post("uploadInitImage", "", {"extension": "png"}, step="form", credentials=credentials)
    return ask(probe)


def start_frame(ask: Ask) -> Json:
    """Tell the whole story of an uploaded image, from the form to its deletion; creates nothing."""
    form = asked_form(ask)
    for wrong in _wrong_uploads(upload_of(form)) if form is not None else ():
        ask(wrong)
    identity = _upload(ask, form)
    if not identity or form is None:
        return None
    path = f"/init-image/{identity}"
    authorized = form_post(upload_of(form), "upload-authorized", credentials=(FIRST,))
    if authorized is not None:
        ask(authorized)
    film = ask(post("uploadMedia", "", {"extension": "mp4"}, step="form"))
    sent = form_post(upload_of(film), "upload-media", content=FILM) if film is not None else None
    if sent is not None:
        ask(sent)
    stored = ask(get(path, "getInitImageById", "", step="stored"))
    row = (stored.answer if stored else {}).get("init_images_by_pk")
    url = row.get("url") if isinstance(row, dict) else None
    if is_address(url):
        ask(Probe("GET", "", "", "", url=url, credentials=(), step="stored-file"))
    ask(get(path, "getInitImageById", "", step="foreign-read", credentials=SECOND))
    for refused in refused_deletions(path, "deleteInitImageById"):
        ask(refused)
    for probe in _deletions(path):
        ask(probe)
    return None


def _deletions(path: str) -> Iterator[Probe]:
    """Yield the deletion of an upload by somebody else, by its owner, and once more."""
    read, delete = "getInitImageById", "deleteInitImageById"
    for step, credentials, then in (
        ("foreign-delete", SECOND, "survived"),
        ("delete", (FIRST,), "deleted"),
    ):
        yield deletion(path, delete, "", credentials, step=step)
        yield get(path, read, "", step=then)
    yield deletion(path, delete, "", step="delete-again")


def upload_of(reading: Reading) -> dict[str, Any]:
    """Return the presigned form of a reply, empty if there is none."""
    held = next(iter(reading.answer.values()), None)
    return held if isinstance(held, dict) else {}


def is_address(url: object) -> TypeGuard[str]:
    """Whether something is an absolute address of HTTP, which alone can be sent to."""
    return isinstance(url, str) and url.startswith(("http://", "https://"))


def _upload(ask: Ask, form: Reading | None) -> str:
    """Post an image by a presigned form; returns its id, an empty text if it was not taken."""
    held = upload_of(form) if form is not None else {}
    probe = form_post(held, "upload")
    reading = ask(probe) if probe is not None else None
    identity = held.get("id")
    if reading is None or not reading.is_success or not isinstance(identity, str):
        return ""
    return identity


def _wrong_uploads(held: dict[str, Any]) -> Iterator[Probe]:
    """Yield uploads that nobody has signed, and one that is no form at all."""
    fields = pairs_of(held)
    for kind in TAMPERED:
        changed = _tampered(fields, kind)
        probe = form_post(held, "upload-tampered", changed, subject=kind) if changed else None
        if probe is not None:
            yield probe
    for name, changed in _changed_pairs(fields):
        probe = form_post(held, "upload-changed", changed, subject=name)
        if probe is not None:
            yield probe
    for kind, part in UNMADE.items():
        probe = form_post(held, "upload-unmade", subject=kind, part=part)
        if probe is not None:
            yield probe
    url = held.get("url")
    if is_address(url) and fields:
        body = json_body({**fields, "file": base64.b64encode(PICTURE).decode()})
        yield Probe(
            "POST", "", "", "", url=url, credentials=(), step="upload-as-json", body=body
        )  # fmt: skip


def _changed_pairs(fields: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the form without each of its pairs, with another value in each, and with one more."""
    for name, value in fields.items():
        yield f"no {name}", {each: held for each, held in fields.items() if each != name}
        yield f"other {name}", {**fields, name: f"{value}x"}
    yield "one more", {**fields, "x-amz-meta-extra": "1"}


def _tampered(fields: Mapping[str, str], kind: str) -> dict[str, str]:
    """Return the pairs of a form with one changed, empty if it has none of that kind."""
    wanted = "signature" if kind == "unsigned" else kind
    name = next((each for each in fields if _word(each) == wanted), "")
    value = fields.get(name, "")
    if not value:
        return {}
    if kind == "unsigned":
        return {each: held for each, held in fields.items() if each != name}
    if kind == "key":
        folder, slash, file = value.rpartition("/")
        return {**fields, name: f"{folder}{slash}other-{file}"}
    middle = len(value) // 2
    turned = "0" if value[middle] != "0" else "1"
    return {**fields, name: value[:middle] + turned + value[middle + 1 :]}


def _word(name: str) -> str:
    """Return what a pair of a form is, without the prefix of a storage's own."""
    word = name.lower().rpartition("-")[2]
    return "" if word == "key" != name.lower() else word


def pairs_of(held: dict[str, Any]) -> dict[str, str]:
    """Return the pairs of a presigned form, empty if they are no object inside a text."""
    text = held.get("fields")
    found = jsontext.read(text.encode(errors="replace")).value if isinstance(text, str) else None
    if not isinstance(found, dict):
        return {}
    return {name: value if isinstance(value, str) else str(value) for name, value in found.items()}


def form_post(
    held: dict[str, Any],
    step: str,
    fields: Mapping[str, str] | None = None,
    *,
    credentials: tuple[tuple[str, str], ...] = (),
    subject: str = "",
    content: bytes | None = None,
    part: str = "file",
) -> Probe | None:
    """Return the upload that a presigned form asks for: its pairs first, the file last.

    `content` is another file, `part` another name of it; an empty name sends none.
    """
    url = held.get("url")
    pairs = pairs_of(held) if fields is None else fields
    if not is_address(url) or not pairs:
        return None
    mark = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
    parts = [f'{mark}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in pairs.items()]
    head = f'{mark}"{part}"; filename="frame.png"\r\nContent-Type: image/png\r\n\r\n'.encode()
    file = head + (PICTURE if content is None else content) if part else b""
    end = f"\r\n--{_BOUNDARY}--\r\n".encode()
    headers = (("content-type", f"multipart/form-data; boundary={_BOUNDARY}"),)
    return Probe(
        "POST", "", "", "", url=url, headers=headers, step=step, credentials=credentials,
        body=b"".join(parts) + file + end, subject=subject,
    )  # fmt: skip


PICTURE: Final = png()
"""The image that is uploaded."""

FILM: Final = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 512, b"isom") + struct.pack(
    ">I4s", 8, b"mdat"
)
"""The beginning of an MP4."""


def lifetime_seconds(held: dict[str, Any]) -> float | None:
    """Return how long a form is good by its own policy and date, None if it does not say both."""
    pairs = {_word(name): value for name, value in pairs_of(held).items()}
    try:
        policy = jsontext.read(base64.b64decode(pairs.get("policy", ""))).value
        ends = datetime.fromisoformat(str(policy["expiration"]))
        begins = datetime.strptime(pairs.get("date", ""), "%Y%m%dT%H%M%S%z")
        return (ends - begins).total_seconds()
    except (ValueError, KeyError, TypeError):
        return None
