"""What `format` words of the contracts mean to the judge: only what is clearly wrong is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import FormatChecker

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*\Z")
_WEB: Final = re.compile(r"(?i)https?://[^/?#\s]+")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_DATE_TIME: Final = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)"
    r"(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d)\Z"
)
_DATE: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\Z")


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI; a web address also needs a host."""
    if not _URI.match(text):
        return False
    return not text.lower().startswith("http") or bool(_WEB.match(text))


_CHECKS: Final = {
    "uri": is_uri,
    "uuid": lambda text: bool(_UUID.match(text)),
    "date-time": lambda text: bool(_DATE_TIME.match(text)),
    "date": lambda text: bool(_DATE.match(text)),
    "email": lambda text: bool(_EMAIL.match(text)),
}


def checker() -> FormatChecker:
    """Return a checker of the formats known here; values that are no text pass."""
    from jsonschema import FormatChecker

    found = FormatChecker(formats=())
    for name, holds in _CHECKS.items():

        def judge(value: Any, holds: Any = holds) -> bool:
            return not isinstance(value, str) or bool(holds(value))

        found.checks(name)(judge)
    return found
