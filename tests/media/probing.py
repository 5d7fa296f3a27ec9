"""What ffprobe and ffmpeg say of a file, and whether its index comes first."""

import json
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.media.wishes import Wish

_CODECS = {"mp4": ("h264", "aac"), "mov": ("h264", "aac"), "webm": ("vp8", "opus")}
_STILLS = {"png": "png", "jpg": "mjpeg", "webp": "webp"}


def probe(path: Path) -> dict[str, Any]:
    """Streams and format as ffprobe tells them."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def decode(path: Path) -> None:
    """Decode a whole file; an error of any picture is an error."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, b"")


def differences(wish: Wish, path: Path) -> list[str]:
    """In what a file is not what was wished for, by ffprobe."""
    told = probe(path)
    streams = {stream["codec_type"]: stream for stream in told["streams"]}
    film = streams["video"]
    found: dict[str, tuple[Any, Any]] = {"size": ((film["width"], film["height"]), wish.size)}
    if not wish.seconds:
        found["codec"] = (film["codec_name"], _STILLS[wish.extension])
    else:
        coded, heard = _CODECS[wish.extension]
        length = float(told["format"]["duration"])
        found["codec"] = (film["codec_name"], coded)
        found["rate"] = (film["avg_frame_rate"], f"{wish.fps}/1")
        found["pixels"] = (film["pix_fmt"], "yuv420p")
        found["length"] = (abs(length - wish.seconds) <= 0.1, True)
        found["sound"] = (_codec(streams.get("audio")), heard if wish.has_audio else "")
        found["title"] = (_tag(told, "title"), f"SIMULATED {wish.provider}")
        if wish.extension != "webm":
            found["index first"] = (is_index_first(path), True)
    return [f"{name}: {is_} not {should}" for name, (is_, should) in found.items() if is_ != should]


def is_index_first(path: Path) -> bool:
    """Whether `moov` comes before `mdat`."""
    order = [kind for kind, _ in boxes(path.read_bytes())]
    return order.index(b"moov") < order.index(b"mdat")


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of ISO media, each its kind and what is in it."""
    at = 0
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        assert 8 <= size <= len(content) - at
        yield kind, content[at + 8 : at + size]
        at += size


def _codec(stream: dict[str, Any] | None) -> str:
    return "" if stream is None else str(stream["codec_name"])


def _tag(told: dict[str, Any], name: str) -> str:
    tags = told["format"].get("tags", {})
    return str(next((value for key, value in tags.items() if key.lower() == name), ""))
