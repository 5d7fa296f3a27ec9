"""A tenant's clock from outside: it steps from due date to due date and never goes back."""

from typing import Any

import anyio
import pytest

from tests.control.plane import T0, Plane, plane

pytestmark = pytest.mark.anyio

NANO = {"x-api-key": "sk-nano-11111111-1111-4111-8111-111111111111"}
CLOCK = "/tenants/default/clock"


async def start(at: Plane, prompt: str = "A cat") -> str:
    body = {"model": "kling-video-v2", "prompt": prompt, "duration": "5"}
    answer = await at.raw("POST", "/api/generate-video", json=body, headers=NANO)
    return str(answer.json()["runId"])


async def advance(at: Plane, by: Any) -> Any:
    return await at.told("POST", f"{CLOCK}/advance", json={"by": by})


@pytest.mark.parametrize(
    ("by", "ms"),
    [("90s", 90_000), ("PT1M30S", 90_000), (90_000, 90_000), ("1h30m", 5_400_000), ("1.5s", 1500),
     ("P1DT1H", 90_000_000), (0, 0), (60.0, 60)],
)  # fmt: skip
async def test_it_advances_by_any_form_of_duration(by: str | float, ms: int) -> None:
    passed = await advance(plane(), by)
    assert passed["advanced_ms"] == ms
    assert passed["clock"]["now_ms"] == T0 + ms


@pytest.mark.parametrize("by", ["90", "-1s", -1, "", "PT", "P", "1y", None, 1.5, [], "s"])
async def test_what_is_no_duration_is_refused(by: Any) -> None:
    answer = await plane().ask("POST", f"{CLOCK}/advance", json={"by": by})
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["pointer"] == "/by"


async def test_what_is_no_duration_is_told_what_one_looks_like() -> None:
    answer = await plane().ask("POST", f"{CLOCK}/advance", json={"by": "soon"})
    assert answer.json()["error"] == (
        'body/by: found "soon", expected whole milliseconds, '
        "or a duration such as 90s, 1h30m or PT1M30S"
    )


async def test_it_stands_at_each_due_date_and_tells_what_happened() -> None:
    at = plane()
    slow = await start(at, "A cat [understudy:slow=60s]")
    failing = await start(at, "A dog [understudy:fail]")
    stuck = await start(at, "A fish [understudy:stuck]")
    passed = await advance(at, "10m")
    told = [(item["id"], item["result"]) for item in passed["happened"]]
    assert told == [(failing, "failed"), (slow, "completed")]
    assert passed["happened"][1]["at"] == "2025-06-15T15:07:40.000Z"
    assert passed["count"] == 2
    assert passed["clock"]["next_event_at"] is None
    run = await at.told("GET", f"/tenants/default/runs/{stuck}")
    assert run["ends_at"] is None


async def test_next_goes_from_event_to_event_and_then_nowhere() -> None:
    at = plane()
    await start(at, "A [understudy:slow=60s]")
    await start(at, "B [understudy:slow=90s]")
    moved = [(await at.told("POST", f"{CLOCK}/next"))["advanced_ms"] for _ in range(3)]
    assert moved == [60_000, 30_000, 0]


async def test_a_blocked_call_wakes_when_the_clock_passes_its_end() -> None:
    at = plane()
    answers: list[int] = []

    async def wait_for_video() -> None:
        key = {"x-api-key": "recoup_sk_test"}
        answer = await at.raw(
            "POST", "/api/content/video", json={"image_url": "https://a.test/a.png"}, headers=key
        )
        answers.append(answer.status_code)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait_for_video)
            await anyio.wait_all_tasks_blocked()
            assert answers == []
            passed = await advance(at, "10m")
    assert answers == [200]
    assert [(item["provider"], item["result"]) for item in passed["happened"]] == [
        ("recoup", "completed")
    ]


async def test_two_advances_queue() -> None:
    at = plane()
    for number in range(20):
        await start(at, f"{number} [understudy:slow={number + 1}s]")
    passed: list[Any] = []

    async def move() -> None:
        passed.append(await advance(at, "10s"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(move)
        tasks.start_soon(move)
    assert sorted(item["clock"]["now_ms"] for item in passed) == [T0 + 10_000, T0 + 20_000]
    assert [item["count"] for item in passed] == [10, 10]


async def test_frozen_resumed_and_at_another_speed() -> None:
    at = plane()
    assert (await at.told("GET", CLOCK))["frozen"]
    fast = await at.told("POST", f"{CLOCK}/speed", json={"speed": 1000})
    assert (fast["frozen"], fast["speed"]) == (False, 1000)
    frozen = await at.told("POST", f"{CLOCK}/freeze")
    assert (frozen["frozen"], frozen["speed"]) == (True, 1000)
    passed = await advance(at, 5)
    assert passed["clock"]["now_ms"] == frozen["now_ms"] + 5
    resumed = await at.told("POST", f"{CLOCK}/resume")
    assert (resumed["frozen"], resumed["speed"]) == (False, 1000)
    assert resumed["now_ms"] >= frozen["now_ms"] + 5
    passed = await advance(at, "1h")
    assert not passed["clock"]["frozen"]
    assert passed["clock"]["speed"] == 1000


async def test_no_clock_goes_beyond_the_latest_date() -> None:
    at = plane()
    answer = await at.ask("POST", f"{CLOCK}/advance", json={"by": 10**15})
    assert answer.status_code == 409
    assert (await at.told("GET", CLOCK))["now_ms"] == T0
