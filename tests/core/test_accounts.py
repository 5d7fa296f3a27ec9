"""Money and limits: nothing is lost, nothing is made, nothing is spent twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.accounts import (
    WINDOWS,
    Account,
    Limit,
    capture,
    count_call,
    give_back,
    hold,
    key_digest,
)
from simulator.core.errors import InsufficientCredits, RateLimited
from simulator.core.store import Tx
from simulator.stores.memory import MemoryStore
from tests.core.builders import account

AMOUNTS = st.integers(0, 400)
DAY_MS = 86_400_000


@given(st.lists(st.tuples(st.sampled_from(["hold", "capture", "give_back"]), AMOUNTS)))
def test_available_held_and_spent_always_add_up(steps: list[tuple[str, int]]) -> None:
    item, held = account(available_nanos=1000), []
    for word, nanos in steps:
        if word == "hold":
            if nanos <= item.available_nanos:
                item = hold(item, nanos)
                held.append(nanos)
        elif held:
            item = (capture if word == "capture" else give_back)(item, held.pop())
        assert item.available_nanos + item.held_nanos + item.spent_nanos == 1000
        assert item.available_nanos >= 0
        assert item.held_nanos == sum(held)


@given(AMOUNTS, st.integers(0, 400))
def test_a_hold_is_refused_exactly_when_there_is_too_little(nanos: int, available: int) -> None:
    item = account(available_nanos=available)
    if nanos <= available:
        assert hold(item, nanos).held_nanos == nanos
    else:
        with pytest.raises(InsufficientCredits) as refused:
            hold(item, nanos)
        assert (refused.value.needed_nanos, refused.value.available_nanos) == (nanos, available)


@given(st.integers(0, 10**12), st.integers(0, 400), st.integers(1, 500))
def test_an_account_with_a_refill_never_runs_out(nanos: int, available: int, refill: int) -> None:
    item = hold(account(available_nanos=available, refill_nanos=refill), nanos)
    assert item.held_nanos == nanos
    assert item.available_nanos >= 0
    added = item.available_nanos + nanos - available
    assert added >= 0
    assert added % refill == 0


def test_a_refill_comes_only_when_it_is_needed() -> None:
    assert hold(account(available_nanos=10, refill_nanos=100), 10).available_nanos == 0


def test_money_on_hold_is_the_accounts_own_until_it_is_captured() -> None:
    held = hold(account(available_nanos=1000), 300)
    assert (held.available_nanos, held.held_nanos, held.spent_nanos) == (700, 300, 0)
    taken = capture(held, 300)
    assert (taken.available_nanos, taken.held_nanos, taken.spent_nanos) == (700, 0, 300)


async def _calls(limits: tuple[Limit, ...], calls: list[tuple[str, int]]) -> list[str]:
    """What becomes of calls at times: `ok`, or the limit that refused and the wait it asks for."""
    store = MemoryStore()
    item = Account("ada", "toy", "ada", 0, limits=limits)
    answers = []
    for operation, now_ms in calls:

        async def work(tx: Tx, operation: str = operation, now_ms: int = now_ms) -> None:
            await count_call(tx, item, operation, now_ms)

        try:
            await store.transact("world", work)
            answers.append("ok")
        except RateLimited as refused:
            answers.append(f"{refused.limit} {refused.retry_after_ms}")
    return answers


@pytest.mark.anyio
async def test_a_limit_refuses_the_call_over_it_and_says_how_long_to_wait() -> None:
    calls = [("make", 100), ("make", 200), ("make", 300)]
    assert await _calls((Limit("rate", 2, 1000),), calls) == ["ok", "ok", "rate 800"]


@pytest.mark.anyio
async def test_a_window_ends_after_its_length() -> None:
    calls = [("make", 100), ("make", 1099), ("make", 1100), ("make", 2099)]
    limited = await _calls((Limit("rate", 1, 1000),), calls)
    assert limited == ["ok", "rate 1", "ok", "rate 1"]


@pytest.mark.anyio
async def test_an_aligned_window_ends_at_midnight() -> None:
    late = 20_000 * DAY_MS - 1
    calls = [("make", late), ("make", late), ("make", late + 1)]
    limited = await _calls((Limit("day", 1, DAY_MS, is_aligned=True),), calls)
    assert limited == ["ok", "day 1", "ok"]


@pytest.mark.anyio
async def test_a_limit_counts_its_own_operations_only() -> None:
    calls = [("make", 0), ("look", 1), ("make", 2)]
    limited = await _calls((Limit("makes", 1, 1000, ("make",)),), calls)
    assert limited == ["ok", "ok", "makes 998"]


@pytest.mark.anyio
async def test_a_refused_call_is_counted_nowhere() -> None:
    """The wide limit must not be used up by calls that the narrow one refused."""
    limits = (Limit("wide", 3, 10_000), Limit("narrow", 1, 1000))
    calls = [("make", 0), ("make", 1), ("make", 2), ("make", 1000), ("make", 2000), ("make", 3000)]
    assert await _calls(limits, calls) == [
        "ok",
        "narrow 999",
        "narrow 998",
        "ok",
        "ok",
        "wide 7000",
    ]


@pytest.mark.anyio
@given(st.lists(st.integers(0, 5000), max_size=40).map(sorted), st.integers(1, 4))
async def test_no_window_ever_lets_more_through_than_its_count(
    times: list[int], count: int
) -> None:
    answers = await _calls(
        (Limit("rate", count, 1000, is_aligned=True),), [("make", at) for at in times]
    )
    passed = [at // 1000 for at, answer in zip(times, answers, strict=True) if answer == "ok"]
    assert all(passed.count(window) <= count for window in passed)
    refused = len(times) - len(passed)
    assert refused == sum(
        max(0, [at // 1000 for at in times].count(window) - count)
        for window in {at // 1000 for at in times}
    )


@pytest.mark.anyio
async def test_two_accounts_do_not_share_a_window() -> None:
    store = MemoryStore()
    limits = (Limit("rate", 1, 1000),)

    async def work(tx: Tx) -> int:
        for name in ("ada", "bob"):
            await count_call(tx, Account(name, "toy", name, 0, limits=limits), "make", 0)
        return len(await tx.all(WINDOWS))

    assert await store.transact("world", work) == 2


def test_a_key_digest_does_not_contain_the_key() -> None:
    assert "secret" not in key_digest("toy", "secret")


def test_the_same_key_at_two_providers_is_two_keys() -> None:
    assert key_digest("toy", "secret") != key_digest("other", "secret")
