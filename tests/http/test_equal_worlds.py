"""All providers together: equal worlds answer alike, whatever is asked and in whatever order."""

import itertools
import json
import random
from functools import cache
from typing import Any

import anyio
import httpx
import pytest
from msgspec.structs import replace

from contracts import Contract
from simulator.app import installed_providers, loaded_contracts
from simulator.cli.presentation import credential_header
from simulator.core.clock import Clock
from simulator.core.runs import RUNS
from simulator.core.store import Tx
from simulator.house import House
from simulator.http.exchange import VendorEdge
from simulator.http.router import Router
from simulator.http.serving import router_of
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore
from tests.toy import T0, Stand

pytestmark = pytest.mark.anyio

SETTINGS = Settings(clock=Clock(0, T0, 0), public_url="http://public.test", stage_seconds=0)
Request = tuple[str, str, dict[str, str], Any]


@cache
def served() -> tuple[dict[str, Contract], Router]:
    providers = installed_providers()
    loaded = loaded_contracts(SETTINGS, providers)
    return loaded, router_of(loaded, providers)


def world(**settings: Any) -> Stand:
    """All providers in a new world."""
    house = House(installed_providers(), replace(SETTINGS, **settings), MemoryStore())
    return Stand(house, VendorEdge(house, served()[1]))


@cache
def requests() -> tuple[Request, ...]:
    """Every example request of every contract, with the first key of its provider."""
    found: list[Request] = []
    for name, contract in served()[0].items():
        for operation in contract.operations:
            line = credential_header(contract, operation, installed_providers()[name].demo_keys[0])
            headers = dict([line.split(": ", 1)]) if line else {}
            bodies: list[Any] = [None]
            if operation.body is not None:
                media = operation.body.content.get("application/json")
                bodies = list(media.examples.values()) if media else []
            path = operation.path.replace("{", "").replace("}", "")
            found += [(operation.method, path, headers, body) for body in bodies]
    return tuple(found)


async def sent(at: Stand, request: Request) -> httpx.Response:
    method, path, headers, body = request
    return await at.ask(method, path, key=None, headers=headers, json=body)


def as_sent(answer: httpx.Response) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    headers = [pair for pair in answer.headers.raw if pair[0].lower() != b"date"]
    return answer.status_code, headers, answer.content


async def test_the_same_requests_in_order_have_the_same_bytes() -> None:
    one, two = world(), world()
    for request in requests() * 2:
        assert as_sent(await sent(one, request)) == as_sent(await sent(two, request)), request


async def test_no_example_request_meets_a_bug() -> None:
    at = world()
    for request in requests():
        answer = await sent(at, request)
        assert "x-understudy-bug" not in answer.headers, (request, answer.text)


async def run_ids(at: Stand) -> frozenset[tuple[str, bytes, str]]:
    """Operation, request and id of every run."""

    async def work(tx: Tx) -> frozenset[tuple[str, bytes, str]]:
        return frozenset((run.operation, run.request, run.id) for run in await tx.all(RUNS))

    return await (await at.house.default()).transact(work)


def starts() -> list[Request]:
    """Different requests that start runs, a few of each operation whose example has a prompt."""
    found: dict[str, list[Request]] = {}
    for method, path, headers, body in requests():
        if method == "POST" and isinstance(body, dict) and isinstance(body.get("prompt"), str):
            found.setdefault(path, []).append((method, path, headers, body))
    chosen = list(itertools.chain.from_iterable(group[:2] for group in found.values()))
    return [
        (method, path, headers, {**body, "prompt": f"{body['prompt']} {number}"})
        for number, (method, path, headers, body) in enumerate(chosen)
    ]


async def test_concurrent_requests_in_any_order_get_the_same_ids() -> None:
    """Two hundred shuffles of requests to all providers, each shuffle all at once."""
    chance = random.Random(5)
    chosen = starts()
    seen = set()
    for _ in range(200):
        at = world()
        await at.house.default()
        async with anyio.create_task_group() as group:
            for request in chance.sample(chosen, len(chosen)):
                group.start_soon(sent, at, request)
        seen.add(await run_ids(at))
    (ids,) = seen
    assert len({path for _, path, _, _ in chosen}) >= 6
    assert len(ids) >= len(chosen) // 2


async def test_another_seed_gives_every_run_another_id() -> None:
    """Apart from the runs that every new world is furnished with."""
    one, two = world(), world(seed="other")
    furnished = await run_ids(one)
    for request in starts():
        await sent(one, request)
        await sent(two, request)
    first, second = await run_ids(one) - furnished, await run_ids(two) - furnished
    assert len(first) == len(second) > 0
    assert {run[2] for run in first}.isdisjoint(run[2] for run in second)


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b'"text"',
        b"0",
        b"{}",
        b"{",
        b"\xff",
        b'{"prompt": null}',
        b'{"prompt": "\\ud800"}',
        b'{"prompt": {"a": [1e308, -0, 12345678901234567890123]}}',
        b'{"prompt": "a", "x": ' + b"[" * 510 + b"]" * 510 + b"}",
        json.dumps({"prompt": "x" * 100_000, "model": "\x00"}).encode(),
    ],
)
async def test_no_body_makes_any_operation_fail_by_itself(body: bytes) -> None:
    at = world()
    for method, path, headers, _ in requests():
        answer = await at.ask(method, path, key=None, headers=headers, content=body)
        assert "x-understudy-bug" not in answer.headers, (method, path, answer.text)
