"""What Leonardo's rules take for a UUID, for a whole number, and for names both clients know."""

from __future__ import annotations

import re
from typing import Any, Final

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SD_VERSIONS: Final = (
    "v1_5", "v2", "v3", "SDXL_0_8", "SDXL_0_9", "SDXL_1_0", "SDXL_LIGHTNING", "PHOENIX", "FLUX",
    "FLUX_DEV", "KINO_2_0",
)  # fmt: skip
"""Base models [openapi: image-generation, elements]; other names break both clients."""

SCHEDULERS: Final = (
    "KLMS", "EULER_ANCESTRAL_DISCRETE", "EULER_DISCRETE", "DDIM", "DPM_SOLVER", "PNDM", "LEONARDO",
)  # fmt: skip
"""Schedulers [openapi: image-generation]."""


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID in a text, of whatever version."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def is_whole(value: Any) -> bool:
    """Whether a JSON value is an integer; a boolean is none."""
    return isinstance(value, int) and not isinstance(value, bool)
