"""Puts Leonardo's part of a tenant into the state that an example exchange asks for.

Knows the words of the examples' `given`; what a tenant is furnished with is the provider's.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from simulator.core.accounts import ACCOUNTS, WINDOWS, Account, Window
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.providers.leonardo import PROVIDER
from simulator.providers.leonardo.accounts import NANOS_PER_CREDIT


async def arrange(tenant: Tenant, given: Mapping[str, Any] | None) -> None:
    """Bring about what an example exchange starts from; raises `KeyError` for an unknown word."""
    steps = {name: _STEPS[name] for name in given or {}}

    async def work(tx: Tx) -> None:
        now_ms = await tenant.time_in(tx)
        for name, step in steps.items():
            await step(tx, (given or {})[name], now_ms)

    await tenant.transact(work)


async def _balance(tx: Tx, credits_left: int, _now_ms: int) -> None:
    account = await _first_account(tx)
    nanos = credits_left * NANOS_PER_CREDIT
    await tx.put(ACCOUNTS, account.id, replace(account, available_nanos=nanos, refill_nanos=0))


async def _throttled(tx: Tx, is_throttled: bool, now_ms: int) -> None:
    """Every limit of the first account is used up."""
    account = await _first_account(tx)
    limits = PROVIDER.limits if is_throttled else ()
    await tx.put(ACCOUNTS, account.id, replace(account, limits=limits))
    for limit in limits:
        await tx.put(WINDOWS, f"{account.id}:{limit.name}", Window(now_ms - 1000, limit.count))


async def _first_account(tx: Tx) -> Account:
    for account in await tx.all(ACCOUNTS):
        if account.provider == PROVIDER.name and account.name == "account 1":
            return account
    raise LookupError("the tenant has no first account")


_STEPS: Final[Mapping[str, Callable[[Tx, Any, int], Awaitable[None]]]] = {
    "balance_credits": _balance,
    "is_throttled": _throttled,
}
