"""Tenants from outside: whole worlds, made, listed, begun again and removed."""

import time

import anyio
import pytest

from simulator.core.clock import Clock
from simulator.core.journal import Journal
from simulator.core.tenant import Tenants
from simulator.stores.memory import MemoryStore
from tests.control.plane import Plane, plane

pytestmark = pytest.mark.anyio

VIDEO = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}
FROZEN = {"now": "2026-08-01T09:00:00Z", "frozen": True}


async def make(at: Plane, key: str) -> int:
    answer = await at.raw("POST", "/api/generate-video", json=VIDEO, headers={"x-api-key": key})
    return answer.status_code


async def test_a_tenant_is_made_with_two_working_keys_at_every_provider() -> None:
    at = plane()
    made = await at.told("POST", "/tenants", json={"name": "a", "seed": "s", "clock": FROZEN})
    assert {name: len(keys) for name, keys in made["keys"].items()} == {
        "leonardo": 2,
        "nanogpt": 2,
        "recoup": 2,
    }
    assert made["clock"]["now"] == "2026-08-01T09:00:00.000Z"
    assert [await make(at, key) for key in made["keys"]["nanogpt"]] == [202, 202]
    runs = (await at.told("GET", "/tenants/a/runs", params={"provider": "nanogpt"}))["runs"]
    assert len({run["account"] for run in runs}) == 2
    others = await at.told("GET", "/tenants/default/runs", params={"provider": "nanogpt"})
    assert others == {"runs": []}


async def test_a_name_is_found_if_none_is_given_and_given_once() -> None:
    at = plane()
    await at.told("POST", "/tenants", json={"name": "tenant-1"})
    assert (await at.told("POST", "/tenants"))["name"] == "tenant-2"
    answer = await at.ask("POST", "/tenants", json={"name": "tenant-1"})
    assert answer.status_code == 409
    listed = await at.told("GET", "/tenants")
    assert [item["name"] for item in listed["tenants"]] == ["default", "tenant-1", "tenant-2"]
    assert (await at.ask("GET", "/tenants/nobody")).status_code == 404


async def test_a_reset_brings_back_the_same_world() -> None:
    at = plane()
    made = await at.told("POST", "/tenants", json={"name": "a", "seed": "s", "clock": FROZEN})
    key = made["keys"]["nanogpt"][0]

    async def used() -> str:
        assert await make(at, key) == 202
        return str((await at.told("GET", "/tenants/a/runs?provider=nanogpt"))["runs"][0]["id"])

    first = await used()
    account = (await at.told("GET", "/tenants/a/accounts?provider=nanogpt"))["accounts"][0]
    added = await at.told("POST", f"/tenants/a/accounts/{account['id']}/keys")
    await at.told("DELETE", f"/tenants/a/accounts/{account['id']}/keys/{key}")
    await at.told("POST", "/tenants/a/clock/advance", json={"by": "1h"})
    begun = await at.told("POST", "/tenants/a/reset")
    assert begun["clock"] == made["clock"]
    assert (await at.told("GET", "/tenants/a/runs?provider=nanogpt")) == {"runs": []}
    assert (await at.told("GET", "/journal?tenant=a")) == []
    assert await used() == first
    assert await make(at, added["key"]) == 401


async def test_a_deleted_tenant_takes_its_keys_along() -> None:
    at = plane()
    made = await at.told("POST", "/tenants", json={"name": "a"})
    key = made["keys"]["nanogpt"][0]
    assert await make(at, key) == 202
    assert (await at.ask("DELETE", "/tenants/a")).status_code == 204
    assert await make(at, key) == 401
    assert (await at.ask("GET", "/tenants/a")).status_code == 404


async def test_the_default_tenant_is_reset_and_never_deleted() -> None:
    at = plane()
    key = "sk-nano-11111111-1111-4111-8111-111111111111"
    assert await make(at, key) == 202
    assert (await at.ask("DELETE", "/tenants/default")).status_code == 409
    await at.told("POST", "/tenants/default/reset")
    assert (await at.told("GET", "/tenants/default/runs?provider=nanogpt")) == {"runs": []}
    assert await make(at, key) == 202


async def test_an_idle_tenant_expires_and_a_used_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000]
    monkeypatch.setattr("simulator.core.tenant.system_ms", lambda: now[0])
    tenants = Tenants(MemoryStore(), Journal)
    for name in ("used", "idle", "lasting"):
        after_ms = None if name == "lasting" else 1000
        await tenants.create(name, seed="s", clock=Clock(0, 0, 0), expires_after_ms=after_ms)
    now[0] += 900
    assert await tenants.get("used") is not None
    now[0] += 200
    assert [record.name for record in await tenants.all()] == ["lasting", "used"]
    assert await tenants.get("idle") is None
    now[0] += 2000
    assert await tenants.get("used") is None
    assert await tenants.get("lasting") is not None


async def test_a_thousand_tenants_take_less_than_a_millisecond_each() -> None:
    at = plane()
    house = at.app.state.house  # type: ignore[attr-defined]  # an Understudy
    await house.default()
    best = 1.0
    for number in range(1000):
        began = time.perf_counter()
        await house.found(f"t{number}", seed="s")
        best = min(best, time.perf_counter() - began)
    assert best < 0.001
    assert len((await at.told("GET", "/tenants"))["tenants"]) == 1001


async def test_a_blocked_call_of_a_deleted_tenant_is_let_go() -> None:
    at = plane()
    made = await at.told("POST", "/tenants", json={"name": "a", "clock": FROZEN})
    answered: list[int] = []

    async def wait_for_video() -> None:
        answer = await at.raw(
            "POST",
            "/api/content/video",
            json={"image_url": "https://a.test/a.png"},
            headers={"x-api-key": made["keys"]["recoup"][0]},
        )
        answered.append(answer.status_code)
        assert "x-understudy-bug" not in answer.headers

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait_for_video)
            await anyio.wait_all_tasks_blocked()
            assert answered == []
            await at.told("DELETE", "/tenants/a")
    assert len(answered) == 1
