"""A conversation of varied replies goes on to its end; each is drawn again from its seed."""

import httpx
import pytest

from tests.control.plane import NANO, Plane, plane
from tests.judge.openapi_core_judge import judge_of

pytestmark = pytest.mark.anyio

KEY = {"x-api-key": NANO}
ORDER = {"model": "kling-video-v2", "prompt": "A cat at a piano", "duration": "5"}
VARIETY = "/tenants/default/variety"


async def start(at: Plane, **headers: str) -> httpx.Response:
    return await at.raw("POST", "/api/generate-video", json=ORDER, headers={**KEY, **headers})


async def status(at: Plane, run: str, **headers: str) -> httpx.Response:
    path = f"/api/video/status?requestId={run}"
    return await at.raw("GET", path, headers={**KEY, **headers})


async def test_runs_are_found_by_their_ids_and_every_reply_keeps_the_contract() -> None:
    at = plane()
    await at.told("PUT", VARIETY, json={"variety": "high", "provider": "nanogpt"})
    judge = judge_of("nanogpt", "documented")
    seeds, contents = [], set()
    for _ in range(10):
        created = await start(at)
        run = created.json()["runId"]
        await at.told("POST", f"/tenants/default/runs/{run}/complete")
        polled = await status(at, run)
        assert polled.json()["data"]["status"] == "COMPLETED"
        for reply, path in (created, "/api/generate-video"), (polled, "/api/video/status"):
            faults = judge.reply_faults(
                reply.request.method, path, reply.status_code, reply.headers, reply.content
            )
            assert not faults
            seeds.append(reply.headers["understudy-variety"])
            contents.add(reply.content)
    assert len(set(seeds)) == len(seeds) == len(contents)


async def test_a_seed_draws_an_equal_reply_again() -> None:
    at = plane()
    run = (await start(at)).json()["runId"]
    usual = await status(at, run)
    await at.told("PUT", VARIETY, json={"variety": "high"})
    drawn = [await status(at, run) for _ in range(5)]
    await at.told("PUT", VARIETY, json={"variety": "none"})
    for reply in drawn:
        again = await status(at, run, **{"understudy-variety": reply.headers["understudy-variety"]})
        assert again.content == reply.content != usual.content
    assert (await status(at, run)).content == usual.content


async def test_equal_worlds_draw_alike() -> None:
    async def conversation() -> list[bytes]:
        at = plane(seed="s")
        await at.told("PUT", VARIETY, json={"variety": "high"})
        return [(await start(at)).content for _ in range(3)]

    assert await conversation() == await conversation()


async def test_a_scenario_gives_variety_and_the_journal_has_the_seed() -> None:
    at = plane()
    await at.told("PUT", "/tenants/default/scenarios/unusual-replies")
    reply = await start(at)
    seed = reply.headers["understudy-variety"]
    exchange = reply.headers["understudy-exchange"]
    journaled = await at.told("GET", f"/exchanges/{exchange}")
    assert (journaled["scenario"], journaled["variety"]) == ("unusual-replies", seed)


async def test_a_scenario_gives_variety_to_the_calls_that_it_matches_alone() -> None:
    at = plane()
    usual = (await start(at)).json()
    rule = {"match": {"operation": "createVideo"}, "give": {"variety": "high"}}
    await at.told("PUT", "/tenants/default/scenarios/odd", json=rule)
    replies = [await start(at) for _ in range(10)]
    assert {reply.headers["understudy-scenario"] for reply in replies} == {"odd"}
    assert len({reply.headers["understudy-variety"] for reply in replies}) == 10
    shapes = {frozenset(reply.json()) for reply in replies}
    assert len(shapes - {frozenset(usual)}) > 1  # members left out, or that nobody announced
    assert "understudy-variety" not in (await status(at, usual["runId"])).headers


async def test_other_providers_are_left_alone() -> None:
    at = plane()
    await at.told("PUT", VARIETY, json={"variety": "high", "provider": "recoup"})
    assert "understudy-variety" not in (await start(at)).headers
