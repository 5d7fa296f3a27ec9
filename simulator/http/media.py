"""The files that replies link to: what runs have made, and the providers' own samples.

Every video is the same short clip and every image the same picture, whatever was asked for.
Files that clients upload are the business of `uploads`.
"""

import hashlib
from collections.abc import Mapping
from email.utils import formatdate
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from simulator import resources
from simulator.core import runs
from simulator.core.runs import RUNS, Run
from simulator.core.store import Tx
from simulator.house import House

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
_OPEN = {"access-control-allow-origin": "*"}
_PREFLIGHT = {
    **_OPEN,
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "Range, If-Range",
    "access-control-max-age": "86400",
    "allow": "GET, HEAD, OPTIONS",
}


def routes(house: House) -> list[Route]:
    """The routes of produced files and samples, for every provider and tenant."""

    async def produced(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        ended_at_ms = await _completed_at_ms(house, request.path_params)
        if ended_at_ms is None:
            return _nothing(request)
        return _file(request.path_params["extension"], ended_at_ms // 1000)

    async def sample(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        values = request.path_params
        is_known = values["provider"] in house.providers and values["extension"] in CONTENT_TYPES
        if not is_known or await house.tenant(values["tenant"]) is None:
            return _nothing(request)
        return _file(values["extension"], _SAMPLES_MADE_AT_S)

    methods = ["GET", "HEAD", "OPTIONS"]
    base = "/_assets/{provider}/{tenant}"
    return [
        Route(f"{base}/runs/{{run}}/{{index}}.{{extension}}", produced, methods=methods),
        Route(f"{base}/samples/{{name:path}}.{{extension}}", sample, methods=methods),
    ]


async def _completed_at_ms(house: House, values: Mapping[str, str]) -> int | None:
    """When the run that a path names had made the file that it names; None if it has not."""
    tenant = await house.tenant(values["tenant"])
    if tenant is None:
        return None

    async def work(tx: Tx) -> int | None:
        run = await tx.get(RUNS, values["run"])
        if run is None or run.provider != values["provider"]:
            return None
        if not _makes(run, values["index"], values["extension"]):
            return None
        status = runs.status_at(run, await tenant.time_in(tx))
        return status.ended_at_ms if status.state == "completed" else None

    return await tenant.transact(work)


def _makes(run: Run, index: str, extension: str) -> bool:
    """Whether a run has such an output, or a video of which this is the poster."""
    place = next((n for n in range(len(run.outputs)) if str(n) == index), None)
    if place is None or extension not in CONTENT_TYPES:
        return False
    output = run.outputs[place]
    is_poster = output.media == "video" and extension in _POSTERS
    return extension == output.extension or is_poster


def _file(extension: str, modified_at_s: int) -> Response:
    path = resources.fixture("media", f"sample.{'jpg' if extension == 'jpeg' else extension}")
    headers = {
        **_OPEN,
        "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
        "etag": _etag(path),
        "last-modified": formatdate(modified_at_s, usegmt=True),
        "cache-control": "public, max-age=3600",
    }
    return FileResponse(path, headers=headers, media_type=CONTENT_TYPES[extension])


@cache
def _etag(path: Path) -> str:
    return f'"{hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()}"'


def _nothing(request: Request) -> Response:
    return JSONResponse({"error": f"nothing at {request.url.path}"}, 404, headers=_OPEN)
