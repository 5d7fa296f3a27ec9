"""A client of the control plane: asks, and raises what it declines. Knows paths and JSON alone."""

import json
from typing import Any

import httpx

PATIENCE_S = 120
"""How long an answer may take: an advance does everything that is due by then."""

ANYWHERE = "http://localhost"
"""The origin to ask where a transport leads to one stand-in whatever the host."""


class ControlError(Exception):
    """The control plane declined a request, or was not to be reached (status 0)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class ControlPlane:
    """The control plane of one stand-in, over HTTP or whatever transport is given.

    May be used by several threads at once.
    """

    def __init__(
        self, url: str = ANYWHERE, key: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/_understudy",
            headers={"understudy-control-key": key} if key else {},
            timeout=PATIENCE_S,
            trust_env=False,
            transport=transport,
        )

    def ask(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """Send a request and answer its JSON (None without a body); raises `ControlError`."""
        given = {name: value for name, value in query.items() if value is not None}
        try:
            reply = self._client.request(method, path, params=given, json=body)
        except httpx.HTTPError as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ControlError(0, f"{self._client.base_url}: {reason}") from error
        told = _decoded(reply.content)
        if reply.is_success:
            return told
        said = told.get("error") if isinstance(told, dict) else None
        raise ControlError(reply.status_code, str(said or f"status {reply.status_code}"))

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None
