"""NanoGPT end to end over the edge: a job's life, money, keys, catalogue, limits and switches."""

import re

import pytest

from simulator.providers.nanogpt import PROVIDER
from simulator.providers.nanogpt.catalog import MODELS
from tests.providers.nanogpt.stand import JOB, KEY, START_MS, job, stand

DONE_MS = 3000


def test_a_video_goes_from_queue_to_file() -> None:
    here = stand()
    submitted = here.started(model="veo2-video", prompt="An eagle", duration="5s")
    run_id = submitted["runId"]
    seen = []
    for step_ms in (0, 300, 500, 1700, 500):
        here.advance(step_ms)
        seen.append(here.status(run_id)["status"])
    assert seen == ["IN_QUEUE", "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED"]
    data = here.status(run_id)
    assert data["cost"] == submitted["cost"] == 0.35
    assert data["output"]["video"]["url"].partition("?")[0].endswith(f"/runs/{run_id}/0.mp4")


def test_an_id_is_time_and_chance_in_base_36() -> None:
    run_id = stand().started()["runId"]
    assert re.fullmatch(r"vid_[0-9a-z]{17}", run_id)
    assert int(run_id[4:12], 36) == START_MS


def test_money_moves_with_the_job() -> None:
    here = stand()
    before = here.balance_usd()
    good = here.started()
    assert good["remainingBalance"] == before - good["cost"]
    assert here.balance_usd() == good["remainingBalance"]
    here.advance(DONE_MS)
    assert here.balance_usd() == good["remainingBalance"]
    bad = here.started(prompt="[understudy:fail]")
    assert here.balance_usd() == bad["remainingBalance"]
    here.advance(DONE_MS)
    assert here.status(bad["runId"])["status"] == "FAILED"
    assert here.balance_usd() == good["remainingBalance"]


def test_a_balance_that_does_not_do_is_402_and_changes_nothing() -> None:
    here = stand({"balance_usd": 1})
    answer = here.submit(duration="5")
    body = answer.json()
    assert answer.status == 402
    assert body["requiredBalance"] == 1.25
    assert here.balance_usd() == 1
    assert here.get("/api/generate-video/recover").json() == {"data": []}


@pytest.mark.parametrize(
    ("trigger", "is_unsafe"), [("[understudy:policy]", True), ("[understudy:fail]", False)]
)
def test_a_trigger_in_the_prompt_ends_the_job(trigger: str, is_unsafe: bool) -> None:
    here = stand()
    run_id = here.started(prompt=f"A cat {trigger}")["runId"]
    here.advance(DONE_MS)
    data = here.status(run_id)
    assert data["status"] == "FAILED"
    assert data["isNSFWError"] is is_unsafe
    assert isinstance(data["error"], str)


def test_a_trigger_works_in_the_prompt_beside_a_script() -> None:
    here = stand()
    asked = {"model": "longstories-movie", "script": "Once.", "prompt": "[understudy:fail]"}
    run_id = here.started(**asked)["runId"]
    here.advance(10_000)
    assert here.status(run_id)["status"] == "FAILED"


def test_a_trigger_in_a_script_counts_as_well() -> None:
    here = stand()
    run_id = here.started(model="longstories-movie", script="[understudy:fail]")["runId"]
    here.advance(DONE_MS)
    assert here.status(run_id)["status"] == "FAILED"


def test_a_stuck_job_never_ends() -> None:
    here = stand()
    run_id = here.started(prompt="[understudy:stuck]")["runId"]
    here.advance(10**9)
    assert here.status(run_id)["status"] == "IN_PROGRESS"


@pytest.mark.parametrize("key", ["", "sk-nano-not-a-key", "sk-nano-" + "0" * 8])
def test_a_request_without_a_good_key_is_401(key: str) -> None:
    here = stand()
    code = "invalid_api_key" if key else "missing_api_key"
    for method, path in (
        ("POST", "/api/generate-video"),
        ("POST", "/api/generate-video/extend"),
        ("GET", "/api/video/status"),
        ("GET", "/api/generate-video/status"),
        ("GET", "/api/v1/video/status"),
        ("GET", "/api/generate-video/recover"),
        ("GET", "/api/generate-video/content"),
        ("POST", "/api/check-balance"),
    ):
        answer = here.send(method, path, key=key)
        assert (answer.status, answer.json()["error"]["code"]) == (401, code)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY}"},
        {"x-api-key": KEY, "authorization": f"Bearer {KEY}"},
        {"x-api-key": KEY, "authorization": "Basic abc"},
    ],
)
def test_either_header_carries_the_key(headers: dict[str, str]) -> None:
    answer = stand().send("POST", "/api/check-balance", key="", headers=headers)
    assert answer.status == 200


