"""Films: MP4 and MOV from a few newly coded pictures and a template; WebM coded picture by picture.

The index of an MP4 or MOV stands before its pictures, so that it plays while it is loaded.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream
from PIL import Image, ImageChops

from simulator.core.assets import MediaSpec
from simulator.media import frames, lights, sound, templates
from simulator.media.assets import Asset, tags
from simulator.media.lights import Size

_MUXER_OPTIONS: Final = {"fflags": "+bitexact"}
_UNLABELLED_S: Final = 1.0
"""How long an input picture stands alone before the label lies on it, at most."""

_MOVING_S: Final = 64
"""After so many seconds a film stands still, lest an hour of it be gigabytes."""


def write_clip(path: Path, asset: Asset, pictures: tuple[Image.Image | None, Image.Image]) -> None:
    """Write a film; `pictures` are the input picture it begins with, if any, and the labelled one.

    The extension of the asset decides the container: `mp4`, `mov` or `webm`.
    """
    if asset.extension == "webm":
        _write_webm(path, asset, pictures)
        return
    options = {**_MUXER_OPTIONS, "movflags": "+faststart"}
    with av.open(str(path), "w", format=asset.extension, options=options) as container:
        container.metadata.update(tags(asset))
        _write_h264(container, asset.spec, pictures)


def frame_count(spec: MediaSpec) -> int:
    """How many pictures a film has; at least two."""
    return max(2, round(spec.duration_ms * spec.fps / 1000))


def label_begins(spec: MediaSpec, *, has_input: bool) -> int:
    """The number of the first picture with a label."""
    return min(round(_UNLABELLED_S * spec.fps), frame_count(spec) // 2) if has_input else 0


def _write_h264(
    container: OutputContainer, spec: MediaSpec, pictures: tuple[Image.Image | None, Image.Image]
) -> None:
    size = coded_size(spec)
    stream = container.add_stream("libx264", rate=spec.fps, options=templates.encoder_options())
    templates.configure(stream.codec_context, size, spec.fps)
    track = sound.add_aac(container) if spec.has_audio else None
    heard = 0
    for number, (coded, is_key) in enumerate(_coded(stream, spec, pictures)):
        packet = av.Packet(coded)
        packet.stream = stream
        packet.time_base = Fraction(1, spec.fps)
        packet.pts = packet.dts = number
        packet.duration = 1
        packet.is_keyframe = is_key
        container.mux_one(packet)
        if track is not None and number % spec.fps == 0:
            heard = sound.mux_aac(container, track, number / spec.fps, heard)
    if track is not None:
        sound.mux_aac(container, track, frame_count(spec) / spec.fps, heard)


def _coded(
    stream: VideoStream, spec: MediaSpec, pictures: tuple[Image.Image | None, Image.Image]
) -> Iterator[tuple[bytes, bool]]:
    """The coded pictures of a film in order, and which of them are key frames."""
    opening, main = pictures
    changes = templates.template(coded_size(spec), spec.fps)
    turn = label_begins(spec, has_input=opening is not None)
    first = _key_frame(stream, main if opening is None else opening, 0)
    second = first if opening is None else _key_frame(stream, main, 1)
    for number in range(frame_count(spec)):
        if number == _MOVING_S * spec.fps:
            changes = templates.template(coded_size(spec), spec.fps, is_moving=False)
        key, place = (first, number) if number < turn else (second, number - turn)
        place %= len(changes) + 1
        yield (changes[place - 1], False) if place else (key, True)


def _key_frame(stream: VideoStream, image: Image.Image, number: int) -> bytes:
    frame = frames.from_rgb(image)
    frame.pts = number
    frame.pict_type = PictureType.I
    return b"".join(bytes(packet) for packet in stream.encode(frame))


def _write_webm(path: Path, asset: Asset, pictures: tuple[Image.Image | None, Image.Image]) -> None:
    spec = asset.spec
    opening, main = pictures
    turn = label_begins(spec, has_input=opening is not None)
    options = {"deadline": "realtime", "cpu-used": "8", "crf": "24", "b": "3M"}
    with av.open(str(path), "w", format="webm", options=_MUXER_OPTIONS) as container:
        container.metadata.update(tags(asset))
        stream = container.add_stream("libvpx", rate=spec.fps, options=options)
        stream.width, stream.height = coded_size(spec)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        step = -1
        track = container.add_stream("libopus", rate=sound.RATE) if spec.has_audio else None
        for number in range(frame_count(spec)):
            if number == turn or lights.step_at(number, spec.fps) != step:
                step = lights.step_at(number, spec.fps)
                still = opening if opening is not None and number < turn else main
                shown = frames.from_rgb(lit(still, step))
            shown.pts = number
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
        if track is not None:
            sound.encode(container, track, spec.duration_ms / 1000)


def lit(image: Image.Image, step: int) -> Image.Image:
    """A picture after some steps of its lights."""
    box = lights.band(image.size)
    light = lights.glow(image.size, step)
    brighter = image.copy()
    brighter.paste(ImageChops.add(image.crop(box), Image.merge("RGB", (light, light, light))), box)
    return brighter


def coded_size(spec: MediaSpec) -> Size:
    """The size of a film: the asked one, made even as its coding needs."""
    return max(16, spec.width & ~1), max(16, spec.height & ~1)
