"""One request that a driver wants to send, before any key stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from conformance.model import Tier

FIRST: Final = ("", "first")
KEY: Final = "<first>"


@dataclass(frozen=True, slots=True)
class Probe:
    """A request to be sent, what for, and which tier it belongs to.

    `credentials` are pairs of scheme name and key label; the empty scheme is the operation's
    first. Labels: `first`, `second`, `unknown`, `truncated`, `extended`, `swapped-case`, `empty`,
    `bare` (a bearer scheme without its word), `basic` (the wrong word). `operation` is the
    operationId, "" where none is meant. `repeat` sends it as often. `jobs` is the worst number of
    jobs it can start. `body` of None sends none. `KEY` in `query` stands for the first key itself.
    `is_sure` says that the request is what its name says, without its being read first.
    """

    method: str
    path: str
    driver: str
    probe: str
    operation: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    credentials: tuple[tuple[str, str], ...] = (FIRST,)
    tier: Tier = Tier.FREE
    subject: str = ""
    series: str = ""
    step: str = ""
    url: str = ""
    is_sure: bool = True


def json_body(value: Any) -> bytes:
    """Return a value as the JSON text that a client sends."""
    return orjson.dumps(value)
