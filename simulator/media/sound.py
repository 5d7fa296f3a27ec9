"""A quiet chord that swells and fades: coded once for films, or a whole file of its own."""

import array
import math
from fractions import Fraction
from functools import lru_cache
from typing import Final

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer

RATE: Final = 48_000
FRAME_SAMPLES: Final = 1024
"""Samples in one AAC packet."""

_PERIOD_S: Final = 8
_PERIOD_FRAMES: Final = _PERIOD_S * RATE // FRAME_SAMPLES
_WAVE_SAMPLES: Final = 384
_OVERTONES: Final = (2, 3, 5)
"""Of 125 Hz, the pitch whose wave is that long: 250, 375 and 625 Hz."""

_LOUDNESS: Final = 2600


def pcm(seconds: float) -> bytes:
    """Mono samples of 16 bits, at 48 kHz."""
    period = _period()
    count = 2 * round(seconds * RATE)
    return (period * (count // len(period) + 1))[:count]


def add_aac(container: OutputContainer) -> AudioStream:
    """Give a film a track for `aac_packets`."""
    stream = container.add_stream("aac", rate=RATE, layout="mono")
    stream.codec_context.bit_rate = 64_000
    return stream


def mux_aac(container: OutputContainer, stream: AudioStream, up_to_s: float, done: int) -> int:
    """Write packets until a time, of which some are done; answers how many are now."""
    opening, period = _aac_packets()
    wanted = int(up_to_s * RATE) // FRAME_SAMPLES
    for number in range(done, wanted):
        coded = opening[number] if number < len(opening) else period[number % len(period)]
        packet = av.Packet(coded)
        packet.stream = stream
        packet.time_base = Fraction(1, RATE)
        packet.pts = packet.dts = number * FRAME_SAMPLES
        packet.duration = FRAME_SAMPLES
        packet.is_keyframe = True
        container.mux_one(packet)
    return max(done, wanted)


def encode(container: OutputContainer, stream: AudioStream, seconds: float) -> None:
    """Code the chord into a stream from its beginning, and write it."""
    samples = pcm(seconds)
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = RATE
    frame.pts = 0
    rate = stream.codec_context.sample_rate
    codec = stream.codec_context
    resampler = av.AudioResampler(codec.format, codec.layout, rate, codec.frame_size or None)
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))


@lru_cache(maxsize=1)
def _period() -> bytes:
    wave = [
        sum(math.sin(2 * math.pi * tone * at / _WAVE_SAMPLES) for tone in _OVERTONES)
        for at in range(_WAVE_SAMPLES)
    ]
    waves = _PERIOD_S * RATE // _WAVE_SAMPLES
    samples = array.array("h")
    for number in range(waves):
        loudness = _LOUDNESS * math.sin(math.pi * number / waves) ** 2
        samples.extend([round(loudness * height) for height in wave])
    return samples.tobytes()


@lru_cache(maxsize=1)
def _aac_packets() -> tuple[list[bytes], list[bytes]]:
    """The packets of the first period, and those of any later one."""
    codec = av.CodecContext.create("aac", "w")
    codec.sample_rate = RATE
    codec.layout = "mono"
    codec.format = "fltp"
    codec.bit_rate = 64_000
    codec.open()
    resampler = av.AudioResampler("fltp", "mono", RATE, FRAME_SAMPLES)
    samples = pcm(2 * _PERIOD_S)
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = RATE
    frame.pts = 0
    packets: list[bytes] = []
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        packets += [bytes(packet) for packet in codec.encode(piece)]
    packets += [bytes(packet) for packet in codec.encode(None)]
    return packets[:_PERIOD_FRAMES], packets[_PERIOD_FRAMES : 2 * _PERIOD_FRAMES]
