"""A NanoGPT of one's own for a test: frozen clock, no network, every reply held to the contract."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import anyio
import jsonschema_rs

import contracts
from simulator.core.clock import Clock, system_ms
from simulator.core.tenant import Tenant
from simulator.house import House
from simulator.http.exchange import VendorEdge
from simulator.http.serving import router_of
from simulator.http.validation import reference
from simulator.providers.nanogpt import PROVIDER
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore
from tests.exchanges.client import Answer, send
from tests.worlds.nanogpt import arrange

KEY, OTHER_KEY = PROVIDER.demo_keys
START_MS = 1_770_000_000_000
JOB = "vid_m1abc123def456"
CONTRACT = contracts.load("nanogpt")


@dataclass(frozen=True, slots=True)
class Stand:
    """A running stand-in; `given` in `stand()` says what its first account starts from."""

    edge: VendorEdge
    tenant: Tenant

    def send(self, method: str, path: str, *, key: str = KEY, **parts: Any) -> Answer:
        """Send one request, with a key unless it is empty; the reply must keep the contract."""
        headers = {"x-api-key": key} if key else {}
        exchange = {"method": method, "path": path, **parts}
        exchange["headers"] = {**headers, **parts.get("headers", {})}
        answer = anyio.run(send, self.edge, exchange)
        assert faults(method, path, answer) == []
        assert "understudy-bug" not in answer.headers
        return answer

    def submit(self, *, key: str = KEY, headers: dict[str, str] | None = None, **body: Any) -> Any:
        """Submit a video; a small text job where nothing else is said. Answers the reply."""
        whole = {"model": "kling-video-v2", "prompt": "A cat", **body}
        return self.send("POST", "/api/generate-video", key=key, headers=headers or {}, body=whole)

    def started(self, **body: Any) -> dict[str, Any]:
        """Submit a video that is accepted; answers the reply's body."""
        answer = self.submit(**body)
        assert answer.status == 202, answer.content
        reply: dict[str, Any] = answer.json()
        return reply

    def get(self, path: str, *, key: str = KEY, **query: Any) -> Answer:
        """Send a GET."""
        return self.send("GET", path, key=key, query=query)

    def status(self, run_id: str) -> dict[str, Any]:
        """What the unified status says in `data`."""
        data: dict[str, Any] = self.get("/api/video/status", requestId=run_id).json()["data"]
        return data

    def balance_usd(self) -> float:
        """The first account's balance."""
        return float(self.send("POST", "/api/check-balance").json()["usd_balance"])

    def advance(self, by_ms: int) -> None:
        """Move the clock."""

        async def move() -> None:
            await self.tenant.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))

        anyio.run(move)


def stand(given: dict[str, Any] | None = None, **settings: Any) -> Stand:
    """Open a stand-in whose default tenant is in the state that `given` describes."""
    clock = Clock(system_ms(), START_MS, 0.0)
    house = House({"nanogpt": PROVIDER}, Settings(clock=clock, **settings), MemoryStore())
    edge = VendorEdge(house, router_of({"nanogpt": CONTRACT}, {"nanogpt": PROVIDER}))

    async def prepare() -> Tenant:
        tenant = await house.default()
        await arrange(tenant, given)
        return tenant

    return Stand(edge, anyio.run(prepare))


def job(**parts: Any) -> dict[str, Any]:
    """The `given` of a stand-in that has one finished job, or one as `parts` say."""
    base = {"runId": JOB, "model": "sora-2", "status": "COMPLETED", "owner": "api_key"}
    return {"job": {**base, **parts}}


def faults(method: str, path: str, answer: Answer) -> list[str]:
    """How a reply to a declared operation departs from the contract."""
    found = [item for item in CONTRACT.operations if (item.method, item.path) == (method, path)]
    if not found:
        return []
    declared = found[0].replies.get(str(answer.status))
    if declared is None:
        return [f"{method} {path} does not declare {answer.status}: {answer.content!r}"]
    missing = [
        f"no header {name}"
        for name, header in declared.headers.items()
        if header.get("required") and name.lower() not in answer.headers
    ]
    media = declared.content.get("application/json")
    if media is None:
        return missing
    errors = _validator(media.pointer).iter_errors(answer.json())
    return missing + [error.message for error in errors]


@cache
def _validator(pointer: str) -> jsonschema_rs.Draft202012Validator:
    registry = jsonschema_rs.Registry([("urn:oas", CONTRACT.document)])
    schema = {"$ref": reference(pointer)}
    return jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)
