"""The desk: what a handler may do, for one account, in one store transaction each."""

import itertools
import random

import anyio
import msgspec
import pytest

from simulator.core.accounts import ACCOUNTS
from simulator.core.assets import Links, MediaSpec, link_signature
from simulator.core.desk import Desk
from simulator.core.errors import (
    InputUnreachable,
    InsufficientCredits,
    RateLimited,
    RunForeign,
    RunNotFound,
    ServerError,
)
from simulator.core.ids import base36_text, uuid6
from simulator.core.inputs import Link, NotFetched
from simulator.core.matching import Ruling
from simulator.core.runs import Amendment, Run, Stage, ends_at_ms
from simulator.core.scenarios import Give, PlanChange
from simulator.core.store import Kind, Tx
from simulator.core.tenant import Tenant
from tests.core.builders import FAILED, T0, account, advance, desk, order, tenant
from tests.scripts import script, scripting

pytestmark = pytest.mark.anyio


class Note(msgspec.Struct, frozen=True):
    """A provider's own record."""

    text: str


NOTES: Kind[Note] = Kind("toy.note", Note)


async def money(world: Tenant, account_id: str = "ada") -> tuple[int, int, int]:
    found = await world.account(account_id)
    assert found is not None
    return found.available_nanos, found.held_nanos, found.spent_nanos


async def test_starting_a_run_holds_its_price() -> None:
    world = await tenant(account())
    at = desk(world, account())
    await at.start(order("a", 300))
    assert await money(world) == (700, 300, 0)
    assert at.account.available_nanos == 700


async def test_a_run_that_cannot_be_paid_is_not_started() -> None:
    world = await tenant(account(available_nanos=299))
    at = desk(world, account())
    with pytest.raises(InsufficientCredits):
        await at.start(order("a", 300))
    assert await money(world) == (299, 0, 0)
    assert await at.runs() == []


async def test_a_refused_start_does_not_use_up_an_id() -> None:
    """The run that is paid later has the id that it would have had."""
    poor, rich = await tenant(account(available_nanos=0)), await tenant(account())
    with pytest.raises(InsufficientCredits):
        await desk(poor, account()).start(order("a", 300))

    async def pay(tx: Tx) -> None:
        await tx.put(ACCOUNTS, "ada", account())

    await poor.transact(pay)
    ids = [(await desk(world, account()).start(order("a", 300))).id for world in (poor, rich)]
    assert ids[0] == ids[1]


async def test_money_of_ended_runs_can_be_spent_again_at_the_next_start() -> None:
    world = await tenant(account(available_nanos=300))
    at = desk(world, account())
    at.scripting = scripting(script("first", per="run", last_call=1, outcome=FAILED))
    await at.start(order("a", 300))
    await advance(world, 3000)
    await at.start(order("b", 300))
    assert await money(world) == (0, 300, 0)


async def test_a_run_that_takes_no_time_is_settled_when_it_is_started() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a", 300, Stage("RENDERING", 0)))
    assert started.is_settled
    assert await money(world) == (700, 0, 300)
    assert (at.account.held_nanos, at.account.spent_nanos) == (0, 300)


async def test_a_trigger_in_the_prompt_decides_the_run() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("[understudy:fail]"))
    await advance(world, 3000)
    assert at.status(await at.run(started.id)).state == "failed"


async def test_a_status_is_that_of_the_moment_at_which_the_run_was_read() -> None:
    world = await tenant(account())
    at = desk(world, account())
    read = await at.run((await at.start(order("a"))).id)
    await advance(world, 3000)
    assert not read.is_settled
    assert at.status(read).state == "queued"


async def test_what_was_ruled_of_a_request_decides_its_runs() -> None:
    world = await tenant(account())
    at = desk(world, account())
    give = Give(plan=PlanChange(outcome=FAILED))
    at.scripting = scripting(ruling=Ruling("one", 1, give))
    made = await at.start(order("a"))
    at.scripting = scripting(ruling=Ruling())
    other = await at.start(order("a"))
    assert (made.plan.outcome, other.plan.outcome.state) == (FAILED, "completed")


async def test_a_scenario_decides_each_run_of_a_request() -> None:
    world = await tenant(account())
    at = desk(world, account())
    one = script("one", "make", per="run", first_call=2, last_call=2, outcome=FAILED)
    at.scripting = scripting(one)
    made = [await at.start(order(prompt)) for prompt in "abc"]
    assert [run.plan.outcome.state for run in made] == ["completed", "failed", "completed"]
    assert at.scripting.ruling.scenario == "one"


