"""What NanoGPT keeps beside runs. A new tenant starts with none of it."""

from typing import Final

import msgspec

from simulator.core.store import Kind


class SourceVideo(msgspec.Struct, frozen=True):
    """What the tenant knows of a video on the web: its length."""

    duration_ms: int


class Moderation(msgspec.Struct, frozen=True):
    """What inline moderation finds in this tenant: `pass`, `flag`, or `unavailable`."""

    verdict: str


SOURCES: Final[Kind[SourceVideo]] = Kind("nanogpt.source", SourceVideo)
"""Source videos by URL."""

MODERATIONS: Final[Kind[Moderation]] = Kind("nanogpt.moderation", Moderation)
"""One record, under the empty key."""
