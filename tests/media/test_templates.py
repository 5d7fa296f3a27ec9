"""Coded changes fit every picture: they move the lights alone, and never the label."""

import av
import pytest
from PIL import Image, ImageChops

from simulator.media import frames, lights, templates
from simulator.media.painting import field

SIZES = [((640, 360), 24), ((360, 640), 16), ((498, 214), 30), ((128, 128), 24)]


def shown(size: tuple[int, int], fps: int, entropy: bytes) -> list[Image.Image]:
    """The brightness of all pictures of a template behind some key frame."""
    codec = templates._encoder(size, fps)
    frame = frames.from_rgb(field(entropy, size))
    frame.pts = 0
    key = b"".join(bytes(packet) for packet in codec.encode(frame))
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = codec.extradata
    decoder.thread_count = 1
    assert isinstance(decoder, av.VideoCodecContext)
    pictures = [
        picture
        for coded in (key, *templates.template(size, fps))
        for picture in decoder.decode(av.Packet(coded))
    ]
    pictures += decoder.decode(None)
    return [frames.plane(picture, 0) for picture in pictures]


def brightest(image: Image.Image) -> int:
    """The largest value in a grey picture."""
    return max(value for value, count in enumerate(image.histogram()) if count)


@pytest.mark.parametrize(("size", "fps"), SIZES)
def test_a_template_adds_the_same_light_to_any_picture(size: tuple[int, int], fps: int) -> None:
    one, other = (shown(size, fps, entropy) for entropy in (b"one", b"other"))
    assert len(one) == lights.PERIOD_S * fps
    for number in range(0, len(one), 5):
        added = [ImageChops.subtract(film[number], film[0], 1, 64) for film in (one, other)]
        assert brightest(ImageChops.difference(*added)) <= 2


@pytest.mark.parametrize(("size", "fps"), SIZES)
def test_a_template_moves_below_the_label_and_not_in_it(size: tuple[int, int], fps: int) -> None:
    film = shown(size, fps, b"any")
    top = lights.band(size)[1]
    assert top >= lights.plate(size)[3]
    middle = ImageChops.difference(film[0], film[len(film) // 2])
    assert brightest(middle.crop((0, 0, size[0], top))) == 0
    assert brightest(middle.crop((0, top, *size))) > 20


def test_a_template_that_does_not_move_says_so_in_few_bytes() -> None:
    still = templates.template((640, 360), 24, is_moving=False)
    assert max(map(len, still)) < 40
