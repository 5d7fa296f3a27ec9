"""Recognises media files by their bytes, and reads the little that rules need from an MP4."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_PIECE: Final = 1 << 20
_MOST_INFLATED: Final = 1 << 28


def kind_of(body: bytes) -> str:
    """Return the media type of a whole file by its bytes, an empty text if they show none."""
    kind = _announced(body)
    if kind.startswith("image/"):
        return kind if _is_whole_image(body, kind) else ""
    if kind:
        return kind
    if body[4:8] == b"ftyp":
        names = {name for name, _ in boxes(body)}
        return "video/mp4" if {b"moov", b"mdat"} & names and not is_cut(body) else ""
    return ""


def _announced(body: bytes) -> str:
    """Return the media type that a file's first bytes show, an empty text if they show none."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in _SIGNATURES if body.startswith(signature)), "")


def is_cut(body: bytes) -> bool:
    """Whether an MP4's boxes end anywhere but at its own end: its rest is missing, or no box."""
    at = 0
    while at + 8 <= len(body):
        size = struct.unpack(">I", body[at : at + 4])[0]
        if size == 0:
            return False
        if size == 1 and at + 16 <= len(body):
            (size,) = struct.unpack(">Q", body[at + 8 : at + 16])
        if size < 8:
            return True
        at += size
    return at != len(body)


def _is_whole_image(body: bytes, kind: str) -> bool:
    """Whether a picture reaches its end, a PNG with every chunk and row as it was written."""
    if kind == "image/png":
        return _is_whole_png(body)
    if kind == "image/webp":
        return len(body) >= 8 + int(struct.unpack("<I", body[4:8])[0])
    return kind != "image/jpeg" or b"\xff\xd9" in body[-64:]


def _is_whole_png(body: bytes) -> bool:
    rows = zlib.decompressobj()
    at, size = 8, 0
    try:
        while at + 12 <= len(body):
            end = at + 12 + int(struct.unpack(">I", body[at : at + 4])[0])
            name, content = body[at + 4 : at + 8], body[at + 8 : end - 4]
            if end > len(body) or zlib.crc32(name + content) != _number(body[end - 4 : end]):
                return False
            while name == b"IDAT" and content and size < _MOST_INFLATED:
                size += len(rows.decompress(content, _PIECE))
                content = rows.unconsumed_tail
            if size >= _MOST_INFLATED:
                return True  # as far as anybody looks
            if name == b"IEND":
                return rows.eof and size > 0
            at = end
    except zlib.error:
        return False
    return False


def _number(four: bytes) -> int:
    return int(struct.unpack(">I", four)[0])


def boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each box of an MP4 at one level; stops where it is cut short."""
    at = 0
    while at + 8 <= len(body):
        size, name = struct.unpack(">I4s", body[at : at + 8])
        head = 8
        if size == 1 and at + 16 <= len(body):
            (size,) = struct.unpack(">Q", body[at + 8 : at + 16])
            head = 16
        elif size == 0:
            size = len(body) - at
        if size < head:
            return
        yield name, body[at + head : at + size]
        at += size


def duration_seconds(body: bytes) -> float | None:
    """Return how long an MP4 plays by its movie header, None if it has none."""
    header = _inside(body, b"moov", b"mvhd")
    if header is None or len(header) < 20:
        return None
    if header[0] == 1 and len(header) >= 32:
        scale, length = struct.unpack(">IQ", header[20:32])
    else:
        scale, length = struct.unpack(">II", header[12:20])
    return length / scale if scale else None


def size_pixels(body: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG, or of an MP4's first track that has a size."""
    if body.startswith(_SIGNATURES[0][0]) and len(body) >= 24:
        width, height = struct.unpack(">II", body[16:24])
        return width, height
    if body.startswith(_SIGNATURES[1][0]):
        return _jpeg_size(body)
    movie = _inside(body, b"moov")
    for name, content in boxes(movie or b""):
        header = _inside(content, b"tkhd") if name == b"trak" else None
        if header is not None and len(header) >= 84:
            width, height = struct.unpack(">II", header[-8:])
            if width:
                return width >> 16, height >> 16
    return None


def _jpeg_size(body: bytes) -> tuple[int, int] | None:
    """Return width and height by the frame header of a JPEG [ITU-T T.81, B.2.2]."""
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + int(struct.unpack(">H", body[at + 2 : at + 4])[0])
    return None


def has_sound(body: bytes) -> bool | None:
    """Return whether an MP4 has a track of sound, None if it has no tracks at all."""
    tracks = [content for name, content in boxes(_inside(body, b"moov") or b"") if name == b"trak"]
    handlers = [_inside(track, b"mdia", b"hdlr") for track in tracks]
    return any(each is not None and each[8:12] == b"soun" for each in handlers) if tracks else None


def _inside(body: bytes, *names: bytes) -> bytes | None:
    for wanted in names:
        found = next((content for name, content in boxes(body) if name == wanted), None)
        if found is None:
            return None
        body = found
    return body
