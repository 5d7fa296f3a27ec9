"""Runs from outside: seen, ended, held and released, and what the provider then says."""

from typing import Any

import pytest

from tests.control.plane import Plane, contract, plane

pytestmark = pytest.mark.anyio

RUNS = "/tenants/default/runs"
NANO = {"x-api-key": "sk-nano-11111111-1111-4111-8111-111111111111"}
LEONARDO = {"authorization": "Bearer 6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b"}
RECOUP = {"x-api-key": "recoup_sk_test"}
ERRORS = contract().document["components"]["schemas"]["Error"]["enum"]
STARTS: dict[str, tuple[str, dict[str, Any], dict[str, str], str]] = {
    "nanogpt": (
        "/api/generate-video",
        {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"},
        NANO,
        "/api/video/status?requestId={}",
    ),
    "leonardo": (
        "/api/rest/v1/generations-text-to-video",
        {"prompt": "A cat"},
        LEONARDO,
        "/api/rest/v1/generations/{}",
    ),
    "recoup": (
        "/api/content/create",
        {"artist_account_id": ""},
        RECOUP,
        "/api/tasks/runs?runId={}",
    ),
}


async def start(at: Plane, provider: str = "nanogpt") -> str:
    path, body, headers, _ = STARTS[provider]
    if provider == "recoup":
        artists = (await at.raw("GET", "/api/artists", headers=headers)).json()
        body = {"artist_account_id": artists["artists"][0]["account_id"]}
    before = {item["id"] for item in (await at.told("GET", f"{RUNS}?provider={provider}"))["runs"]}
    answer = await at.raw("POST", path, json=body, headers=headers)
    assert answer.is_success, answer.text
    found = (await at.told("GET", f"{RUNS}?provider={provider}"))["runs"]
    return str(next(item["id"] for item in found if item["id"] not in before))


async def polled(at: Plane, provider: str, run: str) -> str:
    _, _, headers, path = STARTS[provider]
    answer = await at.raw("GET", path.format(run), headers=headers)
    assert "x-understudy-bug" not in answer.headers
    return answer.text


async def spent(at: Plane) -> tuple[str, str]:
    account = await at.told("GET", "/tenants/default/accounts/nanogpt-first")
    return account["held"], account["spent"]


async def test_a_run_is_shown_with_its_plan_and_request() -> None:
    at = plane()
    run = await at.told("GET", f"{RUNS}/{await start(at)}")
    assert (run["state"], run["operation"], run["ended_at"]) == ("queued", "createVideo", None)
    assert run["request"]["prompt"] == "A cat"
    total_ms = sum(stage["duration_ms"] for stage in run["plan"]["stages"])
    assert total_ms > 0
    assert run["amendments"] == []
    assert (await at.ask("GET", f"{RUNS}/none")).status_code == 404


async def test_a_secret_in_a_request_is_taken_out() -> None:
    at = plane()
    body = {"model": "kling-video-v2", "prompt": "A", "duration": "5", "api_key": "sk-secret-1234"}
    await at.raw("POST", "/api/generate-video", json=body, headers=NANO)
    run = (await at.told("GET", f"{RUNS}?provider=nanogpt"))["runs"][0]["id"]
    shown = await at.ask("GET", f"{RUNS}/{run}")
    assert "sk-secret-1234" not in shown.text
    assert shown.json()["request"]["api_key"] == "[redacted]"


async def test_runs_are_filtered_newest_first() -> None:
    at = plane()
    first, second = await start(at), await start(at)
    await at.told("POST", f"{RUNS}/{first}/complete")

    async def found(**query: Any) -> list[str]:
        runs = (await at.told("GET", RUNS, params={"provider": "nanogpt", **query}))["runs"]
        return [run["id"] for run in runs]

    assert set(await found()) == {first, second}
    assert await found(state="completed") == [first]
    assert await found(state="queued") == [second]
    assert len(await found(limit=1)) == 1
    assert await found(account="nanogpt-second") == []
    assert (await at.told("GET", RUNS, params={"provider": "recoup"}))["runs"] == []
    for query in ("state=done", "limit=0", "limit=x", "colour=red", "limit=1&limit=2"):
        assert (await at.ask("GET", f"{RUNS}?{query}")).status_code == 400


async def test_completing_takes_the_money_and_failing_gives_it_back() -> None:
    at = plane()
    one, two = await start(at), await start(at)
    held, _ = await spent(at)
    assert held != "0"
    done = await at.told("POST", f"{RUNS}/{one}/complete")
    assert (done["state"], done["outcome"]["state"]) == ("completed", "completed")
    failed = await at.told("POST", f"{RUNS}/{two}/fail", json={"error": "content_policy"})
    assert (failed["state"], failed["outcome"]["reason"]) == ("failed", "content_policy")
    held, taken = await spent(at)
    assert (held, taken) == ("0", done["cost"])
    for action in ("complete", "fail", "hold", "release", "cancel"):
        answer = await at.ask("POST", f"{RUNS}/{one}/{action}")
        assert answer.status_code == 409
        assert "completed" in answer.json()["error"]


async def test_a_held_run_waits_for_its_release() -> None:
    at = plane()
    run = await start(at)
    assert (await at.told("POST", f"{RUNS}/{run}/hold"))["ends_at"] is None
    await at.told("POST", "/tenants/default/clock/advance", json={"by": "1h"})
    assert (await at.told("GET", f"{RUNS}/{run}"))["ended_at"] is None
    assert (await at.told("POST", f"{RUNS}/{run}/release"))["ends_at"] is not None
    passed = await at.told("POST", "/tenants/default/clock/next")
    assert [item["id"] for item in passed["happened"]] == [run]


@pytest.mark.parametrize("provider", sorted(STARTS))
@pytest.mark.parametrize("error", ERRORS)
async def test_every_provider_tells_of_every_failure(provider: str, error: str) -> None:
    at = plane()
    run = await start(at, provider)
    before = await polled(at, provider, run)
    body = {"error": error, "message": "it broke"}
    await at.told("POST", f"{RUNS}/{run}/fail", json=body)
    assert '"status":"failed"' in (await polled(at, provider, run)).lower()
    assert '"status":"failed"' not in before.lower()


@pytest.mark.parametrize("provider", sorted(STARTS))
@pytest.mark.parametrize("action", ["complete", "cancel", "hold"])
async def test_every_provider_tells_of_every_amendment(provider: str, action: str) -> None:
    at = plane()
    run = await start(at, provider)
    before = await polled(at, provider, run)
    await at.told("POST", f"{RUNS}/{run}/{action}")
    after = await polled(at, provider, run)
    assert (after != before) is (action != "hold")


async def test_an_unknown_error_is_refused() -> None:
    at = plane()
    run = await start(at)
    answer = await at.ask("POST", f"{RUNS}/{run}/fail", json={"error": "content_polcy"})
    assert answer.status_code == 400
    (told,) = answer.json()["violations"]
    assert told["pointer"] == "/error"
    assert "insufficient_credits, " in told["message"]
    assert told["message"].endswith("(did you mean content_policy?)")
