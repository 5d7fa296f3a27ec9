"""The house: which providers live here, and the founding of tenants for them.

Furnishes tenants with accounts and the providers' own records, and says who holds a key.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import anyio
import msgspec

import contracts
from simulator import resources
from simulator.core import ids, ledger
from simulator.core.accounts import ACCOUNTS, KEYS, Account, Key, key_digest
from simulator.core.budget import Budget
from simulator.core.clock import Clock, system_ms
from simulator.core.inputs import Fetch
from simulator.core.journal import Journal
from simulator.core.store import GLOBAL, Kind, Store, Tx
from simulator.core.tenant import DEFAULT, KEYRING, Tenant, Tenants
from simulator.provider import Provider, Settlement
from simulator.settings import Settings

if TYPE_CHECKING:
    from simulator.core.passage import Happening
    from simulator.scripting.shelf import Shelf


class Holder(msgspec.Struct, frozen=True, gc=False):
    """Who holds a key: the key's record, its tenant and its account."""

    key: Key
    tenant: Tenant
    account: Account


class Furnished(msgspec.Struct, frozen=True):
    """That a tenant was furnished for a provider, and as of when on its clock."""

    at_ms: int


FURNISHED: Kind[Furnished] = Kind("furnished", Furnished)


class Courier(Protocol):
    """Who delivers webhooks: a `core.passage.Courier`, and what the control plane asks of it."""

    async def deliver_due(self, tenant: str) -> "list[Happening]":
        """Attempt everything that is due in a tenant; answers once it was attempted."""

    async def refusal(self, url: str) -> str:
        """Why nothing may be sent to a URL; empty if it may."""

    def attend(self) -> None:
        """Look for tenants with subscriptions now."""


