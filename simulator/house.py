"""The house: which providers live here, and the founding of tenants for them.

Furnishes new tenants with accounts, keys and the providers' own records, and says who holds a key.
"""

from collections.abc import Mapping

import anyio
import msgspec

from simulator.core import ids
from simulator.core.accounts import ACCOUNTS, KEYS, Account, Key, key_digest
from simulator.core.clock import Clock, system_ms
from simulator.core.journal import Journal
from simulator.core.store import GLOBAL, Store, Tx
from simulator.core.tenant import DEFAULT, Tenant, Tenants
from simulator.provider import Provider, Settlement
from simulator.settings import Settings


class Holder(msgspec.Struct, frozen=True, gc=False):
    """Who holds a key: the key's record, its tenant and its account."""

    key: Key
    tenant: Tenant
    account: Account


class House:
    """Providers and the tenants that use them; `opened` is the default tenant once it is there."""

    def __init__(self, providers: Mapping[str, Provider], settings: Settings, store: Store) -> None:
        self.providers = providers
        self.settings = settings
        self.tenants = Tenants(store, lambda: Journal(settings.journal_bytes))
        self.opened: Tenant | None = None
        self._founding: anyio.Lock | None = None

    async def default(self) -> Tenant:
        """The tenant that always exists, founded at first use."""
        if self.opened is not None:
            return self.opened
        if self._founding is None:
            self._founding = anyio.Lock()
        async with self._founding:
            return self.opened or await self.open()

    async def open(self) -> Tenant:
        """Found the default tenant, or find it in a store that outlived its process."""
        self.opened = await self.tenants.get(DEFAULT) or await self._found_default()
        return self.opened

    async def tenant(self, name: str) -> Tenant | None:
        """Find a tenant by name."""
        return await self.default() if name == DEFAULT else await self.tenants.get(name)

    async def found(
        self,
        name: str,
        *,
        seed: str,
        clock: Clock | None = None,
        stage_ms: int | None = None,
        keys: Mapping[str, tuple[str, ...]] | None = None,
    ) -> tuple[Tenant, dict[str, tuple[str, ...]]]:
        """Make a tenant with two accounts at every provider; answers it and its keys.

        `keys` gives the keys of a provider's accounts, the first account's first (the third opens
        a third account, and so on); otherwise they are drawn from name and seed.
        Raises `ValueError` if the name is taken.
        """
        tenant = await self.tenants.create(name, seed=seed, clock=clock, stage_ms=stage_ms)
        given = keys or {}
        issued = {
            provider.name: await self._furnish(tenant, provider, given.get(provider.name))
            for provider in self.providers.values()
        }
        return tenant, issued

    async def holder(self, provider: Provider, key: str) -> Holder | None:
        """Say who holds a key; None if nobody does, or it was revoked."""
        read = self.tenants.store.read
        record = await read(GLOBAL, KEYS, key_digest(provider.name, key))
        if record is None:
            if not (self.settings.any_key and provider.is_key(key)):
                return None
            record = await self._welcome(provider, key)
        if record.is_revoked:
            return None
        tenant = await self.tenants.get(record.tenant)
        account = await read(record.tenant, ACCOUNTS, record.account_id)
        return None if tenant is None or account is None else Holder(record, tenant, account)

    async def open_account(
        self, tenant: Tenant, provider: Provider, account_id: str, key: str, name: str
    ) -> Key:
        """Open an account at a provider and make its key known."""
        account = Account(
            account_id,
            provider.name,
            name,
            provider.opening_nanos,
            refill_nanos=provider.opening_nanos,
            limits=provider.limits if self.settings.limits == "vendor" else (),
        )
        record = Key(tenant.name, provider.name, account_id)

        async def work(tx: Tx) -> None:
            if await tx.get(ACCOUNTS, account_id) is None:
                await tx.put(ACCOUNTS, account_id, account)

        await tenant.transact(work)
        await self.tenants.add_key(provider.name, key, record)
        return record

    async def _found_default(self) -> Tenant:
        settings = self.settings
        stage_s = settings.stage_seconds
        keys = {
            name: (given := settings.keys.get(name, ())) + provider.demo_keys[len(given) :]
            for name, provider in self.providers.items()
        }
        now_ms = system_ms()
        tenant, _ = await self.found(
            DEFAULT,
            seed=settings.seed,
            clock=settings.clock or Clock(now_ms, now_ms, settings.speed),
            stage_ms=None if stage_s is None else round(stage_s * 1000),
            keys=keys,
        )
        return tenant

    async def _furnish(
        self, tenant: Tenant, provider: Provider, keys: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        now_ms = await tenant.now_ms()
        is_default = tenant.name == DEFAULT
        if keys is None:
            source = f"{tenant.name}\0{tenant.seed}"
            keys = tuple(
                provider.new_key(ids.entropy(source, f"key:{provider.name}", number))
                for number in (0, 1)
            )
        account_ids = [
            provider.demo_account_ids[number]
            if is_default and number < len(provider.demo_account_ids)
            else provider.account_id(
                ids.entropy(tenant.seed, f"account:{tenant.name}:{provider.name}", number), now_ms
            )
            for number in range(len(keys))
        ]
        for number, (account_id, key) in enumerate(zip(account_ids, keys, strict=True)):
            await self.open_account(tenant, provider, account_id, key, f"account {number + 1}")
        furnish = provider.furnish
        if furnish is not None:
            first_two = (account_ids[0], account_ids[1])
            settlement = Settlement(tenant.name, tenant.seed, now_ms, first_two, is_default)
            await tenant.transact(lambda tx: furnish(tx, settlement))
        return keys

    async def _welcome(self, provider: Provider, key: str) -> Key:
        """Open an account of the default tenant for a key seen for the first time."""
        tenant = await self.default()
        digest = key_digest(provider.name, key)
        source = ids.entropy(tenant.seed, f"welcome:{digest}", 0)
        account_id = provider.account_id(source, await tenant.now_ms())
        return await self.open_account(tenant, provider, account_id, key, "any key")
