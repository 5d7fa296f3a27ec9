"""Which rule decides a call: what it fits, what it counts, and when it is in force."""

from typing import Any

import anyio
import anyio.lowlevel
import pytest

from simulator.core import matching
from simulator.core.matching import Ruling, Sought, ruled
from simulator.core.scenarios import (
    PLAYBOOKS,
    Active,
    Comparison,
    Field,
    Give,
    Match,
    Rule,
    Scenario,
    WebhookTwist,
)
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from tests.core.builders import advance, tenant
from tests.scripts import script

pytestmark = pytest.mark.anyio

CALL = Sought("toy", "make", ("ada", "account 1"), {"prompt": "a cat", "tags": ["x", 1], "n": 3})


async def plays(world: Tenant, active: tuple[Active, ...], count: int, call: Sought = CALL) -> str:
    """The names of the scenarios that decide so many calls; `-` where none does."""
    return " ".join([(await ruled(world, active, call)).scenario or "-" for _ in range(count)])


async def test_where_nothing_is_in_force_nothing_is_ruled() -> None:
    assert await ruled(await tenant(), (), CALL) == Ruling()


@pytest.mark.parametrize(
    ("match", "is_fit"),
    [
        (Match(), True),
        (Match(providers=("toy",)), True),
        (Match(providers=("else", "other")), False),
        (Match(operations=("look", "make")), True),
        (Match(operations=("look",)), False),
        (Match(accounts=("ada",)), True),
        (Match(accounts=("account 1",)), True),
        (Match(accounts=("bob",)), False),
    ],
)
async def test_a_rule_fits_the_calls_that_it_names(match: Match, is_fit: bool) -> None:
    active = Active(Scenario("one", rules=(Rule(match, Give("server_error")),)), "1")
    assert await plays(await tenant(), (active,), 1) == ("one" if is_fit else "-")


@pytest.mark.parametrize(
    ("path", "comparison", "value", "holds"),
    [
        ("$.prompt", "is", "a cat", True),
        ("$.prompt", "is", "a dog", False),
        ("$.n", "is", 3.0, True),
        ("$.n", "is", True, False),
        ("$.tags[1]", "is", True, False),
        ("$.tags", "is", ["x", 1], True),
        ("$.tags[*]", "is", "x", True),
        ("$.prompt", "contains", "cat", True),
        ("$.tags", "contains", 1, True),
        ("$.tags", "contains", True, False),
        ("$.n", "contains", 3, False),
        ("$.prompt", "matches", "^a (cat|dog)$", True),
        ("$.prompt", "matches", "^cat", False),
        ("$.n", "matches", "3", False),
        ("$.prompt", "in", ["a dog", "a cat"], True),
        ("$.prompt", "in", [], False),
        ("$.n", "min", 3, True),
        ("$.n", "min", 4, False),
        ("$.n", "max", 3, True),
        ("$.n", "max", 2, False),
        ("$.prompt", "min", 0, False),
        ("$.absent", "exists", True, False),
        ("$.absent", "exists", False, True),
        ("$.prompt", "exists", True, True),
        ("$.prompt", "exists", False, False),
        ("$.absent", "is", None, False),
    ],
)
async def test_a_condition_is_on_what_a_path_finds(
    path: str, comparison: Comparison, value: Any, holds: bool
) -> None:
    field = Field("body", path, comparison, value)
    active = script("one", fields=(field,), refusal="server_error")
    assert await plays(await tenant(), (active,), 1) == ("one" if holds else "-")


@pytest.mark.parametrize("body", [None, "text", 3, []])
async def test_a_body_that_is_no_object_meets_no_condition(body: Any) -> None:
    active = script("one", fields=(Field("body", "$.prompt", "is", "a cat"),))
    call = Sought("toy", "make", body=body)
    assert await plays(await tenant(), (active,), 1, call) == "-"


