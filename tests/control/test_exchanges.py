"""Everything about one exchange: why it was answered so, and what came of it."""

from typing import Any

import pytest

from tests.control.plane import NANO, Plane, plane

pytestmark = pytest.mark.anyio

VIDEO = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}


async def asked(at: Plane, method: str, path: str, key: str = NANO, **request: Any) -> str:
    """Send a request to a provider; answers the id of its exchange."""
    answer = await at.raw(method, path, headers={"x-api-key": key}, **request)
    return answer.headers["understudy-exchange"]


async def told(at: Plane, exchange_id: str) -> Any:
    return await at.told("GET", f"/exchanges/{exchange_id}")


async def test_a_violation_says_what_was_expected_and_what_stood_there() -> None:
    at = plane()
    body = {**VIDEO, "prompt": ["secret"], "seed": "many"}
    found = await told(at, await asked(at, "POST", "/api/generate-video", json=body))
    assert (found["error"], found["refused_at"], found["status"]) == ("invalid", "body", 400)
    by_pointer = {item["pointer"]: item for item in found["violations"]}
    assert by_pointer["/prompt"]["got"] == ["secret"]
    assert by_pointer["/prompt"]["expected"] == ["string"]
    assert by_pointer["/prompt"]["keyword"] == "type"
    assert found["request"]["body"].startswith('{"model"')


async def test_what_is_missing_has_nothing_that_stood_there() -> None:
    at = plane()
    found = await told(at, await asked(at, "POST", "/api/generate-video", json={"model": "x"}))
    assert found["violations"]
    assert all("got" not in item or item["pointer"] == "/model" for item in found["violations"])


@pytest.mark.parametrize(
    ("method", "path", "key", "place", "error"),
    [
        ("POST", "/api/generate-video", "wrong", "credential", "unauthenticated"),
        ("GET", "/api/video/status?requestId=none", NANO, "operation", "run_not_found"),
        ("GET", "/api/generate-vide", NANO, "path", "unknown_path"),
        ("DELETE", "/api/generate-video", NANO, "method", "method_not_allowed"),
    ],
)
async def test_the_check_that_refused_is_told(
    method: str, path: str, key: str, place: str, error: str
) -> None:
    at = plane()
    found = await told(at, await asked(at, method, path, key))
    assert (found["refused_at"], found["error"]) == (place, error)


async def test_an_unknown_path_has_the_closest_operations() -> None:
    at = plane()
    found = await told(at, await asked(at, "POST", "/api/generate-vide"))
    assert found["closest"][0] == "POST /api/generate-video"
    known = await told(at, await asked(at, "POST", "/api/generate-video", json=VIDEO))
    assert known["closest"] == []
    assert known["refused_at"] is None


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "poll"),
    [
        (
            "POST",
            "/api/generate-video",
            {"x-api-key": NANO},
            VIDEO,
            "/api/video/status?requestId={}",
        ),
        (
            "POST",
            "/api/rest/v1/generations-text-to-video",
            {"authorization": "Bearer 6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b"},
            {"prompt": "A dog"},
            "/api/rest/v1/generations/{}",
        ),
    ],
)
async def test_the_runs_that_a_reply_speaks_of_are_told_and_who_began_them(
    method: str, path: str, headers: dict[str, str], body: Any, poll: str
) -> None:
    at = plane()
    began = await at.raw(method, path, headers=headers, json=body)
    first = await told(at, began.headers["understudy-exchange"])
    [run] = first["runs"]
    assert run["made"]
    polled = await at.raw("GET", poll.format(run["id"]), headers=headers)
    second = await told(at, polled.headers["understudy-exchange"])
    assert {**run, "made": False} in second["runs"]
    await at.told("POST", f"/tenants/default/runs/{run['id']}/complete")
    assert (await told(at, first["id"]))["runs"][0]["state"] == "completed"


async def test_a_scenario_that_did_not_apply_says_why() -> None:
    at = plane()
    rule = {"match": {"operation": "createVideo", "nth": 2}, "give": {"error": "server_error"}}
    await at.told("PUT", "/tenants/default/scenarios/second", json=rule)
    ids = [await asked(at, "POST", "/api/generate-video", json=VIDEO) for _ in range(2)]
    first, second = [await told(at, exchange_id) for exchange_id in ids]
    assert (first["scenario"], first["status"]) == (None, 202)
    assert first["passed_over"] == [
        {"scenario": "second", "reason": "this is call 1, and it begins with 2"}
    ]
    assert (second["scenario"], second["error"]) == ("second", "server_error")
    assert second["refused_at"] == "scenario"
    listed = await at.told("GET", "/journal", params={"scenario": "second"})
    assert [item["id"] for item in listed] == [ids[1]]


async def test_one_that_is_gone_is_told_from_one_that_never_was() -> None:
    at = plane(journal_bytes=20_000)
    ids = [await asked(at, "POST", "/api/generate-video", json=VIDEO) for _ in range(20)]
    assert ids[-1] == "default.20"
    errors = {}
    for exchange_id in ("default.1", "default.21", "default.0", "nobody.1", "nonsense"):
        answer = await at.ask("GET", f"/exchanges/{exchange_id}")
        assert answer.status_code == 404
        errors[exchange_id] = answer.json()["error"]
    assert errors == {
        "default.1": "exchange 'default.1' has left the journal",
        "default.21": "there never was an exchange 'default.21'; the latest is 'default.20'",
        "default.0": "there never was an exchange 'default.0'; the latest is 'default.20'",
        "nobody.1": "no tenant 'nobody'",
        "nonsense": "'nonsense' is no id of an exchange",
    }
    assert (await told(at, "default.20"))["id"] == "default.20"


async def test_a_key_in_a_body_is_not_told() -> None:
    at = plane()
    body = {**VIDEO, "prompt": [NANO], "api_key": "hidden-value"}
    answer = await at.ask(
        "GET", f"/exchanges/{await asked(at, 'POST', '/api/generate-video', json=body)}"
    )
    assert NANO not in answer.text
    assert "hidden-value" not in answer.text
    assert "[redacted]" in answer.text
