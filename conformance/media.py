"""Media files that are made here, by their bytes."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 64, height: int = 64, colour: bytes = b"\x80\x60\x40") -> bytes:
    """Return a PNG of one colour."""
    rows = (b"\x00" + colour * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )  # fmt: skip
