"""Tenants: isolated worlds, each with its clock, seed, accounts, runs and journal.

A tenant object is a view of records in the store, so that many processes can share one world.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import anyio
import msgspec
from msgspec.structs import replace

from simulator.core.accounts import ACCOUNTS, KEYS, Account, Key, key_digest
from simulator.core.clock import CLOCKS, Clock, Pace, system_ms
from simulator.core.journal import Journal
from simulator.core.runs import Stage
from simulator.core.store import GLOBAL, Kind, R, Store, Tx

if TYPE_CHECKING:
    from simulator.core.passage import Courier

T = TypeVar("T")

DEFAULT = "default"
"""The tenant that always exists."""

_LONGEST_NAP_S = 60.0


class TenantRecord(msgspec.Struct, frozen=True):
    """What is kept of a tenant itself, and what a reset goes back to.

    `created_at_ms` is system time, `founded_at_ms` what the tenant's clock then showed; `clock` as
    it was founded (None is system time). `stage_ms` replaces the length of every stage if set.
    `keys` are those that it was founded with, by digest, the first account's first at each
    provider. Not asked for in `expires_after_ms` of system time, it goes.
    """

    name: str
    seed: str
    created_at_ms: int
    founded_at_ms: int
    stage_ms: int | None = None
    clock: Clock | None = None
    keys: dict[str, Key] = {}
    expires_after_ms: int | None = None


TENANTS: Kind[TenantRecord] = Kind("tenant", TenantRecord)

KEYRING: Kind[Key] = Kind("keyring", Key)
"""The keys of a tenant, by digest, in that tenant itself."""

_EXPIRIES = "expiries"
_ADDED = "added_keys"


class Tenant:
    """One isolated world."""

    def __init__(self, record: TenantRecord, store: Store, journal: Journal) -> None:
        self.record = record
        self.name = record.name
        self.seed = record.seed
        self.journal = journal
        self.used_at_ms = record.created_at_ms
        self.furnished: set[str] = set()
        self.courier: Courier | None = None
        self._stage_ms = record.stage_ms
        self._store = store
        self._moved: anyio.Event | None = None
        self._passing: anyio.Lock | None = None
        self._exchanges = 0

    @property
    def passing(self) -> "anyio.Lock":
        """Held by whoever moves or sets the clock, so that they do it one after the other."""
        if self._passing is None:
            self._passing = anyio.Lock()
        return self._passing

    def account_ids(self, provider: str) -> tuple[str, ...]:
        """The accounts at a provider that the tenant was founded with."""
        keys = self.record.keys.values()
        return tuple(key.account_id for key in keys if key.provider == provider)

    def begin_again(self, record: TenantRecord) -> None:
        """Be the new world that a record tells of."""
        self.record = record
        self.furnished.clear()
        self.journal.clear()
        self._exchanges = 0
        self.wake()

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run one transaction in this tenant."""
        return await self._store.transact(self.name, work)

    async def read(self, kind: Kind[R], key: str) -> R | None:
        """Read one record of this tenant as it stands, outside of any transaction."""
        return await self._store.read(self.name, kind, key)

    async def time_in(self, tx: Tx) -> int:
        """The tenant's time, read inside a transaction."""
        clock = await tx.get(CLOCKS, "")
        now_ms = system_ms()
        return now_ms if clock is None else clock.now_ms(now_ms)

    async def pace_in(self, tx: Tx, provider: str) -> tuple[int, Pace]:
        """The tenant's time, and how new runs of a provider get on, inside a transaction."""
        clock = await tx.get(CLOCKS, "")
        now_ms = system_ms()
        if clock is None:
            return now_ms, "clock"
        return clock.now_ms(now_ms), clock.pace_of(provider)

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

    @property
    def exchange_count(self) -> int:
        """How many exchanges were begun, whether the journal still has them or not."""
        return self._exchanges

    async def account(self, account_id: str) -> Account | None:
        """Read an account as it stands."""
        return await self._store.read(self.name, ACCOUNTS, account_id)


async def held_digests(tx: Tx, record: TenantRecord) -> list[str]:
    """The digests of a tenant's keys: those it was founded with, then those added, by digest."""
    added = [digest for _, digest in await tx.index_range(_ADDED)]
    return [*record.keys, *(digest for digest in added if digest not in record.keys)]


