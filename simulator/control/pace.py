"""How a tenant's runs get on, from outside: by the clock, at once, or a step with each poll."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from simulator.control.reading import Asked, Declined, Violation
from simulator.control.replying import json_reply, tenant_of
from simulator.core.clock import Clock
from simulator.house import House


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of paces."""

    async def read_pace(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        return json_reply(shown_pace(house, await tenant.clock()))

    async def set_pace(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        pace, provider = asked.body["pace"], asked.body.get("provider", "")
        if provider:
            check_provider(house, provider, "/provider")
        clock = await tenant.set_clock(lambda clock, _: clock.at_pace(pace, provider))
        return json_reply(shown_pace(house, clock))

    return {"readPace": read_pace, "setPace": set_pace}


def shown_pace(house: House, clock: Clock) -> dict[str, Any]:
    """The pace of a tenant as JSON: of those providers that have none of their own, and of each."""
    return {
        "pace": clock.paces.get("", "clock"),
        "providers": {name: clock.pace_of(name) for name in house.providers},
    }


def founded_at_pace(house: House, clock: Clock, asked: Any) -> Clock:
    """A clock with the pace that a body asks for: one for all, or one for each that is named."""
    if isinstance(asked, str):
        return clock.at_pace(asked)  # type: ignore[arg-type]  # the contract knows the words
    for provider, pace in asked.items():
        check_provider(house, provider, f"/pace/{provider}")
        clock = clock.at_pace(pace, provider)
    return clock


def check_provider(house: House, name: str, pointer: str) -> None:
    """Raise `Declined` for a provider that is not served."""
    if name not in house.providers:
        told = Violation("body", pointer, f"no provider {name!r} is served")
        raise Declined(400, f"body{pointer}: {told.message}", told)
