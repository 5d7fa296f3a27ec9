"""Pictures: a seeded field of colour, the label on it, and an input picture cut to size.

The lower part of a picture stays free of text: there `lights` move.
"""

import colorsys
import io
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from simulator.core.pictures import size_of
from simulator.media.frames import STRIP
from simulator.media.lights import Size, plate

_LARGEST_PICTURE: Final = 50_000_000
"""Pixels of an input that is decoded; larger ones are left out."""

_PLATE_COLOUR: Final = (14, 16, 24)
_HEADING_COLOUR: Final = (255, 214, 120)
_TEXT_COLOUR: Final = (242, 242, 246)
_SMALLEST_TEXT: Final = 7


def field(entropy: bytes, size: Size) -> Image.Image:
    """A soft field of a few related colours, neither dark nor bright."""
    rng = random.Random(entropy)
    hue, spread = rng.random(), rng.uniform(0.08, 0.22)
    small = Image.new("RGB", (5, 4))
    for x in range(5):
        for y in range(4):
            tone = (hue + spread * (x / 4 - y / 3) + rng.uniform(-0.03, 0.03)) % 1
            light = rng.uniform(0.36, 0.54) - 0.04 * y
            red, green, blue = colorsys.hls_to_rgb(tone, light, rng.uniform(0.4, 0.6))
            small.putpixel((x, y), (round(red * 255), round(green * 255), round(blue * 255)))
    middle = small.resize((64, 36), Image.Resampling.BICUBIC)
    return _stretched(middle, size)


def _stretched(small: Image.Image, size: Size) -> Image.Image:
    """A picture made larger, in strips, so that replies of the server come between."""
    width, height = size
    tall = small.resize((small.width, height), Image.Resampling.BILINEAR)
    image = Image.new("RGB", size)
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        rows = tall.crop((0, top, tall.width, bottom))
        image.paste(rows.resize((width, bottom - top), Image.Resampling.BILINEAR), (0, top))
    return image


def input_picture(content: bytes, size: Size) -> Image.Image | None:
    """An input image covering a frame; None for what cannot be shown."""
    measured = size_of(content)
    if measured is None or measured[0] * measured[1] > _LARGEST_PICTURE:
        return None
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "GIF")) as opened:
            turned = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError):
        return None
    backed = Image.new("RGB", turned.size, (255, 255, 255))
    backed.paste(turned, mask=turned.getchannel("A"))
    return ImageOps.fit(backed, size, Image.Resampling.BILINEAR)


def labelled(image: Image.Image, told: Sequence[str]) -> Image.Image:
    """Put the label on a picture, in place: a dark plate, the heading, the other lines."""
    left, top, right, bottom = box = plate(image.size)
    shade = Image.new("RGB", (right - left, bottom - top), _PLATE_COLOUR)
    image.paste(Image.blend(image.crop(box), shade, 0.72), box)
    draw = ImageDraw.Draw(image)
    pad = round((bottom - top) * 0.06)
    room = (right - left - 2 * pad, bottom - top - 2 * pad)
    y = top + pad
    for number, (line, text_size) in enumerate(_set(tuple(told), room)):
        colour = _TEXT_COLOUR if number else _HEADING_COLOUR
        draw.text((left + pad, y), line, fill=colour, font=_font(text_size))
        y += round(text_size * 1.32)
    return image


def _set(told: tuple[str, ...], room: Size) -> list[tuple[str, int]]:
    """Lines with their text sizes, as large as fits; the last of several lines is wrapped."""
    width, height = room
    text_size = max(_SMALLEST_TEXT, round(min(height / 6.5, width / 17)))
    while True:
        placed = [(told[0], round(text_size * 1.25))]
        placed += [(line, _narrowed(line, text_size, width)) for line in told[1:-1]]
        if len(told) > 1:
            placed += [(line, text_size) for line in _wrapped(told[-1], text_size, width)]
        if sum(round(size * 1.32) for _, size in placed) <= height:
            return placed
        if text_size <= _SMALLEST_TEXT:
            return placed[: max(1, height // round(_SMALLEST_TEXT * 1.32))]
        text_size = max(_SMALLEST_TEXT, round(text_size * 0.9) - 1)


def _narrowed(line: str, text_size: int, width: int) -> int:
    """The text size at which a line fits into a width."""
    length = _font(text_size).getlength(line)
    return text_size if length <= width else max(_SMALLEST_TEXT, int(text_size * width / length))


def _wrapped(line: str, text_size: int, width: int) -> list[str]:
    font, rest = _font(text_size), line
    broken: list[str] = []
    while rest and len(broken) < 12:
        end = len(rest)
        while end > 1 and font.getlength(rest[:end]) > width:
            space = rest.rfind(" ", 0, end)
            end = space if space > 0 else max(1, end * 3 // 4)
        broken.append(rest[:end].strip())
        rest = rest[end:].strip()
    return broken


@lru_cache(maxsize=64)
def _font(text_size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(text_size)
