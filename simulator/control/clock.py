"""A tenant's clock from outside: read, moved on, frozen, resumed, set to another speed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from simulator.control.reading import Asked, Declined, Violation
from simulator.control.replying import json_reply, tenant_of, time_text
from simulator.core import passage
from simulator.core.clock import Clock
from simulator.core.durations import duration_ms
from simulator.core.passage import Happening, Passage
from simulator.core.tenant import Tenant
from simulator.house import House


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of clocks."""

    async def read_clock(asked: Asked) -> Response:
        return json_reply(await shown_clock(await tenant_of(house, asked.path["tenant"])))

    async def advance_clock(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        try:
            by_ms = duration_ms(asked.body["by"])
        except ValueError as error:
            told = Violation("body", "/by", str(error))
            raise Declined(400, f"body/by: {error}", told) from None
        return await _advanced(tenant, by_ms)

    async def advance_to_next(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        return await _advanced(tenant, None)

    async def freeze_clock(asked: Asked) -> Response:
        return await _changed(asked, lambda clock, at_ms: clock.at_speed(0, at_ms))

    async def resume_clock(asked: Asked) -> Response:
        return await _changed(asked, lambda clock, at_ms: clock.resumed(at_ms))

    async def set_speed(asked: Asked) -> Response:
        speed = float(asked.body["speed"])
        return await _changed(asked, lambda clock, at_ms: clock.at_speed(speed, at_ms))

    async def _changed(asked: Asked, change: Callable[[Clock, int], Clock]) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        async with tenant.passing:
            await tenant.set_clock(change)
        return json_reply(await shown_clock(tenant))

    return {
        "readClock": read_clock,
        "advanceClock": advance_clock,
        "advanceToNext": advance_to_next,
        "freezeClock": freeze_clock,
        "resumeClock": resume_clock,
        "setSpeed": set_speed,
    }


async def shown_clock(tenant: Tenant) -> dict[str, Any]:
    """A clock as JSON; `speed` is how fast it runs when it is not frozen."""
    clock, now_ms = await tenant.clock(), await tenant.now_ms()
    return {
        "now": time_text(now_ms),
        "now_ms": now_ms,
        "frozen": clock.is_frozen,
        "speed": clock.thawed_speed if clock.is_frozen else clock.speed,
        "next_event_at": time_text(await passage.next_due_ms(tenant)),
    }


async def _advanced(tenant: Tenant, by_ms: int | None) -> Response:
    try:
        passed = await passage.advance(tenant, by_ms)
    except ValueError as error:
        raise Declined(409, str(error)) from None
    return json_reply(await _shown_passage(tenant, passed))


async def _shown_passage(tenant: Tenant, passed: Passage) -> dict[str, Any]:
    return {
        "clock": await shown_clock(tenant),
        "advanced_ms": passed.to_ms - passed.from_ms,
        "happened": [_shown_happening(item) for item in passed.happened],
        "count": passed.count,
    }


def _shown_happening(item: Happening) -> dict[str, Any]:
    return {
        "at": time_text(item.at_ms),
        "kind": item.kind,
        "id": item.subject,
        "provider": item.provider,
        "result": item.result,
    }
