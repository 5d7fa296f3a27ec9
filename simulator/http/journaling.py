"""Journals what is served beside the vendor edge: files and uploads.

Their bytes are not kept, only how many there were. The control plane is no exchange of a tenant.
"""

import asyncio
import logging
import traceback
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.core import heads, jsontext
from simulator.core.clock import monotonic_ns, system_ms
from simulator.core.journal import Exchange
from simulator.core.scenarios import DOWNLOAD
from simulator.core.tenant import DEFAULT, Tenant
from simulator.house import House
from simulator.http.breaking import BrokenExchange, Way
from simulator.http.downloads import download_twist, send_download
from simulator.http.wire import WIRE
from simulator.provider import Reply

_STOPPED = b'{"error":"the stand-in was stopped"}'
_BUG = b'{"error":"a bug of the stand-in, not the provider\'s answer"}'
_log = logging.getLogger("understudy")


class Journaled:
    """An app of `/_assets/…` whose replies carry an exchange id and are journaled."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and record it in the tenant that its path names."""
        tenant, provider = await self._tenant_of(scope["path"])
        exchange = Exchange(
            id=tenant.next_exchange(),
            tenant=tenant.name,
            started_at_ms=system_ms(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            provider=provider,
            operation=DOWNLOAD if scope["method"] in ("GET", "HEAD") else "",
        )
        started_ns = monotonic_ns()
        reply_headers: list[tuple[bytes, bytes]] = []
        noted = _noting(send, exchange, reply_headers)
        counted = _counting(receive, exchange)
        try:
            twist = await download_twist(self._house, tenant, exchange, scope["headers"])
            if twist is None:
                await self._app(scope, counted, noted)
            elif isinstance(twist, Reply):
                told = [(name.encode(), value.encode()) for name, value in twist.headers]
                await _apologized(noted, exchange, twist.status, jsontext.dumps(twist.body), *told)
            else:
                way = Way(scope, counted, send)
                reply_headers += await send_download(self._app, twist, tenant, exchange, way)
        except BrokenExchange:
            raise
        except asyncio.CancelledError:  # the server stops while a client sends
            exchange.error = "stopped"
            await _apologized(noted, exchange, 503, _STOPPED)
            if WIRE not in scope.get("extensions", {}):
                raise  # whoever waits in this process has stopped waiting
        except Exception:
            exchange.bug = traceback.format_exc()
            _log.exception("bug while answering %s %s", exchange.method, exchange.path)
            await _apologized(noted, exchange, 500, _BUG, (b"x-understudy-bug", b"1"))
        finally:
            exchange.duration_us = (monotonic_ns() - started_ns) // 1000
            exchange.request_head = heads.packed(scope["headers"])
            exchange.reply_head = heads.packed(reply_headers)
            tenant.journal.record(exchange)

    async def _tenant_of(self, path: str) -> tuple[Tenant, str]:
        """The tenant and the provider of `/_assets/<provider>/<tenant>/…`."""
        parts = path.split("/", 4)
        provider = parts[2] if parts[2] in self._house.providers else ""
        named = await self._house.tenant(parts[3] if len(parts) > 4 else DEFAULT)
        return named or await self._house.default(), provider


async def _apologized(
    send: Send, exchange: Exchange, status: int, body: bytes, *headers: tuple[bytes, bytes]
) -> None:
    """Answer in place of the app, unless it had begun to."""
    if exchange.status:
        return
    length = str(len(body)).encode()
    pairs = [(b"content-type", b"application/json"), (b"content-length", length), *headers]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _counting(receive: Receive, exchange: Exchange) -> Receive:
    async def counted() -> Message:
        message = await receive()
        exchange.request_size += len(message.get("body", b""))
        return message

    return counted


def _noting(send: Send, exchange: Exchange, reply_headers: list[tuple[bytes, bytes]]) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Any] = list(message.get("headers", ()))
            headers.append((b"understudy-exchange", exchange.id.encode()))
            message = {**message, "headers": headers}
            exchange.status = message["status"]
            reply_headers.extend(headers)
        else:
            exchange.reply_size += len(message.get("body", b""))
        await send(message)

    return noted
