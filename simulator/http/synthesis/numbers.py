"""Numbers inside a schema's bounds, in a range that fits what they are called."""

import math
import re
from collections.abc import Callable
from random import Random
from typing import Any, Final

_RANGES: Final = tuple(
    (re.compile(pattern), low, high)
    for pattern, low, high in (
        (r"(_at|timestamp|^created|^updated|^time)$", 1_735_689_600, 1_767_225_600),
        (r"font", 8, 96),
        (r"(width|height)", 256, 1920),
        (r"(duration|seconds|length|^eta$)", 1, 60),
        (r"(percent|progress)", 0, 100),
        (r"(ratio|score|strength|weight|probability|confidence|temperature)", 0, 1),
        (r"(cost|price|amount|usd|fee|^per_)", 0, 5),
        (r"(balance|credit|token|remaining)", 0, 10_000),
        (r"(bytes|size)", 1_000, 5_000_000),
        (r"(count|total|limit|index|page|offset|batch|num)", 0, 20),
        (r"seed", 0, 2_147_483_637),
    )
)


def compiled(schema: dict[str, Any], name: str, *, is_whole: bool) -> Callable[[Random], Any]:
    """Return a generator of numbers for a schema; `name` is what the number is called."""
    low, high = _bounds(schema, name)
    step = schema.get("multipleOf")
    if step is None and not is_whole:
        return lambda random: _within(round(random.uniform(low, high), 2), low, high)
    unit = step if step is not None else 1
    if is_whole and step is not None and step != int(step):
        unit = 1  # the caller's check decides
    first, last = math.ceil(low / unit), math.floor(high / unit)
    if is_whole or isinstance(unit, int):
        return lambda random: int(random.randint(first, max(first, last)) * unit)
    return lambda random: random.randint(first, max(first, last)) * unit


def _bounds(schema: dict[str, Any], name: str) -> tuple[float, float]:
    """Return the range of a name, moved into the schema's bounds."""
    word = snake(name)
    low, high = next(((a, b) for pattern, a, b in _RANGES if pattern.search(word)), (0, 1000))
    least: float = schema.get("minimum", -math.inf)
    most: float = schema.get("maximum", math.inf)
    if "exclusiveMinimum" in schema:
        least = max(least, _beside(schema["exclusiveMinimum"], 1))
    if "exclusiveMaximum" in schema:
        most = min(most, _beside(schema["exclusiveMaximum"], -1))
    if low > most or high < least:
        span = high - low
        return (least, min(most, least + span)) if math.isfinite(least) else (most - span, most)
    return max(low, least), min(high, most)


def _beside(bound: float, direction: int) -> float:
    """Return the nearest number beside an excluded bound that two decimals can write."""
    if direction > 0:
        return round(math.floor(bound * 100 + 1) / 100, 2)
    return round(math.ceil(bound * 100 - 1) / 100, 2)


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def snake(name: str) -> str:
    """Return a member's name in lower case with underscores."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name)
    return spaced.lower().strip("_")
