"""How unusual replies are: for all providers or one, until it is set otherwise or begun again."""

import pytest

from tests.control.plane import plane

pytestmark = pytest.mark.anyio

VARIETY = "/tenants/default/variety"


async def test_replies_are_usual_until_it_is_said_otherwise() -> None:
    usual = {"leonardo": "none", "nanogpt": "none", "recoup": "none"}
    assert await plane().told("GET", VARIETY) == {"variety": "none", "providers": usual}


async def test_one_provider_has_a_variety_of_its_own_until_all_get_one() -> None:
    at = plane()
    await at.told("PUT", VARIETY, json={"variety": "high"})
    one = await at.told("PUT", VARIETY, json={"variety": "none", "provider": "recoup"})
    assert one == await at.told("GET", VARIETY)
    assert one["variety"] == "high"
    assert one["providers"] == {"leonardo": "high", "nanogpt": "high", "recoup": "none"}
    await at.told("PUT", VARIETY, json={"variety": "high", "provider": "recoup"})
    every = await at.told("PUT", VARIETY, json={"variety": "none"})
    assert set(every["providers"].values()) == {"none"}
    assert await at.told("GET", VARIETY) == every


async def test_scenarios_come_and_go_and_variety_stays() -> None:
    at = plane()
    await at.told("PUT", VARIETY, json={"variety": "high"})
    await at.told("PUT", "/tenants/default/scenarios/empty-balance")
    await at.raw("DELETE", "/_understudy/tenants/default/scenarios/empty-balance")
    assert (await at.told("GET", VARIETY))["variety"] == "high"
    await at.told("PUT", "/tenants/default/scenarios/empty-balance")
    await at.raw("DELETE", "/_understudy/tenants/default/scenarios")
    assert (await at.told("GET", VARIETY))["variety"] == "high"
    assert (await at.told("GET", "/tenants/default/scenarios"))["scenarios"] == []


async def test_a_reset_makes_replies_usual_again() -> None:
    at = plane()
    await at.told("PUT", VARIETY, json={"variety": "high", "provider": "leonardo"})
    await at.told("POST", "/tenants/default/reset")
    assert (await at.told("GET", VARIETY))["providers"]["leonardo"] == "none"


async def test_a_provider_that_is_not_served_is_declined() -> None:
    at = plane()
    reply = await at.raw(
        "PUT", f"/_understudy{VARIETY}", json={"variety": "high", "provider": "acme"}
    )
    assert reply.status_code == 400
    assert reply.json()["violations"][0]["pointer"] == "/provider"
