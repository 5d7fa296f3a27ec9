"""Moving pictures that are coded once: lights that drift below the label, for any clip of a size.

A template is a chain of coded changes. It was made so that every block adds to the block in the
same place of the picture before it, or leaves it as it is; so the chain moves whatever key frame
it is put behind, and does not touch the part where the label is.
"""

import random
from fractions import Fraction
from functools import lru_cache

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from PIL import Image, ImageChops

from simulator.media import frames, lights
from simulator.media.lights import PERIOD_S, Size


def encoder_options() -> dict[str, str]:
    """One way of coding for templates and key frames: only so do they fit each other."""
    params = "threads=1:keyint=infinite:scenecut=0:ipratio=0.8:chroma-qp-offset=-2"
    return {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "qp": "22",
        "forced-idr": "1",
        "x264-params": params,
    }


def configure(codec: VideoCodecContext, size: Size, fps: int) -> None:
    """Set up an H.264 encoder as templates need it."""
    codec.width, codec.height = size
    codec.pix_fmt = "yuv420p"
    codec.framerate = Fraction(fps)
    codec.time_base = Fraction(1, fps)
    codec.thread_count = 1
    codec.options = encoder_options()


@lru_cache(maxsize=32)
def template(size: Size, fps: int, *, is_moving: bool = True) -> tuple[bytes, ...]:
    """The coded pictures of one period after its key frame, at a number of frames a second.

    One that does not move says so often that nothing has changed.
    """
    texture = _texture(size)
    luma, *chroma = _reconstructed(texture, size, fps)
    band = lights.band(size)
    ground = luma.crop(band)
    codec = _encoder(size, fps)
    codec.encode(frames.from_planes(texture, 0))
    pictures: list[bytes] = []
    shown, step = luma, 0
    for number in range(1, PERIOD_S * fps):
        now = lights.step_at(number, fps)
        if is_moving and now != step:
            step = now
            shown = luma.copy()
            shown.paste(ImageChops.add(ground, lights.glow(size, step)), band)
        coded = codec.encode(frames.from_planes([shown, *chroma], number))
        pictures.append(b"".join(bytes(packet) for packet in coded))
    return tuple(pictures)


def _encoder(size: Size, fps: int) -> VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    configure(codec, size, fps)
    params = codec.options["x264-params"]
    codec.options = {**codec.options, "x264-params": f"{params}:subme=2"}  # weighs noise rightly
    codec.flags |= Flags.global_header  # parameter sets beside the pictures, as in a file
    return codec


def _texture(size: Size) -> list[Image.Image]:
    """Noise that looks like itself nowhere else, so that no block is copied from elsewhere."""
    width, height = size
    across, down = -(-width // 4), -(-height // 4)
    noise = random.Random(0).randbytes(across * down)
    small = Image.frombytes("L", (across, down), noise).point(
        [64 + n * 7 // 16 for n in range(256)]
    )
    luma = small.resize((across * 4, down * 4), Image.Resampling.NEAREST)
    grey = Image.new("L", (-(-width // 2), -(-height // 2)), 128)
    return [luma.crop((0, 0, width, height)), grey, grey]


def _reconstructed(planes: list[Image.Image], size: Size, fps: int) -> list[Image.Image]:
    """What a decoder makes of a first picture: what follows must differ by the lights alone."""
    codec = _encoder(size, fps)
    packets = [*codec.encode(frames.from_planes(planes, 0)), *codec.encode(None)]
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = codec.extradata
    decoder.thread_count = 1
    shown = [frame for packet in packets for frame in decoder.decode(packet)]
    shown += decoder.decode(None)
    return [frames.plane(shown[0], number) for number in range(3)]
