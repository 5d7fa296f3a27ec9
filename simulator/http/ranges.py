"""Bytes as a reply: the whole of them, one range of them, or the refusal of a range."""

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"(\d*)-(\d*)", re.ASCII)
_UNIT = "bytes"
_BEYOND = str(10**18)


def ranged(request: Request, content: bytes, content_type: str) -> Response:
    """Answer GET or HEAD for some bytes: 200, 206 for one satisfiable range, 304 or 416.

    Several ranges, and what is no range of bytes, are answered with the whole.
    """
    etag = f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
    headers = {"accept-ranges": "bytes", "etag": etag, "content-type": content_type}
    if is_held(request, etag):
        return Response(status_code=304, headers=headers)
    size = len(content)
    wanted = ranges_of(request.headers.get("range", ""))
    is_stale = request.headers.get("if-range", etag) != etag
    if len(wanted) != 1 or is_stale:
        return Response(content, headers=headers)
    first, last = _bounds(*wanted[0], size)
    if first >= size or first > last:
        headers["content-range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    headers["content-range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, headers=headers)


def ranges_of(header: str) -> list[tuple[str, str]]:
    """The first and last numbers of a Range header, as text; none if it is not to be heeded.

    That is one in another unit, with an error, or with a range that ends before it begins
    (RFC 9110, 14.1.1 and 14.2).
    """
    unit, mark, texts = header.partition("=")
    matches = [_RANGE.fullmatch(text.strip()) for text in texts.split(",")]
    if not mark or unit.strip().lower() != _UNIT:
        return []
    found = [(_told(match[1]), _told(match[2])) for match in matches if match is not None]
    is_sound = len(found) == len(matches) and all(_is_sound(*pair) for pair in found)
    return found if is_sound else []


def _is_sound(first: str, last: str) -> bool:
    if not (first and last):
        return bool(first or last)
    return int(first) <= int(last)


def is_held(request: Request, etag: str) -> bool:
    """Whether the client says that it holds this version (RFC 9110, 13.1.2), or any for `*`."""
    tags = request.headers.get("if-none-match", "").split(",")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in tags)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and last byte that a range asks for; without a first one, the last so many."""
    if not first:
        return max(0, size - int(last)), (size - 1 if int(last) else -1)
    return int(first), min(size - 1, int(last) if last else size - 1)


def _told(digits: str) -> str:
    """A number of bytes; one beyond any file is told as such, whatever its length."""
    return digits if len(digits) <= len(_BEYOND) else _BEYOND
