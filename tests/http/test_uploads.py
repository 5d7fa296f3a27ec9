"""Presigned uploads: the form is the permission, and the file is served as it came."""

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.core.assets import UPLOAD_LIMIT_BYTES
from simulator.core.clock import Clock
from simulator.providers.leonardo import PROVIDER
from simulator.settings import Settings

pytestmark = pytest.mark.anyio

NOW_MS = 1_785_575_680_429
KEY = PROVIDER.demo_keys[0]
CONTENT = bytes(range(256)) * 4

Change = Callable[[dict[str, str]], None]


@pytest.fixture
def app() -> Starlette:
    return create_app(Settings(only=("leonardo",), clock=Clock(NOW_MS, NOW_MS, 0)))


async def send(app: Starlette, method: str, url: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://understudy.test") as client:
        return await client.request(method, url, **more)


async def form(app: Starlette) -> tuple[str, dict[str, str], str]:
    """Where to post, what to post, and where the file will be."""
    headers = {"authorization": f"Bearer {KEY}"}
    path = "/api/rest/v1/init-image"
    made = await send(app, "POST", path, json={"extension": "png"}, headers=headers)
    place = made.json()["uploadInitImage"]
    shown = await send(app, "GET", f"{path}/{place['id']}", headers=headers)
    return place["url"], json.loads(place["fields"]), shown.json()["init_images_by_pk"]["url"]


async def post(
    app: Starlette, url: str, fields: dict[str, str], content: bytes = CONTENT, **more: Any
) -> httpx.Response:
    return await send(app, "POST", url, data=fields, files={"file": ("a.png", content)}, **more)


def code_of(reply: httpx.Response) -> str:
    assert reply.headers["content-type"].startswith("application/xml")
    return ElementTree.fromstring(reply.text).findtext("Code") or ""


async def test_a_file_is_served_as_it_came(app: Starlette) -> None:
    url, fields, target = await form(app)
    assert (await send(app, "GET", target)).status_code == 404
    sent = await post(app, url, fields)
    assert (sent.status_code, sent.content) == (204, b"")
    served = await send(app, "GET", target)
    assert served.content == CONTENT
    assert served.headers["content-type"] == "image/png"
    assert "content-length" in (await send(app, "HEAD", target)).headers


async def test_a_file_of_another_name_is_none(app: Starlette) -> None:
    url, fields, target = await form(app)
    sent = await send(app, "POST", url, data=fields, files={"picture": ("a.png", CONTENT)})
    assert (sent.status_code, code_of(sent)) == (400, "InvalidArgument")
    assert (await send(app, "GET", target)).status_code == 404


@pytest.mark.parametrize(
    ("content", "status"), [(b"\x89PNG\r\n\x1a\n", 200), (b"\xff\xd8\xff", 400), (b"", 400)]
)
async def test_a_frame_must_be_what_its_extension_says(
    app: Starlette, content: bytes, status: int
) -> None:
    url, fields, target = await form(app)
    assert (await post(app, url, fields, content)).status_code == 204
    identity = target.rpartition("/")[2].partition(".")[0]
    body = {"prompt": "A cat", "imageId": identity, "imageType": "UPLOADED"}
    path, headers = "/api/rest/v1/generations-image-to-video", {"authorization": f"Bearer {KEY}"}
    made = await send(app, "POST", path, json=body, headers=headers)
    assert made.status_code == status


async def test_a_part_of_a_file_is_served(app: Starlette) -> None:
    url, fields, target = await form(app)
    await post(app, url, fields)
    part = await send(app, "GET", target, headers={"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"\x01\x02\x03")
    assert part.headers["content-range"] == f"bytes 1-3/{len(CONTENT)}"


async def test_a_second_file_takes_the_place_of_the_first(app: Starlette) -> None:
    url, fields, target = await form(app)
    await post(app, url, fields)
    await post(app, url, fields, b"second")
    assert (await send(app, "GET", target)).content == b"second"


async def test_a_key_is_refused(app: Starlette) -> None:
    url, fields, target = await form(app)
    reply = await post(app, url, fields, headers={"authorization": f"Bearer {KEY}"})
    assert (reply.status_code, code_of(reply)) == (403, "AccessDenied")
    assert (await send(app, "GET", target)).status_code == 404


def _without_policy(fields: dict[str, str]) -> None:
    del fields["Policy"]


def _other_policy(fields: dict[str, str]) -> None:
    fields["Policy"] = fields["Policy"][::-1]


def _other_key(fields: dict[str, str]) -> None:
    fields["key"] = "users/a/initImages/b.png"


def _other_folder(fields: dict[str, str]) -> None:
    fields["key"] = f"elsewhere/{fields['key']}"


def _without_key(fields: dict[str, str]) -> None:
    del fields["key"]


def _more(fields: dict[str, str]) -> None:
    fields["acl"] = "public-read"


@pytest.mark.parametrize(
    "change",
    [_without_policy, _other_policy, _other_key, _other_folder, _without_key, _more],
)
async def test_a_changed_form_is_refused(app: Starlette, change: Change) -> None:
    url, fields, target = await form(app)
    change(fields)
    reply = await post(app, url, fields)
    assert (reply.status_code, code_of(reply)) == (403, "AccessDenied")
    assert (await send(app, "GET", target)).status_code == 404


async def test_a_form_expires_after_two_minutes_of_the_tenant(app: Starlette) -> None:
    tenant = await app.state.house.default()
    url, fields, _ = await form(app)
    await tenant.set_clock(lambda clock, now_ms: clock.advanced(119_999, now_ms))
    assert (await post(app, url, fields)).status_code == 204
    await tenant.set_clock(lambda clock, now_ms: clock.advanced(1, now_ms))
    reply = await post(app, url, fields)
    assert (reply.status_code, code_of(reply)) == (403, "AccessDenied")
    assert "expired" in reply.text


async def test_a_form_without_a_file_is_refused(app: Starlette) -> None:
    url, fields, _ = await form(app)
    parts = {name: (None, value) for name, value in fields.items()}
    reply = await send(app, "POST", url, files=parts)
    assert (reply.status_code, code_of(reply)) == (400, "InvalidArgument")


async def test_fields_after_the_file_do_not_count(app: Starlette) -> None:
    url, fields, _ = await form(app)
    late = fields.pop("Policy")
    parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
    parts += [("file", ("a.png", CONTENT)), ("Policy", (None, late))]
    assert (await send(app, "POST", url, files=parts)).status_code == 403


async def test_a_file_is_bounded(app: Starlette) -> None:
    url, fields, _ = await form(app)
    assert (await post(app, url, fields, bytes(UPLOAD_LIMIT_BYTES))).status_code == 204
    for size in (UPLOAD_LIMIT_BYTES + 1, UPLOAD_LIMIT_BYTES * 2):
        reply = await post(app, url, fields, bytes(size))
        assert (reply.status_code, code_of(reply)) == (400, "EntityTooLarge")


@pytest.mark.parametrize(
    ("content_type", "content", "status", "code"),
    [
        ("application/json", b"{}", 412, "PreconditionFailed"),
        ("", b"", 412, "PreconditionFailed"),
        ("multipart/form-data-2; boundary=b", b"--b--\r\n", 412, "PreconditionFailed"),
        ("Multipart/Form-Data; boundary=b", b"--b--\r\n", 403, "AccessDenied"),
        ("multipart/form-data", b"x", 400, "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=b", b"no parts", 400, "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 403, "AccessDenied"),
        (
            "multipart/form-data; boundary=b; charset=nope",
            b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n\xff\r\n--b--\r\n',
            403,
            "AccessDenied",
        ),
    ],
    ids=[
        "json",
        "none",
        "another",
        "upper case",
        "no boundary",
        "no parts",
        "no fields",
        "no charset",
    ],
)
async def test_what_is_no_form_is_refused(
    app: Starlette, content_type: str, content: bytes, status: int, code: str
) -> None:
    url, _, _ = await form(app)
    reply = await send(app, "POST", url, content=content, headers={"content-type": content_type})
    assert (reply.status_code, code_of(reply)) == (status, code)


async def test_another_tenant_s_place_is_not_there(app: Starlette) -> None:
    url, fields, target = await form(app)
    await post(app, url, fields)
    unknown = await post(app, url.replace("/default/", "/nowhere/"), fields)
    assert (unknown.status_code, code_of(unknown)) == (404, "NoSuchBucket")
    await app.state.house.found("second", seed="s")
    elsewhere = url.replace("/default/", "/second/")
    assert (await post(app, elsewhere, fields)).status_code == 403
    assert (await send(app, "GET", target.replace("/default/", "/second/"))).status_code == 404
    assert (await send(app, "GET", target.replace(".png", ".jpg"))).status_code == 404


async def test_any_page_may_upload(app: Starlette) -> None:
    url, fields, target = await form(app)
    for place, method in ((url, "POST"), (target, "GET")):
        asked = await send(app, "OPTIONS", place)
        assert asked.status_code == 204
        assert method in asked.headers["access-control-allow-methods"]
    sent = await post(app, url, fields, headers={"origin": "https://example.com"})
    assert sent.headers["access-control-allow-origin"] == "*"
    assert (await send(app, "GET", target)).headers["access-control-allow-origin"] == "*"
