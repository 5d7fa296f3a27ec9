"""The pace of runs: by the clock, at once, or a step with each poll, for every provider."""

import re
from typing import Any

import anyio
import pytest

from tests.control.plane import Plane, plane
from tests.control.test_runs import RECOUP, RUNS, STARTS, polled, spent, start

pytestmark = pytest.mark.anyio

PACE = "/tenants/default/pace"
LEONARDO_USER = "2c9f4b1e-7d3a-4e58-9b60-1f2a3c4d5e6f"
ENDED = re.compile(r'"status":"(completed?)"', re.IGNORECASE)


async def set_pace(at: Plane, pace: str, **body: Any) -> Any:
    return await at.told("PUT", PACE, json={"pace": pace, **body})


async def steps_of(at: Plane, run: str) -> int:
    """How many polls a run takes: as many as it has stages, and one that finds it ended."""
    return len((await at.told("GET", f"{RUNS}/{run}"))["plan"]["stages"]) + 1


@pytest.mark.parametrize("provider", sorted(STARTS))
async def test_by_polls_a_run_goes_through_its_stages_to_its_end(provider: str) -> None:
    at = plane(pace="polls")
    run = await start(at, provider)
    steps = await steps_of(at, run)
    seen = [bool(ENDED.search(await polled(at, provider, run))) for _ in range(steps + 2)]
    assert steps >= 2
    assert seen == [False] * (steps - 1) + [True] * 3


@pytest.mark.parametrize("provider", sorted(STARTS))
async def test_by_polls_time_and_lists_move_nothing(provider: str) -> None:
    at = plane(pace="polls")
    run = await start(at, provider)
    before = await at.told("GET", f"{RUNS}/{run}")
    passed = await at.told("POST", "/tenants/default/clock/advance", json={"by": "30d"})
    assert passed["count"] == 0
    for path, headers in (
        ("/api/generate-video/recover", STARTS["nanogpt"][2]),
        ("/api/tasks/runs", RECOUP),
        (f"/api/rest/v1/generations/user/{LEONARDO_USER}", STARTS["leonardo"][2]),
    ):
        assert (await at.raw("GET", path, headers=headers)).is_success
    assert await at.told("GET", f"{RUNS}/{run}") == before
    assert (before["ends_at"], before["ended_at"]) == (None, None)


@pytest.mark.parametrize("provider", sorted(STARTS))
async def test_at_once_a_run_has_ended_when_it_is_first_seen(provider: str) -> None:
    at = plane(pace="now")
    run = await start(at, provider)
    shown = await at.told("GET", f"{RUNS}/{run}")
    assert (shown["state"], shown["ended_at"]) == ("completed", shown["created_at"])
    assert ENDED.search(await polled(at, provider, run))


@pytest.mark.parametrize("pace", ["clock", "now", "polls"])
async def test_money_moves_once_at_every_pace(pace: str) -> None:
    at = plane(pace=pace)
    run = await start(at)
    price = (await at.told("GET", f"{RUNS}/{run}"))["cost"]
    assert await spent(at) == (("0", price) if pace == "now" else (price, "0"))
    for _ in range(2):
        await at.told("POST", "/tenants/default/clock/advance", json={"by": "1h"})
        for _ in range(await steps_of(at, run)):
            await polled(at, "nanogpt", run)
        assert await spent(at) == ("0", price)


@pytest.mark.parametrize("pace", ["now", "polls"])
async def test_money_comes_back_when_a_run_fails_at_every_pace(pace: str) -> None:
    at = plane(pace=pace)
    path, body, headers, _ = STARTS["nanogpt"]
    asked = {**body, "prompt": "A cat [understudy:fail]"}
    run = (await at.raw("POST", path, json=asked, headers=headers)).json()["runId"]
    for _ in range(await steps_of(at, run)):
        told = await polled(at, "nanogpt", run)
    assert '"status":"FAILED"' in told
    assert await spent(at) == ("0", "0")


async def test_fifty_polls_at_once_are_fifty_steps_and_one_end() -> None:
    at = plane(pace="polls")
    run = await start(at)
    price = (await at.told("GET", f"{RUNS}/{run}"))["cost"]
    told: list[str] = []

    async def poll() -> None:
        told.append(await polled(at, "nanogpt", run))

    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(poll)
    ended = [text for text in told if ENDED.search(text)]
    assert len(told) - len(ended) == await steps_of(at, run) - 1
    assert await spent(at) == ("0", price)


@pytest.mark.parametrize("pace", ["clock", "polls"])
@pytest.mark.parametrize("action", ["complete", "fail", "cancel"])
async def test_a_run_is_ended_from_outside_at_every_pace(pace: str, action: str) -> None:
    at = plane(pace=pace)
    run = await start(at)
    await polled(at, "nanogpt", run)
    shown = await at.told("POST", f"{RUNS}/{run}/{action}")
    price = shown["cost"]
    assert shown["state"] == {"complete": "completed", "fail": "failed"}.get(action, "cancelled")
    assert await spent(at) == ("0", price if action == "complete" else "0")
    assert (await at.ask("POST", f"{RUNS}/{run}/hold")).status_code == 409
    await polled(at, "nanogpt", run)
    assert await spent(at) == ("0", price if action == "complete" else "0")


