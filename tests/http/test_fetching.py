"""Inputs are fetched within bounds, and from nowhere that was not checked."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web

from simulator.core.inputs import NotFetched
from simulator.http.fetching import Fetcher
from tests.sdk.picture import png

pytestmark = pytest.mark.anyio

_FILM = b"\0\0\0\x18ftypisom" + bytes(200_000)


class Files:
    """A server of files on loopback that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.port = 0
        self.hold = asyncio.Event()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The link to a file of this server."""
        return f"http://{host}:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Give a file, lead elsewhere, keep waiting, or go on for ever."""
        self.asked.append(request.path_qs)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        path = request.path
        if path == "/to":
            return web.Response(status=302, headers={"location": request.query["place"]})
        if path == "/round":
            return web.Response(status=307, headers={"location": "/round"})
        if path == "/slow":
            await self.hold.wait()
        if path == "/endless":
            reply = web.StreamResponse()
            await reply.prepare(request)
            try:
                while True:
                    await reply.write(png() + bytes(65536))
            except ConnectionError:
                return reply
        bodies = {"/picture.png": png(30, 20), "/film.mp4": _FILM, "/page": b"<html>"}
        return web.Response(body=bodies[path]) if path in bodies else web.Response(status=404)


@asynccontextmanager
async def serving() -> AsyncIterator[Files]:
    """Serve files on loopback until the block is left."""
    made = Files()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    made.port = listener.getsockname()[1]
    await web.SockSite(runner, listener).start()
    yield made
    await runner.cleanup()
    listener.close()


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    async with serving() as made:
        yield made


def allowing(**bounds: Any) -> Fetcher:
    return Fetcher(["127.0.0.1"], **bounds)


async def refusal(fetcher: Fetcher, url: str, kind: str = "image") -> str:
    with pytest.raises(NotFetched) as caught:
        await fetcher(url, kind)
    return caught.value.reason


async def test_a_picture_is_had_whole_and_of_a_film_the_beginning(files: Files) -> None:
    assert await allowing()(files.url("/picture.png"), "image") == png(30, 20)
    beginning = await allowing()(files.url("/film.mp4"), "video")
    assert _FILM.startswith(beginning)
    assert len(beginning) < len(_FILM)


async def test_a_request_tells_nothing_and_uses_no_proxy(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    await allowing()(files.url("/picture.png"), "image")
    told = {"host", "connection", "accept", "accept-encoding", "user-agent"}
    assert set(files.headers[0]) == told


@pytest.mark.parametrize(
    "path", ["/page", "/film.mp4", "/nothing", "/to?place=ftp://x/y", "/to?place=http://[", "/to"]
)
async def test_what_is_no_picture_is_refused(files: Files, path: str) -> None:
    assert await refusal(allowing(), files.url(path)) in ("no_image", "unreachable")


@pytest.mark.parametrize("kind", ["video", "audio"])
async def test_what_is_no_film_is_refused(files: Files, kind: str) -> None:
    assert await refusal(allowing(), files.url("/page"), kind) == f"no_{kind}"


@pytest.mark.parametrize(
    "url", ["", "data", "ftp://h/x", "file:///etc/passwd", "http://", "//h/x", "http://h:0x/", "\0"]
)
async def test_what_is_no_web_link_is_unreachable(url: str) -> None:
    assert await refusal(allowing(), url) == "unreachable"


async def test_nobody_listening_is_unreachable() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    assert await refusal(allowing(), f"http://127.0.0.1:{port}/") == "unreachable"


async def test_too_much_is_not_read(files: Files) -> None:
    assert await refusal(allowing(limit_bytes=1000), files.url("/film.mp4")) == "too_large"
    assert await refusal(allowing(limit_bytes=10**6), files.url("/endless")) == "too_large"


async def test_too_slow_is_given_up(files: Files) -> None:
    assert await refusal(allowing(longest_s=0.05), files.url("/slow")) == "too_slow"
    files.hold.set()


async def test_redirects_are_followed_three_times(files: Files) -> None:
    link = "/picture.png"
    for _ in range(3):
        link = f"/to?{urlencode({'place': link})}"
    assert await allowing()(files.url(link), "image") == png(30, 20)
    link = f"/to?{urlencode({'place': link})}"
    assert await refusal(allowing(), files.url(link)) == "too_many_redirects"
    assert await refusal(allowing(), files.url("/round")) == "too_many_redirects"
    assert files.asked.count("/round") == 4


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:7f00:1]"],
)
async def test_private_hosts_are_not_asked(files: Files, host: str) -> None:
    url = files.url("/picture.png", host)
    assert await refusal(Fetcher(), url) in ("address_refused", "unreachable")
    assert files.asked == []


async def test_a_redirect_to_a_private_address_is_not_followed(files: Files) -> None:
    away = "/to?place=http://169.254.169.254/latest"
    assert await refusal(allowing(), files.url(away)) == "address_refused"
    assert files.asked == [away]


class Names:
    """A name server whose answers change from question to question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def put(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have this event loop ask here for `files.test`."""
        loop = asyncio.get_running_loop()
        real: Callable[..., Any] = loop.getaddrinfo

        async def getaddrinfo(host: str, port: int, **named: Any) -> Any:
            if host != "files.test":
                return await real(host, port, **named)
            found = self.answers.pop(0)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found
            ]

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)


async def test_all_addresses_of_a_name_are_checked(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(["93.184.215.14", "127.0.0.1"]).put(monkeypatch)
    assert await refusal(Fetcher(), files.url("/picture.png", "files.test")) == "address_refused"
    assert files.asked == []


async def test_the_address_that_was_checked_is_the_one_that_is_asked(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(["127.0.0.1"], ["93.184.215.14"])
    names.put(monkeypatch)
    url = files.url("/picture.png", "files.test")
    assert await allowing()(url, "image") == png(30, 20)
    assert names.answers == [["93.184.215.14"]]  # nobody asked again before connecting


async def test_a_name_may_be_allowed_whatever_its_addresses(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(["127.0.0.1"]).put(monkeypatch)
    url = files.url("/picture.png", "files.test")
    assert await Fetcher(["files.test"])(url, "image") == png(30, 20)
