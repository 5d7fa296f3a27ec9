"""The books of runs: money moves once, when a run ends, and no ended run is left unsettled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core import accounts, ledger
from simulator.core.accounts import ACCOUNTS, Account
from simulator.core.errors import NotFound, RunNotFound
from simulator.core.runs import RUNS, Amendment, Run, ends_at_ms, status_at
from simulator.core.store import Tx
from simulator.stores.memory import MemoryStore
from tests.core.builders import FAILED, T0, account, run, runs

pytestmark = pytest.mark.anyio

COST = 100


class Books:
    """A tenant's books at a time of the test's choosing."""

    def __init__(self, available_nanos: int = 1000) -> None:
        self.store = MemoryStore()
        self.available_nanos = available_nanos

    async def open(self, item: Run) -> None:
        """Open a run and hold its price."""

        async def work(tx: Tx) -> None:
            known = await tx.get(ACCOUNTS, "ada")
            opened = known or account(available_nanos=self.available_nanos)
            await tx.put(ACCOUNTS, "ada", accounts.hold(opened, item.cost_nanos))
            await ledger.open_run(tx, item)

        await self.store.transact("world", work)

    async def account_at(self, now_ms: int) -> Account:
        """The account, settled at a time."""

        async def work(tx: Tx) -> Account:
            return await ledger.settled_account(tx, "ada", now_ms)

        return await self.store.transact("world", work)

    async def run_at(self, run_id: str, now_ms: int) -> Run:
        """A run, settled at a time."""

        async def work(tx: Tx) -> Run:
            item = await tx.get(RUNS, run_id)
            assert item is not None
            return await ledger.settled_run(tx, item, now_ms)

        return await self.store.transact("world", work)

    async def amend(self, run_id: str, amendment: Amendment, now_ms: int) -> Run:
        """Amend a run at a time."""

        async def work(tx: Tx) -> Run:
            return await ledger.amend_run(tx, run_id, amendment, now_ms)

        return await self.store.transact("world", work)

    async def forget(self, item: Run) -> None:
        """Forget a run."""

        async def work(tx: Tx) -> None:
            await ledger.forget_run(tx, item)

        await self.store.transact("world", work)

    async def schedule(self) -> list[tuple[int, str]]:
        """What stands on the schedule."""

        async def work(tx: Tx) -> list[tuple[int, str]]:
            return await tx.index_range(ledger.ENDS)

        return await self.store.transact("world", work)

    async def listed(self) -> list[tuple[int, str]]:
        """The runs listed under the account."""

        async def work(tx: Tx) -> list[tuple[int, str]]:
            return await tx.index_range(ledger.runs_index("toy", "ada"))

        return await self.store.transact("world", work)


def money(item: Account) -> tuple[int, int, int]:
    return item.available_nanos, item.held_nanos, item.spent_nanos


async def test_money_is_on_hold_until_the_run_ends() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    assert money(await books.account_at(T0 + 2999)) == (900, 100, 0)


async def test_money_is_captured_when_the_run_completes() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    assert money(await books.account_at(T0 + 3000)) == (900, 0, 100)


async def test_money_comes_back_when_the_run_fails() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST, outcome=FAILED))
    assert money(await books.account_at(T0 + 3000)) == (1000, 0, 0)


async def test_an_end_is_booked_once_however_often_it_is_looked_at() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    for after_ms in (3000, 3000, 4000, 9000):
        await books.run_at("run", T0 + after_ms)
        assert money(await books.account_at(T0 + after_ms)) == (900, 0, 100)


async def test_reading_a_run_at_its_end_settles_it() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    assert (await books.run_at("run", T0 + 3000)).is_settled
    assert await books.schedule() == []


async def test_reading_a_run_before_its_end_settles_nothing() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    assert not (await books.run_at("run", T0 + 2999)).is_settled
    assert await books.schedule() == [(T0 + 3000, "run")]


async def test_more_runs_than_one_batch_are_all_settled() -> None:
    books = Books(available_nanos=1000)
    for number in range(600):
        await books.open(run(cost_nanos=1, run_id=f"run-{number}"))
    assert money(await books.account_at(T0 + 3000)) == (400, 0, 600)
    assert await books.schedule() == []


async def test_completing_a_run_early_moves_its_end_on_the_schedule() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    await books.amend("run", Amendment(T0 + 2000, "complete"), T0 + 500)
    assert await books.schedule() == [(T0 + 2000, "run")]
    assert money(await books.account_at(T0 + 2000)) == (900, 0, 100)


async def test_cancelling_a_run_now_gives_its_money_back_now() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    ended = await books.amend("run", Amendment(T0 + 500, "cancel"), T0 + 500)
    assert ended.is_settled
    assert money(await books.account_at(T0 + 500)) == (1000, 0, 0)


async def test_holding_a_run_takes_it_off_the_schedule_and_releasing_puts_it_back() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    await books.amend("run", Amendment(T0 + 500, "hold"), T0 + 500)
    assert await books.schedule() == []
    await books.amend("run", Amendment(T0 + 7500, "release"), T0 + 7500)
    assert await books.schedule() == [(T0 + 10_000, "run")]


async def test_amending_a_run_that_has_ended_changes_nothing() -> None:
    books = Books()
    await books.open(run(cost_nanos=COST))
    ended = await books.amend("run", Amendment(T0 + 3000, "cancel"), T0 + 3000)
    assert status_at(ended, T0 + 3000).state == "completed"
    assert ended.amendments == ()
    assert money(await books.account_at(T0 + 3000)) == (900, 0, 100)


async def test_an_amendment_dated_in_the_past_is_in_force_from_now_on() -> None:
    """A run that was seen working at 2 s must not turn out to have been held since 0.5 s."""
    books = Books()
    await books.open(run())
    amended = await books.amend("run", Amendment(T0 + 500, "hold"), T0 + 2000)
    assert status_at(amended, T0 + 2000).state == "working"


async def test_amending_a_run_that_is_not_there_is_refused() -> None:
    with pytest.raises(RunNotFound):
        await Books().amend("nothing", Amendment(T0, "cancel"), T0)


async def test_a_forgotten_run_is_mentioned_nowhere() -> None:
    books = Books()
    item = run()
    await books.open(item)
    await books.forget(item)
    assert (await books.schedule(), await books.listed()) == ([], [])


async def test_an_unknown_account_is_refused() -> None:
    with pytest.raises(NotFound):
        await Books().account_at(T0)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2500),
        st.sampled_from(["look", "balance", "complete", "fail", "cancel", "hold", "release"]),
        st.integers(-1000, 2000),
    ),
    max_size=10,
)


@given(runs(), STEPS)
async def test_no_ended_run_is_unsettled_and_no_money_is_lost(
    item: Run, steps: list[tuple[int, str, int]]
) -> None:
    """Whatever happens to a run in whatever order: its money is in one place, the right one."""
    books = Books()
    opened = run(*item.plan.stages, outcome=item.plan.outcome, cost_nanos=COST)
    await books.open(opened)
    now_ms, states = T0, []
    for wait_ms, word, ahead_ms in steps:
        now_ms += wait_ms
        if word == "look":
            await books.run_at("run", now_ms)
        elif word != "balance":
            amendment = Amendment(now_ms + ahead_ms, word)  # type: ignore[arg-type]  # drawn
            await books.amend("run", amendment, now_ms)
        balance = await books.account_at(now_ms)
        current = await books.run_at("run", now_ms)
        status = status_at(current, now_ms)
        states.append(status.state)
        assert current.is_settled is status.is_terminal
        expected = (900, 100, 0)
        if status.is_terminal:
            expected = (900, 0, 100) if status.state == "completed" else (1000, 0, 0)
        assert money(balance) == expected
        ends = ends_at_ms(current)
        is_due = ends is not None and not status.is_terminal
        assert await books.schedule() == ([(ends, "run")] if is_due else [])
    order = {"queued": 0, "working": 1}
    ranks = [order.get(state, 2) for state in states]
    assert ranks == sorted(ranks)
