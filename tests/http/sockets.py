"""An ASGI app on a real socket, and a client that sees how a connection ends."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

import uvicorn
import uvloop
from starlette.types import ASGIApp

from simulator.http.protocol import Protocol

T = TypeVar("T")

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}
"""The event loops under which `understudy serve` may run."""

_PATIENCE_S = 30


class Heard(NamedTuple):
    """All bytes of a connection, and whether it ended in order (FIN) or was reset (RST)."""

    content: bytes
    is_reset: bool

    @property
    def head(self) -> bytes:
        """Status line and headers."""
        return self.content.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """Whatever came after the head."""
        return self.content.partition(b"\r\n\r\n")[2]

    @property
    def promised(self) -> int:
        """The content length that the head names."""
        return int(self.head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])


def run(work: Coroutine[Any, Any, T], loop: str = "uvloop") -> T:
    """Run a coroutine under a kind of event loop."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(asyncio.wait_for(work, _PATIENCE_S))


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[int]:
    """Serve an app under our own protocol until the block is left; answers the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as bound:
        config = uvicorn.Config(
            app, http=Protocol, lifespan="off", log_config=None, access_log=False, ws="none"
        )
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[bound])
        try:
            yield bound.getsockname()[1]
        finally:
            await server.shutdown(sockets=[bound])


def get(path: str = "/", *lines: str, method: str = "GET") -> bytes:
    """A request without a body that asks for the connection to be closed after the reply."""
    head = [f"{method} {path} HTTP/1.1", "host: a", "connection: close", *lines, "", ""]
    return "\r\n".join(head).encode()


async def heard(port: int, request: bytes) -> Heard:
    """Send a request and read until the connection ends."""
    return await asyncio.to_thread(_read, port, request)


def _read(port: int, request: bytes) -> Heard:
    content = bytearray()
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as connection:
        connection.sendall(request)
        try:
            while piece := connection.recv(65536):
                content += piece
        except ConnectionResetError:
            return Heard(bytes(content), is_reset=True)
    return Heard(bytes(content), is_reset=False)
