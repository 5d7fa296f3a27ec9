"""Triggers in a prompt, and scripts: what decides a run from outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.errors import InsufficientCredits, RateLimited
from simulator.core.runs import Outcome, Plan, Stage
from simulator.core.scenarios import (
    PLAYBOOKS,
    Playbook,
    Script,
    matching_script,
    refusal_of,
    scripted,
    triggered,
)
from simulator.core.store import Tx
from simulator.stores.memory import MemoryStore
from tests.core.builders import FAILED, QUEUED, T0, WORKING, plans

PLAN = Plan(T0, (QUEUED, WORKING))


@given(plans(), st.text())
def test_a_prompt_without_triggers_changes_nothing(plan: Plan, prompt: str) -> None:
    assert triggered(plan, prompt.replace("[", "(")) == plan


def test_fail_makes_a_run_fail() -> None:
    assert triggered(PLAN, "a cat [understudy:fail] on a roof").outcome.state == "failed"


def test_policy_makes_a_run_fail_for_the_content_policy() -> None:
    outcome = triggered(PLAN, "[understudy:policy]").outcome
    assert (outcome.state, outcome.reason) == ("failed", "content_policy")


def test_stuck_keeps_a_run_from_ending() -> None:
    assert triggered(PLAN, "[understudy:stuck]").is_stuck


@pytest.mark.parametrize(
    ("text", "length_ms"),
    [
        ("30s", 30_000),
        ("30", 30_000),
        ("1500ms", 1500),
        ("2m", 120_000),
        ("0.5h", 1_800_000),
        ("0s", 0),
        ("9" * 400 + "h", 365 * 24 * 3_600_000),
    ],
)
def test_slow_makes_a_run_last_that_long(text: str, length_ms: int) -> None:
    assert triggered(PLAN, f"[understudy:slow={text}]").length_ms == length_ms


@given(plans().filter(lambda plan: plan.length_ms > 0), st.integers(1, 10**6))
def test_slow_keeps_the_stages_in_their_order(plan: Plan, length_ms: int) -> None:
    slow = triggered(plan, f"[understudy:slow={length_ms}ms]")
    assert [(stage.name, stage.state) for stage in slow.stages] == [
        (stage.name, stage.state) for stage in plan.stages
    ]
    assert slow.length_ms == length_ms
    assert all(stage.duration_ms >= 0 for stage in slow.stages)


def test_slow_makes_even_a_plan_of_no_length_last() -> None:
    plan = Plan(T0, (Stage("RENDERING", 0),))
    assert triggered(plan, "[understudy:slow=2s]").length_ms == 2000


def test_several_triggers_all_count() -> None:
    plan = triggered(PLAN, "[understudy:slow=9s] and [understudy:fail][understudy:stuck]")
    assert (plan.length_ms, plan.outcome.state, plan.is_stuck) == (9000, "failed", True)


def test_of_two_triggers_of_a_kind_the_last_wins() -> None:
    plan = triggered(PLAN, "[understudy:slow=9s] [understudy:policy] [understudy:slow=1s]")
    assert plan.length_ms == 1000
    assert triggered(PLAN, "[understudy:policy][understudy:fail]").outcome.reason != (
        "content_policy"
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "[understudy:slow]",
        "[understudy:slow=]",
        "[understudy:slow=-1s]",
        "[understudy:slow=3d]",
        "[understudy:explode]",
        "understudy:fail",
        "[UNDERSTUDY:FAIL]",
    ],
)
def test_what_only_looks_like_a_trigger_changes_nothing(prompt: str) -> None:
    assert triggered(PLAN, prompt) == PLAN


async def _playing(scripts: tuple[Script, ...], calls: list[tuple[str, str]]) -> list[str]:
    """The names of the scripts that decide calls (operation, account), `-` where none does."""
    store = MemoryStore()

    async def put(tx: Tx) -> None:
        await tx.put(PLAYBOOKS, "", Playbook(scripts))

    await store.transact("world", put)
    names = []
    for operation, account_id in calls:

        async def work(
            tx: Tx, operation: str = operation, account_id: str = account_id
        ) -> Script | None:
            return await matching_script(tx, operation, account_id)

        script = await store.transact("world", work)
        names.append("-" if script is None else script.name)
    return names


@pytest.mark.anyio
async def test_a_script_decides_every_call_it_matches() -> None:
    calls = [("make", "ada"), ("look", "ada"), ("make", "bob")]
    assert await _playing((Script("one", "make"),), calls) == ["one", "-", "one"]


@pytest.mark.anyio
async def test_a_script_may_speak_of_one_account_only() -> None:
    calls = [("make", "ada"), ("make", "bob")]
    assert await _playing((Script("one", account_id="bob"),), calls) == ["-", "one"]


@pytest.mark.anyio
async def test_a_script_skips_calls_and_then_counts_them() -> None:
    script = Script("one", skip=2, times=2)
    assert await _playing((script,), [("make", "ada")] * 6) == ["-", "-", "one", "one", "-", "-"]


@pytest.mark.anyio
async def test_a_call_outside_the_script_is_not_counted() -> None:
    calls = [("look", "ada"), ("make", "ada")]
    assert await _playing((Script("one", "make", times=1),), calls) == ["-", "one"]


@pytest.mark.anyio
async def test_the_first_script_that_matches_wins_until_it_is_used_up() -> None:
    scripts = (Script("one", times=1), Script("two"))
    assert await _playing(scripts, [("make", "ada")] * 3) == ["one", "two", "two"]


@pytest.mark.anyio
async def test_a_tenant_without_a_playbook_has_no_script() -> None:
    async def work(tx: Tx) -> Script | None:
        return await matching_script(tx, "make", "ada")

    assert await MemoryStore().transact("world", work) is None


def test_a_script_refuses_with_the_data_it_gives() -> None:
    refusal = refusal_of(Script("one", refusal="rate_limited", data={"retry_after_ms": 7000}))
    assert isinstance(refusal, RateLimited)
    assert refusal.retry_after_ms == 7000
    assert isinstance(
        refusal_of(Script("one", refusal="insufficient_credits")), InsufficientCredits
    )


def test_a_script_without_a_refusal_refuses_nothing() -> None:
    assert refusal_of(Script("one")) is None


def test_a_script_gives_a_run_another_end() -> None:
    assert scripted(PLAN, Script("one", outcome=FAILED)).outcome == FAILED


def test_a_script_stretches_stages() -> None:
    assert scripted(PLAN, Script("one", slow=2.5)).length_ms == 7500


def test_a_script_that_says_nothing_leaves_the_plan_alone() -> None:
    plan = Plan(T0, (WORKING,), Outcome("cancelled"), is_stuck=True)
    assert scripted(plan, Script("one")) == plan
