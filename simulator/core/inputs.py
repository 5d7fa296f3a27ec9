"""Files that a request names by a link: who fetches them is the edge's business."""

from collections.abc import Awaitable, Callable

Fetch = Callable[[str, str], Awaitable[bytes]]
"""Fetches the file at a URL, of a kind: `image`, `video` or `audio`.

Answers all of an image and the beginning of anything else; raises `NotFetched`.
"""


class NotFetched(Exception):
    """Why a file could not be had, as a snake-case word: `unreachable`, `address_refused`, …"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_link(url: str) -> bool:
    """Whether a URL leads elsewhere, and does not carry the file in itself."""
    return url[:5].lower() != "data:"
