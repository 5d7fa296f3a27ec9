"""Accounts: keys, the credit ledger and limits. Money in nanos, all arithmetic pure.

How many calls a limit has counted is kept here; how many runs are at work, in `ledger.py`.
"""

import hashlib
from typing import Any

import msgspec
from msgspec.structs import replace

from simulator.core.errors import InsufficientCredits, RateLimited
from simulator.core.store import Kind, Tx


class Limit(msgspec.Struct, frozen=True, gc=False):
    """So many calls of some operations in a window; `is_aligned` windows start at midnight UTC."""

    name: str
    count: int
    window_ms: int
    operations: tuple[str, ...] = ()
    is_aligned: bool = False

    def covers(self, operation: str) -> bool:
        """Whether the limit counts this operation; one without operations counts them all."""
        return not self.operations or operation in self.operations


class Concurrency(msgspec.Struct, frozen=True, gc=False):
    """So many runs of some operations (all if none is named) that have not ended, at one time."""

    name: str
    count: int
    operations: tuple[str, ...] = ()

    def covers(self, operation: str) -> bool:
        """Whether runs of this operation count."""
        return not self.operations or operation in self.operations


class Window(msgspec.Struct, frozen=True, gc=False):
    """How much of a limit is used since a time."""

    starts_at_ms: int
    used: int


class Account(msgspec.Struct, frozen=True, gc=False):
    """A customer of one provider inside a tenant.

    `available_nanos` can be spent, `held_nanos` belongs to runs that have not ended. An account
    whose `refill_nanos` is set does not run out: it is topped up by that much when it would.
    """

    id: str
    provider: str
    name: str
    available_nanos: int
    held_nanos: int = 0
    spent_nanos: int = 0
    refill_nanos: int = 0
    limits: tuple[Limit, ...] = ()
    attributes: dict[str, Any] = {}
    concurrency: tuple[Concurrency, ...] = ()


class Key(msgspec.Struct, frozen=True, gc=False):
    """Whose a key is; the key itself is never kept, only its digest."""

    tenant: str
    provider: str
    account_id: str
    is_revoked: bool = False
    attributes: dict[str, Any] = {}


ACCOUNTS: Kind[Account] = Kind("account", Account)
KEYS: Kind[Key] = Kind("key", Key)
WINDOWS: Kind[Window] = Kind("window", Window)


def key_digest(provider: str, key: str) -> str:
    """The name under which a key is kept."""
    raw = f"{provider}:{key}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def hold(account: Account, nanos: int) -> Account:
    """Set money aside for a run; raises `InsufficientCredits` if there is not enough."""
    available = account.available_nanos
    if available < nanos:
        if not account.refill_nanos:
            raise InsufficientCredits(nanos, available)
        available += -(-(nanos - available) // account.refill_nanos) * account.refill_nanos
    return replace(
        account, available_nanos=available - nanos, held_nanos=account.held_nanos + nanos
    )


def capture(account: Account, nanos: int) -> Account:
    """Take held money for good."""
    return replace(
        account,
        held_nanos=account.held_nanos - nanos,
        spent_nanos=account.spent_nanos + nanos,
    )


def give_back(account: Account, nanos: int) -> Account:
    """Return held money to the account."""
    return replace(
        account,
        held_nanos=account.held_nanos - nanos,
        available_nanos=account.available_nanos + nanos,
    )


async def count_call(tx: Tx, account: Account, operation: str, now_ms: int) -> None:
    """Count a call against the account's limits; raises `RateLimited` and counts nothing then."""
    windows: list[tuple[str, Window]] = []
    for limit in account.limits:
        if not limit.covers(operation):
            continue
        name = f"{account.id}:{limit.name}"
        window = await tx.get(WINDOWS, name)
        if window is None or now_ms >= window.starts_at_ms + limit.window_ms:
            window = Window(_window_start_ms(limit, now_ms), 0)
        if window.used >= limit.count:
            wait = window.starts_at_ms + limit.window_ms - now_ms
            raise RateLimited(limit.name, wait, limit.count)
        windows.append((name, Window(window.starts_at_ms, window.used + 1)))
    for name, window in windows:
        await tx.put(WINDOWS, name, window)


def _window_start_ms(limit: Limit, now_ms: int) -> int:
    return now_ms - now_ms % limit.window_ms if limit.is_aligned else now_ms
