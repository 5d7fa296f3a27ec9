"""Equal worlds give equal answers, and concurrent requests the same ids in any order."""

import random

import anyio
import httpx
import pytest

from tests.toy import SHY, TOY, Stand, stand, without_refill

pytestmark = pytest.mark.anyio

SESSION = [
    ("POST", "/toy/makes", {"prompt": "a cat"}),
    ("POST", "/toy/makes", {"prompt": "a cat"}),
    ("POST", "/toy/makes", {"prompt": "a dog", "count": 2}),
    ("POST", "/toy/makes", {"count": 9}),
    ("GET", "/toy/makes", None),
    ("GET", "/toy/unwritten", None),
    ("GET", "/toy/unwritten?name=other", None),
    ("GET", "/toy/nothing", None),
    ("PUT", "/toy/makes", None),
    ("OPTIONS", "/toy/makes", None),
    ("GET", "/toy/shy/things", None),
]


def as_sent(answer: httpx.Response) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    headers = [pair for pair in answer.headers.raw if pair[0].lower() != b"date"]
    return answer.status_code, headers, answer.content


async def played(at: Stand) -> list[tuple[int, list[tuple[bytes, bytes]], bytes]]:
    answers = [await at.ask(method, path, json=body) for method, path, body in SESSION]
    await at.advance(2000)
    ids = (await at.ask("GET", "/toy/makes")).json()["ids"]
    answers += [await at.ask("GET", f"/toy/makes/{made}") for made in ids]
    return [as_sent(answer) for answer in answers]


async def test_the_same_session_in_an_equal_world_has_the_same_bytes() -> None:
    one, two = stand(public_url="http://p.test"), stand(public_url="http://p.test")
    assert await played(one) == await played(two)


async def test_another_seed_makes_another_world() -> None:
    assert await played(stand()) != await played(stand(seed="other"))


async def test_shuffled_concurrent_requests_get_the_same_ids() -> None:
    """Two hundred shuffles of a dozen different requests, each shuffle all at once."""
    prompts = [f"prompt {number}" for number in range(12)]
    chance = random.Random(11)
    seen = set()
    for _ in range(200):
        at = stand()
        ids: dict[str, str] = {}

        async def make(prompt: str, at: Stand = at, ids: dict[str, str] = ids) -> None:
            await anyio.lowlevel.checkpoint()
            ids[prompt] = (await at.make(prompt)).json()["id"]

        async with anyio.create_task_group() as group:
            for prompt in chance.sample(prompts, len(prompts)):
                group.start_soon(make, prompt)
        seen.add(tuple(sorted(ids.items())))
    assert len(seen) == 1


async def test_two_hundred_concurrent_starts_never_overspend() -> None:
    at = stand({"toy": without_refill(TOY), "shy": SHY})
    statuses: list[int] = []

    async def make(number: int) -> None:
        statuses.append((await at.make(f"prompt {number}")).status_code)

    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(make, number)
    assert (statuses.count(202), statuses.count(402)) == (10, 190)
    account = await (await at.house.default()).account("ada")
    assert account is not None
    assert (account.available_nanos, account.held_nanos) == (0, 1000)


async def test_polls_around_the_end_settle_once_and_never_show_it_unsettled() -> None:
    at = stand()
    made = (await at.make()).json()["id"]
    await at.advance(2990)
    seen: list[tuple[str, int]] = []

    async def poll() -> None:
        shown = (await at.ask("GET", f"/toy/makes/{made}")).json()
        seen.append((shown["state"], shown["balance"]))

    async with anyio.create_task_group() as group:
        for number in range(150):
            group.start_soon(poll)
            if number % 10 == 0:
                group.start_soon(at.advance, 1)
    assert set(seen) <= {("working", 1000), ("completed", 900)}
    account = await (await at.house.default()).account("ada")
    assert account is not None
    assert (account.held_nanos, account.spent_nanos) == (0, 100)


async def test_a_hundred_blocking_calls_all_answer_when_the_clock_is_moved() -> None:
    at = stand()
    states: list[str] = []

    async def wait(number: int) -> None:
        answer = await at.ask("POST", "/toy/waits", json={"prompt": f"{number}"})
        states.append(answer.json()["state"])

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            for number in range(100):
                group.start_soon(wait, number)
            await anyio.wait_all_tasks_blocked()
            assert states == []
            await at.advance(3000)
    assert states == ["completed"] * 100
