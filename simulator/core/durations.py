"""Lengths of time as people write them: `90s`, `1h30m`, `PT1M30S`, or a number of milliseconds."""

import re
from decimal import Decimal

_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_NUMBER = r"(\d{1,15}(?:\.\d{1,9})?)"
_SHORT_PART = re.compile(_NUMBER + r"(ms|s|m|h|d|w)", re.ASCII)
_SHORT = re.compile(rf"(?:{_NUMBER}(?:ms|s|m|h|d|w))+", re.ASCII)
_ISO = re.compile(
    rf"P(?=[\dT])(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_ISO_UNITS = ("w", "d", "h", "m", "s")


def duration_ms(value: str | int) -> int:
    """A length of time in ms: a whole number of them, `1h30m`, or an ISO 8601 duration.

    Parts of a millisecond are dropped. Years and months, whose length differs, are not taken.
    Raises `ValueError` with one line of reason.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise ValueError("a duration is not negative")
        return value
    if isinstance(value, str):
        if _SHORT.fullmatch(value):
            return int(sum(Decimal(n) * _UNIT_MS[unit] for n, unit in _SHORT_PART.findall(value)))
        if (iso := _ISO.fullmatch(value)) is not None:
            parts = zip(iso.groups(), _ISO_UNITS, strict=True)
            return int(sum(Decimal(n) * _UNIT_MS[unit] for n, unit in parts if n is not None))
    raise ValueError(f"a duration is written 90s, 1h30m, PT90S or in ms, not {value!r}")
