"""Accounts from outside: credits in the provider's own unit, limits, and keys."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from msgspec.structs import replace
from starlette.responses import Response

from simulator.control.reading import Asked, Declined, Violation
from simulator.control.replying import json_reply, tenant_of
from simulator.core import ids, ledger
from simulator.core.accounts import ACCOUNTS, Account, Concurrency, Key, Limit, key_digest
from simulator.core.durations import duration_ms
from simulator.core.errors import NotFound
from simulator.core.store import Tx
from simulator.core.tenant import KEYRING, Tenant, held_digests
from simulator.house import House
from simulator.provider import Provider, Unit

_DECIMALS = 4


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of accounts."""

    async def list_accounts(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        wanted = asked.query["provider"]
        found, keys = await _all(tenant)
        shown = [
            _shown(house, account, keys)
            for account in found
            if wanted is None or account.provider == wanted
        ]
        return json_reply({"accounts": shown})

    async def read_account(asked: Asked) -> Response:
        tenant, account = await _asked_account(house, asked)
        return json_reply(_shown(house, account, (await _all(tenant))[1]))

    async def change_account(asked: Asked) -> Response:
        tenant, account = await _asked_account(house, asked)
        provider = house.providers[account.provider]
        change = _change(asked.body, provider)
        concurrency = _concurrency(asked.body.get("concurrency"), provider)

        async def work(tx: Tx) -> Account:
            now_ms = await tenant.time_in(tx)
            changed = change(await ledger.settled_account(tx, account.id, now_ms))
            if concurrency is not None:
                changed = await ledger.hold_to(tx, changed, concurrency)
            await tx.put(ACCOUNTS, changed.id, changed)
            return changed

        changed = await tenant.transact(work)
        return json_reply(_shown(house, changed, (await _all(tenant))[1]))

    async def add_key(asked: Asked) -> Response:
        tenant, account = await _asked_account(house, asked)
        provider = house.providers[account.provider]
        key = asked.body.get("key") or await _new_key(tenant, provider)
        if not provider.is_key(key):
            told = Violation("body", "/key", f"has not the form of a key of {provider.title}")
            raise Declined(400, f"body/key: {told.message}", told)
        if await house.tenants.key(provider.name, key) is not None:
            raise Declined(409, "this key is somebody's already")
        record = Key(tenant.name, provider.name, account.id)
        digest = await house.tenants.add_key(provider.name, key, record)
        return json_reply({"id": digest, "key": key}, 201)

    async def revoke_key(asked: Asked) -> Response:
        tenant, account = await _asked_account(house, asked)
        given = asked.path["key"]
        _, keys = await _all(tenant)
        for digest in (given, key_digest(account.provider, given)):
            key = keys.get(digest)
            if key is not None and key.account_id == account.id:
                await house.tenants.put_key(digest, replace(key, is_revoked=True))
                return json_reply(None, 204)
        raise Declined(404, f"account {account.id!r} has no such key")

    return {
        "listAccounts": list_accounts,
        "readAccount": read_account,
        "changeAccount": change_account,
        "addKey": add_key,
        "revokeKey": revoke_key,
    }


async def _all(tenant: Tenant) -> tuple[list[Account], dict[str, Key]]:
    """Every account as it is now, by provider, and every key by digest."""

    async def work(tx: Tx) -> tuple[list[Account], dict[str, Key]]:
        await ledger.settle(tx, await tenant.time_in(tx))
        found = sorted(await tx.all(ACCOUNTS), key=lambda item: (item.provider, item.name))
        keys = {}
        for digest in await held_digests(tx, tenant.record):
            key = await tx.get(KEYRING, digest)
            if key is not None:
                keys[digest] = key
        return found, keys

    return await tenant.transact(work)


async def _asked_account(house: House, asked: Asked) -> tuple[Tenant, Account]:
    tenant = await tenant_of(house, asked.path["tenant"])
    account_id = asked.path["account"]

    async def work(tx: Tx) -> Account:
        return await ledger.settled_account(tx, account_id, await tenant.time_in(tx))

    try:
        account = await tenant.transact(work)
    except NotFound:
        raise Declined(404, f"no account {account_id[:100]!r}") from None
    return tenant, account


async def _new_key(tenant: Tenant, provider: Provider) -> str:
    """A key that nobody has: a function of the tenant and of how many were asked for before."""

    async def work(tx: Tx) -> int:
        return await tx.increment(f"new-key:{provider.name}")

    number = await tenant.transact(work)
    source = f"{tenant.name}\0{tenant.seed}"
    return provider.new_key(ids.entropy(source, f"added-key:{provider.name}", number))


def _change(body: dict[str, Any], provider: Provider) -> Callable[[Account], Account]:
    """What a body makes of an account; raises `Declined` for limits that make no sense."""
    limits = _limits(body["limits"], provider) if "limits" in body else None
    nanos = _nanos(body["credits"], provider.unit) if "credits" in body else None
    # A balance that was set is meant: it would say nothing if the account went on refilling.
    is_refilled = body.get("refill", False if nanos is not None else None)

    def change(account: Account) -> Account:
        if nanos is not None:
            account = replace(account, available_nanos=nanos)
        if limits is not None:
            account = replace(account, limits=limits)
        if is_refilled is not None:
            refill_nanos = provider.opening_nanos if is_refilled else 0
            account = replace(account, refill_nanos=refill_nanos)
        return account

    return change


def _limits(asked: str | list[dict[str, Any]], provider: Provider) -> tuple[Limit, ...]:
    if isinstance(asked, str):
        return provider.limits if asked == "vendor" else ()
    found: list[Limit] = []
    for number, item in enumerate(asked):
        try:
            window_ms = duration_ms(item["window"])
        except ValueError as error:
            raise _wrong(f"/limits/{number}/window", str(error)) from None
        if window_ms < 1:
            raise _wrong(f"/limits/{number}/window", "a window is at least 1 ms long")
        operations = _operations(asked, number, "limits", provider)
        found.append(Limit(item["name"], item["count"], window_ms, operations))
    return tuple(found)


def _concurrency(
    asked: str | list[dict[str, Any]] | None, provider: Provider
) -> tuple[Concurrency, ...] | None:
    if asked is None:
        return None
    if isinstance(asked, str):
        return provider.concurrency if asked == "vendor" else ()
    return tuple(
        Concurrency(
            item["name"], item["count"], _operations(asked, number, "concurrency", provider)
        )
        for number, item in enumerate(asked)
    )


def _operations(
    asked: list[dict[str, Any]], number: int, member: str, provider: Provider
) -> tuple[str, ...]:
    """The operations of one limit of a list; raises `Declined` for those that are none."""
    item, pointer = asked[number], f"/{member}/{number}"
    if any(item["name"] == other["name"] for other in asked[:number]):
        raise _wrong(f"{pointer}/name", "the same name twice")
    operations = tuple(item.get("operations", ()))
    for at, operation in enumerate(operations):
        if operation not in provider.operations:
            told = f"no operation {operation!r} at {provider.title}"
            raise _wrong(f"{pointer}/operations/{at}", told)
    return operations


def _wrong(pointer: str, message: str) -> Declined:
    return Declined(400, f"body{pointer}: {message}", Violation("body", pointer, message))


def _nanos(text: str, unit: Unit) -> int:
    return int(Decimal(text) * unit.nanos)


def credits_text(nanos: int, unit: Unit) -> str:
    """An amount in the provider's unit, rounded down to four decimals."""
    parts = nanos * 10**_DECIMALS // unit.nanos
    sign, parts = ("-", -parts) if parts < 0 else ("", parts)
    whole, rest = divmod(parts, 10**_DECIMALS)
    decimals = f"{rest:0{_DECIMALS}d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def _shown(house: House, account: Account, keys: Mapping[str, Key]) -> dict[str, Any]:
    unit = house.providers[account.provider].unit
    return {
        "id": account.id,
        "provider": account.provider,
        "name": account.name,
        "unit": unit.name,
        "credits": credits_text(account.available_nanos, unit),
        "held": credits_text(account.held_nanos, unit),
        "spent": credits_text(account.spent_nanos, unit),
        "refill": account.refill_nanos > 0,
        "limits": [
            {
                "name": limit.name,
                "count": limit.count,
                "window": f"{limit.window_ms}ms",
                "operations": list(limit.operations),
            }
            for limit in account.limits
        ],
        "concurrency": [
            {"name": limit.name, "count": limit.count, "operations": list(limit.operations)}
            for limit in account.concurrency
        ],
        "keys": [
            {"id": digest, "revoked": key.is_revoked}
            for digest, key in keys.items()
            if key.account_id == account.id and key.provider == account.provider
        ],
    }
