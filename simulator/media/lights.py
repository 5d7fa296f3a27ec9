"""Lights that drift and breathe in the band under the label: where they are, and how bright."""

import math
from typing import Final

from PIL import Image, ImageChops

Size = tuple[int, int]
Box = tuple[int, int, int, int]

PERIOD_S: Final = 4
"""After so many seconds the lights are where they began: dark."""

_STEPS_A_SECOND: Final = 8
_BRIGHTEST: Final = 66
_COARSE: Final = 8
_LIGHTS: Final = ((0.18, 0.5, 0.2), (0.55, 0.62, 0.26), (0.86, 0.4, 0.18))
"""Of each light where it is in the band, across and down, and its reach, in the band's width."""


def plate(size: Size) -> Box:
    """The box of the label: left, top, right, bottom."""
    width, height = size
    margin = round(min(size) * 0.05)
    return margin, margin, width - margin, max(margin + 1, round(height * 0.62))


def band(size: Size) -> Box:
    """The box in which lights move: whole coding blocks below the label."""
    width, height = size
    return 0, min(height - 2, -(-plate(size)[3] // 16) * 16), width, height


def step_at(number: int, fps: int) -> int:
    """Which of the period's steps the lights have taken at a picture."""
    return number % (PERIOD_S * fps) * _STEPS_A_SECOND // fps


def glow(size: Size, step: int) -> Image.Image:
    """How much brighter the band is after some steps: grey, as large as the band."""
    left, top, right, bottom = band(size)
    width, height = right - left, bottom - top
    moment = step / (_STEPS_A_SECOND * PERIOD_S)
    strength = math.sin(math.pi * moment) ** 2 * _BRIGHTEST
    small = Image.new("L", (-(-width // _COARSE), -(-height // _COARSE)))
    light = ImageChops.invert(Image.radial_gradient("L"))
    edge = light.getpixel((0, light.height // 2))
    darkest = edge if isinstance(edge, int) else 0
    fading = [round(max(0, n - darkest) ** 2 * strength / (255 - darkest) ** 2) for n in range(256)]
    for place, level, reach in _LIGHTS:
        side = max(4, round(reach * 2 * small.width))
        tall = max(4, min(side, round(small.height * 1.2)))
        disc = light.resize((side, tall)).point(fading)
        across = round((place + 0.14 * math.sin(2 * math.pi * (moment + place))) * small.width)
        layer = Image.new("L", small.size)
        layer.paste(disc, (across - side // 2, round(level * small.height) - tall // 2))
        small = ImageChops.add(small, layer)
    return small.resize((width, height), Image.Resampling.BILINEAR)
