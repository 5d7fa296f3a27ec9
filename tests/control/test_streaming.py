"""The journal as server-sent events: what is new, what was missed, what was lost, and the end."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from starlette.types import Message

from simulator.control.streaming import Stream
from simulator.core.journal import Exchange, Journal
from simulator.core.tailing import Tail
from tests.control.plane import NANO, Plane, plane

pytestmark = pytest.mark.anyio

Condition = Callable[[], bool]


class Reader:
    """One who reads a stream in this process; told to be slow, it takes nothing for a while."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.leaves = anyio.Event()
        self.goes_on = anyio.Event()
        self.goes_on.set()
        self._news = anyio.Event()

    async def receive(self) -> Message:
        """Say that the reader has left, once it has."""
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a message, in one's own time."""
        await self.goes_on.wait()
        self.messages.append(message)
        self._news.set()
        self._news = anyio.Event()

    @property
    def text(self) -> str:
        """All that came so far."""
        return b"".join(item.get("body", b"") for item in self.messages).decode()

    @property
    def events(self) -> list[tuple[str, Any]]:
        """Name and data of each event so far."""
        found = []
        for block in self.text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            if "data" in fields:
                found.append((fields["event"], json.loads(fields["data"])))
        return found

    @property
    def ids(self) -> list[str]:
        """The exchanges that came so far."""
        return [data["id"] for name, data in self.events if name == "exchange"]

    @property
    def is_over(self) -> bool:
        """Whether the reply has ended."""
        return bool(self.messages) and self.messages[-1].get("more_body") is False

    async def until(self, holds: Condition) -> None:
        """Wait for what is to come."""
        with anyio.fail_after(30):
            while not holds():
                await self._news.wait()


@asynccontextmanager
async def tailing(
    at: Plane, query: str = "", *headers: tuple[bytes, bytes]
) -> AsyncIterator[Reader]:
    """Read a tail until the block is left."""
    reader = Reader()
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/_understudy/journal/tail",
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8400"), *headers],
        "server": ("127.0.0.1", 8400),
        "app": at.app,
    }
    body = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        return next(body, None) or await reader.receive()

    async def read() -> None:
        await at.app(scope, receive, reader.send)
        with anyio.CancelScope(shield=True):
            await reader.send({"type": "over", "more_body": False})

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await reader.until(lambda: "retry" in reader.text or reader.is_over)
        yield reader
        reader.leaves.set()


async def poll(at: Plane, count: int = 1) -> None:
    for _ in range(count):
        await at.raw("POST", "/api/check-balance", headers={"x-api-key": NANO})


async def test_what_is_recorded_comes_as_events_with_ids() -> None:
    at = plane()
    await poll(at)
    async with tailing(at) as reader:
        await poll(at, 2)
        await reader.until(lambda: len(reader.ids) == 2)
        assert reader.ids == ["default.2", "default.3"]
        assert "id: default.2\nevent: exchange\ndata: {" in reader.text
        [listed, _] = await at.told("GET", "/journal", params={"since": "default.1"})
        assert reader.events[0] == ("exchange", listed)
        start = reader.messages[0]
        assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
        assert all(name != b"content-length" for name, _ in start["headers"])


async def test_a_filter_lets_through_what_fits() -> None:
    at = plane()
    async with tailing(at, "status=4xx") as reader:
        await poll(at)
        await at.raw("GET", "/api/nowhere")
        await reader.until(lambda: bool(reader.ids))
        assert reader.ids == ["default.2"]


@pytest.mark.parametrize(
    ("query", "last", "numbers"),
    [
        ("seconds=0", None, []),
        ("seconds=0&since=default.1", None, [2, 3]),
        ("seconds=0", "default.2", [3]),
        ("seconds=0&since=default.1", "default.2", [3]),
        ("seconds=0", "default.99", [1, 2, 3]),
        ("seconds=0", "other.1", []),
        ("seconds=0&since=2000-01-01&path=*balance", None, [1, 2, 3]),
    ],
)
async def test_one_who_comes_back_is_told_what_was_missed(
    query: str, last: str | None, numbers: list[int]
) -> None:
    at = plane()
    await poll(at, 3)
    headers = [] if last is None else [(b"last-event-id", last.encode())]
    async with tailing(at, query, *headers) as reader:
        await reader.until(lambda: reader.is_over)
    assert reader.ids == [f"default.{number}" for number in numbers]


async def test_a_slow_reader_loses_the_oldest_and_is_told_how_many() -> None:
    journal, reader = Journal(), Reader()
    tail = Tail(limit_bytes=10_000)
    journal.follow(tail)
    stream = Stream(journal, tail, lambda _: True)
    async with anyio.create_task_group() as group:
        scope = {"type": "http", "method": "GET"}
        group.start_soon(stream, scope, reader.receive, reader.send)
        await reader.until(lambda: "retry" in reader.text)
        await anyio.wait_all_tasks_blocked()
        reader.goes_on = anyio.Event()
        for number in range(1, 101):
            journal.record(Exchange(f"world.{number}", "world", 0, "GET", "/", ""))
        await anyio.wait_all_tasks_blocked()
        reader.goes_on.set()
        await reader.until(lambda: "world.100" in reader.ids)
        reader.leaves.set()
    lost = sum(data["count"] for name, data in reader.events if name == "lost")
    assert lost > 50
    assert lost + len(reader.ids) == 100
    assert reader.ids[-5:] == [f"world.{number}" for number in range(96, 101)]


async def test_without_news_a_comment_comes() -> None:
    journal, reader = Journal(), Reader()
    stream = Stream(journal, Tail(), lambda _: True, heartbeat_s=0.001)
    async with anyio.create_task_group() as group:
        group.start_soon(stream, {"type": "http", "method": "GET"}, reader.receive, reader.send)
        await reader.until(lambda: reader.text.count(": nothing new\n\n") > 1)
        reader.leaves.set()
    assert reader.events == []


async def test_one_who_leaves_is_told_no_more() -> None:
    at = plane()
    journal = (await at.app.state.house.default()).journal  # type: ignore[attr-defined]
    async with tailing(at) as reader:
        assert len(journal._followers) == 1
    assert journal._followers == ()
    assert reader.messages[-1]["type"] == "over"


@pytest.mark.parametrize("end", ["delete", "stop"])
async def test_a_tail_ends_with_its_tenant_and_with_the_stand_in(end: str) -> None:
    at = plane()
    await at.told("POST", "/tenants", json={"name": "short"})
    async with tailing(at, "tenant=short") as reader:
        if end == "delete":
            await at.told("DELETE", "/tenants/short")
        else:
            at.app.state.house.stop()  # type: ignore[attr-defined]
        await reader.until(lambda: reader.is_over)
    assert reader.messages[-2] == {"type": "http.response.body", "body": b""}


async def test_the_reply_is_that_of_the_contract() -> None:
    at = plane()
    await poll(at)
    answer = await at.ask("GET", "/journal/tail", params={"seconds": "0", "since": "2000-01-01"})
    assert answer.text.count("event: exchange") == 1
    head = await at.raw("HEAD", "/_understudy/journal/tail")
    assert (head.status_code, head.content) == (200, b"")
