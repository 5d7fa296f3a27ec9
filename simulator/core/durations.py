"""Lengths of time as people write them: `90s`, `1h30m`, `PT1M30S`, or a number of milliseconds."""

import re
from collections.abc import Iterable

_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_NUMBER = r"(\d{1,15}(?:\.\d{1,9})?)"
_SHORT_PART = rf"(?a:{_NUMBER}(ms|s|m|h|d|w))"
_SHORT = rf"(?a:(?:{_NUMBER}(?:ms|s|m|h|d|w))+)"
_ISO = (
    rf"(?a:P(?=[\dT])(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)"
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
        if re.fullmatch(_SHORT, value):
            return _sum_ms(re.findall(_SHORT_PART, value))
        if (iso := re.fullmatch(_ISO, value)) is not None:
            parts = zip(iso.groups(), _ISO_UNITS, strict=True)
            return _sum_ms((number, unit) for number, unit in parts if number is not None)
    raise ValueError(f"a duration is written 90s, 1h30m, PT90S or in ms, not {value!r}")


def _sum_ms(parts: Iterable[tuple[str, str]]) -> int:
    from decimal import Decimal  # costs a start what few starts need

    return int(sum(Decimal(number) * _UNIT_MS[unit] for number, unit in parts))
