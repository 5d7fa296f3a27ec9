"""`Understudy-Tenant`: whose world a request without a known key belongs to."""

from typing import Any

import httpx
import pytest

from tests.control.plane import Plane, plane

pytestmark = pytest.mark.anyio

NANO = "sk-nano-11111111-1111-4111-8111-111111111111"
KEYLESS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/api/v1/video-models", {}),
    ("POST", "/api/generate-video", {}),
    ("GET", "/api/video/status?requestId=x", {"x-api-key": "nonsense"}),
    ("OPTIONS", "/api/content/video", {}),
    ("PUT", "/api/generate-video", {}),
    ("GET", "/api/rest/v1/nothing", {}),
    ("GET", "/api/rest/v1/me", {"authorization": "Bearer nonsense"}),
]


async def sent(at: Plane, name: str, method: str, path: str, **headers: str) -> httpx.Response:
    return await at.raw(method, path, headers={**headers, "understudy-tenant": name})


@pytest.mark.parametrize(("method", "path", "headers"), KEYLESS)
async def test_a_name_of_no_tenant_is_told_and_founds_none(
    method: str, path: str, headers: dict[str, str]
) -> None:
    at = plane()
    answer = await sent(at, "missing", method, path, **headers)
    assert answer.status_code == 404
    assert answer.json() == {"error": "no tenant 'missing'", "see": "/_understudy/tenants"}
    assert answer.headers["understudy-tenant-unknown"] == "missing"
    assert answer.headers["content-type"].startswith("application/json")
    assert (await at.ask("GET", "/tenants/missing")).status_code == 404


@pytest.mark.parametrize(("method", "path", "headers"), KEYLESS)
async def test_a_name_of_a_tenant_is_where_the_exchange_belongs(
    method: str, path: str, headers: dict[str, str]
) -> None:
    at = plane()
    await at.told("POST", "/tenants", json={"name": "a"})
    answer = await sent(at, "a", method, path, **headers)
    assert "understudy-tenant-unknown" not in answer.headers
    assert answer.headers["understudy-exchange"] == "a.1"


async def test_a_known_key_counts_for_more_than_the_header() -> None:
    at = plane()
    path = "/api/video/status?requestId=x"
    answer = await sent(at, "missing", "GET", path, **{"x-api-key": NANO})
    assert "understudy-tenant-unknown" not in answer.headers
    assert answer.headers["understudy-exchange"].startswith("default.")


@pytest.mark.parametrize("name", ["", "\u00e9", "a" * 5000, "../a", "a\tb"])
async def test_a_name_that_can_be_none_is_told_as_well(name: str) -> None:
    at = plane()
    headers: Any = [(b"understudy-tenant", name.encode("latin-1"))]
    transport = httpx.ASGITransport(app=at.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        answer = await client.get("/api/v1/video-models", headers=headers)
    assert answer.status_code == 404
    assert answer.json()["error"] == f"no tenant {name[:100]!r}"
