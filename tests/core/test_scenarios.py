"""What scenarios give: refusals by name, and other plans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.errors import REFUSALS, RateLimited
from simulator.core.runs import Outcome, Plan, Run, Stage, status_at
from simulator.core.scenarios import Give, PlanChange, changed
from tests.core.builders import FAILED, QUEUED, T0, WORKING, plans

PLAN = Plan(T0, (QUEUED, WORKING))
LONG = Plan(T0, (Stage("WAIT", 1000, "queued"), Stage("ONE", 3000), Stage("TWO", 1500)))


def stages_seen(plan: Plan, step_ms: int = 100) -> list[str]:
    """The stages that polls see, each named once in a row."""
    run = Run("run", "toy", "make", "ada", plan)
    seen: list[str] = []
    for at_ms in range(T0, T0 + plan.length_ms + step_ms, step_ms):
        stage = status_at(run, at_ms).stage
        if seen[-1:] != [stage]:
            seen.append(stage)
    return seen


def test_a_refusal_has_the_data_it_is_given() -> None:
    refusal = Give("rate_limited", {"retry_after_ms": 7000}).refusal()
    assert isinstance(refusal, RateLimited)
    assert refusal.retry_after_ms == 7000


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_can_be_given_by_its_name_alone(name: str) -> None:
    refusal = Give(name).refusal()
    assert refusal is not None
    assert refusal.name == name


def test_what_gives_no_error_refuses_nothing() -> None:
    assert Give().refusal() is None


@given(plans())
def test_a_change_that_says_nothing_leaves_the_plan_alone(plan: Plan) -> None:
    assert changed(plan, PlanChange()) == plan


def test_a_run_gets_another_end() -> None:
    assert changed(PLAN, PlanChange(outcome=FAILED)).outcome == FAILED


def test_a_stuck_plan_stays_stuck() -> None:
    assert changed(PLAN, PlanChange(is_stuck=True)).is_stuck
    stuck = Plan(T0, (WORKING,), Outcome("cancelled"), is_stuck=True)
    assert changed(stuck, PlanChange(slow=2)).is_stuck


def test_slow_stretches_stages() -> None:
    assert changed(PLAN, PlanChange(slow=2.5)).length_ms == 7500


@given(plans().filter(lambda plan: plan.length_ms > 0), st.integers(0, 10**6))
def test_a_length_is_that_of_all_stages_together(plan: Plan, length_ms: int) -> None:
    assert changed(plan, PlanChange(lasts_ms=length_ms)).length_ms == length_ms


def test_a_queue_is_as_long_as_it_says_and_the_rest_stays() -> None:
    stages = changed(PLAN, PlanChange(queued_ms=60_000)).stages
    assert [stage.duration_ms for stage in stages] == [60_000, 2000]


@pytest.mark.parametrize(
    ("at", "stages", "length_ms"),
    [
        (1, ["WAIT"], 500),
        (2, ["WAIT", "ONE"], 2500),
        (3, ["WAIT", "ONE", "TWO"], 4750),
        (9, ["WAIT", "ONE", "TWO"], 4750),
        ("ONE", ["WAIT", "ONE"], 2500),
        ("NONE", ["WAIT", "ONE", "TWO"], 4750),
    ],
)
def test_a_run_fails_in_the_middle_of_a_stage(
    at: int | str, stages: list[str], length_ms: int
) -> None:
    plan = changed(LONG, PlanChange(fails_at=at, outcome=FAILED))
    assert stages_seen(plan) == [*stages, "failed"]
    assert plan.length_ms == length_ms


def test_a_run_goes_back_and_forth_between_its_last_stages() -> None:
    plan = changed(LONG, PlanChange(flaps=2))
    assert stages_seen(plan) == ["WAIT", *("ONE", "TWO") * 3, "completed"]
    assert plan.length_ms == LONG.length_ms


@given(plans(), st.integers(1, 50))
def test_flapping_takes_no_longer(plan: Plan, times: int) -> None:
    assert changed(plan, PlanChange(flaps=times)).length_ms == plan.length_ms


def test_a_run_of_one_stage_has_nowhere_to_go_back_to() -> None:
    plan = Plan(T0, (WORKING,))
    assert changed(plan, PlanChange(flaps=3)) == plan
