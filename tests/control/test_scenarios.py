"""Scenarios from outside: what is on the shelf, and what is in force in a tenant."""

from pathlib import Path
from typing import Any

import pytest

from tests.control.plane import plane

pytestmark = pytest.mark.anyio

HERE = "/tenants/default/scenarios"
LIMITED: dict[str, Any] = {"give": {"error": "rate_limited", "retry_after": "2s"}, "times": 1}


async def test_the_library_is_listed_with_ones_own_files(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("description: d\ngive: {error: unavailable}\n")
    told = await plane(scenarios=(str(tmp_path),)).told("GET", "/scenarios")
    origins = {item["name"]: item["origin"] for item in told["scenarios"]}
    assert (origins["mine"], origins["stuck-run"]) == ("file", "library")


async def test_a_scenario_of_the_library_can_be_read() -> None:
    told = await plane().told("GET", "/scenarios/stuck-run")
    assert told["definition"]["give"] == {"plan": {"stuck": True}}
    answer = await plane().ask("GET", "/scenarios/stuck-rum")
    assert answer.status_code == 404
    assert "did you mean stuck-run?" in answer.json()["error"]


async def test_a_definition_is_put_in_force_before_all_others() -> None:
    at = plane()
    first = await at.ask("PUT", f"{HERE}/one", json=LIMITED)
    assert (first.status_code, first.json()["times"], first.json()["applied"]) == (201, 1, 0)
    assert first.json()["definition"] == {"give": LIMITED["give"]}
    await at.told("PUT", f"{HERE}/stuck-run")
    assert (await at.ask("PUT", f"{HERE}/one", json=LIMITED)).status_code == 200
    listed = await at.told("GET", HERE)
    assert [item["name"] for item in listed["scenarios"]] == ["one", "stuck-run"]
    assert await at.told("GET", f"{HERE}/one") == listed["scenarios"][0]


async def test_one_of_the_library_is_had_under_another_name_and_narrowed() -> None:
    at = plane()
    body = {"use": "rate-limit-burst", "match": {"provider": "nanogpt", "first": 1}, "times": 2}
    told = await at.told("PUT", f"{HERE}/mine", json=body)
    assert told["definition"]["match"] == {"provider": "nanogpt", "first": 1}
    video = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}
    key = {"x-api-key": "sk-nano-11111111-1111-4111-8111-111111111111"}
    statuses = []
    for _ in range(2):
        answer = await at.raw("POST", "/api/generate-video", json=video, headers=key)
        statuses.append(answer.status_code)
    assert statuses == [429, 202]
    read = await at.told("GET", f"{HERE}/mine")
    assert (read["applied"], read["fitted"]) == (1, [2])


async def test_what_ends_is_no_longer_in_force() -> None:
    at = plane()
    for name in ("stuck-run", "slow-run", "slow-start"):
        await at.told("PUT", f"{HERE}/{name}")
    await at.told("DELETE", f"{HERE}/slow-run")
    assert (await at.ask("DELETE", f"{HERE}/slow-run")).status_code == 404
    assert (await at.ask("GET", f"{HERE}/slow-run")).status_code == 404
    assert len((await at.told("GET", HERE))["scenarios"]) == 2
    await at.told("DELETE", HERE)
    await at.told("DELETE", HERE)
    assert await at.told("GET", HERE) == {"scenarios": []}


async def test_a_reset_ends_all_scenarios() -> None:
    at = plane()
    await at.told("PUT", f"{HERE}/stuck-run")
    await at.told("POST", "/tenants/default/reset")
    assert await at.told("GET", HERE) == {"scenarios": []}


async def test_one_tenants_scenarios_are_no_others() -> None:
    at = plane()
    await at.told("POST", "/tenants", json={"name": "other"})
    await at.told("PUT", f"{HERE}/stuck-run")
    assert await at.told("GET", "/tenants/other/scenarios") == {"scenarios": []}


@pytest.mark.parametrize(
    ("body", "pointer", "told"),
    [
        ({"give": {"error": "unavailible"}}, "/give/error", "did you mean unavailable?"),
        ({"match": {"operation": "x"}, "give": {"error": "unavailable"}}, "/match/operation", "x"),
        ({"rules": [{"give": {"fault": "boom"}}]}, "/rules/0/give/fault", "kind is one of"),
        ({"match": {"body": {"$.[": 1}}}, "/match/body/$.[", "404"),
        ({"use": "stuck-run", "give": {"error": "unavailable"}}, "/use", "stands alone"),
    ],
)
async def test_a_mistake_is_told_with_its_place(body: Any, pointer: str, told: str) -> None:
    name = "stuck-run" if told == "404" else "one"
    answer = await plane().ask("PUT", f"{HERE}/{name}", json=body)
    assert answer.status_code == 400
    (violation,) = answer.json()["violations"]
    assert violation["pointer"] == pointer
    assert told in violation["message"] or told == "404"


async def test_a_name_that_is_on_no_shelf_is_told() -> None:
    answer = await plane().ask("PUT", f"{HERE}/nobody", json={})
    assert answer.status_code == 404
    assert "no scenario 'nobody'" in answer.json()["error"]
