"""Files that a request names by links: who fetches them is the edge's business."""

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

import anyio

from simulator.core.errors import InputUnreachable

Fetch = Callable[[str, str], Awaitable[bytes]]
"""Fetches the file at a URL, of a kind: `image`, `video` or `audio`.

Answers all of an image and the beginning of anything else; raises `NotFetched`.
"""

_LONGEST_S = 20.0
"""How long the files of one request may take together."""


class NotFetched(Exception):
    """Why a file could not be had, as a snake-case word: `unreachable`, `address_refused`, …"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Link(NamedTuple):
    """A link in a request: the JSON pointer of its place in the body, and the kind of its file."""

    pointer: str
    url: str
    kind: str


async def fetch_all(fetch: Fetch, links: Iterable[Link]) -> bytes | None:
    """Fetch files one after another; answers the first picture. Raises `InputUnreachable`.

    Data URLs carry their files in themselves, and are passed over.
    """
    picture: bytes | None = None
    pointer = ""
    try:
        with anyio.fail_after(_LONGEST_S):
            for link in links:
                if link.url[:5].lower() == "data:":
                    continue
                pointer = link.pointer
                content = await fetch(link.url, link.kind)
                if link.kind == "image" and picture is None:
                    picture = content
    except NotFetched as error:
        raise InputUnreachable(pointer, error.reason) from error
    except TimeoutError as error:
        raise InputUnreachable(pointer, "too_slow") from error
    return picture
