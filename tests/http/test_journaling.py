"""Files and uploads are exchanges like any other, their bytes left out."""

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app

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
