"""Webhooks from the outside: a stand-in, a receiver on loopback, and a clock that is moved."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
import standardwebhooks
from aiohttp import web

from simulator.app import create_app
from simulator.core import deliveries
from simulator.core.clock import Clock, system_ms
from simulator.core.store import Tx
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore
from tests.control.plane import T0, Plane, plane
from tests.control.test_runs import start
from tests.receiver import Got, Receiver, answering

pytestmark = pytest.mark.anyio

WEBHOOKS = "/tenants/default/webhooks"
DELIVERIES = "/tenants/default/deliveries"
CREATED, PROGRESSED, COMPLETED = "run.created", "run.progressed", "run.completed"
STORY = [CREATED, *[PROGRESSED] * 3, COMPLETED]
"""What is told of a run at NanoGPT, which has four stages."""
ENDS = {"events": [COMPLETED, "run.failed", "run.cancelled"]}


@asynccontextmanager
async def listening(*statuses: int, **headers: str) -> AsyncIterator[tuple[Plane, Receiver]]:
    """A stand-in whose clock stands, and a receiver that answers with these statuses in turn."""
    at, receiver = plane(), Receiver(answering(*statuses or (204,), headers=headers))
    async with receiver.running():
        yield at, receiver


async def subscribed(at: Plane, receiver: Receiver, **body: Any) -> dict[str, Any]:
    made = await at.told("POST", WEBHOOKS, json={"url": receiver.url, **body})
    assert isinstance(made, dict)
    return made


async def advance(at: Plane, by: str) -> dict[str, Any]:
    told = await at.told("POST", "/tenants/default/clock/advance", json={"by": by})
    assert isinstance(told, dict)
    return told


async def told_deliveries(at: Plane, **query: Any) -> list[dict[str, Any]]:
    found = await at.told("GET", DELIVERIES, params=query)
    return list(found["deliveries"])


async def test_events_of_a_run_come_in_order_and_the_official_library_verifies_them() -> None:
    async with listening() as (at, receiver):
        secret = (await subscribed(at, receiver))["secret"]
        run = await start(at)
        await advance(at, "10m")
    assert receiver.events == STORY
    for got in receiver.got:
        told = standardwebhooks.Webhook(secret).verify(got.body, dict(got.headers))
        assert told["data"]["id"] == run
    last = receiver.got[-1].told["data"]
    assert last["state"] == "completed"
    assert last["files"][0].startswith("http://127.0.0.1:8400/_assets/nanogpt/default/")


async def test_another_secret_verifies_nothing() -> None:
    async with listening() as (at, receiver):
        await subscribed(at, receiver)
        await start(at)
        await advance(at, "0s")
    other = "whsec_" + base64.b64encode(b"\1" * 24).decode()
    with pytest.raises(standardwebhooks.webhooks.WebhookVerificationError):
        standardwebhooks.Webhook(other).verify(receiver.got[0].body, dict(receiver.got[0].headers))


async def test_each_attempt_is_made_at_its_date_with_the_same_id_before_advance_returns() -> None:
    async with listening(500, 503, 200) as (at, receiver):
        await subscribed(at, receiver, **ENDS)
        await start(at)
        told = await advance(at, "1h")
    attempted = [item for item in told["happened"] if item["kind"] == "webhook_attempted"]
    assert [item["result"] for item in attempted] == ["failed", "failed", "delivered"]
    assert len({got.id for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1
    [delivery] = await told_deliveries(at)
    shown = await at.told("GET", f"{DELIVERIES}/{delivery['id']}")
    assert [item["status"] for item in shown["attempts"]] == [500, 503, 200]
    assert [item["at"] for item in shown["attempts"]] == [item["at"] for item in attempted]


async def test_attempts_end_after_a_day_and_the_next_of_the_run_gets_its_own() -> None:
    async with listening(500) as (at, receiver):
        await subscribed(at, receiver, events=[CREATED, COMPLETED])
        await start(at)
        await advance(at, "24h")
        states = [item["state"] for item in await told_deliveries(at)]
        assert states == ["pending", "dead"]
        assert set(receiver.events) <= {CREATED, COMPLETED}
        count = receiver.events.count(CREATED)
        assert receiver.events[:count] == [CREATED] * count
        assert count > 20
        await advance(at, "25h")
        assert [item["state"] for item in await told_deliveries(at)] == ["dead", "dead"]


async def test_retry_after_is_honoured() -> None:
    async with listening(429, 204, **{"retry-after": "1800"}) as (at, receiver):
        await subscribed(at, receiver, **ENDS)
        await start(at)
        told = await advance(at, "2h")
    first, second = [item["at"] for item in told["happened"] if item["kind"] != "run_ended"]
    assert _ms(first) > T0
    assert _ms(second) - _ms(first) == 1800_000


async def test_410_ends_the_subscription() -> None:
    async with listening(410) as (at, receiver):
        made = await subscribed(at, receiver)
        await start(at)
        await advance(at, "1h")
        assert len(receiver.got) == 1
        assert not (await at.told("GET", f"{WEBHOOKS}/{made['id']}"))["enabled"]
        assert {item["state"] for item in await told_deliveries(at)} == {"dead"}


async def test_a_redirect_is_not_followed() -> None:
    async with listening(307, location="/elsewhere") as (at, receiver):
        await subscribed(at, receiver, events=[CREATED])
        await start(at)
        await advance(at, "0s")
        assert len(receiver.got) == 1
        [delivery] = await told_deliveries(at)
        shown = await at.told("GET", f"{DELIVERIES}/{delivery['id']}")
        assert [item["status"] for item in shown["attempts"]] == [307]


async def test_a_receiver_that_stops_for_ten_minutes_loses_nothing() -> None:
    at, receiver = plane(), Receiver()
    async with receiver.running():
        port = int(receiver.url.rsplit(":", 1)[1].split("/")[0])
        await subscribed(at, receiver)
        first = await start(at)
    await advance(at, "5m")
    second = await start(at, "leonardo")
    await advance(at, "5m")
    assert not receiver.got
    async with receiver.running(port):
        await advance(at, "2h")
    got = [(item.told["data"]["id"], item.told["type"]) for item in receiver.got]
    for run in (first, second):
        events = [event for item, event in got if item == run]
        assert events == sorted(events, key=[CREATED, PROGRESSED, COMPLETED].index)
        assert {CREATED, COMPLETED} <= set(events)


async def test_a_receiver_may_ask_the_stand_in_meanwhile() -> None:
    at = plane()
    statuses: list[str] = []

    async def answer(got: Got) -> web.Response:
        run = got.told["data"]["id"]
        statuses.append((await at.told("GET", f"/tenants/default/runs/{run}"))["state"])
        await start(at)
        return web.Response(status=200 if len(statuses) > 1 else 500)

    async with Receiver(answer).running() as receiver:
        await subscribed(at, receiver, events=[COMPLETED])
        await start(at)
        await advance(at, "70s")
    assert statuses[:2] == ["completed", "completed"]


async def test_a_moved_clock_waits_for_attempts_that_are_under_way() -> None:
    at, came, may_answer = plane(), anyio.Event(), anyio.Event()
    is_moved = False

    async def answer(_got: Got) -> web.Response:
        came.set()
        await may_answer.wait()
        return web.Response()

    async def move() -> None:
        nonlocal is_moved
        await advance(at, "0s")
        is_moved = True

    async with Receiver(answer).running() as receiver:
        await subscribed(at, receiver, events=[CREATED])
        await start(at)
        courier = at.app.state.house.courier  # type: ignore[attr-defined]  # Starlette
        async with anyio.create_task_group() as group:
            group.start_soon(courier.deliver_due, "default")
            await came.wait()
            group.start_soon(move)
            await start(at)
            await told_deliveries(at)
            assert not is_moved
            may_answer.set()
        assert is_moved
        assert {item["state"] for item in await told_deliveries(at)} == {"delivered"}


async def test_an_attempt_that_hangs_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.http.deliver.ATTEMPT_S", 0.05)
    at, hangs = plane(), anyio.Event()

    async def answer(_got: Got) -> web.Response:
        await hangs.wait()
        return web.Response()

    async with Receiver(answer).running() as receiver:
        await subscribed(at, receiver, events=[CREATED])
        await start(at)
        told = await advance(at, "1s")
        hangs.set()
    assert [item["result"] for item in told["happened"]] == ["failed"]
    [delivery] = await told_deliveries(at)
    shown = await at.told("GET", f"{DELIVERIES}/{delivery['id']}")
    assert shown["attempts"][0]["error"] == "timeout"


async def test_a_process_killed_between_claim_and_post_loses_nothing() -> None:
    """Its lease runs out, and another process on the same store attempts it."""
    store = MemoryStore()
    clock = Clock(0, T0, 0)
    first = Plane(create_app(Settings(clock=clock), store))
    async with Receiver().running() as receiver:
        await subscribed(first, receiver, **ENDS)
        run = await start(first)
        house = first.app.state.house  # type: ignore[attr-defined]  # an app of Starlette
        tenant = await house.default()
        await tenant.set_clock(lambda clock, at: clock.advanced(600_000, at))

        async def claim(tx: Tx) -> int:
            from simulator.core import ledger

            now_ms = await tenant.time_in(tx)
            await ledger.settle(tx, now_ms)
            long_ago_ms = system_ms() - deliveries.LEASE_MS - 1
            return len(await deliveries.claim(tx, now_ms, long_ago_ms, "seed", 10))

        assert await tenant.transact(claim) == 1
        second = Plane(create_app(Settings(clock=clock), store))
        told = await advance(second, "0s")
    assert [item["result"] for item in told["happened"]] == ["delivered"]
    assert [got.told["data"]["id"] for got in receiver.got] == [run]


async def test_a_lease_that_holds_is_left_alone() -> None:
    async with listening() as (at, receiver):
        await subscribed(at, receiver, events=[CREATED])
        await start(at)
        tenant = await at.app.state.house.default()  # type: ignore[attr-defined]  # Starlette

        async def claim(tx: Tx) -> list[deliveries.Claim]:
            now_ms = await tenant.time_in(tx)
            return await deliveries.claim(tx, now_ms, system_ms(), "seed", 10)

        assert len(await tenant.transact(claim)) == 1
        assert not await tenant.transact(claim)
        assert not receiver.got


async def test_on_a_running_clock_the_background_delivers() -> None:
    app = create_app(Settings(stage_seconds=0.05))
    at = Plane(app)
    three = anyio.Event()

    async def answer(got: Got) -> web.Response:
        if got.told["type"] == COMPLETED:
            three.set()
        return web.Response()

    async with app.router.lifespan_context(app), Receiver(answer).running() as receiver:
        await subscribed(at, receiver)
        await start(at)
        with anyio.fail_after(10):
            await three.wait()
        assert receiver.events == STORY


async def test_subscribing_later_covers_events_from_then_on() -> None:
    async with listening() as (at, receiver):
        await start(at)
        await subscribed(at, receiver)
        await advance(at, "10m")
    assert receiver.events == STORY[1:]


async def test_amendments_are_told() -> None:
    async with listening() as (at, receiver):
        await subscribed(at, receiver)
        run = await start(at)
        await at.told("POST", f"/tenants/default/runs/{run}/hold")
        await advance(at, "1h")
        await at.told("POST", f"/tenants/default/runs/{run}/fail", json={"error": "content_policy"})
        await advance(at, "0s")
    assert receiver.events == [CREATED, "run.failed"]
    assert receiver.got[-1].told["data"]["error"]["reason"] == "content_policy"


async def test_a_new_stage_is_told_at_its_date_after_a_run_was_held() -> None:
    async with listening() as (at, receiver):
        await subscribed(at, receiver, events=[PROGRESSED])
        run = await start(at)
        await at.told("POST", f"/tenants/default/runs/{run}/hold")
        await advance(at, "1h")
        assert not receiver.got
        await at.told("POST", f"/tenants/default/runs/{run}/release")
        await at.told("POST", "/tenants/default/clock/next")
    assert receiver.events == [PROGRESSED]
    assert receiver.got[0].told["data"]["ended_at"] is None


async def test_a_delivery_can_be_made_again() -> None:
    async with listening(500, 200) as (at, receiver):
        await subscribed(at, receiver, events=[CREATED])
        await start(at)
        await advance(at, "1s")
        [delivery] = await told_deliveries(at, state="pending")
        await at.told("POST", f"{DELIVERIES}/{delivery['id']}/redeliver")
        await advance(at, "0s")
        assert (await told_deliveries(at))[0]["state"] == "delivered"
        await at.told("POST", f"{DELIVERIES}/{delivery['id']}/redeliver")
        await advance(at, "0s")
    assert len(receiver.got) == 3
    assert len({got.id for got in receiver.got}) == 1


async def test_what_a_receiver_that_is_gone_did_not_take_is_not_delivered_again() -> None:
    async with listening(410, 204) as (at, receiver):
        await subscribed(at, receiver, **ENDS)
        await start(at)
        await advance(at, "1m")
        [delivery] = await told_deliveries(at)
        reply = await at.ask("POST", f"{DELIVERIES}/{delivery['id']}/redeliver")
        assert (reply.status_code, delivery["state"]) == (409, "dead")
        assert await told_deliveries(at) == [delivery]


async def test_every_attempt_is_in_the_journal_without_its_secret() -> None:
    async with listening(500, 200) as (at, receiver):
        await subscribed(at, receiver, events=[CREATED])
        await start(at)
        await advance(at, "1m")
        told = await at.told("GET", "/journal")
    sent = [item for item in told if item["direction"] == "out"]
    assert [item["status"] for item in sent] == [500, 200]
    assert [item["operation"] for item in sent] == [CREATED, CREATED]
    headers = dict(map(tuple, sent[0]["request"]["headers"]))
    assert headers["webhook-signature"] == "[redacted]"


async def test_providers_and_events_are_chosen() -> None:
    async with listening() as (at, receiver):
        await subscribed(at, receiver, providers=["leonardo"], events=[COMPLETED])
        await start(at)
        run = await start(at, "leonardo")
        await advance(at, "10m")
    assert [(got.told["type"], got.told["data"]["id"]) for got in receiver.got] == [
        (COMPLETED, run)
    ]


@pytest.mark.parametrize(
    ("webhook", "expected"),
    [
        ({"receiver": "down"}, []),
        ({"receiver": 500}, []),
        ({"copies": 2}, [CREATED, CREATED, COMPLETED, COMPLETED]),
        ({"reordered": True}, [COMPLETED, CREATED]),
        ({"delay": "2h"}, []),
    ],
)
async def test_scenarios_twist_deliveries(webhook: dict[str, Any], expected: list[str]) -> None:
    async with listening() as (at, receiver):
        await subscribed(at, receiver, events=[CREATED, COMPLETED])
        scenario = {"give": {"webhook": webhook}}
        await at.told("PUT", "/tenants/default/scenarios/twist", json=scenario)
        await start(at)
        await advance(at, "1h")
        assert receiver.events == expected
        await at.told("DELETE", "/tenants/default/scenarios/twist")
        await advance(at, "3h")
        assert set(receiver.events) == {CREATED, COMPLETED}


async def test_what_is_late_is_late_once_and_not_once_more_for_each_event_ahead_of_it() -> None:
    async with listening() as (at, receiver):
        await subscribed(at, receiver)
        await at.told("PUT", "/tenants/default/scenarios/late-delivery")
        await start(at)
        await advance(at, "299s")
        assert not receiver.got
        await advance(at, "1m")
        assert receiver.events == STORY
        told = await told_deliveries(at)
    delays = [_ms(item["finished_at"]) - _ms(item["happened_at"]) for item in told]
    assert delays == [5 * 60_000] * len(STORY)


async def test_a_scenario_signs_with_another_secret() -> None:
    async with listening() as (at, receiver):
        secret = (await subscribed(at, receiver, events=[CREATED]))["secret"]
        await at.told("PUT", "/tenants/default/scenarios/forged-delivery")
        await start(at)
        await advance(at, "0s")
    with pytest.raises(standardwebhooks.webhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(receiver.got[0].body, dict(receiver.got[0].headers))


async def test_what_is_removed_is_told_no_more() -> None:
    async with listening() as (at, receiver):
        made = await subscribed(at, receiver)
        await start(at)
        await at.told("DELETE", f"{WEBHOOKS}/{made['id']}")
        await advance(at, "1h")
        assert not receiver.got
        assert not await told_deliveries(at)


async def test_concurrent_attempts_wait_for_each_other() -> None:
    """Two moves of a clock do not send what is already being sent."""
    async with listening() as (at, receiver):
        await subscribed(at, receiver)
        for _ in range(5):
            await start(at)
        await asyncio.gather(advance(at, "5m"), advance(at, "5m"))
        assert len(receiver.got) == len({got.id for got in receiver.got}) == 5 * len(STORY)


def _ms(text: str) -> int:
    from datetime import datetime

    return round(datetime.fromisoformat(text).timestamp() * 1000)
