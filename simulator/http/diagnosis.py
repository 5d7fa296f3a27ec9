"""Headers that explain a refusal, so that a vendor's body never has to."""

import json
from collections.abc import Sequence
from typing import Any

from simulator.core.errors import Violation

_LONGEST_HEADER = 4000


def diagnostic_headers(
    violations: Sequence[Violation], closest: Sequence[str]
) -> list[tuple[bytes, bytes]]:
    """`Understudy-Violations` as compact JSON, `Understudy-Closest` as a comma-separated list.

    A list of violations too long for a header ends with how many more there are.
    """
    headers = []
    if violations:
        headers.append((b"understudy-violations", _compact(violations)))
    if closest:
        headers.append((b"understudy-closest", ", ".join(closest).encode("ascii", "replace")))
    return headers


def _compact(violations: Sequence[Violation]) -> bytes:
    items: list[dict[str, Any]] = [
        {
            "location": item.location,
            "pointer": item.pointer[:200],
            "message": item.message[:200],
        }
        for item in violations[:100]
    ]
    text = _dumped(items)
    while len(text) > _LONGEST_HEADER:
        del items[len(items) // 2 :]
        text = _dumped([*items, {"more": len(violations) - len(items)}])
    return text.encode("ascii")


def _dumped(items: list[dict[str, Any]]) -> str:
    return json.dumps(items, separators=(",", ":"), ensure_ascii=True)
