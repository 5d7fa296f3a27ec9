"""Pictures as encoders take and decoders give them: planes of bytes whose rows may be padded."""

from collections.abc import Sequence

from av.video.frame import VideoFrame
from PIL import Image

STRIP = 48
"""Rows of a picture that are handled at once."""


def from_rgb(image: Image.Image) -> VideoFrame:
    """A frame that encoders take, of an RGB picture."""
    frame = VideoFrame(image.width, image.height, "rgb24")
    length = frame.planes[0].line_size
    target = memoryview(frame.planes[0]).cast("B")
    for top in range(0, image.height, STRIP):  # in strips: replies of the server come between
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        rows = strip.tobytes("raw", "RGB", length, 1)
        target[top * length : top * length + len(rows)] = rows
    return frame.reformat(format="yuv420p")


def from_planes(planes: Sequence[Image.Image], number: int) -> VideoFrame:
    """The frame of a number, of its brightness and its two colour planes of half the size."""
    frame = VideoFrame(planes[0].width, planes[0].height, "yuv420p")
    for plane, image in zip(frame.planes, planes, strict=True):
        rows = image.tobytes("raw", "L", plane.line_size, 1)
        plane.update(rows.ljust(plane.buffer_size, b"\0"))
    frame.pts = number
    return frame


def plane(frame: VideoFrame, number: int) -> Image.Image:
    """One plane of a decoded frame as a grey picture."""
    found = frame.planes[number]
    size = found.width, found.height
    return Image.frombytes("L", size, bytes(found), "raw", "L", found.line_size, 1)
