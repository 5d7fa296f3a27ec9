"""Webhooks from outside: subscriptions, the deliveries that they lead to, and their attempts.

A subscription is Understudy's own, signed as Standard Webhooks; one that names an API key is the
callback that the key's vendor offers.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec.structs import replace
from starlette.responses import Response

from simulator.control.reading import Asked, Declined, Violation
from simulator.control.replying import json_reply, tenant_of, time_text
from simulator.core import deliveries, ids, webhooks
from simulator.core.accounts import Key, key_digest
from simulator.core.store import Tx
from simulator.core.tenant import KEYRING, Tenant
from simulator.core.webhooks import (
    ALL,
    DELIVERIES,
    EVENTS,
    ROSTERS,
    STANDARD,
    Attempt,
    Delivery,
    Subscription,
)
from simulator.house import House
from simulator.provider import Callback

_MOST = 100
_SECRET_BYTES = (24, 64)
"""The length of a secret [Standard Webhooks, symmetric secrets]."""


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of webhooks."""

    async def list_webhooks(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        return json_reply({"webhooks": [_shown(item) for item in await _all(tenant)]})

    async def create_webhook(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        if house.courier is None or (reason := await house.courier.refusal(asked.body["url"])):
            raise _wrong("/url", reason)
        origin = house.settings.public_url or asked.origin
        if "key" in asked.body:
            made, key = await _callback_of(house, tenant, asked.body, origin)
        else:
            made, key = await _standard(house, tenant, asked.body, origin), None

        async def work(tx: Tx) -> None:
            roster = await tx.get(ROSTERS, "")
            if roster is not None and len(roster.subscriptions) >= _MOST:
                raise Declined(409, f"a tenant has at most {_MOST} subscriptions")
            await webhooks.subscribe(tx, made)

        await tenant.transact(work)
        if key is not None:
            attributes = {**key.attributes, "callback": made.id}
            await house.tenants.put_key(made.key, replace(key, attributes=attributes))
        await webhooks.mark_subscribed(house.tenants.store, tenant.name)
        house.courier.attend()
        where = {"location": f"/_understudy/tenants/{tenant.name}/webhooks/{made.id}"}
        return json_reply({**_shown(made), "secret": made.secret}, 201, where)

    async def read_webhook(asked: Asked) -> Response:
        _, found = await _asked(asked)
        return json_reply(_shown(found))

    async def delete_webhook(asked: Asked) -> Response:
        tenant, found = await _asked(asked)
        await tenant.transact(lambda tx: deliveries.unsubscribe(tx, found.id))
        if found.key and (key := await _key(tenant, found.key)) is not None:
            rest = {name: value for name, value in key.attributes.items() if name != "callback"}
            await house.tenants.put_key(found.key, replace(key, attributes=rest))
        return json_reply(None, 204)

    async def list_deliveries(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        found = await _deliveries(tenant, asked.query)
        return json_reply({"deliveries": [_listed(item) for item in found]})

    async def read_delivery(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        found = await tenant.transact(lambda tx: _delivery(tx, asked.path["delivery"]))
        return json_reply(_shown_delivery(found))

    async def redeliver(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])

        async def work(tx: Tx) -> Delivery:
            found = await _delivery(tx, asked.path["delivery"])
            try:
                return await deliveries.redeliver(tx, found, await tenant.time_in(tx))
            except ValueError as error:
                raise Declined(409, f"not now: {error}") from None

        delivery = await tenant.transact(work)
        if house.courier is not None:
            house.courier.attend()
        return json_reply(_shown_delivery(delivery), 202)

    async def _asked(asked: Asked) -> tuple[Tenant, Subscription]:
        tenant = await tenant_of(house, asked.path["tenant"])
        for item in await _all(tenant):
            if item.id == asked.path["webhook"]:
                return tenant, item
        raise Declined(404, f"no webhook {asked.path['webhook'][:100]!r}")

    return {
        "listWebhooks": list_webhooks,
        "createWebhook": create_webhook,
        "readWebhook": read_webhook,
        "deleteWebhook": delete_webhook,
        "listDeliveries": list_deliveries,
        "readDelivery": read_delivery,
        "redeliver": redeliver,
    }


async def _standard(
    house: House, tenant: Tenant, body: dict[str, Any], origin: str
) -> Subscription:
    """A subscription of our own; raises `Declined` for a secret or a provider that is none."""
    for number, provider in enumerate(body.get("providers", ())):
        if provider not in house.providers:
            raise _wrong(f"/providers/{number}", f"no provider {provider!r} is served")
    number = await _count(tenant)
    source = ids.entropy(tenant.seed, "webhook", number)
    drawn = base64.b64encode(ids.entropy(tenant.seed, "webhook-secret", number)[:24]).decode()
    secret = body.get("secret", f"whsec_{drawn}")
    try:
        size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not (secret.startswith("whsec_") and _SECRET_BYTES[0] <= size <= _SECRET_BYTES[1]):
        raise _wrong("/secret", "whsec_ and 24 to 64 bytes in base64")
    events = body.get("events", EVENTS)
    return Subscription(
        f"wh_{ids.base36_text(source, 16)}",
        body["url"],
        secret,
        await tenant.now_ms(),
        providers=tuple(body.get("providers", ())),
        events=tuple(event for event in EVENTS if event in events),
        origin=origin,
    )


async def _callback_of(
    house: House, tenant: Tenant, body: dict[str, Any], origin: str
) -> tuple[Subscription, Key]:
    """The vendor's own callback of an API key, and the key."""
    for member in ("providers", "events"):
        if member in body:
            raise _wrong(f"/{member}", "a vendor's own callback tells what the vendor's does")
    digest, key, callback = await _vendor_key(house, tenant, body["key"])
    if key.attributes.get("callback"):
        raise Declined(409, "this key has a callback; delete that first")
    switches = house.choices(house.providers[key.provider])
    source = ids.entropy(tenant.seed, "webhook", await _count(tenant))
    made = Subscription(
        f"wh_{ids.base36_text(source, 16)}",
        body["url"],
        body.get("secret", ""),
        await tenant.now_ms(),
        kind=key.provider,
        providers=(key.provider,),
        events=callback.events(switches),
        origin=origin,
        key=digest,
        account_id=key.account_id,
        operations=tuple(sorted(callback.operations())),
        is_retried=callback.is_retried(switches),
    )
    return made, key


async def _vendor_key(house: House, tenant: Tenant, given: str) -> tuple[str, Key, Callback]:
    """A key of the tenant by itself or by its id, of a vendor that has callbacks."""
    for name, provider in house.providers.items():
        for digest in (key_digest(name, given), given):
            key = await _key(tenant, digest)
            if key is None or key.provider != name:
                continue
            if provider.callback is None:
                raise _wrong("/key", f"{provider.title} has no callbacks; leave the key out")
            return digest, key, provider.callback
    raise _wrong("/key", "no key of this tenant")


async def _key(tenant: Tenant, digest: str) -> Key | None:
    return await tenant.transact(lambda tx: tx.get(KEYRING, digest))


async def _count(tenant: Tenant) -> int:
    return await tenant.transact(lambda tx: tx.increment("webhooks"))


async def _all(tenant: Tenant) -> tuple[Subscription, ...]:
    roster = await tenant.transact(lambda tx: tx.get(ROSTERS, ""))
    return () if roster is None else roster.subscriptions


async def _delivery(tx: Tx, delivery_id: str) -> Delivery:
    found = await tx.get(DELIVERIES, delivery_id)
    if found is None:
        raise Declined(404, f"no delivery {delivery_id[:100]!r}")
    return found


async def _deliveries(tenant: Tenant, query: Mapping[str, Any]) -> list[Delivery]:
    """The deliveries that a query asks for, newest first."""

    async def work(tx: Tx) -> list[Delivery]:
        found: list[Delivery] = []
        for _, delivery_id in await tx.index_range(ALL, newest_first=True):
            item = await tx.get(DELIVERIES, delivery_id)
            if item is None or len(found) >= query["limit"]:
                break
            if (
                query["state"] in (None, item.state)
                and query["webhook"] in (None, item.subscription)
                and query["run"] in (None, item.run.id)
            ):
                found.append(item)
        return found

    return await tenant.transact(work)


def _wrong(pointer: str, message: str) -> Declined:
    return Declined(400, f"body{pointer}: {message}", Violation("body", pointer, message))


def _shown(item: Subscription) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": item.url,
        "kind": "standard" if item.kind == STANDARD else "vendor",
        "providers": list(item.providers),
        "events": list(item.events),
        "key": item.key or None,
        "account": item.account_id or None,
        "retries": item.is_retried,
        "enabled": item.is_enabled,
        "created_at": time_text(item.created_at_ms),
    }


def _listed(item: Delivery) -> dict[str, Any]:
    return {
        "id": item.id,
        "webhook": item.subscription,
        "event": item.event,
        "run": item.run.id,
        "provider": item.run.provider,
        "state": item.state,
        "happened_at": time_text(item.at_ms),
        "due_at": time_text(item.due_at_ms) if item.state == "pending" else None,
        "finished_at": time_text(item.finished_at_ms),
        "attempt_count": item.attempt_count,
    }


def _shown_delivery(item: Delivery) -> dict[str, Any]:
    return {**_listed(item), "attempts": [_attempt(made) for made in item.attempts]}


def _attempt(made: Attempt) -> dict[str, Any]:
    return {
        "at": time_text(made.at_ms),
        "status": made.status or None,
        "error": made.error or None,
        "duration_us": made.duration_us,
        "exchange": made.exchange,
        "scenario": made.scenario or None,
    }
