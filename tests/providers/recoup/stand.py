"""A Recoup of one's own in this process, asked request by request; its clock stands still."""

from typing import Any

import anyio

import contracts
from contracts import Dialect
from simulator.core.clock import Clock
from simulator.core.store import Kind, R, Tx
from simulator.core.tenant import Tenant
from simulator.house import House
from simulator.http.exchange import VendorEdge
from simulator.http.serving import router_of
from simulator.providers.recoup import PROVIDER
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore
from tests.exchanges.client import Answer, send
from tests.scripts import in_force, script

START_MS = 1_780_000_000_000
FIRST_KEY, SECOND_KEY = PROVIDER.demo_keys


class Stand:
    """One app and its default tenant."""

    def __init__(self, dialect: Dialect, stage_seconds: float | None, any_key: bool) -> None:
        settings = Settings(
            only=("recoup",),
            dialect=dialect,
            stage_seconds=stage_seconds,
            any_key=any_key,
            clock=Clock(0, START_MS, 0.0),
        )
        providers = {"recoup": PROVIDER}
        self.house = House(providers, settings, MemoryStore())
        loaded = {"recoup": contracts.load("recoup", dialect)}
        self.edge = VendorEdge(self.house, router_of(loaded, providers))
        self.tenant: Tenant = anyio.run(self.house.default)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = FIRST_KEY,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Answer:
        """Send one request with a key, unless other headers are given."""
        exchange: dict[str, Any] = {"method": method, "path": path, "query": query}
        exchange["headers"] = {"x-api-key": key} if headers is None else headers
        if body is not None:
            exchange["body"] = body
        return anyio.run(send, self.edge, exchange)

    def advance(self, by_ms: int) -> None:
        """Move the clock on."""

        async def move() -> None:
            await self.tenant.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))

        anyio.run(move)

    def script(self, **members: Any) -> None:
        """Put one script in force."""

        async def work(tx: Tx) -> None:
            await in_force(tx, script("test", **members))

        anyio.run(self.tenant.transact, work)

    def keep(self, kind: Kind[R], key: str, record: R) -> None:
        """Write one record."""

        async def work(tx: Tx) -> None:
            await tx.put(kind, key, record)

        anyio.run(self.tenant.transact, work)


def stand(
    dialect: Dialect = "documented", *, stage_seconds: float | None = 0.0, any_key: bool = False
) -> Stand:
    """Make a stand; by default nothing takes time, with `stage_seconds=None` what it should."""
    return Stand(dialect, stage_seconds, any_key)
