"""Parts of the app that come when they are first needed, so that a start stays cheap."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.core.store import GLOBAL
from simulator.core.webhooks import SUBSCRIBED
from simulator.house import House

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from simulator.core.passage import Happening
    from simulator.http.deliver import Courier


class Later:
    """An app that is made with the first request to it."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        app = self._app = self._app or self._make()
        await app(scope, receive, send)


class LateCourier:
    """The courier, who comes with the first subscription."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._group: TaskGroup | None = None
        self._is_at_work = False
        if house.settings.webhook_allow:
            _ = self._courier  # says what is no address

    @cached_property
    def _courier(self) -> "Courier":
        from simulator.http.deliver import Courier

        return Courier(self._house)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Deliver what falls due while clocks run, from the first subscription on."""
        if self._group is not None:
            yield  # at work for another app of this house
            return
        async with anyio.create_task_group() as group:
            self._group = group
            if await self._house.tenants.store.transact(GLOBAL, lambda tx: tx.all(SUBSCRIBED)):
                self.attend()
            try:
                yield
            finally:
                self._group, self._is_at_work = None, False
            group.cancel_scope.cancel()

    async def deliver_due(self, tenant: str) -> "list[Happening]":
        """Attempt everything that is due in a tenant; answers once it was attempted."""
        return await self._courier.deliver_due(tenant)

    async def refusal(self, url: str) -> str:
        """Why nothing may be sent to a URL; empty if it may."""
        return await self._courier.refusal(url)

    def attend(self) -> None:
        """Look for tenants with subscriptions now."""
        if self._group is not None and not self._is_at_work:
            self._is_at_work = True
            self._group.start_soon(self._courier.run)
        self._courier.attend()
