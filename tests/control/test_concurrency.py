"""How many runs an account may have at work at once, and what its provider says to one more."""

from typing import Any

import pytest

from tests.control.plane import Plane, plane
from tests.control.test_runs import RUNS, STARTS, start

pytestmark = pytest.mark.anyio

FIRST = {
    "leonardo": "2c9f4b1e-7d3a-4e58-9b60-1f2a3c4d5e6f",
    "nanogpt": "nanogpt-first",
    "recoup": "848cd58d-700f-4b38-ab4c-d9f52a1b2c3d",
}
OPERATION = {"leonardo": "createTextToVideoGeneration", "nanogpt": "createVideo"}
IMAGE = {"prompt": "A cat", "num_images": 1}


def path_of(provider: str) -> str:
    return f"/tenants/default/accounts/{FIRST[provider]}"


async def hold_to(at: Plane, provider: str, concurrency: Any) -> Any:
    return await at.told("PATCH", path_of(provider), json={"concurrency": concurrency})


async def asked(at: Plane, provider: str = "nanogpt", **more: Any) -> Any:
    path, body, headers, _ = STARTS[provider]
    if provider == "recoup":
        artists = (await at.raw("GET", "/api/artists", headers=headers)).json()
        body = {"artist_account_id": artists["artists"][0]["account_id"]}
    answer = await at.raw("POST", path, json={**body, **more}, headers=headers)
    assert "x-understudy-bug" not in answer.headers
    return answer


@pytest.mark.parametrize("provider", sorted(STARTS))
async def test_one_run_more_than_may_be_is_refused_in_the_providers_words(provider: str) -> None:
    at = plane()
    operations = [OPERATION[provider]] if provider in OPERATION else []
    own = [{"name": "runs", "count": 2, "operations": operations}]
    assert (await hold_to(at, provider, own))["concurrency"] == own
    assert [(await asked(at, provider)).is_success for _ in range(2)] == [True, True]
    account = await at.told("GET", path_of(provider))
    refused = await asked(at, provider)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert "error" in refused.json()
    assert await at.told("GET", path_of(provider)) == account
    await at.told("POST", "/tenants/default/clock/advance", json={"by": "1h"})
    assert (await asked(at, provider)).is_success


async def test_the_wait_is_until_the_first_run_ends() -> None:
    at = plane(stage_seconds=40)
    await hold_to(at, "nanogpt", [{"name": "runs", "count": 1}])
    first = await start(at)
    shown = await at.told("GET", f"{RUNS}/{first}")
    length_s = sum(stage["duration_ms"] for stage in shown["plan"]["stages"]) // 1000
    assert (await asked(at)).headers["retry-after"] == str(length_s)
    wait = {"by": f"{length_s - 1}s"}
    await at.told("POST", "/tenants/default/clock/advance", json=wait)
    assert (await asked(at)).headers["retry-after"] == "1"
    await at.told("POST", "/tenants/default/clock/advance", json={"by": "1s"})
    assert (await asked(at)).status_code == 202


@pytest.mark.parametrize("action", ["complete", "fail", "cancel"])
async def test_a_run_that_is_ended_makes_room_and_one_on_hold_none(action: str) -> None:
    at = plane()
    await hold_to(at, "nanogpt", [{"name": "runs", "count": 1}])
    run = await start(at)
    await at.told("POST", f"{RUNS}/{run}/hold")
    await at.told("POST", "/tenants/default/clock/advance", json={"by": "1h"})
    assert (await asked(at)).status_code == 429
    await at.told("POST", f"{RUNS}/{run}/{action}")
    assert (await asked(at)).status_code == 202
    assert (await asked(at)).status_code == 429


