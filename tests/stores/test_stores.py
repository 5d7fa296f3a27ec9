"""What every store must do: the one suite for all of them."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.store import Kind, Store, Tx
from simulator.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Thing(msgspec.Struct, frozen=True):
    """A record for these tests."""

    text: str


THINGS: Kind[Thing] = Kind("thing", Thing)
OTHERS: Kind[Thing] = Kind("other", Thing)
STORES = {"memory": MemoryStore}


@pytest.fixture(params=sorted(STORES))
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    made = STORES[request.param]()
    yield made
    await made.close()


class Oops(Exception):
    """What goes wrong in these tests."""


async def contents(store: Store, tenant: str = "world") -> tuple[Any, ...]:
    """Everything these tests put into a tenant."""

    async def work(tx: Tx) -> tuple[Any, ...]:
        counter = await tx.increment("counter", 0)
        return await tx.all(THINGS), await tx.all(OTHERS), await tx.index_range("index"), counter

    return await store.transact(tenant, work)


async def fill(tx: Tx) -> None:
    await tx.put(THINGS, "a", Thing("one"))
    await tx.put(THINGS, "b", Thing("two"))
    await tx.index_add("index", 1, "a")
    await tx.index_add("index", 2, "b")
    await tx.increment("counter", 5)


async def test_a_record_is_read_as_it_was_written(store: Store) -> None:
    async def work(tx: Tx) -> Thing | None:
        await tx.put(THINGS, "a", Thing("one"))
        return await tx.get(THINGS, "a")

    assert await store.transact("world", work) == Thing("one")


async def test_a_record_survives_its_transaction(store: Store) -> None:
    await store.transact("world", fill)

    async def work(tx: Tx) -> tuple[Thing | None, Thing | None]:
        return await tx.get(THINGS, "a"), await tx.get(THINGS, "c")

    assert await store.transact("world", work) == (Thing("one"), None)


async def test_a_record_is_read_outside_of_any_transaction(store: Store) -> None:
    await store.transact("world", fill)
    assert await store.read("world", THINGS, "a") == Thing("one")
    assert await store.read("world", THINGS, "c") is None
    assert await store.read("world", OTHERS, "a") is None
    assert await store.read("other", THINGS, "a") is None


async def test_a_transaction_answers_what_its_work_returns(store: Store) -> None:
    async def work(tx: Tx) -> str:
        return "answer"

    assert await store.transact("world", work) == "answer"


async def test_writing_again_replaces(store: Store) -> None:
    async def work(tx: Tx) -> list[Thing]:
        await tx.put(THINGS, "a", Thing("one"))
        await tx.put(THINGS, "a", Thing("two"))
        return await tx.all(THINGS)

    assert await store.transact("world", work) == [Thing("two")]


async def test_deleting_says_whether_there_was_something(store: Store) -> None:
    await store.transact("world", fill)

    async def work(tx: Tx) -> tuple[bool, bool, Thing | None]:
        return (
            await tx.delete(THINGS, "a"),
            await tx.delete(THINGS, "a"),
            await tx.get(THINGS, "a"),
        )

    assert await store.transact("world", work) == (True, False, None)


async def test_kinds_do_not_mix(store: Store) -> None:
    async def work(tx: Tx) -> tuple[Thing | None, list[Thing]]:
        await tx.put(THINGS, "a", Thing("one"))
        return await tx.get(OTHERS, "a"), await tx.all(OTHERS)

    assert await store.transact("world", work) == (None, [])


async def test_a_collection_is_read_in_order_of_its_keys(store: Store) -> None:
    async def work(tx: Tx) -> list[Thing]:
        for key in ("b", "c", "a", "B", "10", "9"):
            await tx.put(THINGS, key, Thing(key))
        return await tx.all(THINGS)

    assert [thing.text for thing in await store.transact("world", work)] == [
        "10",
        "9",
        "B",
        "a",
        "b",
        "c",
    ]


async def test_an_exception_undoes_everything(store: Store) -> None:
    await store.transact("world", fill)
    before = await contents(store)

    async def work(tx: Tx) -> None:
        await tx.put(THINGS, "a", Thing("changed"))
        await tx.put(THINGS, "a", Thing("changed again"))
        await tx.put(THINGS, "new", Thing("new"))
        await tx.delete(THINGS, "b")
        await tx.put(OTHERS, "a", Thing("new"))
        await tx.index_add("index", 3, "new")
        await tx.index_remove("index", 1, "a")
        await tx.index_add("index", 2, "b")
        await tx.index_remove("index", 9, "absent")
        await tx.increment("counter")
        raise Oops

    with pytest.raises(Oops):
        await store.transact("world", work)
    assert await contents(store) == before


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "add", "remove", "increment"]),
        st.sampled_from("abc"),
        st.integers(0, 3),
    ),
    max_size=25,
)


async def _perform(tx: Tx, steps: list[tuple[str, str, int]]) -> None:
    for word, name, number in steps:
        if word == "put":
            await tx.put(THINGS, name, Thing(str(number)))
        elif word == "delete":
            await tx.delete(THINGS, name)
        elif word == "add":
            await tx.index_add("index", number, name)
        elif word == "remove":
            await tx.index_remove("index", number, name)
        else:
            await tx.increment("counter", number)


@pytest.mark.parametrize("name", sorted(STORES))
@given(done=STEPS, undone=STEPS)
async def test_a_failed_transaction_never_was(
    name: str, done: list[tuple[str, str, int]], undone: list[tuple[str, str, int]]
) -> None:
    store = STORES[name]()
    await store.transact("world", lambda tx: _perform(tx, done))
    before = await contents(store)

    async def work(tx: Tx) -> None:
        await _perform(tx, undone)
        raise Oops

    with pytest.raises(Oops):
        await store.transact("world", work)
    assert await contents(store) == before
    await store.close()


async def test_work_that_awaits_something_foreign_is_refused_and_undone(store: Store) -> None:
    async def work(tx: Tx) -> None:
        await tx.put(THINGS, "a", Thing("one"))
        await anyio.lowlevel.checkpoint()

    with pytest.raises(RuntimeError, match="awaited"):
        await store.transact("world", work)
    assert await contents(store) == ([], [], [], 0)


async def test_cleaning_up_does_not_write_after_all(store: Store) -> None:
    async def work(tx: Tx) -> None:
        try:
            await anyio.lowlevel.checkpoint()
        finally:
            await tx.put(THINGS, "a", Thing("one"))

    with pytest.raises(RuntimeError):
        await store.transact("world", work)
    assert await contents(store) == ([], [], [], 0)


async def test_an_index_is_ordered_by_score_then_by_member(store: Store) -> None:
    async def work(tx: Tx) -> list[tuple[int, str]]:
        for score, member in ((2, "a"), (1, "b"), (2, "A"), (-1, "z"), (10, "c"), (9, "d")):
            await tx.index_add("index", score, member)
        return await tx.index_range("index")

    assert await store.transact("world", work) == [
        (-1, "z"),
        (1, "b"),
        (2, "A"),
        (2, "a"),
        (9, "d"),
        (10, "c"),
    ]


async def test_a_member_stands_once_at_a_score(store: Store) -> None:
    async def work(tx: Tx) -> list[tuple[int, str]]:
        await tx.index_add("index", 1, "a")
        await tx.index_add("index", 1, "a")
        return await tx.index_range("index")

    assert await store.transact("world", work) == [(1, "a")]


async def test_a_removed_member_is_gone(store: Store) -> None:
    await store.transact("world", fill)

    async def work(tx: Tx) -> list[tuple[int, str]]:
        await tx.index_remove("index", 1, "a")
        await tx.index_remove("index", 1, "b")
        await tx.index_remove("nothing", 1, "b")
        return await tx.index_range("index")

    assert await store.transact("world", work) == [(2, "b")]


async def test_an_unknown_index_is_empty(store: Store) -> None:
    async def work(tx: Tx) -> list[tuple[int, str]]:
        return await tx.index_range("nothing", low=0, high=9, offset=1, limit=3)

    assert await store.transact("world", work) == []


BOUNDS = st.none() | st.integers(-1, 7)


@pytest.mark.parametrize("name", sorted(STORES))
@given(
    entries=st.sets(st.tuples(st.integers(0, 6), st.sampled_from("abc"))),
    low=BOUNDS,
    high=BOUNDS,
    offset=st.integers(0, 5),
    limit=st.none() | st.integers(0, 5),
    newest_first=st.booleans(),
)
async def test_a_range_is_what_sorting_and_slicing_would_give(
    name: str,
    entries: set[tuple[int, str]],
    low: int | None,
    high: int | None,
    offset: int,
    limit: int | None,
    newest_first: bool,
) -> None:
    store = STORES[name]()

    async def work(tx: Tx) -> list[tuple[int, str]]:
        for score, member in entries:
            await tx.index_add("index", score, member)
        return await tx.index_range(
            "index", low=low, high=high, offset=offset, limit=limit, newest_first=newest_first
        )

    expected = sorted(
        (
            (score, member)
            for score, member in entries
            if (low is None or low <= score) and (high is None or score <= high)
        ),
        reverse=newest_first,
    )[offset:]
    assert await store.transact("world", work) == expected[:limit]
    await store.close()


async def test_a_counter_starts_at_nothing_and_answers_its_value_before(store: Store) -> None:
    async def work(tx: Tx) -> list[int]:
        return [await tx.increment("counter"), await tx.increment("counter", 5)]

    assert await store.transact("world", work) == [0, 1]
    assert (await contents(store))[3] == 6


async def test_tenants_share_nothing(store: Store) -> None:
    await store.transact("one", fill)
    assert await contents(store, "two") == ([], [], [], 0)


async def test_a_forgotten_tenant_is_empty_and_the_others_are_not(store: Store) -> None:
    await store.transact("one", fill)
    await store.transact("two", fill)
    await store.forget("one")
    await store.forget("nobody")
    assert await contents(store, "one") == ([], [], [], 0)
    assert await contents(store, "two") == (
        [Thing("one"), Thing("two")],
        [],
        [(1, "a"), (2, "b")],
        5,
    )


async def test_two_hundred_transactions_at_once_all_count(store: Store) -> None:
    async def count() -> None:
        async def work(tx: Tx) -> None:
            held = await tx.get(THINGS, "total")
            total = int(held.text) if held else 0
            await tx.put(THINGS, "total", Thing(str(total + 1)))

        await anyio.lowlevel.checkpoint()
        await store.transact("world", work)

    async with anyio.create_task_group() as group:
        for _ in range(200):
            group.start_soon(count)
    assert (await contents(store))[0] == [Thing("200")]