async def test_a_condition_may_be_on_the_query() -> None:
    active = script("one", fields=(Field("query", "$.id", "is", "7"),))
    world = await tenant()
    assert await plays(world, (active,), 1, Sought("toy", "make", query={"id": "7"})) == "one"
    assert await plays(world, (active,), 1, Sought("toy", "make", body={"id": "7"})) == "-"


async def test_a_body_too_deep_for_a_path_meets_no_condition() -> None:
    body: Any = {"prompt": "a cat"}
    for _ in range(500):
        body = {"a": body}
    active = script("one", fields=(Field("body", "$..prompt", "is", "a cat"),))
    assert await plays(await tenant(), (active,), 1, Sought("toy", "make", body=body)) == "-"


async def test_calls_are_taken_from_the_first_to_the_last_that_a_rule_names() -> None:
    active = script("one", first_call=2, last_call=3)
    assert await plays(await tenant(), (active,), 5) == "- one one - -"


async def test_only_calls_that_fit_are_counted() -> None:
    active, world = script("one", "make", first_call=2), await tenant()
    assert await plays(world, (active,), 3, Sought("toy", "look")) == "- - -"
    assert await plays(world, (active,), 2) == "- one"


async def test_the_first_scenario_that_takes_a_call_decides_it() -> None:
    scenarios = (script("one", last_call=1), script("two"))
    assert await plays(await tenant(), scenarios, 3) == "one two two"


async def test_a_scenario_may_have_several_rules() -> None:
    rules = (
        Rule(Match(last_call=1), Give("server_error")),
        Rule(Match(operations=("make",)), Give("unavailable")),
    )
    active, world = Active(Scenario("one", rules=rules), "1"), await tenant()
    given = [(await ruled(world, (active,), CALL)) for _ in range(2)]
    assert [(item.rule, item.give.error) for item in given] == [
        (1, "server_error"),
        (2, "unavailable"),
    ]


async def test_a_scenario_applies_as_often_as_it_was_activated_for() -> None:
    active = script("one", first_call=2, times=2)
    assert await plays(await tenant(), (active,), 5) == "- one one - -"


async def test_a_window_is_on_the_clock_of_the_tenant() -> None:
    world = await tenant()
    now_ms = await world.now_ms()
    rule = Rule(Match(after_ms=10_000, for_ms=30_000), Give("unavailable"))
    active = (Active(Scenario("one", rules=(rule,)), "1", now_ms),)
    seen = []
    for _ in range(6):
        seen.append(await plays(world, active, 1))
        await advance(world, 9_999 if len(seen) == 1 else 1 if len(seen) == 2 else 10_000)
    assert seen == ["-", "-", "one", "one", "one", "-"]