@pytest.mark.parametrize(
    ("pace", "statuses"), [("now", [202] * 4), ("polls", [202, 429, 429, 202])]
)
async def test_it_counts_at_every_pace(pace: str, statuses: list[int]) -> None:
    at = plane(pace=pace)
    await hold_to(at, "nanogpt", [{"name": "runs", "count": 1}])
    first = await asked(at)
    seen = [first.status_code, (await asked(at)).status_code]
    run = first.json()["runId"]
    _, _, headers, path = STARTS["nanogpt"]
    await at.raw("GET", path.format(run), headers=headers)
    seen.append((await asked(at)).status_code)
    for _ in range(5):
        await at.raw("GET", path.format(run), headers=headers)
    assert [*seen, (await asked(at)).status_code] == statuses


async def test_runs_at_work_count_when_the_limit_is_set_and_no_other_accounts() -> None:
    at = plane()
    other = {"x-api-key": "sk-nano-22222222-2222-4222-8222-222222222222"}
    path, body, _, _ = STARTS["nanogpt"]
    for _ in range(3):
        await at.raw("POST", path, json=body, headers=other)
    ended = await start(at)
    await at.told("POST", f"{RUNS}/{ended}/complete")
    await start(at)
    await hold_to(at, "nanogpt", [{"name": "runs", "count": 2}])
    assert [(await asked(at)).status_code for _ in range(2)] == [202, 429]
    await hold_to(at, "nanogpt", [{"name": "runs", "count": 3}])
    assert [(await asked(at)).status_code for _ in range(2)] == [202, 429]
    await hold_to(at, "nanogpt", "off")
    assert [(await asked(at)).status_code for _ in range(2)] == [202, 202]
    await hold_to(at, "nanogpt", [{"name": "runs", "count": 0}])
    assert (await asked(at)).status_code == 429


async def test_a_limit_on_some_operations_lets_others_be() -> None:
    at = plane()
    await hold_to(at, "leonardo", [{"name": "i", "count": 1, "operations": ["createGeneration"]}])
    headers = STARTS["leonardo"][2]

    async def image() -> int:
        path = "/api/rest/v1/generations"
        return (await at.raw("POST", path, json=IMAGE, headers=headers)).status_code

    assert [await image(), await image()] == [200, 429]
    assert [(await asked(at, "leonardo")).status_code for _ in range(2)] == [200, 200]


async def test_the_vendors_numbers_count_under_their_limits() -> None:
    at = plane(limits="vendor")
    shown = await at.told("GET", path_of("leonardo"))
    names = {item["name"]: item["count"] for item in shown["concurrency"]}
    assert names == {"pending-images": 200, "pending-upscales": 100}
    assert (await at.told("GET", path_of("nanogpt")))["concurrency"] == []
    off = plane()
    assert (await off.told("GET", path_of("leonardo")))["concurrency"] == []
    assert (await hold_to(off, "leonardo", "vendor"))["concurrency"] == shown["concurrency"]
    headers = STARTS["leonardo"][2]
    answers = [
        await off.raw("POST", "/api/rest/v1/generations", json=IMAGE, headers=headers)
        for _ in range(201)
    ]
    assert [answer.status_code for answer in answers] == [200] * 200 + [429]


async def test_a_batch_starts_as_many_as_may_be() -> None:
    at = plane()
    await hold_to(at, "recoup", [{"name": "runs", "count": 3}])
    told = await asked(at, "recoup", batch=5)
    assert (told.status_code, len(told.json()["runIds"]), told.json()["failed"]) == (202, 3, 2)
    assert (await asked(at, "recoup", batch=5)).status_code == 429


@pytest.mark.parametrize(
    ("concurrency", "pointer"),
    [
        ("on", "/concurrency"),
        ([{"name": "a"}], "/concurrency/0/count"),
        ([{"name": "a", "count": -1}], "/concurrency/0/count"),
        ([{"name": "a", "count": 1}] * 2, "/concurrency/1/name"),
        (
            [{"name": "a", "count": 1, "operations": ["createVidoe"]}],
            "/concurrency/0/operations/0",
        ),
    ],
)
async def test_nonsense_is_refused(concurrency: Any, pointer: str) -> None:
    answer = await plane().ask("PATCH", path_of("nanogpt"), json={"concurrency": concurrency})
    assert answer.status_code == 400
    assert pointer.startswith(answer.json()["violations"][0]["pointer"])