class Tenants:
    """All worlds of a store, and whose a key is."""

    def __init__(self, store: Store, journals: Callable[[], Journal]) -> None:
        self.store = store
        self.courier: Courier | None = None
        self._journals = journals
        self._open: dict[str, Tenant] = {}

    async def create(
        self,
        name: str,
        *,
        seed: str,
        clock: Clock | None = None,
        stage_ms: int | None = None,
        keys: dict[str, Key] | None = None,
        expires_after_ms: int | None = None,
    ) -> Tenant:
        """Make a new, empty tenant whose keys (by digest) are known.

        Raises `ValueError` if the name is taken.
        """
        now_ms = system_ms()
        record = TenantRecord(
            name,
            seed,
            now_ms,
            now_ms if clock is None else clock.now_ms(now_ms),
            stage_ms,
            clock,
            keys or {},
            expires_after_ms,
        )

        async def register(tx: Tx) -> None:
            if await tx.get(TENANTS, name) is not None:
                raise ValueError(f"tenant {name!r} exists")
            await tx.put(TENANTS, name, record)
            for digest, key in record.keys.items():
                await tx.put(KEYS, digest, key)
            if expires_after_ms is not None:
                await tx.index_add(_EXPIRIES, now_ms + expires_after_ms, name)

        await self.store.transact(GLOBAL, register)
        tenant = self._opened(record)
        if clock is not None:
            await tenant.set_clock(lambda _before, _now_ms: clock)
        return tenant

    async def get(self, name: str) -> Tenant | None:
        """Find a tenant by its name, which counts as a use of it; one that expired is gone."""
        tenant = self._open.get(name)
        if tenant is None:
            record = await self.store.read(GLOBAL, TENANTS, name)
            if record is None:
                return None
            tenant = self._opened(record)
        after_ms = tenant.record.expires_after_ms
        if after_ms is not None:
            now_ms = system_ms()
            if now_ms > tenant.used_at_ms + after_ms:
                await self.delete(tenant)
                return None
            tenant.used_at_ms = now_ms
        return tenant

    def at_hand(self, name: str) -> Tenant | None:
        """A tenant that is open here and for good, so that its use need not be noted."""
        tenant = self._open.get(name)
        return tenant if tenant is None or tenant.record.expires_after_ms is None else None

    async def found(self, name: str) -> Tenant | None:
        """Find a tenant by its name without using it; None if it is gone."""
        if (tenant := self._open.get(name)) is not None:
            return tenant
        record = await self.store.read(GLOBAL, TENANTS, name)
        return None if record is None else self._opened(record)

    async def all(self) -> list[TenantRecord]:
        """List the tenants by name, those that expired left out."""
        await self.expire()
        return await self.store.transact(GLOBAL, lambda tx: tx.all(TENANTS))

    async def expire(self) -> None:
        """Delete every tenant that was idle for too long."""
        now_ms = system_ms()

        async def due(tx: Tx) -> list[str]:
            entries = await tx.index_range(_EXPIRIES, high=now_ms - 1)
            gone = []
            for at_ms, name in entries:
                await tx.index_remove(_EXPIRIES, at_ms, name)
                tenant = self._open.get(name)
                after_ms = None if tenant is None else tenant.record.expires_after_ms
                if tenant is None or after_ms is None:
                    continue
                expires_at_ms = tenant.used_at_ms + after_ms
                if expires_at_ms < now_ms:
                    gone.append(name)
                else:
                    await tx.index_add(_EXPIRIES, expires_at_ms, name)
            return gone

        for name in await self.store.transact(GLOBAL, due):
            if (tenant := self._open.get(name)) is not None:
                await self.delete(tenant)

    def close_journals(self) -> None:
        """Let all go who follow a journal."""
        for tenant in self._open.values():
            tenant.journal.close()

    async def delete(self, tenant: Tenant) -> None:
        """Remove a tenant, its keys and everything in it."""
        digests = await self._digests(tenant)

        async def unregister(tx: Tx) -> None:
            await tx.delete(TENANTS, tenant.name)
            for digest in digests:
                await tx.delete(KEYS, digest)

        await self.store.transact(GLOBAL, unregister)
        self._open.pop(tenant.name, None)
        tenant.journal.close()
        tenant.journal.clear()
        tenant.wake()
        await self.store.forget(tenant.name)

    async def reset(self, tenant: Tenant) -> None:
        """Begin a tenant again as it was founded: same seed, same keys, nothing else left.

        A clock founded on system time shows system time again.
        """
        digests = await self._digests(tenant)
        now_ms = system_ms()
        clock = tenant.record.clock
        if clock is not None:
            is_system = clock.tenant_ms == clock.system_ms
            tenant_ms = now_ms if is_system else clock.tenant_ms
            clock = replace(clock, system_ms=now_ms, tenant_ms=tenant_ms)
        founded_at_ms = now_ms if clock is None else clock.tenant_ms
        record = replace(tenant.record, founded_at_ms=founded_at_ms, clock=clock)

        async def register(tx: Tx) -> None:
            for digest in digests:
                await tx.delete(KEYS, digest)
            for digest, key in record.keys.items():
                await tx.put(KEYS, digest, key)
            await tx.put(TENANTS, record.name, record)

        async with tenant.passing:
            await self.store.transact(GLOBAL, register)
            await self.store.forget(tenant.name)
            tenant.begin_again(record)
            if clock is not None:
                await tenant.set_clock(lambda _before, _now_ms: clock)

    async def add_key(self, provider: str, key: str, record: Key) -> str:
        """Make a key known, or what is known of it; only its digest is kept, and answered."""
        digest = key_digest(provider, key)
        await self.put_key(digest, record)
        return digest

    async def put_key(self, digest: str, record: Key) -> None:
        """Set what is known of the key with a digest."""

        async def work(tx: Tx) -> None:
            await tx.put(KEYS, digest, record)

        async def hang(tx: Tx) -> None:
            await tx.put(KEYRING, digest, record)
            await tx.index_add(_ADDED, 0, digest)

        await self.store.transact(GLOBAL, work)
        await self.store.transact(record.tenant, hang)

    async def key(self, provider: str, key: str) -> Key | None:
        """Whose a key is, if anybody's."""
        return await self.store.read(GLOBAL, KEYS, key_digest(provider, key))

    async def _digests(self, tenant: Tenant) -> set[str]:
        """All keys that a tenant ever had."""
        return set(await tenant.transact(lambda tx: held_digests(tx, tenant.record)))

    def _opened(self, record: TenantRecord) -> Tenant:
        tenant = Tenant(record, self.store, self._journals())
        tenant.courier = self.courier
        self._open[record.name] = tenant
        return tenant
