"""Triggers: text in a prompt that decides that run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.runs import Plan, Stage
from simulator.core.triggers import TRIGGER, TRIGGERS, triggered, unknown_trigger
from tests.core.builders import QUEUED, T0, WORKING, plans

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


@pytest.mark.parametrize("prompt", ["", "a cat", "[a]", *TRIGGERS, "".join(TRIGGERS)])
def test_a_prompt_without_unknown_triggers_gives_no_reason_to_warn(prompt: str) -> None:
    assert unknown_trigger(prompt) == ""


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("[understudy:explode]", "[understudy:explode]"),
        ("[understudy:fail] and [understudy:slow=3d] too", "[understudy:slow=3d]"),
        ("[understudy:fail", "[understudy:fail"),
        ("[understudy:" + "x" * 99, "[understudy:" + "x" * 60),
    ],
)
def test_what_only_looks_like_a_trigger_is_found(prompt: str, told: str) -> None:
    assert unknown_trigger(prompt) == told


def test_one_trigger_of_each_kind_is_told() -> None:
    kinds = {match[1].partition("=")[0] for text in TRIGGERS if (match := TRIGGER.match(text))}
    assert kinds == {"fail", "policy", "stuck", "slow"}
