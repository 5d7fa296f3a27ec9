"""uvicorn's HTTP protocol as `understudy serve` runs it; `wire` makes use of what it adds."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.http.wire import WIRE

_NO_WEBSOCKET = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 39\r\n"
    b'connection: close\r\n\r\n{"error":"no WebSocket is served here"}'
)


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, whose requests carry their state as an extension of their scope.

    It keeps one timer a connection for the end of its idleness instead of one a request.
    """

    _idle_since_s = 0.0

    def on_headers_complete(self) -> None:
        """Begin a request."""
        super().on_headers_complete()
        cycle = self.cycle
        if cycle is not None and cycle.scope is self.scope:
            cycle.scope["extensions"] = {WIRE: cycle}  # type: ignore[dict-item]

    def _should_upgrade(self) -> bool:
        """Whether a request wants a WebSocket: it is then no request for the app."""
        return bool(self._get_upgrade() == b"websocket")

    def handle_websocket_upgrade(self) -> None:
        """Turn a WebSocket away; no provider has any."""
        self.transport.write(_NO_WEBSOCKET)
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing of a wish for another protocol, which a server may pass over."""

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection, and its timer."""
        super().connection_lost(exc)
        timer, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        if timer is not None:
            timer.cancel()

    def _unset_keepalive_if_required(self) -> None:
        """Note that the connection is busy; its timer finds out when it fires."""
        self._idle_since_s = 0.0

    def on_response_complete(self) -> None:
        """Begin the next request that waits, or begin to be idle."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since_s = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again_in(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it was idle for long enough, else look again when it may be."""
        self.timeout_keep_alive_task = None
        if not self._idle_since_s:
            return  # busy: the end of its reply sets the next timer
        idle_s = self.loop.time() - self._idle_since_s
        if idle_s < self.timeout_keep_alive:
            self._look_again_in(self.timeout_keep_alive - idle_s)
        else:
            super().timeout_keep_alive_handler()

    def _look_again_in(self, seconds: float) -> None:
        handler = self.timeout_keep_alive_handler
        self.timeout_keep_alive_task = self.loop.call_later(seconds, handler)
