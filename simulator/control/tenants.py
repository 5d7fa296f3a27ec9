"""Tenants from outside: found, list, read, reset and delete whole worlds."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from simulator.control.clock import shown_clock
from simulator.control.pace import founded_at_pace, shown_pace
from simulator.control.reading import Asked, Declined, Violation
from simulator.control.replying import json_reply, tenant_of, time_text
from simulator.core.clock import LATEST_MS, Clock, system_ms
from simulator.core.store import GLOBAL, Tx
from simulator.core.tenant import DEFAULT, Tenant, TenantRecord
from simulator.house import House


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of tenants."""

    async def create_tenant(asked: Asked) -> Response:
        body = asked.body
        await house.tenants.expire()
        clock = _clock(body.get("clock"))
        if "pace" in body:
            now_ms = system_ms()
            clock = founded_at_pace(house, clock or Clock(now_ms, now_ms), body["pace"])
        expires_s = body.get("expires_after")
        name = body.get("name") or await _free_name(house)
        try:
            tenant, keys = await house.found(
                name,
                seed=body.get("seed", house.settings.seed),
                clock=clock,
                stage_ms=_default_stage_ms(house),
                expires_after_ms=None if expires_s is None else int(expires_s * 1000),
            )
        except ValueError:
            raise Declined(409, f"there is a tenant {name!r}") from None
        shown = await _shown(house, tenant)
        return json_reply(
            {**shown, "keys": {provider: list(given) for provider, given in keys.items()}},
            201,
            {"location": f"/_understudy/tenants/{name}"},
        )

    async def list_tenants(_asked: Asked) -> Response:
        await house.default()
        return json_reply({"tenants": [_listed(item) for item in await house.tenants.all()]})

    async def read_tenant(asked: Asked) -> Response:
        return json_reply(await _shown(house, await tenant_of(house, asked.path["tenant"])))

    async def reset_tenant(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        await house.reset(tenant)
        return json_reply(await _shown(house, tenant))

    async def delete_tenant(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        if tenant.name == DEFAULT:
            raise Declined(409, f"{DEFAULT!r} always exists; it can be reset")
        await house.tenants.delete(tenant)
        return json_reply(None, 204)

    return {
        "createTenant": create_tenant,
        "listTenants": list_tenants,
        "readTenant": read_tenant,
        "resetTenant": reset_tenant,
        "deleteTenant": delete_tenant,
    }


def _clock(asked: dict[str, Any] | None) -> Clock | None:
    """The clock that a body asks for, None for system time."""
    if asked is None:
        return None
    now_ms = system_ms()
    at_ms = now_ms if asked.get("now") is None else _time_ms(asked["now"])
    speed = float(asked.get("speed", 1.0))
    return Clock(now_ms, at_ms, 0.0 if asked.get("frozen") else speed, speed)


def _time_ms(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
        at_ms = round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        at_ms = -1
    if not 0 <= at_ms <= LATEST_MS:
        told = Violation("body", "/clock/now", "no date and time between 1970 and 3000")
        raise Declined(400, f"body/clock/now: {told.message}: {text[:40]!r}", told)
    return at_ms


async def _free_name(house: House) -> str:
    """A name that no tenant has: `tenant-1` and so on."""
    while True:

        async def count(tx: Tx) -> int:
            return await tx.increment("tenant-names")

        name = f"tenant-{await house.tenants.store.transact(GLOBAL, count) + 1}"
        if await house.tenants.get(name) is None:
            return name


def _default_stage_ms(house: House) -> int | None:
    stage_s = house.settings.stage_seconds
    return None if stage_s is None else round(stage_s * 1000)


async def _shown(house: House, tenant: Tenant) -> dict[str, Any]:
    return {
        **_listed(tenant.record),
        "clock": await shown_clock(tenant),
        "pace": shown_pace(house, await tenant.clock()),
    }


def _listed(record: TenantRecord) -> dict[str, Any]:
    after_ms = record.expires_after_ms
    return {
        "name": record.name,
        "seed": record.seed,
        "created_at": time_text(record.created_at_ms),
        "expires_after": None if after_ms is None else after_ms / 1000,
    }
