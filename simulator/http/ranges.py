"""Bytes as a reply: the whole of them, one range of them, or the refusal of a range."""

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def ranged(request: Request, content: bytes, content_type: str) -> Response:
    """Answer GET or HEAD for some bytes: 200, 206 for one satisfiable range, 304 or 416.

    Several ranges, and ranges in other units, are answered with the whole.
    """
    etag = f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
    headers = {"accept-ranges": "bytes", "etag": etag, "content-type": content_type}
    if is_held(request, etag):
        return Response(status_code=304, headers=headers)
    size = len(content)
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    is_stale = request.headers.get("if-range", etag) != etag
    if match is None or match.groups() == ("", "") or is_stale:
        return Response(content, headers=headers)
    first, last = _bounds(match.group(1), match.group(2), size)
    if first >= size or first > last:
        headers["content-range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    headers["content-range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, headers=headers)


def is_held(request: Request, etag: str) -> bool:
    """Whether the client says that it holds this version (RFC 9110, 13.1.2), or any for `*`."""
    tags = request.headers.get("if-none-match", "").split(",")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in tags)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and last byte that a range asks for; without a first one, the last so many."""
    if not first:
        return max(0, size - _number(last)), (size - 1 if _number(last) else -1)
    return _number(first), min(size - 1, _number(last) if last else size - 1)


def _number(digits: str) -> int:
    """A number of bytes; what is longer than any file counts as just that."""
    return int(digits) if len(digits) <= 18 else 10**18
