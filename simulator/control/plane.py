"""The control plane as its contract declares it: operations to handlers, errors to replies.

A handler is a function of a request that passed the contract; what it raises is told in one line.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

import contracts
from contracts import Operation
from simulator.control import (
    accounts,
    clock,
    exchanges,
    journal,
    pace,
    runs,
    scenarios,
    tenants,
    variety,
    verifying,
    webhooks,
)
from simulator.control.gate import Gate
from simulator.control.reading import Asked, Declined, Reader
from simulator.control.replying import json_reply
from simulator.house import House

CONTRACT = "_control"
"""The folder of the control plane's own contract."""

Handler: TypeAlias = Callable[[Asked], Awaitable[Response]]

_log = logging.getLogger("understudy")
_BUG = {"error": "a bug of the stand-in"}


def control_plane(house: House) -> Router:
    """The app of every operation that has a handler, and of the paths that have none."""
    contract = contracts.load(CONTRACT)
    gate = Gate(house.settings)
    handlers = handlers_of(house)
    places: dict[str, dict[str, tuple[Reader, Handler]]] = {}
    for operation in contract.operations:
        if operation.id in handlers:
            served = (Reader(contract, operation), handlers[operation.id])
            places.setdefault(_route_path(operation), {})[operation.method] = served
    routes = [Route(path, _Place(gate, served)) for path, served in places.items()]
    return Router(routes, redirect_slashes=False, default=_Place(gate, {}))


def handlers_of(house: House) -> Mapping[str, Handler]:
    """The handlers by operationId."""
    return {
        **tenants.handlers(house),
        **clock.handlers(house),
        **pace.handlers(house),
        **accounts.handlers(house),
        **runs.handlers(house),
        **scenarios.handlers(house),
        **variety.handlers(house),
        **journal.handlers(house),
        **exchanges.handlers(house),
        **verifying.handlers(house),
        **webhooks.handlers(house),
    }


class _Place:
    """One path: an ASGI endpoint for all of its methods."""

    def __init__(self, gate: Gate, served: Mapping[str, tuple[Reader, Handler]]) -> None:
        self._gate = gate
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            reply = await self._answered(request)
        except Declined as error:
            reply = _declined(error)
        except Exception:
            _log.exception("bug while answering %s %s", request.method, request.url.path)
            reply = json_reply(_BUG, 500, {"x-understudy-bug": "1"})
        if request.method == "HEAD":
            reply.body = b""
        await reply(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        self._gate.check(request.headers, request.scope["scheme"])
        if not self._served:
            path = request.url.path[:200]
            raise Declined(404, f"nothing at {path}; see /_understudy/contracts/_control.yaml")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in self._served:
            allowed = sorted({*self._served, *({"HEAD"} if "GET" in self._served else ())})
            told = f"{request.method} is not for {request.url.path[:200]}"
            raise Declined(405, told, headers={"allow": ", ".join(allowed)})
        reader, handler = self._served[method]
        return await handler(await reader.read(request))


def _declined(error: Declined) -> Response:
    body: dict[str, Any] = {"error": error.message}
    if error.violations:
        body["violations"] = [violation._asdict() for violation in error.violations]
    return json_reply(body, error.status, error.headers)


def _route_path(operation: Operation) -> str:
    return operation.path
