"""Presigned uploads: the form that fills a place made by a provider, and the file served again.

Answers as the storage behind the vendors does (XML errors, an empty 204); knows no vendor.
"""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from html import escape
from typing import NamedTuple

from msgspec.structs import replace
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.core.assets import UPLOAD_LIMIT_BYTES, UPLOADS, Upload
from simulator.core.errors import MalformedBody, TooLarge
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.house import House
from simulator.http.asgi import read_body
from simulator.http.ranges import ranged

_OPEN = {"access-control-allow-origin": "*"}
_FIELDS_BYTES = 1024 * 1024
"""How much the form may hold beside its file."""


class Form(NamedTuple):
    """A posted form: the fields before the file, and the file (None if there was none)."""

    fields: Mapping[str, str]
    file: bytes | None


class Refused(Exception):
    """A form that the storage does not take: status, code and message of its XML."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def routes(house: House) -> list[BaseRoute]:
    """The routes of uploads, for every provider and tenant."""
    path = "/_assets/{provider}/{tenant}/uploads"

    async def post(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_preflight("POST"))
        tenant = await house.tenant(request.path_params["tenant"])
        if tenant is None:
            return _xml(Refused(404, "NoSuchBucket", "The specified bucket does not exist"))
        try:
            return await _store(request, tenant)
        except Refused as error:
            return _xml(error)

    async def get(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_preflight("GET, HEAD"))
        tenant = await house.tenant(request.path_params["tenant"])
        upload = None if tenant is None else await _stored(request, tenant)
        if upload is None or upload.content is None:
            return _xml(Refused(404, "NoSuchKey", "The specified key does not exist."))
        reply = ranged(request, upload.content, upload.content_type)
        reply.headers.update(_OPEN)
        return reply

    return [
        Route(path, post, methods=["POST", "OPTIONS"]),
        Route(f"{path}/{{upload}}.{{extension}}", get, methods=["GET", "HEAD", "OPTIONS"]),
    ]


def _preflight(methods: str) -> dict[str, str]:
    """Any page may upload and read: the form is the permission."""
    allowed = f"{methods}, OPTIONS"
    headers = {"access-control-allow-methods": allowed, "access-control-allow-headers": "*"}
    return {**_OPEN, **headers, "access-control-max-age": "86400", "allow": allowed}


async def _store(request: Request, tenant: Tenant) -> Response:
    """Judge a form and keep its file; raises `Refused`."""
    if "authorization" in request.headers:
        raise Refused(403, "AccessDenied", "Only one auth mechanism allowed")
    form = await _posted_form(request)
    key = form.fields.get("key", "")
    upload_id = key.rpartition("/")[2].partition(".")[0]
    provider = request.path_params["provider"]
    content = form.file

    async def work(tx: Tx) -> None:
        upload = await tx.get(UPLOADS, upload_id)
        if upload is None or upload.provider != provider:
            raise Refused(403, "AccessDenied", "Access Denied")
        _judge(upload, form, await tenant.time_in(tx))
        await tx.put(UPLOADS, upload_id, replace(upload, content=content))

    await tenant.transact(work)
    etag = hashlib.md5(content or b"", usedforsecurity=False).hexdigest()
    location = f"{request.url.scheme}://{request.url.netloc}{request.url.path}/{key}"
    headers = {
        **_OPEN,
        "etag": f'"{etag}"',
        "location": location.encode("ascii", "ignore").decode(),
    }
    return Response(status_code=204, headers=headers)


def _judge(upload: Upload, form: Form, now_ms: int) -> None:
    """Raise `Refused` unless the form is the one that was handed out, in time and with a file."""
    if now_ms >= upload.expires_at_ms:
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    for name, value in upload.fields.items():
        if form.fields.get(name) != value:
            message = f'Invalid according to Policy: Policy Condition failed: ["eq", "${name}"]'
            raise Refused(403, "AccessDenied", message)
    extra = [name for name in form.fields if name not in upload.fields]
    if extra:
        message = f"Invalid according to Policy: Extra input fields: {extra[0]}"
        raise Refused(403, "AccessDenied", message)
    if form.file is None:
        message = "POST requires exactly one file upload per request."
        raise Refused(400, "InvalidArgument", message)


async def _posted_form(request: Request) -> Form:
    """Read a multipart form; what comes after its file is ignored."""
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if media_type.strip().lower() != "multipart/form-data":
        message = "Bucket POST must be of the enclosure-type multipart/form-data"
        raise Refused(412, "PreconditionFailed", message)
    limit_bytes = UPLOAD_LIMIT_BYTES + _FIELDS_BYTES
    try:
        raw = await read_body(request.receive, limit_bytes)
    except TooLarge:
        raise _too_large() from None
    except MalformedBody:
        message = "The request body terminated unexpectedly"
        raise Refused(400, "IncompleteBody", message) from None

    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw
        yield b""

    parser = MultiPartParser(request.headers, stream())
    try:
        return await _read(await parser.parse())
    except (MultiPartException, KeyError, ValueError):
        message = "The body of your POST request is not well-formed multipart/form-data."
        raise Refused(400, "MalformedPOSTRequest", message) from None
    finally:
        for file in parser._files_to_close_on_error:  # its form lacks what a broken body began
            file.close()


async def _read(form: FormData) -> Form:
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if name == "file":
            content = value.encode() if isinstance(value, str) else await value.read()
            if len(content) > UPLOAD_LIMIT_BYTES:
                raise _too_large()
            return Form(fields, content)
        if isinstance(value, UploadFile):
            # A file of another name is not the one that the form is about.
            continue
        fields[name] = value
    return Form(fields, None)


async def _stored(request: Request, tenant: Tenant) -> Upload | None:
    """The upload that a path names, if it is of that provider and kind."""
    values = request.path_params

    async def work(tx: Tx) -> Upload | None:
        return await tx.get(UPLOADS, values["upload"])

    upload = await tenant.transact(work)
    if upload is None or upload.provider != values["provider"]:
        return None
    return upload if upload.extension == values["extension"] else None


def _too_large() -> Refused:
    message = "Your proposed upload exceeds the maximum allowed size"
    return Refused(400, "EntityTooLarge", message)


def _xml(error: Refused) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
    )
    content = body.encode("utf-8", "replace")
    return Response(content, error.status, _OPEN, media_type="application/xml")
