"""A target for tests: serves a contract's first examples after checking key and request.

Small on purpose, and written without the stand-in. `Faults` break it in one way each.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import contracts
from conformance.exchange import Exchange
from conformance.judge import Judge
from conformance.reading import Reading

FIRST, SECOND = "recoup_sk_0123456789abcdef", "recoup_sk_fedcba9876543210"
OWN = "848cd58d-700f-4b38-ab4c-d9f52a1b2c3d"
ARTIST = "1873859c-dd37-4e9a-9bac-80d3558527a9"
TEMPLATES = (
    "artist-caption-bedroom", "artist-caption-outside", "artist-caption-stage",
    "album-record-store",
)  # fmt: skip
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Recording:
    """What a target was asked: method, path and body of every request."""

    calls: list[tuple[str, str, bytes]] = field(default_factory=list)

    def writes(self) -> list[tuple[str, str, bytes]]:
        """Return the requests that could change something."""
        return [call for call in self.calls if call[0] not in ("GET", "HEAD", "OPTIONS")]


@dataclass(slots=True)
class Target:
    """An ASGI app for Recoup's contract.

    `change` may replace (status, body) of a reply; `is_understudy` makes it say so; `validates`
    and `authorizes` switch those checks off.
    """

    change: Callable[[Reading, int, Any], tuple[int, Any]] | None = None
    is_understudy: bool = False
    validates: bool = True
    authorizes: bool = True
    recording: Recording = field(default_factory=Recording)
    _judge: Judge = field(default_factory=lambda: Judge(contracts.load("recoup")))
    _runs: int = 0

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Send,
    ) -> None:
        """Answer one request; knows no lifespan."""
        if scope["type"] != "http":
            raise RuntimeError("http only")
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        reading = self._read(scope, body)
        self.recording.calls.append((scope["method"], scope["path"], body))
        status, answer = self._answer(reading, scope["path"])
        if self.change is not None:
            status, answer = self.change(reading, status, answer)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json")] if content else []
        if scope["method"] == "HEAD":
            content = b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _read(self, scope: MutableMapping[str, Any], body: bytes) -> Reading:
        url = f"http://t{scope['path']}?{scope['query_string'].decode('latin-1')}"
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"])
        exchange = Exchange(0, scope["method"], url, headers, body, 0, (), b"", 0.0, 0.0)
        return Reading(exchange, (self._judge,))

    def _answer(self, reading: Reading, path: str) -> tuple[int, Any]:
        if path == "/_understudy/health" and self.is_understudy:
            health = {"understudy": "0", "status": "ok", "dialect": "documented"}
            return 200, {**health, "providers": ["recoup"]}
        method = reading.exchange.method
        if method == "OPTIONS":
            return 204, b""
        if reading.operation is None:
            known = self._judge.methods(path)
            if method == "HEAD" and "GET" in known:
                return 200, b""
            return (405, b"") if known else (404, {"error": "Not found"})
        if self.authorizes and not self._is_authorized(reading):
            return 401, error("Unauthorized")
        if self.validates and any(reading.faults):
            return 400, error("Invalid input")
        refused = _refused(reading)
        return self._success(reading) if refused is None else refused

    def _is_authorized(self, reading: Reading) -> bool:
        key = reading.exchange.request_header("x-api-key")
        bearer = reading.exchange.request_header("authorization")
        if key is not None and bearer is not None:
            return False
        return key in (FIRST, SECOND) or bearer in (f"Bearer {FIRST}", f"Bearer {SECOND}")

    def _success(self, reading: Reading) -> tuple[int, Any]:
        operation = reading.operation
        assert operation is not None
        status, spec = next((s, r) for s, r in operation.replies.items() if s.startswith("2"))
        example = next(iter(spec.content["application/json"].examples.values()))
        answer = json.loads(json.dumps(example))
        if operation.id == "estimateContent":
            count = int(reading.query.get("batch", "1"))
            lipsync = reading.query.get("lipsync") == "true"
            answer["lipsync"], each = lipsync, 0.95 if lipsync else 0.82
            total = round(each * count, 2)
            answer |= {"per_video_estimate_usd": each, "total_estimate_usd": total}
            answer["workflows"][0]["perVideo"] = each
            answer["batch"] = {"count": count, "cheapestTotal": total, "mostExpensiveTotal": total}
        if operation.id == "listTemplates":
            answer["templates"] = [{"id": each, "description": each} for each in TEMPLATES]
        if operation.id == "getTemplate":
            answer["id"] = answer["description"] = reading.path_values["id"]
        if operation.id == "createContent":
            asked = reading.body.get("batch", 1)
            answer["runIds"] = [f"run_{self._runs + i:012d}" for i in range(asked)]
            self._runs += asked
            answer["artist_account_id"] = reading.body.get("artist_account_id", "")
        return int(status), answer


def error(words: str) -> dict[str, str]:
    """Return an error as every operation of the contract takes it."""
    return {"status": "error", "error": words, "message": words}


def _refused(reading: Reading) -> tuple[int, Any] | None:
    """Return the refusal of a valid request about something that does not exist."""
    operation = reading.operation.id if reading.operation else ""
    query = reading.query
    if operation == "getTemplate" and reading.path_values["id"] not in TEMPLATES:
        return 404, error("Template not found")
    if operation == "validateContent" and query["artist_account_id"] != ARTIST:
        return 404, error("Artist not found")
    if operation == "listRuns":
        if query.get("runId", "run_abc123def456") != "run_abc123def456":
            return 404, error("Task run not found")
        if not 1 <= int(query.get("limit", "20")) <= 100:
            return 400, error("Too big")
    if operation in ("listRuns", "listArtists") and query.get("account_id", OWN) != OWN:
        return 403, error("Access denied to specified account_id")
    return None
