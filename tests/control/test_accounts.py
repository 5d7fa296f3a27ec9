"""Accounts from outside: what they have, what they are held to, and who has a key."""

from typing import Any

import pytest

from tests.control.plane import Plane, plane

pytestmark = pytest.mark.anyio

NANO = "sk-nano-11111111-1111-4111-8111-111111111111"
ACCOUNT = "/tenants/default/accounts/nanogpt-first"
PRESENTED = {
    "leonardo": ("/api/rest/v1/me", "authorization", "Bearer "),
    "nanogpt": ("/api/video/status?requestId=x", "x-api-key", ""),
    "recoup": ("/api/tasks/runs", "x-api-key", ""),
}


async def make(at: Plane, key: str = NANO) -> Any:
    body = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}
    return await at.raw("POST", "/api/generate-video", json=body, headers={"x-api-key": key})


async def test_accounts_are_listed_in_their_own_units() -> None:
    at = plane()
    found = (await at.told("GET", "/tenants/default/accounts"))["accounts"]
    assert [item["provider"] for item in found] == [
        "leonardo", "leonardo", "nanogpt", "nanogpt", "recoup", "recoup"
    ]  # fmt: skip
    assert {item["unit"] for item in found} == {"credits", "USD"}
    nano = await at.told("GET", ACCOUNT)
    assert (nano["credits"], nano["refill"], len(nano["keys"])) == ("100", True, 1)
    assert (await at.ask("GET", "/tenants/default/accounts/nobody")).status_code == 404


async def test_credits_that_are_set_run_out() -> None:
    at = plane()
    changed = await at.told("PATCH", ACCOUNT, json={"credits": "12.3456"})
    assert (changed["credits"], changed["refill"]) == ("12.3456", False)
    await at.told("PATCH", ACCOUNT, json={"credits": "0"})
    assert (await make(at)).status_code == 402
    await at.told("PATCH", ACCOUNT, json={"refill": True})
    assert (await make(at)).status_code == 202


async def test_every_unit_takes_four_decimals_exactly() -> None:
    at = plane()
    for account in (await at.told("GET", "/tenants/default/accounts"))["accounts"]:
        path = f"/tenants/default/accounts/{account['id']}"
        for text in ("999999999.9999", "0.0001", "17"):
            assert (await at.told("PATCH", path, json={"credits": text}))["credits"] == text


async def test_limits_of_ones_own_are_counted_on_the_tenants_clock() -> None:
    at = plane()
    limits = [{"name": "burst", "count": 2, "window": "10s", "operations": ["createVideo"]}]
    shown = await at.told("PATCH", ACCOUNT, json={"limits": limits})
    assert shown["limits"] == [{**limits[0], "window": "10000ms"}]
    assert [(await make(at)).status_code for _ in range(3)] == [202, 202, 429]
    await at.told("POST", "/tenants/default/clock/advance", json={"by": "10s"})
    assert (await make(at)).status_code == 202
    await at.told("PATCH", ACCOUNT, json={"limits": "off"})
    assert [(await make(at)).status_code for _ in range(3)] == [202, 202, 202]
    vendor = await at.told("PATCH", ACCOUNT, json={"limits": "vendor"})
    assert len(vendor["limits"]) == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"credits": "1.23456"}, "/credits"),
        ({"credits": "-1"}, "/credits"),
        ({"credits": 5}, "/credits"),
        ({"credit": "5"}, "/credit"),
        ({"limits": [{"name": "a", "count": 1, "window": "0s"}]}, "/limits/0/window"),
        (
            {"limits": [{"name": "a", "count": 1, "window": 5}] * 2},
            "/limits/1/name",
        ),
        (
            {"limits": [{"name": "a", "count": 1, "window": 5, "operations": ["createVidoe"]}]},
            "/limits/0/operations/0",
        ),
        ({}, ""),
        ([], ""),
    ],
)
async def test_nonsense_is_refused_with_its_place(body: Any, pointer: str) -> None:
    answer = await plane().ask("PATCH", ACCOUNT, json=body)
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["pointer"] == pointer


@pytest.mark.parametrize("provider", ["leonardo", "nanogpt", "recoup"])
async def test_keys_are_added_and_revoked(provider: str) -> None:
    at = plane()
    listed = await at.told("GET", f"/tenants/default/accounts?provider={provider}")
    keys = f"/tenants/default/accounts/{listed['accounts'][0]['id']}/keys"
    path, header, scheme = PRESENTED[provider]

    async def status(key: str) -> int:
        answer = await at.raw("GET", path, headers={header: scheme + key})
        assert "x-understudy-bug" not in answer.headers
        return answer.status_code

    one, two = await at.told("POST", keys), await at.told("POST", keys, json={})
    assert one["key"] != two["key"]
    known = await status(one["key"])
    assert known not in (401, 403)
    assert (await at.ask("DELETE", f"{keys}/{one['id']}")).status_code == 204
    assert (await at.ask("DELETE", f"{keys}/{two['key']}")).status_code == 204
    assert [await status(item["key"]) for item in (one, two)] == [401, 401]
    shown = await at.told("GET", keys.removesuffix("/keys"))
    revoked = {item["id"] for item in shown["keys"] if item["revoked"]}
    assert revoked == {one["id"], two["id"]}
    assert (await at.ask("DELETE", f"{keys}/none")).status_code == 404
    assert (await at.ask("POST", keys, json={"key": two["key"]})).status_code == 409
    assert (await at.ask("POST", keys, json={"key": "!"})).status_code == 400


async def test_an_exchange_with_a_revoked_key_belongs_to_its_tenant() -> None:
    at = plane()
    made = await at.told("POST", "/tenants", json={"name": "a"})
    key = made["keys"]["nanogpt"][0]
    listed = await at.told("GET", "/tenants/a/accounts?provider=nanogpt")
    account = listed["accounts"][0]["id"]
    await at.told("DELETE", f"/tenants/a/accounts/{account}/keys/{key}")
    assert (await make(at, key)).status_code == 401
    assert [item["status"] for item in await at.told("GET", "/journal?tenant=a")] == [401]
