"""Files and uploads are exchanges like any other, their bytes left out."""

import asyncio

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Message, Receive

from simulator.app import create_app
from simulator.http.wire import WIRE

KEY = {"x-api-key": "recoup_sk_test"}
SAMPLE = "/_assets/recoup/default/samples/anything.png"


@pytest.fixture
def app() -> Starlette:
    return create_app()


def client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy.test")


@pytest.mark.anyio
async def test_a_file_is_journaled_without_its_bytes(app: Starlette) -> None:
    async with client(app) as http:
        reply = await http.get(SAMPLE, headers=KEY)
    journal = (await app.state.house.default()).journal
    exchange = journal.find(reply.headers["understudy-exchange"])
    assert (exchange.status, exchange.reply_size) == (200, len(reply.content))
    assert exchange.reply_body == b""
    assert (b"x-api-key", b"[redacted]") in exchange.request_headers


@pytest.mark.anyio
async def test_a_file_that_is_not_there_is_journaled_too(app: Starlette) -> None:
    async with client(app) as http:
        reply = await http.get("/_assets/nobody/nowhere/runs/x/0.mp4")
    journal = (await app.state.house.default()).journal
    assert reply.status_code == 404
    assert journal.find(reply.headers["understudy-exchange"]).status == 404


@pytest.mark.anyio
async def test_the_control_plane_is_no_exchange(app: Starlette) -> None:
    async with client(app) as http:
        reply = await http.get("/_understudy/health")
    assert "understudy-exchange" not in reply.headers
    assert len((await app.state.house.default()).journal) == 0


async def ask(
    app: Starlette, receive: Receive, extensions: dict[str, object] | None = None
) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/_assets/leonardo/default/uploads",
        "query_string": b"",
        "headers": [(b"content-type", b"multipart/form-data; boundary=b")],
        "server": ("10.0.0.1", 8400),
        "extensions": extensions or {},
    }
    await app(scope, receive, send)
    return sent


@pytest.mark.anyio
async def test_an_upload_whose_client_leaves_is_no_bug(app: Starlette) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    start, body = await ask(app, receive)
    assert start["status"] == 400
    assert b"<Code>IncompleteBody</Code>" in body["body"]
    (exchange,) = (await app.state.house.default()).journal
    assert (exchange.status, exchange.bug) == (400, "")


async def cut_off() -> Message:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(60)
    raise AssertionError


@pytest.mark.anyio
async def test_an_upload_that_a_stop_cuts_off_is_answered(app: Starlette) -> None:
    task = asyncio.current_task()
    assert task is not None
    start, _ = await ask(app, cut_off, {WIRE: None})
    task.uncancel()
    assert start["status"] == 503
    (exchange,) = (await app.state.house.default()).journal
    assert (exchange.status, exchange.error) == (503, "stopped")


@pytest.mark.anyio
async def test_who_stops_waiting_in_this_process_is_let_go(app: Starlette) -> None:
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(asyncio.CancelledError):
        await ask(app, cut_off)
    task.uncancel()
    (exchange,) = (await app.state.house.default()).journal
    assert (exchange.status, exchange.error) == (503, "stopped")


@pytest.mark.anyio
async def test_a_timeout_ends_a_call_that_blocks_in_this_process(app: Starlette) -> None:
    tenant = await app.state.house.default()
    await tenant.set_clock(lambda clock, now_ms: clock.at_speed(0, now_ms))
    body = {"image_url": "https://example.com/a.png", "prompt": "never ends"}
    async with client(app) as http:
        with anyio.move_on_after(0.05) as scope:
            await http.post("/api/content/video", json=body, headers=KEY)
    assert scope.cancelled_caught
    (exchange,) = tenant.journal
    assert (exchange.status, exchange.error) == (499, "client_left")