def test_both_key_forms_are_keys() -> None:
    assert PROVIDER.is_key("sk-nano-11111111-1111-4111-8111-111111111111")
    assert PROVIDER.is_key("11111111-1111-4111-8111-111111111111")
    assert not PROVIDER.is_key("sk-nano-1")
    assert PROVIDER.is_key(PROVIDER.new_key(bytes(range(32))))


@pytest.mark.parametrize(
    ("origin", "status"), [("https://app.example", 200), ("https://evil.example", 403), (None, 200)]
)
def test_a_key_may_be_bound_to_origins(origin: str | None, status: int) -> None:
    here = stand({"key_allowed_origins": ["https://app.example"]})
    headers = {"origin": origin} if origin else {}
    assert here.send("POST", "/api/check-balance", headers=headers).status == status


def test_a_catalogue_needs_no_key_and_forgives_a_wrong_one() -> None:
    here = stand()
    for path in ("/api/v1/models", "/api/v1/video-models", "/api/models"):
        assert here.get(path, key="").status == 200
        assert here.get(path, key="sk-nano-not-a-key").status == 200
    assert here.get("/api/v1/models", sort="zzz").status == 200


def test_the_video_catalogue_is_detailed_unless_told_otherwise() -> None:
    here = stand()
    whole = here.get("/api/v1/video-models").json()
    assert whole["meta"] == {"count": len(MODELS), "generated_at": "2026-02-02T02:40:00.000Z"}
    assert "pricing" in whole["data"][0]
    brief = here.get("/api/v1/video-models", detailed="false").json()
    assert set(brief["data"][0]) == {"id", "object", "created", "owned_by"}


def test_the_vendors_limits_count_when_on() -> None:
    here = stand(limits="vendor")
    statuses = []
    for _ in range(3):
        statuses += [here.submit().status for _ in range(20)]
        here.advance(1000)
    assert statuses == [202] * 50 + [429] * 10
    answer = here.submit()
    assert answer.json()["error"]["type"] == "RATE_LIMITED"
    here.advance(int(answer.headers["retry-after"]) * 1000)
    assert here.submit().status == 202


def test_all_requests_are_limited_by_the_second() -> None:
    here = stand(limits="vendor")
    statuses = [here.get("/api/v1/models").status for _ in range(26)]
    assert statuses == [200] * 25 + [429]


def test_no_limit_counts_by_default() -> None:
    here = stand()
    assert {here.submit().status for _ in range(60)} == {202}


def test_the_daily_cap_lets_through_what_fits() -> None:
    here = stand({"key_usd_limit": 3, "key_usd_today": 1})
    assert here.submit(duration="5").status == 202
    answer = here.submit(duration="5")
    assert answer.json()["error"]["code"] == "daily_usd_limit_exceeded"
    here.advance(int(answer.headers["retry-after"]) * 1000)
    assert here.submit(duration="5").status == 202


def test_switches_change_the_forms_they_speak_of() -> None:
    chosen = {
        "failed-error": "object",
        "error-shape": "simple",
        "status-shape": "both",
        "progress-words": "stages",
        "models-shape": "names",
    }
    here = stand(job(status="FAILED"), switches={"nanogpt": chosen})
    body = here.get("/api/video/status", runId=JOB).json()
    assert body["data"]["error"] == {"message": "Video generation failed"}
    assert (body["status"], body["error"]) == ("failed", None)
    assert isinstance(here.submit(prompt="").json()["error"], str)
    assert isinstance(here.get("/api/models").json()["models"], list)
    assert here.status(here.started()["runId"])["status"] == "queued"


def test_every_switch_has_a_default_and_a_reason() -> None:
    for switch in PROVIDER.switches.values():
        assert len(switch.choices) > 1
        assert switch.about


def test_an_unknown_path_and_method_are_refused_in_this_vendors_form() -> None:
    here = stand()
    unknown = here.get("/api/generate-videos")
    assert (unknown.status, unknown.json()["error"]["type"]) == (404, "not_found_error")
    wrong = here.get("/api/generate-video")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    assert wrong.json()["error"]["message"]


def test_equal_requests_get_ids_of_their_own_and_a_world_can_be_replayed() -> None:
    bodies = [{"prompt": "a"}, {"prompt": "b"}, {"prompt": "a"}]
    one, two = stand(), stand()
    first = [one.started(**body)["runId"] for body in bodies]
    second = [two.started(**body)["runId"] for body in bodies]
    assert first == second
    assert len(set(first)) == 3
