"""What the app itself answers on the paths that are the stand-in's own."""

import httpx
import pytest

from simulator.app import create_app

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/_assets/nanogpt/default/samples/a.png", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/_assets/leonardo/default/uploads", {"POST", "OPTIONS"}),
        ("POST", "/_assets/nowhere", {"GET", "HEAD"}),
        ("POST", "/_understudy/health", {"GET", "HEAD"}),
    ],
)
async def test_a_method_that_a_path_is_not_for_is_refused_in_json(
    method: str, path: str, allowed: set[str]
) -> None:
    transport = httpx.ASGITransport(app=create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.json() == {"error": f"{method} is not for {path}"}
    assert set(answer.headers["allow"].split(", ")) == allowed