async def test_a_scenario_refuses_as_often_as_it_says() -> None:
    world = await tenant(account())
    at = desk(world, account())
    at.scripting = scripting(script("one", per="run", refusal="rate_limited", times=2))
    for _ in range(2):
        with pytest.raises(RateLimited):
            await at.start(order("a", 300))
    await at.start(order("a", 300))
    assert await money(world) == (700, 300, 0)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("[understudy:fail]", ""), ("a [understudy:explode] b", "[understudy:explode]"), ("a", "")],
)
async def test_a_text_that_looks_like_a_trigger_is_kept_for_a_warning(
    prompt: str, told: str
) -> None:
    world = await tenant(account())
    at = desk(world, account())
    await at.start(order(prompt))
    assert at.unknown_trigger == told


async def test_a_run_is_read_by_its_own_account() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a"))
    assert await at.run(started.id) == started


async def test_another_accounts_run_is_foreign() -> None:
    world = await tenant(account(), account("bob"))
    started = await desk(world, account()).start(order("a"))
    at = desk(world, account("bob"))
    with pytest.raises(RunForeign):
        await at.run(started.id)
    assert (await at.run(started.id, any_account=True)).id == started.id


async def test_an_unknown_run_is_not_found() -> None:
    at = desk(await tenant(account()), account())
    with pytest.raises(RunNotFound):
        await at.run("nothing")


async def test_another_providers_run_is_not_found() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a"))
    at.provider = "other"
    with pytest.raises(RunNotFound):
        await at.run(started.id)


async def test_a_run_that_is_read_after_its_end_is_settled() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a", 300))
    await advance(world, 3000)
    assert (await at.run(started.id)).is_settled
    assert await money(world) == (700, 0, 300)


async def test_the_refreshed_account_has_everything_settled() -> None:
    world = await tenant(account())
    at = desk(world, account())
    await at.start(order("a", 300))
    await advance(world, 3000)
    assert (await at.refreshed_account()).spent_nanos == 300


async def started_at_intervals(world: Tenant, *names: str) -> list[Run]:
    made = []
    for name in names:
        made.append(await desk(world, account()).start(order(name, operation=name[0])))
        await advance(world, 10)
    return made


async def test_runs_are_listed_newest_first() -> None:
    world = await tenant(account(), account("bob"))
    made = await started_at_intervals(world, "a1", "a2", "a3")
    await desk(world, account("bob")).start(order("b"))
    listed = await desk(world, account()).runs()
    assert [item.id for item in listed] == [item.id for item in reversed(made)]


@pytest.mark.parametrize("operations", [(), ("a", "b")])
@pytest.mark.parametrize(("offset", "limit"), list(itertools.product([0, 1, 3, 9], [None, 0, 2])))
async def test_a_page_is_a_piece_of_the_list(
    operations: tuple[str, ...], offset: int, limit: int | None
) -> None:
    """Whether it is cut by the index or, with a filter, after it."""
    world = await tenant(account())
    made = await started_at_intervals(world, "a1", "b1", "a2", "b2", "a3")
    page = await desk(world, account()).runs(operations, offset=offset, limit=limit)
    whole = [item.id for item in reversed(made)]
    assert [item.id for item in page] == whole[offset:][:limit]


async def test_a_list_may_be_of_some_operations_or_of_some_runs() -> None:
    world = await tenant(account())
    made = await started_at_intervals(world, "a1", "b1", "a2")
    at = desk(world, account())
    assert [item.id for item in await at.runs(["a"], limit=1)] == [made[2].id]
    assert [item.id for item in await at.runs(where=lambda item: item.operation == "b")] == [
        made[1].id
    ]


async def test_listed_runs_are_settled() -> None:
    world = await tenant(account())
    at = desk(world, account())
    await at.start(order("a", 300))
    await advance(world, 3000)
    assert [item.is_settled for item in await at.runs()] == [True]
    assert await money(world) == (700, 0, 300)


async def test_waiting_answers_the_run_as_it_ended_when_the_clock_is_moved() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a", 300))
    answers: list[Run] = []

    async def wait() -> None:
        answers.append(await at.wait(started))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            await advance(world, 2999)
            await anyio.wait_all_tasks_blocked()
            assert answers == []
            await advance(world, 1)
    assert answers[0].is_settled
    assert await money(world) == (700, 0, 300)


