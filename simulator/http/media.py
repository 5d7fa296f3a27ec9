"""The files that replies link to: what runs have made, and the providers' own samples.

A run's file is rendered by the studio when it is first asked for; without a studio, and for every
sample, there is one small file of each kind. What clients upload is the business of `uploads`.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulator import resources
from simulator.core import runs
from simulator.core.assets import PICTURES, MediaSpec, link_signature
from simulator.core.runs import RUNS, Run
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.house import House
from simulator.http.ranges import is_held, ranges_of
from simulator.media.assets import Asset
from simulator.media.studio import Studio

CONTENT_TYPES: Mapping[str, str] = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
}
"""The extensions that there are files of."""

_POSTERS = frozenset({"jpg", "jpeg", "png", "webp"})
_SAMPLES_MADE_AT_S = 1_767_225_600
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
}
_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "Range, If-Range, If-None-Match",
    "access-control-max-age": "86400",
    "allow": "GET, HEAD, OPTIONS",
}
_EXPIRED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
)
_LONGEST_TIME = 12


class _File(FileResponse):
    """Starlette's, but in fewer pieces (each costs a turn of a thread), and for all who ask oddly.

    A Range header that is not to be heeded gets the whole file, and not a refusal.
    """

    chunk_size = 256 * 1024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or the parts of it that are asked for."""
        if (wanted := Headers(scope=scope).get("range")) is not None:
            headers = [pair for pair in scope["headers"] if pair[0] != b"range"]
            if ranges := ranges_of(wanted):
                told = ",".join(f"{first}-{last}" for first, last in ranges)
                headers.append((b"range", f"bytes={told}".encode()))
            scope = {**scope, "headers": headers}
        await super().__call__(scope, receive, send)


class _Rendered(Response):
    """A file of the studio, sent from where it lies and held there while it is sent."""

    def __init__(self, studio: Studio, tenant: Tenant, asset: Asset, options: Any) -> None:
        self.background = None
        self._studio = studio
        self._tenant = tenant
        self._asset = asset
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._studio.file(self._asset, self._picture) as path:
            reply = _File(path, stat_result=os.stat(path), **self._options)
            await reply(scope, receive, send)

    async def _picture(self) -> bytes | None:
        picture_id = self._asset.spec.picture

        async def work(tx: Tx) -> bytes | None:
            picture = await tx.get(PICTURES, picture_id)
            return None if picture is None else picture.content

        return await self._tenant.transact(work) if picture_id else None


