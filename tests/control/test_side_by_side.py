"""Thousands of worlds in one house, each with a clock, accounts, runs and a journal of its own."""

from typing import Any

import pytest

from simulator.app import create_app
from simulator.core import ledger, passage
from simulator.core.assets import Links
from simulator.core.clock import Clock
from simulator.core.desk import Desk
from simulator.core.ids import base36_text
from simulator.core.order import Order
from simulator.core.runs import Stage
from simulator.core.tenant import Tenant
from simulator.house import Holder
from simulator.settings import Settings

pytestmark = pytest.mark.anyio

T0 = 1_750_000_000_000
COUNT = 2000
LENGTH_MS = 1000
PRICE_NANOS = 7


def order(number: int) -> Order:
    stages = (Stage("WAITING", LENGTH_MS // 2, "queued"), Stage("MAKING", LENGTH_MS // 2))
    return Order(
        "createVideo",
        {"number": number},
        lambda source, _now_ms: base36_text(source, 16),
        stages,
        cost_nanos=PRICE_NANOS,
    )


async def test_two_thousand_tenants_with_moved_clocks_do_not_interfere() -> None:
    """Tenant n is moved n ms: half of them see their run end, and pay; no other sees a thing."""
    house = create_app(Settings(clock=Clock(0, T0, 0))).state.house
    nano = house.providers["nanogpt"]
    default = await house.default()
    worlds: list[tuple[Tenant, Desk, str]] = []
    for number in range(COUNT):
        tenant, keys = await house.found(f"t{number}", seed="same", clock=Clock(0, T0, 0))
        holder: Holder | None = await house.holder(nano, keys["nanogpt"][0])
        assert holder is not None
        assert holder.tenant is tenant
        desk = Desk(tenant, "nanogpt", holder.account, lambda: Links("http://a/_assets"))
        worlds.append((tenant, desk, (await desk.start(order(number % 3))).id))
    for number, (tenant, _, run_id) in enumerate(worlds):
        passed = await passage.advance(tenant, number)
        ended = [item.subject for item in passed.happened]
        assert ended == ([run_id] if number >= LENGTH_MS else [])
    for number, (tenant, desk, run_id) in enumerate(worlds):
        assert await tenant.now_ms() == T0 + number
        account = await desk.refreshed_account()
        money = account.held_nanos, account.spent_nanos
        assert money == ((0, PRICE_NANOS) if number >= LENGTH_MS else (PRICE_NANOS, 0))
        assert [run.id for run in await desk.runs()] == [run_id]
    assert await default.now_ms() == T0
    assert await next_end(default) is None


async def next_end(tenant: Tenant) -> Any:
    return await tenant.transact(ledger.next_end_ms)
