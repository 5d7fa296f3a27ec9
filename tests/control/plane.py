"""Asks the control plane of an app in this process, and has every reply judged by its contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from starlette.types import ASGIApp

import contracts
from contracts import Contract, Operation
from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.settings import Settings

T0 = 1_750_000_000_000
ORIGIN = "http://127.0.0.1:8400"
NANO = "sk-nano-11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True, slots=True)
class Plane:
    """A client of one app; `headers` go with every request."""

    app: ASGIApp
    headers: Mapping[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request below `/_understudy` and have the reply judged."""
        answer = await self.raw(method, f"/_understudy{path}", **request)
        judge(answer)
        return answer

    async def raw(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send any request, its reply not judged."""
        transport = httpx.ASGITransport(app=self.app)
        headers = {**self.headers, **request.pop("headers", {})}
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, trust_env=False, verify=False
        ) as client:
            return await client.request(method, path, headers=headers, **request)

    async def told(self, method: str, path: str, **request: Any) -> Any:
        """Send a request that must succeed, and answer its JSON."""
        answer = await self.ask(method, path, **request)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


def plane(**settings: Any) -> Plane:
    """A stand-in whose default tenant stands at `T0`."""
    return Plane(create_app(Settings(**{"clock": Clock(0, T0, 0), **settings})))


@cache
def contract() -> Contract:
    """The contract of the control plane."""
    return contracts.load("_control")


def judge(answer: httpx.Response) -> None:
    """Hold a reply of a declared operation to the contract: openapi-core and our own validators."""
    found = operation_of(answer.request.method, answer.request.url.path)
    if found is None:
        return
    kind = answer.headers.get("content-type", "")
    sent = answer.request
    request = MockRequest(ORIGIN, sent.method.lower(), sent.url.path, path_pattern=found.path)
    response = MockResponse(answer.content, answer.status_code, dict(answer.headers), kind)
    _openapi().validate_response(request, response)
    replies = found.replies
    spec = replies.get(str(answer.status_code)) or replies["default"]
    assert bool(spec.content) == bool(answer.content)
    for media in spec.content.values():
        registry = jsonschema_rs.Registry([("urn:oas", contract().document)])
        schema = {"$ref": "urn:oas#" + quote(media.pointer, safe="/~")}
        validator = jsonschema_rs.Draft202012Validator(
            schema, registry=registry, validate_formats=True
        )
        validator.validate(answer.json() if "json" in kind else answer.text)


def operation_of(method: str, path: str) -> Operation | None:
    """The declared operation of a request."""
    parts = path.split("/")
    for operation in contract().operations:
        declared = operation.path.split("/")
        same = len(declared) == len(parts) and all(
            want.startswith("{") or want == given
            for want, given in zip(declared, parts, strict=True)
        )
        if same and operation.method == method:
            return operation
    return None


@cache
def _openapi() -> OpenAPI:
    return OpenAPI.from_dict(contract().document)
