"""Durations as people write them."""

from typing import Any

import pytest

from simulator.core.durations import duration_ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", 90_000),
        ("1h30m", 5_400_000),
        ("250ms", 250),
        ("2w", 1_209_600_000),
        ("0.5s", 500),
        ("PT90S", 90_000),
        ("P1DT2H3M4.5S", 93_784_500),
        ("P2W", 1_209_600_000),
        (90, 90),
    ],
)
def test_a_duration_is_read(text: Any, ms: int) -> None:
    assert duration_ms(text) == ms


@pytest.mark.parametrize(
    "text", ["", "s", "90", "1 s", "-1s", -1, True, "P", "PT", "P1DT", "P1Y", "PT1H1D", "٣s", 1.5]
)
def test_anything_else_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration_ms(text)
