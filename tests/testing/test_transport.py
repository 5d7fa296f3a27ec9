"""In process: the same stand-in for asyncio, trio and threads, and faults as httpx tells them."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import anyio
import httpx
import pytest

from simulator.testing import Understudy, World

ORDER = {"prompt": "A cat", "model": "kling-video-v2", "duration": "5"}
FRAME = {"image_url": "https://example.com/frame.png", "prompt": "slow dolly in"}
LEAVING = """
import threading, anyio, httpx
from simulator.testing import Understudy

def order():
    with httpx.Client(transport=world.transport, base_url=world.recoup.url) as http:
        frame = {"image_url": "https://example.com/frame.png", "prompt": "slow"}
        try:
            http.post("/api/content/video", json=frame, headers=world.recoup.headers())
        except httpx.RemoteProtocolError as error:
            print(error)

with Understudy() as stand_in:
    world = stand_in.tenant(frozen=True)
    thread = threading.Thread(target=order)
    thread.start()
    anyio.run(world.runs.started, "recoup")
thread.join()
"""
EXCEPTIONS: dict[str, type[httpx.HTTPError]] = {
    "reset-before": httpx.ReadError,
    "reset-within": httpx.ReadError,
    "empty-reply": httpx.RemoteProtocolError,
    "wrong-content-length": httpx.RemoteProtocolError,
}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Understudy]:
    with Understudy() as running:
        yield running


@pytest.fixture
def world(stand_in: Understudy) -> Iterator[World]:
    with stand_in.tenant(frozen=True) as founded:
        yield founded


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def async_client(world: World, name: str = "nanogpt", **options: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=world.transport,
        base_url="http://understudy.test",
        headers=world.provider(name).headers(),
        **options,  # type: ignore[arg-type]  # timeouts alone
    )


def client(world: World, name: str = "nanogpt", **options: float) -> httpx.Client:
    return httpx.Client(
        transport=world.transport,
        base_url="http://understudy.test",
        headers=world.provider(name).headers(),
        **options,  # type: ignore[arg-type]  # timeouts alone
    )


@pytest.mark.anyio
async def test_a_run_from_order_to_file(world: World) -> None:
    async with async_client(world) as http:
        run_id = (await http.post("/api/generate-video", json=ORDER)).json()["runId"]
        await world.clock.asleep(600)
        told = (await http.get("/api/video/status", params={"requestId": run_id})).json()
        url = told["data"]["output"]["video"]["url"]
        assert url.startswith("http://understudy.test/_assets/")
        assert (await http.get(url)).content[4:8] == b"ftyp"


def test_a_run_from_order_to_file_in_a_thread(world: World) -> None:
    with client(world) as http:
        run_id = http.post("/api/generate-video", json=ORDER).json()["runId"]
        world.clock.sleep(600)
        told = http.get("/api/video/status", params={"requestId": run_id}).json()
        assert http.get(told["data"]["output"]["video"]["url"]).content[4:8] == b"ftyp"


@pytest.mark.anyio
async def test_a_call_that_blocks_goes_on_when_the_clock_is_moved(world: World) -> None:
    replies: list[httpx.Response] = []

    async def order() -> None:
        async with async_client(world, "recoup") as http:
            replies.append(await http.post("/api/content/video", json=FRAME))

    async with anyio.create_task_group() as group:
        group.start_soon(order)
        await world.runs.started("recoup")
        assert not replies
        await world.clock.asleep(3600)
    assert replies[0].status_code == 200


def test_a_call_that_blocks_in_a_thread_goes_on_when_the_clock_is_moved(world: World) -> None:
    replies: list[int] = []

    def order() -> None:
        with client(world, "recoup") as http:
            replies.append(http.post("/api/content/video", json=FRAME).status_code)

    thread = threading.Thread(target=order)
    thread.start()
    anyio.run(world.runs.started, "recoup")
    world.clock.advance("1h")
    thread.join()
    assert replies == [200]


@pytest.mark.anyio
async def test_a_client_that_gives_up_is_seen_to_leave(world: World) -> None:
    async with async_client(world, "recoup", timeout=0.01) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post("/api/content/video", json=FRAME)
    assert any(world.requests("createVideo", error="client_left") for _ in range(1000))


@pytest.mark.anyio
@pytest.mark.parametrize("fault", EXCEPTIONS)
async def test_a_fault_is_the_exception_of_a_socket(world: World, fault: str) -> None:
    world.fail_next("createVideo", fault=fault)
    async with async_client(world) as http:
        with pytest.raises(EXCEPTIONS[fault], match=fault):
            await http.post("/api/generate-video", json=ORDER)
        assert (await http.post("/api/generate-video", json=ORDER)).status_code == 202
    world.requests.assert_called("createVideo", times=2)
    assert world.requests[0].fault == fault


@pytest.mark.parametrize("fault", EXCEPTIONS)
def test_a_fault_in_a_thread_is_that_of_a_real_socket(world: World, fault: str) -> None:
    world.scenario({"give": {"fault": fault}}, operation="createVideo")
    with client(world) as http, pytest.raises(httpx.TransportError) as here:
        http.post("/api/generate-video", json=ORDER)
    headers = world.nanogpt.headers()
    with pytest.raises(httpx.TransportError) as there:
        httpx.post(f"{world.url}/api/generate-video", json=ORDER, headers=headers)
    assert type(here.value) is type(there.value)


@pytest.mark.anyio
async def test_a_body_that_drips_comes_in_pieces_as_time_passes(world: World) -> None:
    world.scenario("slow-body", operation="createVideo")
    pieces: list[bytes] = []
    async with (
        async_client(world) as http,
        http.stream("POST", "/api/generate-video", json=ORDER) as reply,
        anyio.create_task_group() as group,
    ):

        async def read() -> None:
            async for piece in reply.aiter_raw():
                pieces.append(piece)  # noqa: PERF401  # they are looked at while they come

        group.start_soon(read)
        for _ in range(int(reply.headers["content-length"]) // 64 + 1):
            await world.clock.asleep(1)
    assert len(pieces) > 1
    assert b"".join(pieces).startswith(b"{")
    assert sum(map(len, pieces)) == int(reply.headers["content-length"])


def test_an_upload_and_a_head_go_through(world: World) -> None:
    with client(world, "leonardo") as http:
        told = http.post("/api/rest/v1/init-image", json={"extension": "png"}).json()
        upload = told["uploadInitImage"]
        assert upload["url"].startswith("http://understudy.test/")
        assert http.head("/_understudy/health", headers={"host": "localhost"}).content == b""


def test_a_stop_breaks_off_what_still_waits() -> None:
    """In a process of its own, as a script has it."""
    ended = subprocess.run(
        [sys.executable, "-c", LEAVING],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (0, "the stand-in was stopped\n"), ended.stderr
