"""Tenants: worlds of their own, with a clock that can be waited for."""

import anyio
import pytest

from simulator.core.accounts import Key
from simulator.core.clock import Clock
from simulator.core.journal import Journal
from simulator.core.runs import Stage
from simulator.core.tenant import Tenants
from simulator.stores.memory import MemoryStore
from tests.core.builders import QUEUED, T0, WORKING, account, advance, tenant

pytestmark = pytest.mark.anyio


async def test_a_tenant_can_be_found_by_another_view_of_the_same_store() -> None:
    store = MemoryStore()
    await Tenants(store, Journal).create("world", seed="s", clock=Clock(0, T0, 0), stage_ms=5)
    found = await Tenants(store, Journal).get("world")
    assert found is not None
    assert (found.seed, await found.now_ms()) == ("s", T0)
    assert found.stages((QUEUED, WORKING)) == (
        Stage("PENDING", 5, "queued"),
        Stage("RENDERING", 5),
    )


async def test_a_name_is_given_once() -> None:
    tenants = Tenants(MemoryStore(), Journal)
    await tenants.create("world", seed="s")
    with pytest.raises(ValueError, match="world"):
        await tenants.create("world", seed="s")


async def test_an_unknown_tenant_is_none() -> None:
    assert await Tenants(MemoryStore(), Journal).get("nowhere") is None


async def test_a_key_is_found_and_never_kept() -> None:
    store = MemoryStore()
    tenants = Tenants(store, Journal)
    record = Key("world", "toy", "ada")
    await tenants.add_key("toy", "very-secret", record)
    assert await tenants.key("toy", "very-secret") == record
    assert await tenants.key("toy", "very-secreT") is None
    assert await tenants.key("other", "very-secret") is None
    assert "very-secret" not in repr(store._worlds[""].records)


async def test_two_tenants_share_nothing() -> None:
    tenants = Tenants(MemoryStore(), Journal)
    one = await tenants.create("one", seed="s", clock=Clock(0, T0, 0))
    two = await tenants.create("two", seed="s", clock=Clock(0, T0, 0))
    await advance(one, 5000)
    assert (await one.now_ms(), await two.now_ms()) == (T0 + 5000, T0)
    assert one.next_exchange() != two.next_exchange()


async def test_a_tenant_without_a_clock_of_its_own_has_system_time() -> None:
    world = await Tenants(MemoryStore(), Journal).create("world", seed="s")
    first = await world.now_ms()
    assert 0 <= await world.now_ms() - first < 60_000
    assert (await world.clock()).speed == 1.0


async def test_waiting_ends_when_the_clock_is_moved() -> None:
    world = await tenant(account())
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(world.sleep_until, T0 + 10**6)
            await anyio.wait_all_tasks_blocked()
            await advance(world, 1)


async def test_waiting_without_a_date_ends_when_the_clock_is_moved() -> None:
    world = await tenant(account())
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(world.sleep_until, None)
            await anyio.wait_all_tasks_blocked()
            world.wake()


async def test_waiting_for_a_time_that_has_come_ends_at_once() -> None:
    world = await tenant(account())
    with anyio.fail_after(5):
        await world.sleep_until(T0)


async def test_all_that_wait_are_woken() -> None:
    world = await tenant(account())
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(world.sleep_until, T0 + 10**6)
            await anyio.wait_all_tasks_blocked()
            await advance(world, 1)