async def test_a_run_on_hold_is_moved_by_no_poll() -> None:
    at = plane(pace="polls")
    run = await start(at)
    steps = await steps_of(at, run)
    await at.told("POST", f"{RUNS}/{run}/hold")
    before = await at.told("GET", f"{RUNS}/{run}")
    for _ in range(steps + 1):
        await polled(at, "nanogpt", run)
    assert await at.told("GET", f"{RUNS}/{run}") == before
    await at.told("POST", f"{RUNS}/{run}/release")
    seen = [bool(ENDED.search(await polled(at, "nanogpt", run))) for _ in range(steps)]
    assert seen == [False] * (steps - 1) + [True]


@pytest.mark.parametrize("pace", ["now", "polls"])
async def test_a_call_that_blocks_is_answered_at_every_pace(pace: str) -> None:
    at = plane(pace=pace)  # its clock stands still
    body = {"image_url": "https://a.test/a.png"}
    with anyio.fail_after(5):
        answer = await at.raw("POST", "/api/content/video", json=body, headers=RECOUP)
    assert answer.status_code == 200


async def test_a_call_that_blocks_on_a_stuck_run_waits_for_its_end() -> None:
    at = plane(pace="polls")
    body = {"image_url": "https://a.test/a.png", "prompt": "[understudy:stuck]"}
    answered: list[int] = []

    async def wait() -> None:
        answer = await at.raw("POST", "/api/content/video", json=body, headers=RECOUP)
        answered.append(answer.status_code)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            assert answered == []
            run = (await at.told("GET", f"{RUNS}?provider=recoup&state=working"))["runs"][0]
            await at.told("POST", f"{RUNS}/{run['id']}/complete")
    assert answered == [200]


async def test_a_pace_is_set_for_one_provider_or_for_all() -> None:
    at = plane()
    clock = dict.fromkeys(STARTS, "clock")
    assert await at.told("GET", PACE) == {"pace": "clock", "providers": clock}
    told = await set_pace(at, "polls", provider="leonardo")
    assert told == {"pace": "clock", "providers": {**clock, "leonardo": "polls"}}
    waiting = await start(at, "nanogpt")
    told = await set_pace(at, "now")
    assert told == {"pace": "now", "providers": dict.fromkeys(STARTS, "now")}
    shown = await at.told("GET", f"{RUNS}/{waiting}")
    assert shown["state"] == "queued", "a run keeps the pace that it was started at"
    assert (await at.told("GET", "/tenants/default"))["pace"] == told


async def test_a_pace_outlives_every_setting_of_the_clock_but_no_reset() -> None:
    at = plane(pace="polls")
    await set_pace(at, "now", provider="recoup")
    told = await at.told("GET", PACE)
    for path, body in (
        ("freeze", None),
        ("resume", None),
        ("speed", {"speed": 3}),
        ("advance", {"by": "1h"}),
        ("next", None),
        ("freeze", None),
    ):
        await at.told("POST", f"/tenants/default/clock/{path}", json=body)
        assert await at.told("GET", PACE) == told, path
    await at.told("POST", "/tenants/default/reset")
    again = await at.told("GET", PACE)
    assert again["providers"] == dict.fromkeys(STARTS, "polls")


@pytest.mark.parametrize("clock", [None, {"frozen": True}])
async def test_a_tenant_is_founded_and_begun_again_at_its_pace(clock: Any) -> None:
    at = plane()
    body = {"name": "a", "pace": {"nanogpt": "now"}, **({"clock": clock} if clock else {})}
    made = await at.told("POST", "/tenants", json=body)
    wanted = {"leonardo": "clock", "nanogpt": "now", "recoup": "clock"}
    assert made["pace"] == {"pace": "clock", "providers": wanted}
    await at.told("PUT", "/tenants/a/pace", json={"pace": "polls"})
    assert (await at.told("POST", "/tenants/a/reset"))["pace"] == made["pace"]
    whole = await at.told("POST", "/tenants", json={"name": "b", "pace": "polls"})
    assert whole["pace"]["providers"] == dict.fromkeys(STARTS, "polls")
    assert (await at.told("GET", PACE))["pace"] == "clock"


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("PUT", PACE, {"pace": "slow"}, "/pace"),
        ("PUT", PACE, {"pace": "now", "provider": "toy"}, "/provider"),
        ("PUT", PACE, {"provider": "nanogpt"}, "/pace"),
        ("POST", "/tenants", {"name": "x", "pace": {"toy": "now"}}, "/pace/toy"),
        ("POST", "/tenants", {"name": "x", "pace": "slow"}, "/pace"),
    ],
)
async def test_no_pace_is_refused_with_its_place(
    method: str, path: str, body: Any, pointer: str
) -> None:
    at = plane()
    answer = await at.ask(method, path, json=body)
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["pointer"] == pointer
    assert (await at.ask("GET", "/tenants/x")).status_code == 404
