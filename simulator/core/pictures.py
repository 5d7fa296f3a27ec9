"""Sizes of pictures, read from the first bytes of PNG, JPEG, WebP and GIF files. Pure.

Decodes nothing: a file whose header lies about its size has that size here.
"""

from base64 import b64decode
from binascii import Error as BadBase64
from urllib.parse import unquote_to_bytes

_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_SEGMENTS = 512
_WIDEST = 21 / 9


def is_of(content: bytes, media_type: str) -> bool:
    """Whether a file begins as a picture of an announced media type does."""
    if media_type == "image/png":
        return content.startswith(b"\x89PNG\r\n\x1a\n")
    if media_type == "image/jpeg":
        return content.startswith(b"\xff\xd8")
    if media_type == "image/webp":
        return content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    return media_type == "image/gif" and content.startswith((b"GIF87a", b"GIF89a"))


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None for anything that is no such picture."""
    size: tuple[int, int] | None = None
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        size = _pair(content, 16, 4, "big")
    elif content.startswith((b"GIF87a", b"GIF89a")):
        size = _pair(content, 6, 2, "little")
    elif content.startswith(b"\xff\xd8"):
        size = _jpeg(content)
    elif content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        size = _webp(content)
    return size if size is not None and min(size) > 0 else None


def fitted(picture: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    """The size that has a picture's ratio and a frame's shorter side, both sides even.

    Ratios beyond 21:9 are taken for that.
    """
    short = min(frame)
    ratio = min(_WIDEST, max(1 / _WIDEST, picture[0] / picture[1]))
    long = max(2, round(short * max(ratio, 1 / ratio) / 2) * 2)
    return (long, short) if ratio >= 1 else (short, long)


def from_data_url(text: str) -> bytes | None:
    """The bytes in a `data:` URL; None for other text and for bad Base64."""
    head, comma, data = text.partition(",")
    if not comma or head[:5].lower() != "data:":
        return None
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return b64decode(data)
    except (BadBase64, ValueError):
        return None


def _pair(content: bytes, at: int, length: int, order: str) -> tuple[int, int] | None:
    if len(content) < at + 2 * length:
        return None
    little = order == "little"
    first, second = content[at : at + length], content[at + length : at + 2 * length]
    if little:
        return int.from_bytes(first, "little"), int.from_bytes(second, "little")
    return int.from_bytes(first), int.from_bytes(second)


def _jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if len(content) < at + 9 or content[at] != 0xFF:
            return None
        if content[at + 1] in _FRAME_HEADERS:
            down_and_across = _pair(content, at + 5, 2, "big")
            return None if down_and_across is None else (down_and_across[1], down_and_across[0])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if len(content) < 30:
        return None
    if kind == b"VP8 ":
        across, down = (int.from_bytes(content[at : at + 2], "little") for at in (26, 28))
        return across & 0x3FFF, down & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        across, down = (int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
        return across + 1, down + 1
    return None