class House:
    """Providers and the tenants that use them; `opened` is the default tenant once it is there."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        settings: Settings,
        store: Store,
        fetch: Fetch | None = None,
    ) -> None:
        self.providers = providers
        self.settings = settings
        budget = Budget(settings.journals_bytes)
        self.tenants = Tenants(store, lambda: Journal(settings.journal_bytes, budget))
        self.opened: Tenant | None = None
        self.is_stopping = False
        self.fetch = fetch
        self.courier: Courier | None = None
        self._founding: anyio.Lock | None = None

    @cached_property
    def shelf(self) -> "Shelf":
        """The scenarios that can be had by name; raises `ScenarioError` for files with mistakes.

        Read when they are first asked for, so that a start without any costs nothing.
        """
        from simulator.scripting.law import Contracts
        from simulator.scripting.shelf import Shelf

        dialect = self.settings.dialect
        law = Contracts(contracts.names(), lambda name: contracts.load(name, dialect))
        paths = map(Path, self.settings.scenarios)
        return Shelf(law, lambda: resources.fixture("scenarios"), paths)

    def hire(self, courier: Courier) -> None:
        """Have somebody deliver the webhooks of all tenants; before there is a tenant."""
        self.courier = self.tenants.courier = courier

    def choices(self, provider: Provider) -> Mapping[str, str]:
        """What is chosen where sources of a provider disagree, the first choice elsewhere."""
        chosen = self.settings.switches.get(provider.name, {})
        return {
            name: chosen.get(name, switch.choices[0]) for name, switch in provider.switches.items()
        }

    def stop(self) -> None:
        """Let everybody go who would otherwise listen for ever; the stand-in stops."""
        self.is_stopping = True
        self.tenants.close_journals()

    async def default(self) -> Tenant:
        """The tenant that always exists, founded at first use."""
        opened = self.opened
        if opened is None:
            if self._founding is None:
                self._founding = anyio.Lock()
            async with self._founding:
                opened = self.opened or await self.open()
        return await self.furnished(opened)

    async def open(self) -> Tenant:
        """Found the default tenant, or find it in a store that outlived its process.

        It is furnished for each provider when that is first used.
        """
        self.opened = await self.tenants.get(DEFAULT) or await self._found_default()
        return self.opened

    async def tenant(self, name: str) -> Tenant | None:
        """Find a tenant by name, furnished for every provider."""
        tenant = await self.default() if name == DEFAULT else await self.tenants.get(name)
        return None if tenant is None else await self.furnished(tenant)

    async def furnished(self, tenant: Tenant) -> Tenant:
        """The same tenant, furnished for every provider."""
        if len(tenant.furnished) < len(self.providers):
            for provider in self.providers.values():
                await self.furnish(tenant, provider)
        return tenant

    async def found(
        self,
        name: str,
        *,
        seed: str,
        clock: Clock | None = None,
        stage_ms: int | None = None,
        keys: Mapping[str, tuple[str, ...]] | None = None,
        expires_after_ms: int | None = None,
    ) -> tuple[Tenant, dict[str, tuple[str, ...]]]:
        """Make a tenant with two accounts at every provider; answers it and its keys.

        `keys` gives the keys of a provider's accounts, the first account's first (the third opens
        a third account, and so on); otherwise they are drawn from name and seed. Accounts and the
        provider's own records are put there when a provider is first used in the tenant.
        Raises `ValueError` if the name is taken.
        """
        given = keys or {}
        issued: dict[str, tuple[str, ...]] = {}
        records: dict[str, Key] = {}
        now_ms = system_ms()
        founded_at_ms = now_ms if clock is None else clock.now_ms(now_ms)
        for provider in self.providers.values():
            known = given.get(provider.name) or _drawn_keys(provider, name, seed)
            issued[provider.name] = known
            for number, key in enumerate(known):
                account_id = _account_id(provider, name, seed, number, founded_at_ms)
                digest = key_digest(provider.name, key)
                records[digest] = Key(name, provider.name, account_id)
        tenant = await self.tenants.create(
            name,
            seed=seed,
            clock=clock,
            stage_ms=stage_ms,
            keys=records,
            expires_after_ms=expires_after_ms,
        )
        return tenant, issued

    async def reset(self, tenant: Tenant) -> None:
        """Begin a tenant again as it was founded."""
        await self.tenants.reset(tenant)
        if tenant.name == DEFAULT:
            await self.furnished(tenant)

    async def holder(self, provider: Provider, key: str) -> Holder | None:
        """Say who holds a key, which may have been revoked; None if nobody does."""
        read = self.tenants.store.read
        record = await read(GLOBAL, KEYS, key_digest(provider.name, key))
        if record is None:
            if not (self.settings.any_key and provider.is_key(key)):
                return None
            record = await self._welcome(provider, key)
        tenant = self.tenants.at_hand(record.tenant) or await self.tenants.get(record.tenant)
        if tenant is not None and provider.name not in tenant.furnished:
            await self.furnish(tenant, provider)
        account = await read(record.tenant, ACCOUNTS, record.account_id)
        return None if tenant is None or account is None else Holder(record, tenant, account)

    async def open_account(
        self, tenant: Tenant, provider: Provider, account_id: str, key: str, name: str
    ) -> Key:
        """Open an account at a provider and make its key known."""
        account = self._account(provider, account_id, name)
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
        clock = settings.clock or Clock(now_ms, now_ms, settings.speed)
        tenant, _ = await self.found(
            DEFAULT,
            seed=settings.seed,
            clock=clock if settings.pace == "clock" else clock.at_pace(settings.pace),
            stage_ms=None if stage_s is None else round(stage_s * 1000),
            keys=keys,
        )
        return tenant

    def _account(self, provider: Provider, account_id: str, name: str) -> Account:
        has_limits = self.settings.limits == "vendor"
        return Account(
            account_id,
            provider.name,
            name,
            provider.opening_nanos,
            refill_nanos=provider.opening_nanos,
            limits=provider.limits if has_limits else (),
            concurrency=provider.concurrency if has_limits else (),
        )

    async def furnish(self, tenant: Tenant, provider: Provider) -> None:
        """Put accounts, and what else the provider must know, into a tenant, once."""
        record = tenant.record
        account_ids = tenant.account_ids(provider.name)

        async def work(tx: Tx) -> None:
            if await tx.get(FURNISHED, provider.name) is not None:
                return
            await tx.put(FURNISHED, provider.name, Furnished(record.founded_at_ms))
            for number, account_id in enumerate(account_ids, 1):
                account = self._account(provider, account_id, f"account {number}")
                await tx.put(ACCOUNTS, account_id, account)
            for digest, key in record.keys.items():
                if key.provider == provider.name:
                    await tx.put(KEYRING, digest, key)
            if provider.furnish is not None and len(account_ids) > 1:
                settlement = Settlement(
                    record.name,
                    record.seed,
                    record.founded_at_ms,
                    (account_ids[0], account_ids[1]),
                )
                await provider.furnish(tx, settlement)
            if provider.concurrency and self.settings.limits == "vendor":
                for account_id in account_ids:
                    account = await ledger.settled_account(tx, account_id, record.founded_at_ms)
                    await ledger.hold_to(tx, account, account.concurrency)

        await tenant.transact(work)
        tenant.furnished.add(provider.name)

    async def _welcome(self, provider: Provider, key: str) -> Key:
        """Open an account of the default tenant for a key seen for the first time."""
        tenant = await self.default()
        digest = key_digest(provider.name, key)
        source = ids.entropy(tenant.seed, f"welcome:{digest}", 0)
        account_id = provider.account_id(source, await tenant.now_ms())
        return await self.open_account(tenant, provider, account_id, key, "any key")


def _drawn_keys(provider: Provider, tenant: str, seed: str) -> tuple[str, ...]:
    """The keys of a tenant's two accounts: a function of its name and seed."""
    source, purpose = f"{tenant}\0{seed}", f"key:{provider.name}"
    return tuple(provider.new_key(ids.entropy(source, purpose, number)) for number in (0, 1))


def _account_id(provider: Provider, tenant: str, seed: str, number: int, now_ms: int) -> str:
    """The id of a tenant's account: the default tenant's first two are known in advance."""
    if tenant == DEFAULT and number < len(provider.demo_account_ids):
        return provider.demo_account_ids[number]
    return provider.account_id(
        ids.entropy(seed, f"account:{tenant}:{provider.name}", number), now_ms
    )
