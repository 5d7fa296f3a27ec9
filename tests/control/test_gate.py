"""Who may drive the control plane: this machine's tools, or holders of the key; no web page."""

from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.settings import Settings
from tests.control.plane import Plane, plane

pytestmark = pytest.mark.anyio

KEY = "let-me-in"
TENANTS = "/_understudy/tenants"


async def status(at: Plane, method: str = "GET", path: str = TENANTS, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await at.raw(method, path, headers=sent)).status_code


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:8400", "127.8.9.1", "[::1]:80", "a.localhost"]
)
async def test_loopback_names_and_addresses_are_answered(host: str) -> None:
    assert await status(plane(), host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "192.168.0.1",
        "",
        "a b",
        "x@localhost",
        "127.0.0.1:8400:1",
        "localhost/evil",
    ],
)
async def test_a_foreign_host_is_refused(host: str) -> None:
    at = plane()
    for path in (TENANTS, "/_understudy/journal", "/_understudy/none"):
        assert await status(at, path=path, host=host) == 403


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:8400", 201),
        ("http://evil.test", 403),
        ("http://127.0.0.1:8401", 403),
        ("https://127.0.0.1:8400", 403),
        ("http://localhost:8400", 403),
        ("null", 403),
        ("", 403),
        ("http://127.0.0.1:99999", 403),
    ],
)
async def test_only_a_page_of_the_same_origin_is_answered(origin: str, expected: int) -> None:
    at = plane()
    assert await status(at, "POST", origin=origin) == expected
    listed = await at.told("GET", "/tenants")
    assert len(listed["tenants"]) == (2 if expected == 201 else 1)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_navigation_from_another_site_is_refused(site: str) -> None:
    assert await status(plane(), sec_fetch_site=site) == 403
    assert await status(plane(), sec_fetch_site="none") == 200


async def test_a_form_post_is_no_json() -> None:
    at = plane()
    answer = await at.ask("POST", "/tenants", data={"name": "a"})
    assert answer.status_code == 415
    text = await at.ask(
        "POST", "/tenants", content=b'{"name":"a"}', headers={"content-type": "text/plain"}
    )
    assert text.status_code == 415


async def test_no_page_is_allowed_to_ask() -> None:
    answer = await plane().raw("OPTIONS", TENANTS, headers={"origin": "http://127.0.0.1:8400"})
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_bound_elsewhere_it_is_off_without_a_key() -> None:
    at = plane(host="0.0.0.0")
    answer = await at.ask("GET", "/tenants")
    assert answer.status_code == 404
    assert "--control-key" in answer.json()["error"]
    assert await status(at, path="/_understudy/journal") == 404
    assert await status(at, path="/_understudy/health") == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "127.0.0.1"])
async def test_a_key_is_demanded_wherever_it_was_given(host: str) -> None:
    at = plane(host=host, control_key=KEY)
    assert await status(at) == 401
    assert await status(at, understudy_control_key="let-me-out") == 401
    strange = await at.raw("GET", TENANTS, headers={"understudy-control-key": b"schl\xfcssel"})
    assert strange.status_code == 401
    assert await status(at, understudy_control_key=KEY) == 200
    assert await status(at, "POST", understudy_control_key=KEY, origin="http://evil.test") == 403
    refused = await at.ask("GET", "/tenants")
    assert refused.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("bound", "host", "expected"),
    [
        ("10.0.0.5", "10.0.0.5:8400", 200),
        ("10.0.0.5", "10.0.0.6:8400", 403),
        ("box.test", "BOX.test", 200),
        ("0.0.0.0", "box.test", 200),
        ("::", "[fe80::1]:8400", 200),
    ],
)
async def test_the_bound_host_is_answered(bound: str, host: str, expected: int) -> None:
    at = plane(host=bound, control_key=KEY)
    assert await status(at, host=host, understudy_control_key=KEY) == expected


async def test_a_vendors_key_opens_nothing() -> None:
    at = plane(host="0.0.0.0", control_key=KEY)
    vendor = "sk-nano-11111111-1111-4111-8111-111111111111"
    for headers in (
        {"x_api_key": vendor},
        {"authorization": f"Bearer {vendor}"},
        {"understudy_control_key": vendor},
    ):
        assert await status(at, **headers) == 401
    with pytest.raises(ValueError, match="control-key"):
        create_app(Settings(control_key=vendor))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/tenants", "GET, HEAD, POST"),
        ("PATCH", "/tenants/default", "DELETE, GET, HEAD"),
        ("GET", "/tenants/default/reset", "POST"),
        ("POST", "/journal", "DELETE, GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(method: str, path: str, allowed: str) -> None:
    answer = await plane().ask(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"null", ""),
        (b"[]", ""),
        (b'{"name":"a","sead":"s","colour":1}', "'sead'"),
        (b'{"name":"a b"}', ""),
        (b'{"name":"\\ud800"}', ""),
        (b"[" * 500 + b"]" * 500, "nested"),
    ],
)
async def test_a_bad_body_is_told_its_place(content: bytes, told: str) -> None:
    answer = await plane().ask(
        "POST", "/tenants", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    violations: list[dict[str, Any]] = answer.json()["violations"]
    assert {item["location"] for item in violations} == {"body"}
    assert told in answer.text
    if b"sead" in content:
        assert {item["pointer"] for item in violations} == {"/sead", "/colour"}


async def test_a_body_over_the_bound_is_refused() -> None:
    answer = await plane().ask(
        "POST", "/tenants", content=b" " * 2**21, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


async def test_what_takes_no_body_says_so() -> None:
    answer = await plane().ask("POST", "/tenants/default/clock/freeze", json={"hard": True})
    assert answer.status_code == 400
    assert (await plane().ask("POST", "/tenants/default/clock/freeze", json={})).is_success


@pytest.mark.parametrize(
    ("name", "ours", "foreign"),
    [
        ("host", "127.0.0.1:8400", "evil.test"),
        ("origin", "http://127.0.0.1:8400", "http://evil.test"),
        ("sec-fetch-site", "same-origin", "cross-site"),
        ("understudy-control-key", KEY, "another"),
    ],
)
async def test_who_asks_is_said_once(name: str, ours: str, foreign: str) -> None:
    app = create_app(Settings(control_key=KEY))
    fine = {"host": "127.0.0.1:8400", "understudy-control-key": KEY, name: ours}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:

        async def status_of(*more: tuple[str, str]) -> int:
            pairs = [*fine.items(), *more]
            return (await client.get(f"http://x{TENANTS}", headers=pairs)).status_code

        assert await status_of() == 200
        assert await status_of((name, foreign)) == 403
