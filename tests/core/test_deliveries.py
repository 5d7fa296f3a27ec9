"""When deliveries are attempted, in which order, and how many are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core import deliveries, runs, webhooks
from simulator.core.deliveries import Claim
from simulator.core.store import Tx
from simulator.core.webhooks import Attempt, Delivery, Subscription
from simulator.stores.memory import MemoryStore
from tests.core import builders
from tests.core.builders import T0

pytestmark = pytest.mark.anyio

FIRST = Subscription("wh_1", "http://127.0.0.1:9/", "whsec_", T0)


async def in_a_tenant(store: MemoryStore, count: int) -> None:
    """Subscribe, and start runs that have three events each."""

    async def work(tx: Tx) -> None:
        await webhooks.subscribe(tx, FIRST)
        roster = await tx.get(webhooks.ROSTERS, "")
        assert roster is not None
        for number in range(count):
            run = builders.run(run_id=f"run-{number}")
            await webhooks.run_opened(tx, roster, run)
            await webhooks.run_ended(tx, roster, run, T0 + 3000)

    await store.transact("world", work)


async def claimed(store: MemoryStore, now_ms: int = T0 + 3000, system_ms: int = 0) -> list[Claim]:
    return await store.transact(
        "world", lambda tx: deliveries.claim(tx, now_ms, system_ms, "seed", 10_000)
    )


async def concluded(store: MemoryStore, claim: Claim, status: int) -> Delivery:
    return await store.transact(
        "world", lambda tx: deliveries.conclude(tx, claim, Attempt(claim.at_ms, status))
    )


async def test_one_delivery_of_a_run_is_attempted_at_a_time() -> None:
    store = MemoryStore()
    await in_a_tenant(store, 2)
    seen: list[str] = []
    for _ in range(3):
        claims = await claimed(store)
        assert len(claims) == 2
        assert not await claimed(store)
        for claim in claims:
            seen.append(claim.delivery.event)
            await concluded(store, claim, 200)
    assert seen[::2] == ["run.created", "run.progressed", "run.completed"]
    assert not await claimed(store)


async def test_a_later_event_waits_while_an_earlier_one_fails() -> None:
    store = MemoryStore()
    await in_a_tenant(store, 1)
    [claim] = await claimed(store)
    delivery = await concluded(store, claim, 500)
    assert not await claimed(store, delivery.due_at_ms - 1)
    [again] = await claimed(store, delivery.due_at_ms)
    assert again.delivery.id == claim.delivery.id


async def test_a_lease_that_ran_out_is_offered_again_and_its_failure_is_not_noted() -> None:
    store = MemoryStore()
    await in_a_tenant(store, 1)
    [slow] = await claimed(store)
    assert not await claimed(store, system_ms=deliveries.LEASE_MS - 1)
    [other] = await claimed(store, system_ms=deliveries.LEASE_MS)
    assert other.delivery.id == slow.delivery.id
    await concluded(store, slow, 500)
    assert (await concluded(store, other, 200)).attempt_count == 1


async def test_a_success_counts_though_the_lease_ran_out() -> None:
    store = MemoryStore()
    await in_a_tenant(store, 1)
    [slow] = await claimed(store)
    await claimed(store, system_ms=deliveries.LEASE_MS)
    assert (await concluded(store, slow, 200)).state == "delivered"


async def test_only_the_latest_of_those_that_are_over_are_kept() -> None:
    store = MemoryStore()
    await in_a_tenant(store, 600)
    while claims := await claimed(store):
        for claim in claims:
            await concluded(store, claim, 204)

    async def count(tx: Tx) -> tuple[int, int, int]:
        return (
            len(await tx.all(webhooks.DELIVERIES)),
            len(await tx.index_range(webhooks.ALL)),
            len(await tx.all(webhooks.LINES)),
        )

    assert await store.transact("world", count) == (deliveries.KEPT, deliveries.KEPT, 0)


async def test_nothing_is_left_of_a_subscription_that_is_removed() -> None:
    store = MemoryStore()
    await in_a_tenant(store, 3)
    first, second, _ = await claimed(store)
    await concluded(store, first, 200)
    await concluded(store, second, 500)
    await store.transact("world", lambda tx: deliveries.unsubscribe(tx, FIRST.id))

    async def left(tx: Tx) -> list[object]:
        return [
            *await tx.all(webhooks.DELIVERIES),
            *await tx.all(webhooks.LINES),
            *await tx.all(webhooks.ROSTERS),
        ]

    assert await store.transact("world", left) == []
    assert await store.transact("world", deliveries.next_due_ms) is None
    await concluded(store, first, 200)
    assert await store.transact("world", left) == []


@given(st.text("abc", max_size=5), st.integers(1, 60), st.integers(0, 10**8))
def test_waits_double_up_to_an_hour_give_or_take_a_fifth(
    name: str, attempts: int, retry_after_ms: int
) -> None:
    wait_ms = deliveries.backoff_ms(name, attempts, retry_after_ms)
    plain_ms = min(5000 * 2 ** (attempts - 1), 3_600_000)
    assert max(0.8 * plain_ms - 1, retry_after_ms) <= wait_ms
    assert wait_ms <= max(1.2 * plain_ms, retry_after_ms)
    assert wait_ms == deliveries.backoff_ms(name, attempts, retry_after_ms)


def test_waits_differ_from_delivery_to_delivery() -> None:
    assert len({deliveries.backoff_ms(f"msg_{number}", 3) for number in range(50)}) > 40


@given(builders.runs())
def test_a_run_is_in_its_next_stage_from_the_date_of_a_change(run: runs.Run) -> None:
    """A change is told at its date and not before; the status of that date is that of the stage."""
    dates = runs.stage_dates(run)
    ends_at_ms = runs.ends_at_ms(run)
    assert dates == sorted(dates)
    for number, at_ms in enumerate(dates, 1):
        stage = run.plan.stages[number]
        if at_ms in dates[number:]:
            continue
        assert runs.status_at(run, at_ms).stage == stage.name
        before = runs.status_at(run, at_ms - 1)
        assert before.ended_at_ms is None
        assert ends_at_ms is None or at_ms < ends_at_ms
