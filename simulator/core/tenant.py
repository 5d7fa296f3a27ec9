"""Tenants: isolated worlds, each with its clock, seed, accounts, runs and journal.

A tenant object is a view of records in the store, so that many processes can share one world.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import msgspec

from simulator.core.accounts import ACCOUNTS, KEYS, Account, Key, key_digest
from simulator.core.clock import CLOCKS, Clock, system_ms
from simulator.core.journal import Journal
from simulator.core.runs import Stage
from simulator.core.store import GLOBAL, Kind, Store, Tx

T = TypeVar("T")

DEFAULT = "default"
"""The tenant that always exists."""

_LONGEST_NAP_S = 60.0


class TenantRecord(msgspec.Struct, frozen=True):
    """What is kept of a tenant itself; `stage_ms` replaces the length of every stage if set."""

    name: str
    seed: str
    created_at_ms: int
    stage_ms: int | None = None


TENANTS: Kind[TenantRecord] = Kind("tenant", TenantRecord)


class Tenant:
    """One isolated world."""

    def __init__(self, record: TenantRecord, store: Store, journal: Journal) -> None:
        self.name = record.name
        self.seed = record.seed
        self.journal = journal
        self._stage_ms = record.stage_ms
        self._store = store
        self._moved: anyio.Event | None = None
        self._exchanges = 0

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run one transaction in this tenant."""
        return await self._store.transact(self.name, work)

    async def time_in(self, tx: Tx) -> int:
        """The tenant's time, read inside a transaction."""
        clock = await tx.get(CLOCKS, "")
        now_ms = system_ms()
        return now_ms if clock is None else clock.now_ms(now_ms)

    async def now_ms(self) -> int:
        """The tenant's time, in ms since the epoch."""
        clock = await self._store.read(self.name, CLOCKS, "")
        now_ms = system_ms()
        return now_ms if clock is None else clock.now_ms(now_ms)

    async def clock(self) -> Clock:
        """The tenant's clock as it was last set."""

        async def work(tx: Tx) -> Clock:
            now_ms = system_ms()
            return await tx.get(CLOCKS, "") or Clock(now_ms, now_ms)

        return await self.transact(work)

    async def set_clock(self, change: Callable[[Clock, int], Clock]) -> Clock:
        """Set the clock to what `change` makes of it at the present system time."""

        async def work(tx: Tx) -> Clock:
            now_ms = system_ms()
            clock = change(await tx.get(CLOCKS, "") or Clock(now_ms, now_ms), now_ms)
            await tx.put(CLOCKS, "", clock)
            return clock

        clock = await self.transact(work)
        self.wake()
        return clock

    async def sleep_until(self, at_ms: int | None) -> None:
        """Wait until the clock shows a time or is moved; None waits for a move alone."""
        # taken first: a move while the clock is read must not be missed
        moved = self._moved = self._moved or anyio.Event()
        clock = await self.clock()
        wait_ms = None if at_ms is None else clock.system_ms_until(at_ms, system_ms())
        wait_s = _LONGEST_NAP_S if wait_ms is None else min(wait_ms / 1000, _LONGEST_NAP_S)
        with anyio.move_on_after(wait_s):
            await moved.wait()

    def wake(self) -> None:
        """Let everything that waits on this tenant's clock look again."""
        if self._moved is not None:
            self._moved.set()
            self._moved = None

    def stages(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """The stages of a run as this tenant wants them to last."""
        if self._stage_ms is None:
            return stages
        return tuple(Stage(stage.name, self._stage_ms, stage.state) for stage in stages)

    def next_exchange(self) -> str:
        """The id of the next exchange in this tenant."""
        self._exchanges += 1
        return f"{self.name}.{self._exchanges}"

    async def account(self, account_id: str) -> Account | None:
        """Read an account as it stands."""
        return await self._store.read(self.name, ACCOUNTS, account_id)


class Tenants:
    """All worlds of a store, and whose a key is."""

    def __init__(self, store: Store, journals: Callable[[], Journal]) -> None:
        self.store = store
        self._journals = journals
        self._open: dict[str, Tenant] = {}

    async def create(
        self, name: str, *, seed: str, clock: Clock | None = None, stage_ms: int | None = None
    ) -> Tenant:
        """Make a new, empty tenant; raises `ValueError` if the name is taken."""
        record = TenantRecord(name, seed, system_ms(), stage_ms)

        async def register(tx: Tx) -> None:
            if await tx.get(TENANTS, name) is not None:
                raise ValueError(f"tenant {name!r} exists")
            await tx.put(TENANTS, name, record)

        await self.store.transact(GLOBAL, register)
        tenant = self._opened(record)
        if clock is not None:
            await tenant.set_clock(lambda _before, _now_ms: clock)
        return tenant

    async def get(self, name: str) -> Tenant | None:
        """Find a tenant by its name."""
        if (tenant := self._open.get(name)) is not None:
            return tenant
        record = await self.store.read(GLOBAL, TENANTS, name)
        return None if record is None else self._opened(record)

    async def add_key(self, provider: str, key: str, record: Key) -> None:
        """Make a key known; only its digest is kept."""

        async def work(tx: Tx) -> None:
            await tx.put(KEYS, key_digest(provider, key), record)

        await self.store.transact(GLOBAL, work)

    async def key(self, provider: str, key: str) -> Key | None:
        """Whose a key is, if anybody's."""
        return await self.store.read(GLOBAL, KEYS, key_digest(provider, key))

    def _opened(self, record: TenantRecord) -> Tenant:
        tenant = Tenant(record, self.store, self._journals())
        self._open[record.name] = tenant
        return tenant