async def test_a_chance_depends_on_the_seed_and_the_count_alone() -> None:
    active = (script("one", chance=0.3),)
    drawn = [await plays(await tenant(seed=seed), active, 200) for seed in ("a", "a", "b")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 40 < drawn[0].count("one") < 80


@pytest.mark.parametrize(("chance", "count"), [(0.0, 0), (1.0, 50)])
async def test_no_chance_is_never_and_every_chance_is_always(chance: float, count: int) -> None:
    played = await plays(await tenant(), (script("one", chance=chance),), 50)
    assert played.count("one") == count


async def test_of_calls_at_the_same_time_each_is_counted_once() -> None:
    world, active = await tenant(), (script("one", first_call=11, last_call=20),)
    given: list[Ruling] = []

    async def call() -> None:
        await anyio.lowlevel.checkpoint()
        given.append(await ruled(world, active, CALL))

    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(call)
    assert sum(item.scenario == "one" for item in given) == 10
    assert sorted(item.ordinal for item in given if item.scenario) == list(range(10, 20))


async def test_why_a_scenario_did_not_apply_is_told() -> None:
    world = await tenant()
    active = (
        script("elsewhere", "look"),
        script("field", fields=(Field("body", "$.prompt", "contains", "dog"),)),
        script("second", first_call=2),
        script("never", chance=0.0),
        Active(script("window", for_ms=1000).scenario, "window", 0),
        script("used", times=0),
        script("one"),
        script("last"),
    )
    found = await ruled(world, active, CALL)
    assert found.scenario == "one"
    told = dict(found.passed_over)
    assert list(told) == ["elsewhere", "field", "second", "never", "window", "used", "last"]
    assert told["elsewhere"] == "it is for look"
    assert told["field"] == "body $.prompt contains 'dog' is not so"
    assert told["second"] == "this is call 1, and it begins with 2"
    assert told["never"] == "its chance of 0 was not drawn"
    assert told["window"].startswith("it ended ")
    assert told["used"] == "it has applied 0 of 0 times"
    assert told["last"] == "one applied first"


async def test_a_reason_never_repeats_what_was_sent() -> None:
    call = Sought("toy", "make", body={"prompt": "a secret"})
    active = (script("one", fields=(Field("body", "$.prompt", "is", "a cat"),)),)
    found = await ruled(await tenant(), active, call)
    assert "secret" not in str(found.passed_over)


async def test_a_rule_is_asked_at_its_own_point_alone() -> None:
    twist = Rule(Match(), Give(webhook=WebhookTwist("down")))
    active = (script("run", per="run"), Active(Scenario("hook", rules=(twist,)), "hook"))
    world = await tenant()
    assert await ruled(world, active, CALL) == Ruling()
    for point, name in (("run", "run"), ("delivery", "hook")):
        call = Sought("toy", "make", point=point)  # type: ignore[arg-type]  # from a tuple
        assert (await ruled(world, active, call)).scenario == name


# In force.


async def put(world: Tenant, name: str, times: int | None = None) -> bool:
    async def work(tx: Tx) -> bool:
        now_ms = await world.time_in(tx)
        return (await matching.activate(tx, script(name).scenario, now_ms, times))[1]

    return await world.transact(work)


async def in_force(world: Tenant) -> tuple[Active, ...]:
    playbook = await world.transact(lambda tx: tx.get(PLAYBOOKS, ""))
    return () if playbook is None else playbook.active


async def test_the_scenario_activated_last_is_asked_first() -> None:
    world = await tenant()
    assert [await put(world, name) for name in ("one", "two", "one")] == [True, True, False]
    assert [item.scenario.name for item in await in_force(world)] == ["one", "two"]


async def test_a_scenario_activated_again_counts_from_the_beginning() -> None:
    world = await tenant()
    played = []
    for _ in range(2):
        await put(world, "one", times=1)
        played.append(await plays(world, await in_force(world), 2))
    assert played == ["one -", "one -"]


async def test_a_scenario_that_ended_is_no_longer_in_force() -> None:
    world = await tenant()
    for name in ("one", "two"):
        await put(world, name)
    ended = [
        await world.transact(lambda tx, name=name: matching.deactivate(tx, name))  # type: ignore[misc]
        for name in ("one", "one", "two")
    ]
    assert ended == [True, False, True]
    assert await world.transact(lambda tx: tx.get(PLAYBOOKS, "")) is None


async def test_how_often_a_scenario_applied_can_be_read() -> None:
    world, active = await tenant(), script("one", first_call=3)
    await plays(world, (active,), 5)
    assert await world.transact(lambda tx: matching.counts(tx, active)) == (3, (5,))


async def test_what_goes_wrong_with_a_delivery_is_that_of_its_attempt() -> None:
    world, call = await tenant(), Sought("toy", "make")
    down = WebhookTwist("down")
    rule = Rule(Match(providers=("toy",), last_call=1), Give(webhook=down))

    async def work(tx: Tx) -> list[WebhookTwist | None]:
        now_ms = await world.time_in(tx)
        before = await matching.twist_in(tx, call, now_ms, world.seed)
        await matching.activate(tx, Scenario("hook", rules=(rule,)), now_ms)
        later = [await matching.twist_in(tx, call, now_ms, world.seed) for _ in range(2)]
        return [before, *later]

    assert await world.transact(work) == [None, down, None]
