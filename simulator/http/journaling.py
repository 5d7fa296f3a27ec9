"""Journals what is served beside the vendor edge: files and uploads.

Their bytes are not kept, only how many there were. The control plane is no exchange of a tenant.
"""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.core.clock import monotonic_ns, system_ms
from simulator.core.journal import Exchange
from simulator.core.tenant import DEFAULT, Tenant
from simulator.house import House

ASSETS = "/_assets/"


class Journaled:
    """An ASGI app whose replies under `/_assets/` carry an exchange id and are journaled."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one for a file is recorded in the tenant that its path names."""
        if scope["type"] != "http" or not scope["path"].startswith(ASSETS):
            await self._app(scope, receive, send)
            return
        tenant, provider = await self._tenant_of(scope["path"])
        exchange = Exchange(
            id=tenant.next_exchange(),
            tenant=tenant.name,
            started_at_ms=system_ms(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            request_headers=tuple(scope["headers"]),
            provider=provider,
        )
        started_ns = monotonic_ns()
        try:
            await self._app(scope, _counting(receive, exchange), _noting(send, exchange))
        finally:
            exchange.duration_us = (monotonic_ns() - started_ns) // 1000
            tenant.journal.record(exchange)

    async def _tenant_of(self, path: str) -> tuple[Tenant, str]:
        """The tenant and the provider of `/_assets/<provider>/<tenant>/…`."""
        parts = path.split("/", 4)
        provider = parts[2] if parts[2] in self._house.providers else ""
        named = await self._house.tenant(parts[3] if len(parts) > 4 else DEFAULT)
        return named or await self._house.default(), provider


def _counting(receive: Receive, exchange: Exchange) -> Receive:
    async def counted() -> Message:
        message = await receive()
        exchange.request_size += len(message.get("body", b""))
        return message

    return counted


def _noting(send: Send, exchange: Exchange) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Any] = list(message.get("headers", ()))
            headers.append((b"understudy-exchange", exchange.id.encode()))
            message = {**message, "headers": headers}
            exchange.status = message["status"]
            exchange.reply_headers = tuple(headers)
        else:
            exchange.reply_size += len(message.get("body", b""))
        await send(message)

    return noted
