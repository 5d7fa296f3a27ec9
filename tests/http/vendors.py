"""One conversation with each provider: start something, and ask how it gets on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

import contracts
from simulator.app import create_app, installed_providers
from simulator.cli.presentation import credential_header
from simulator.core.clock import Clock
from simulator.core.journal import Exchange
from simulator.core.tenant import Tenant
from simulator.settings import Settings

T0 = 1_750_000_000_000
STARTS: Mapping[str, str] = {
    "leonardo": "createTextToVideoGeneration",
    "nanogpt": "createVideo",
    "recoup": "createContent",
}
"""The operation that starts a run, by provider."""

_LINKS = {"leonardo": "readGeneration", "nanogpt": "status", "recoup": "pollFirstRun"}


@dataclass
class Vendor:
    """One provider of an app whose clock stands still, and how to talk to it."""

    name: str
    app: Starlette
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request with the first demo key."""
        headers = {**self.headers, **request.pop("headers", {})}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8400", trust_env=False, verify=False
        ) as client:
            return await client.request(method, path, headers=headers, **request)

    async def start(self, prompt: str = "", **request: Any) -> httpx.Response:
        """Send the contract's first example of a request that starts a run."""
        operation = contracts.load(self.name).operation(STARTS[self.name])
        assert operation.body is not None
        (first, *_) = operation.body.content["application/json"].examples.values()
        body = {**first, "prompt": prompt} if prompt else first
        return await self.ask(operation.method, operation.path, json=body, **request)

    async def poll(self, started: httpx.Response, **request: Any) -> httpx.Response:
        """Ask how it gets on, as the contract's link says."""
        contract = contracts.load(self.name)
        link = contract.operation(STARTS[self.name]).links[_LINKS[self.name]]
        operation = contract.operation(link["operationId"])
        ((name, place),) = link["parameters"].items()
        value = contracts.walk_pointer(started.json(), place.removeprefix("$response.body#"))
        path = operation.path.replace(f"{{{name}}}", str(value))
        params = {} if path != operation.path else {name: value}
        return await self.ask(operation.method, path, params=params, **request)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control plane of the default tenant, which must agree."""
        path = f"/_understudy/tenants/default{path}"
        answer = await self.ask(method, path, **({} if body is None else {"json": body}))
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def use(self, name: str, body: Any = None) -> None:
        """Put a scenario in force."""
        await self.control("PUT", f"/scenarios/{name}", body or {})

    async def advance(self, by: str) -> None:
        """Move the clock on."""
        await self.control("POST", "/clock/advance", {"by": by})

    async def tenant(self) -> Tenant:
        """The default tenant."""
        return await self.app.state.house.default()  # type: ignore[no-any-return]  # of Starlette

    async def latest(self) -> Exchange:
        """The exchange recorded last."""
        return list((await self.tenant()).journal)[-1]


def vendor(name: str, **settings: Any) -> Vendor:
    """A provider of a new app."""
    app = create_app(Settings(clock=Clock(0, T0, 0), media=False, **settings))
    provider, contract = installed_providers((name,))[name], contracts.load(name)
    line = credential_header(contract, contract.operation(STARTS[name]), provider.demo_keys[0])
    key, _, value = (line or "").partition(": ")
    return Vendor(name, app, {key: value})