async def test_waiting_for_an_ended_run_does_not_wait() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a"))
    await advance(world, 3000)
    with anyio.fail_after(5):
        assert (await at.wait(started)).is_settled


async def test_waiting_notices_that_a_stuck_run_is_completed() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("[understudy:stuck]"))
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(at.wait, started)
            await anyio.wait_all_tasks_blocked()
            await at.amend(started, Amendment(T0, "complete"))
            world.wake()


async def test_deleting_a_working_run_gives_its_money_back() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a", 300))
    await at.delete(started)
    assert await money(world) == (1000, 0, 0)
    assert await at.runs() == []
    with pytest.raises(RunNotFound):
        await at.run(started.id)


async def test_deleting_a_completed_run_leaves_its_price_paid() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a", 300))
    await advance(world, 3000)
    await at.delete(started)
    assert await money(world) == (700, 0, 300)


async def test_deleting_a_run_twice_is_not_found() -> None:
    world = await tenant(account())
    at = desk(world, account())
    started = await at.start(order("a", 300))
    await at.delete(started)
    with pytest.raises(RunNotFound):
        await at.delete(started)
    assert await money(world) == (1000, 0, 0)


async def test_equal_requests_get_ids_of_their_own_by_ordinal() -> None:
    one, two = await tenant(account()), await tenant(account())
    first = [(await desk(one, account()).start(order("a"))).id for _ in range(3)]
    second = [(await desk(two, account()).start(order("a"))).id for _ in range(3)]
    assert first == second
    assert len(set(first)) == 3


async def test_another_seed_gives_other_ids() -> None:
    one, two = await tenant(account()), await tenant(account(), seed="other")
    assert (await desk(one, account()).start(order("a"))).id != (
        await desk(two, account()).start(order("a"))
    ).id


async def test_different_requests_get_the_same_ids_in_any_order_of_starting() -> None:
    """Two hundred shuffles, all requests of a shuffle at once."""
    orders = [order(f"prompt {number}") for number in range(12)]
    chance = random.Random(7)
    seen = set()
    for _ in range(200):
        world = await tenant(account())
        ids: dict[str, str] = {}

        async def start(number: int, world: Tenant = world, ids: dict[str, str] = ids) -> None:
            await anyio.lowlevel.checkpoint()
            started = await desk(world, account()).start(orders[number])
            ids[orders[number].prompt] = started.id

        async with anyio.create_task_group() as group:
            for number in chance.sample(range(12), 12):
                group.start_soon(start, number)
        seen.add(tuple(sorted(ids.items())))
    assert len(seen) == 1


async def test_two_hundred_starts_at_once_never_overspend() -> None:
    world = await tenant(account(available_nanos=1000))
    outcomes: list[str] = []

    async def start(number: int) -> None:
        await anyio.lowlevel.checkpoint()
        try:
            await desk(world, account()).start(order(f"{number}", 30))
            outcomes.append("started")
        except InsufficientCredits:
            outcomes.append("refused")

    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(start, number)
    assert (outcomes.count("started"), outcomes.count("refused")) == (33, 167)
    assert await money(world) == (10, 990, 0)


async def test_many_looks_around_the_end_settle_once() -> None:
    world = await tenant(account())
    started = await desk(world, account()).start(order("a", 300))
    await advance(world, 2999)

    async def look() -> None:
        await anyio.lowlevel.checkpoint()
        await desk(world, account()).run(started.id)
        await desk(world, account()).refreshed_account()

    async with anyio.create_task_group() as group:
        for number in range(100):
            group.start_soon(look)
            if number == 50:
                group.start_soon(advance, world, 1)
    assert await money(world) == (700, 0, 300)


async def test_stages_last_as_the_tenant_wants_them() -> None:
    world = await tenant(account())
    world._stage_ms = 7
    started = await desk(world, account()).start(order("a"))
    assert ends_at_ms(started) == T0 + 14


async def test_new_ids_follow_the_same_rule_as_runs() -> None:
    one, two = await tenant(account()), await tenant(account())
    made = [await desk(one, account()).new_id("image", {"a": 1}, uuid6) for _ in range(2)]
    again = [await desk(two, account()).new_id("image", {"a": 1}, uuid6) for _ in range(2)]
    assert made == again
    assert made[0] != made[1]