def routes(house: House, studio: Studio | None) -> list[Route]:
    """The routes of produced files and samples, for every provider and tenant."""

    async def produced(request: Request) -> Response:
        is_open = _is_open(house, request)
        if request.method == "OPTIONS":
            return _preflight(is_open=is_open)
        tenant = await house.tenant(request.path_params["tenant"])
        found = None if tenant is None else await _made(tenant, request.path_params)
        if tenant is None or found is None:
            return _nothing(request, is_open=is_open)
        run, ended_at_ms = found
        if not await _is_permitted(house, tenant, request):
            headers = _OPEN if is_open else {}
            return Response(_EXPIRED, 403, headers, media_type="application/xml")
        extension = request.path_params["extension"]
        if studio is None:
            return _sample(request, extension, ended_at_ms // 1000, is_open=is_open)
        asset = _asset(run, int(request.path_params["index"]), extension, tenant.seed)
        name = f"{run.id}-{asset.index}.{extension}"
        options = _options(asset.key, extension, ended_at_ms // 1000, name, is_open=is_open)
        return _unless_held(request, options) or _Rendered(studio, tenant, asset, options)

    async def sample(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _preflight(is_open=True)
        values = request.path_params
        is_known = values["provider"] in house.providers and values["extension"] in CONTENT_TYPES
        if not is_known or await house.tenant(values["tenant"]) is None:
            return _nothing(request, is_open=True)
        return _sample(request, values["extension"], _SAMPLES_MADE_AT_S, is_open=True)

    methods = ["GET", "HEAD", "OPTIONS"]
    base = "/_assets/{provider}/{tenant}"
    return [
        Route(f"{base}/runs/{{run}}/{{index}}.{{extension}}", produced, methods=methods),
        Route(f"{base}/samples/{{name:path}}.{{extension}}", sample, methods=methods),
    ]


async def _made(tenant: Tenant, values: Mapping[str, str]) -> tuple[Run, int] | None:
    """The run that a path names, and when it had made the file; None if it has not."""

    async def work(tx: Tx) -> tuple[Run, int] | None:
        run = await tx.get(RUNS, values["run"])
        if run is None or run.provider != values["provider"]:
            return None
        if not _makes(run, values["index"], values["extension"]):
            return None
        status = runs.status_at(run, await tenant.time_in(tx))
        if status.state != "completed" or status.ended_at_ms is None:
            return None
        return run, status.ended_at_ms

    return await tenant.transact(work)


def _makes(run: Run, index: str, extension: str) -> bool:
    """Whether a run has such an output, or a video of which this is the poster."""
    place = next((n for n in range(len(run.outputs)) if str(n) == index), None)
    if place is None or extension not in CONTENT_TYPES:
        return False
    output = run.outputs[place]
    is_poster = output.media == "video" and extension in _POSTERS
    return extension == output.extension or is_poster


def _asset(run: Run, index: int, extension: str, seed: str) -> Asset:
    """All that a run tells of one of its files."""
    spec: MediaSpec = run.outputs[index]
    return Asset(
        run.provider,
        run.mode,
        run.model,
        run.id,
        _prompt(run),
        spec,
        extension,
        index,
        len(run.outputs),
        seed,
    )


def _prompt(run: Run) -> str:
    """The text that a run was asked with, wherever its request has it."""
    request = run.decoded_request()
    places = (request, request.get("body"), run.details) if isinstance(request, dict) else ()
    texts = (place.get("prompt") for place in places if isinstance(place, dict))
    return next((text for text in texts if isinstance(text, str)), "")


async def _is_permitted(house: House, tenant: Tenant, request: Request) -> bool:
    """Whether a link is good: always, or signed and not expired where the vendor's expire.

    A link that says when it expires is held to it, whoever the vendor is.
    """
    values, query = request.path_params, request.query_params
    lifetime_ms = house.providers[values["provider"]].hosting.lifetime_ms
    expires = query.get("expires", "")
    if not lifetime_ms and "expires" not in query:
        return True
    if not (expires.isascii() and expires.isdecimal() and len(expires) <= _LONGEST_TIME):
        return False
    name = f"runs/{values['run']}/{values['index']}.{values['extension']}"
    wanted = link_signature(tenant.seed, name, int(expires))
    given = query.get("signature", "").encode("utf-8", "replace")
    is_signed = hmac.compare_digest(wanted.encode(), given)
    return is_signed and await tenant.now_ms() < int(expires) * 1000


def _is_open(house: House, request: Request) -> bool:
    provider = house.providers.get(request.path_params["provider"])
    return provider is None or provider.hosting.is_open


def _preflight(*, is_open: bool) -> Response:
    if is_open:
        return Response(status_code=204, headers=_PREFLIGHT)
    return Response(status_code=403, headers={"allow": _PREFLIGHT["allow"]})


def _sample(request: Request, extension: str, modified_at_s: int, *, is_open: bool) -> Response:
    path = resources.fixture("media", f"sample.{'jpg' if extension == 'jpeg' else extension}")
    options = _options(_digest(path), extension, modified_at_s, path.name, is_open=is_open)
    return _unless_held(request, options) or _File(path, **options)


def _options(
    digest: str, extension: str, modified_at_s: int, name: str, *, is_open: bool
) -> dict[str, Any]:
    """How `FileResponse` sends a file whose bytes a digest stands for."""
    headers = {
        **(_OPEN if is_open else {}),
        "etag": f'"{digest}"',
        "last-modified": formatdate(modified_at_s, usegmt=True),
        "cache-control": "public, max-age=3600",
    }
    return {
        "headers": headers,
        "media_type": CONTENT_TYPES[extension],
        "filename": name,
        "content_disposition_type": "inline",
    }


def _unless_held(request: Request, options: Mapping[str, Any]) -> Response | None:
    """304 if the client holds the file already."""
    headers: dict[str, str] = options["headers"]
    if is_held(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return None


@cache
def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def _nothing(request: Request, *, is_open: bool) -> Response:
    headers = {"access-control-allow-origin": "*"} if is_open else {}
    return JSONResponse({"error": f"nothing at {request.url.path}"}, 404, headers=headers)
