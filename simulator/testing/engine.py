"""The app in a thread with its own event loop; it listens on a socket once somebody wants one."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from anyio.from_thread import BlockingPortal, start_blocking_portal

from simulator.settings import Settings
from simulator.testing.transport import Exchange, InProcess

if TYPE_CHECKING:
    import uvicorn

_HOST = "127.0.0.1"
_STOPPED = "the stand-in was stopped"


class Engine:
    """One stand-in at work, until it is left as a context manager.

    `transport` reaches it without a socket, `url` binds a free loopback port when first asked for.
    """

    def __init__(self, settings: Settings) -> None:
        from simulator.app import create_app

        self._app = create_app(settings)
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._at_work: set[Future[None]] = set()
        self._url = ""
        self._binding = threading.Lock()
        self.transport = InProcess(self._dispatch)

    def __enter__(self) -> "Engine":
        with ExitStack() as stack:
            self._portal = stack.enter_context(start_blocking_portal("asyncio"))
            lifespan = self._app.router.lifespan_context(self._app)
            stack.enter_context(self._portal.wrap_async_context_manager(lifespan))
            stack.callback(self._cancel_all)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._app.state.house.stop()
        self._stack.close()
        self._portal = None

    @property
    def url(self) -> str:
        """The origin at which it listens."""
        with self._binding:
            if not self._url:
                portal = self._running()
                bound = socket.create_server((_HOST, 0), backlog=2048)
                self._stack.enter_context(_listening(self._app, bound, portal))
                self._url = f"http://{_HOST}:{bound.getsockname()[1]}"
        return self._url

    def _running(self) -> BlockingPortal:
        if self._portal is None:
            raise RuntimeError("the stand-in is not running: use it in a `with` block")
        return self._portal

    def _dispatch(self, exchange: Exchange) -> None:
        future = self._running().start_task_soon(exchange.perform, self._app)
        self._at_work.add(future)

        def done(ended: Future[None]) -> None:
            self._at_work.discard(ended)
            if ended.cancelled():
                exchange.abandoned(asyncio.CancelledError(_STOPPED))

        future.add_done_callback(done)

    def _cancel_all(self) -> None:
        """Stop the calls that still block, so that the thread can end."""
        for future in tuple(self._at_work):
            future.cancel()


@contextmanager
def _listening(app: Any, bound: socket.socket, portal: BlockingPortal) -> Iterator[None]:
    """Serve an app, whose lifespan has begun, on a bound socket."""
    import uvicorn

    from simulator.http.protocol import Protocol

    config = uvicorn.Config(
        app,
        http=Protocol,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=0,
    )
    server = uvicorn.Server(config)
    serving, _ = portal.start_task(_serve, server, bound)
    try:
        yield
    finally:
        server.should_exit = True
        serving.result()


async def _serve(server: "uvicorn.Server", bound: socket.socket, *, task_status: Any) -> None:
    """Run a server; its task has started when it accepts connections."""
    startup = server.startup

    async def startup_and_tell(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        task_status.started()

    server.startup = startup_and_tell  # type: ignore[method-assign]  # there is no other hook
    await server.serve(sockets=[bound])