async def test_a_provider_keeps_records_of_its_own() -> None:
    at = desk(await tenant(account()), account())
    await at.keep(NOTES, "b", Note("two"))
    await at.keep(NOTES, "a", Note("one"))
    assert await at.find(NOTES, "a") == Note("one")
    assert await at.all(NOTES) == [Note("one"), Note("two")]
    assert (await at.drop(NOTES, "a"), await at.drop(NOTES, "a")) == (True, False)
    assert await at.find(NOTES, "a") is None


async def test_urls_of_files_stand_under_the_tenant() -> None:
    at = desk(await tenant(account()), account())
    made = order("a")
    started = await at.start(
        type(made)(
            made.operation,
            made.request,
            lambda source, _now_ms: base36_text(source, 4),
            made.stages,
            outputs=(MediaSpec("video", "mp4"),),
        )
    )
    base = "http://toy.test/_assets/toy/world"
    assert at.asset_url(started) == f"{base}/runs/{started.id}/0.mp4"
    assert at.asset_url(started, 0, "jpg") == f"{base}/runs/{started.id}/0.jpg"
    assert at.sample_url("cat", "png") == f"{base}/samples/cat.png"
    assert at.upload_url("up", "png") == f"{base}/uploads/up.png"
    assert at.upload_form_url() == f"{base}/uploads"


async def test_waiting_for_a_run_that_is_deleted_meanwhile_is_refused() -> None:
    world = await tenant(account())
    at, other = desk(world, account()), desk(world, account())
    run = await at.start(order("a"))
    async with anyio.create_task_group() as group:

        async def remove() -> None:
            await other.delete(run)
            await advance(world, 3000)

        group.start_soon(remove)
        with pytest.raises(ServerError):
            await at.wait(run)


async def test_a_link_that_expires_is_good_whenever_it_is_shown() -> None:
    world = await tenant(account())
    there = Links("http://toy.test/_assets/toy/world", 3_600_000)
    at = Desk(world, "toy", account(), lambda: there)
    run = await at.start(order("a"))
    links = []
    for by_ms in (3000, 1_800_000, 1_800_000, 86_400_000):
        await advance(world, by_ms)
        link = at.asset_url(await at.run(run.id), 0, "mp4")
        expires_at_s = int(link.partition("expires=")[2].partition("&")[0])
        assert 0 < expires_at_s * 1000 - await world.now_ms() <= 3_600_000
        links.append(link)
    assert links[0] == links[1]
    assert len(set(links)) == 3


@pytest.mark.parametrize("lifetime_ms", [0, 3_600_000])
async def test_links_are_shown_as_expired_where_that_is_wanted(lifetime_ms: int) -> None:
    world = await tenant(account())
    there = Links("http://toy.test/_assets/toy/world", lifetime_ms, are_expired=True)
    at = Desk(world, "toy", account(), lambda: there)
    run = await at.start(order("a"))
    await advance(world, 3000)
    link = at.asset_url(await at.run(run.id), 0, "mp4")
    expires, signature = link.partition("?expires=")[2].split("&signature=")
    assert int(expires) * 1000 < await world.now_ms()
    name = f"runs/{run.id}/0.mp4"
    assert signature == link_signature(world.seed, name, int(expires))


async def test_a_request_links_to_nothing_that_is_fetched_unless_the_desk_fetches() -> None:
    asked: list[str] = []

    async def fetch(url: str, kind: str) -> bytes:
        asked.append(url)
        if url == "http://b":
            raise NotFetched("unreachable")
        return f"{kind} {url}".encode()

    world, links = await tenant(account()), Links("")
    quiet = Desk(world, "toy", account(), lambda: links)
    busy = Desk(world, "toy", account(), lambda: links, fetch=fetch)
    film = Link("/film", "http://film", "video")
    named = [Link("/in", "data:,x", "image"), film, Link("/a", "http://a", "image")]
    assert (quiet.fetches, await quiet.fetch(named), asked) == (False, None, [])
    assert (busy.fetches, await busy.fetch(named)) == (True, b"image http://a")
    assert asked == ["http://film", "http://a"]
    with pytest.raises(InputUnreachable) as caught:
        await busy.fetch([film, Link("/b/0", "http://b", "image"), film])
    assert (caught.value.pointer, caught.value.reason) == ("/b/0", "unreachable")
