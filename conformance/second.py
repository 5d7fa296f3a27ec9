"""The second judge: openapi-core reads replies by the same contracts, with code that shares nothing
with the first. It takes 0.6 s to start and a millisecond a reply, so it is imported when asked.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters

from conformance.exchange import Exchange
from conformance.reading import Reading
from contracts import Contract

_LONGEST: Final = 300


@dataclass(slots=True)
class JudgedRequest:
    """A request as openapi-core wants to see it; `path` is the full one."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters = field(default_factory=RequestParameters)
    content_type: str = ""
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class JudgedReply:
    """A reply as openapi-core wants to see it."""

    status_code: int
    content_type: str
    headers: Mapping[str, Any]
    data: bytes | None


class SecondJudge:
    """One or two contracts as openapi-core reads them; equal replies are judged once."""

    def __init__(self, contracts: tuple[Contract, ...]) -> None:
        self._readers = tuple(_reader(contract) for contract in contracts)
        self._known: dict[tuple[object, ...], str] = {}

    def fault(self, reading: Reading) -> str:
        """Return what is wrong with a declared reply; empty if it fits one contract."""
        exchange = reading.exchange
        operation = reading.operation.id if reading.operation else ""
        key = (operation, exchange.status, exchange.reply_body, _headers(reading))
        if key not in self._known:
            found = [reader.fault(exchange, reading.path) for reader in self._readers]
            self._known[key] = "" if not all(found) else found[0]
        return self._known[key]


class _Reader:
    """openapi-core with one contract."""

    def __init__(self, contract: Contract) -> None:
        server = urlsplit(contract.document["servers"][0]["url"])
        self._origin = f"{server.scheme}://{server.netloc}"
        self._replies = OpenAPI.from_dict(contract.document).response_validator

    def fault(self, exchange: Exchange, path: str) -> str:
        """Return the first thing that is wrong with a reply, empty if nothing is."""
        headers = httpx.Headers(list(exchange.reply_headers))
        kind = headers.get("content-type", "")
        reply = JudgedReply(exchange.status, kind, headers, exchange.reply_body)
        request = JudgedRequest(self._origin, path, exchange.method.lower())
        with warnings.catch_warnings():
            # A deprecated operation is judged like any other.
            warnings.simplefilter("ignore", DeprecationWarning)
            return _first(self._replies.iter_errors(request, reply))


@cache
def _reader(contract: Contract) -> _Reader:
    return _Reader(contract)


def _headers(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return the headers that a contract speaks of; others may differ in each reply."""
    names = {"content-type", *(name.lower() for spec in reading.specs() for name in spec.headers)}
    headers = ((name.lower(), value) for name, value in reading.exchange.reply_headers)
    return tuple(pair for pair in headers if pair[0] in names)


def _first(errors: Iterable[Exception]) -> str:
    """Return the first error in one line, with the first cause that its schema names."""
    for error in errors:
        words = " ".join(str(error).split()) or type(error).__name__
        for inner in getattr(error.__cause__, "schema_errors", ()):
            place = "/".join(map(str, inner.absolute_path))
            return f"/{place}: {inner.message}"[:_LONGEST]
        return words[:_LONGEST]
    return ""
