"""Plays one case: a tenant of its own, its world, the steps before, the request, the verdict."""

import importlib
import itertools
from collections.abc import Mapping
from typing import Any, cast

from starlette.applications import Starlette

from contracts import Dialect, walk_pointer
from simulator.app import create_app
from simulator.core.clock import Clock, system_ms
from simulator.core.tenant import Tenant
from simulator.house import House
from simulator.settings import Settings
from tests.exchanges.cases import Case, filled
from tests.exchanges.client import Answer, send
from tests.exchanges.patterns import mismatches
from tests.exchanges.promises import broken_promises

_STAGE_MS = 1


class Stage:
    """One app a provider and dialect; every case that is played on it gets its own tenant."""

    def __init__(self) -> None:
        self._apps: dict[tuple[str, str], Starlette] = {}
        self._numbers = itertools.count(1)

    async def play(self, case: Case) -> list[str]:
        """Play a case and return what was not as expected, nothing if all was."""
        app = self._app(case.provider, case.dialect)
        house: House = app.state.house
        tenant, values = await self._founded(house, case.provider)
        world = importlib.import_module(f"tests.worlds.{case.provider}")
        await world.arrange(tenant, case.data.get("given"))
        for step in case.data.get("before", ()):
            await self._take(app, tenant, step, values)
        request = filled(case.data, values)
        answer = await send(app, request)
        return [
            *judged(filled(case.expected, values), answer),
            *broken_promises(
                case.provider, case.dialect, request["method"], request["path"], answer
            ),
        ]

    def _app(self, provider: str, dialect: str) -> Starlette:
        key = (provider, dialect)
        if key not in self._apps:
            settings = Settings(only=(provider,), dialect=cast("Dialect", dialect))
            self._apps[key] = create_app(settings)
        return self._apps[key]

    async def _founded(self, house: House, provider: str) -> tuple[Tenant, dict[str, Any]]:
        """Found a tenant; returns it and the values of the placeholders."""
        number = next(self._numbers)
        tenant, keys = await house.found(
            f"case-{number}", seed="cases", clock=_clock(), stage_ms=_STAGE_MS
        )
        key, other_key = keys[provider]
        holder = await house.holder(house.providers[provider], key)
        assert holder is not None
        token = f"session-token-{number}"
        await house.open_account(
            tenant, house.providers[provider], holder.account.id, token, holder.account.name
        )
        return tenant, {
            "api_key": key,
            "other_api_key": other_key,
            "session_token": token,
            "account_id": holder.account.id,
        }

    async def _take(
        self, app: Starlette, tenant: Tenant, step: Mapping[str, Any], values: dict[str, Any]
    ) -> None:
        if "advance_seconds" in step:
            by_ms = step["advance_seconds"] * 1000
            await tenant.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))
            return
        answer = await send(app, filled(step, values))
        body = answer.json()
        for name, pointer in step["keep"].items():
            values[name] = walk_pointer(body, pointer)


def judged(expected: Mapping[str, Any], answer: Answer) -> list[str]:
    """Compare an answer with an expectation; returns what differs, with the body for the reader."""
    faults = []
    if answer.status != expected["status"]:
        faults.append(f"status: expected {expected['status']}, got {answer.status}")
    for name, pattern in expected.get("headers", {}).items():
        given = answer.headers.get(name.lower())
        faults += [f"header {name}{fault}" for fault in mismatches(pattern, given)]
    if "body_text" in expected and answer.content.decode() != expected["body_text"]:
        faults.append(f"body: expected exactly {expected['body_text']!r}")
    if "body" in expected:
        try:
            faults += mismatches(expected["body"], answer.json())
        except ValueError as error:
            faults.append(f"body: {error}")
    return [*faults, f"the answer was {answer.content[:500]!r}"] if faults else []


def _clock() -> Clock:
    now_ms = system_ms()
    return Clock(now_ms, now_ms)
