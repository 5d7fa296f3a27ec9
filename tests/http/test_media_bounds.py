"""Whatever is asked or sent: no failure of ours, and no file touched but those for media."""

import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.settings import Settings

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
_READABLE = (
    ROOT,
    Path(sys.prefix),
    Path(sys.base_prefix),
    Path(sysconfig.get_path("stdlib")),
    Path(tempfile.gettempdir()),
)
_opened: list[tuple[str, str]] | None = None


def _note(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and _opened is not None and isinstance(args[0], str | bytes):
        name = args[0] if isinstance(args[0], str) else args[0].decode("utf-8", "replace")
        _opened.append((name, args[1] or ""))


sys.addaudithook(_note)


@contextmanager
def nothing_else_touched() -> Iterator[None]:
    """Fail if a file outside the places of media and of the program itself is opened."""
    global _opened
    _opened = []
    try:
        yield
        seen = [(Path(name).resolve(), mode) for name, mode in _opened]
    finally:
        _opened = None
    for path, mode in seen:
        assert any(path.is_relative_to(place) for place in _READABLE), path
        is_written = any(letter in mode for letter in "wax+")
        assert not is_written or path.is_relative_to(tempfile.gettempdir()), path


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(Settings(only=("leonardo",), stage_seconds=0))


async def ask(app: Starlette, method: str, path: str, **options: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://toy.test", trust_env=False, verify=False
    ) as client:
        return await client.request(method, httpx.URL("http://toy.test" + path), **options)


_PART = st.one_of(
    st.sampled_from(
        ["..", ".", "%2e%2e", "..%2f..", "%2fetc%2fpasswd", "etc", "passwd", "%00", "~", "C:%5C"]
    ),
    st.sampled_from(["runs", "samples", "uploads", "leonardo", "default", "0.mp4", "0.jpg"]),
    st.text("abc%.\\/0123456789-_", max_size=12).map(lambda text: text.replace("%", "%25")),
)


@given(st.lists(_PART, max_size=8), st.sampled_from(["GET", "HEAD", "OPTIONS"]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_path_leaves_the_media(app: Starlette, parts: list[str], method: str) -> None:
    path = "/_assets/leonardo/default/" + "/".join(parts)
    with nothing_else_touched():
        answer = await ask(app, method, path)
    assert answer.status_code < 500
    assert b"root:" not in answer.content


_NAMES = st.one_of(
    st.sampled_from(
        ["file", "key", "policy", "../../x", "/etc/passwd", "", "a" * 3000, "\N{BELL}"]
    ),
    st.text(max_size=20),
)
_PARTS = st.lists(st.tuples(_NAMES, _NAMES, st.binary(max_size=200)), max_size=6)


def multipart(parts: list[tuple[str, str, bytes]], boundary: str, ending: str) -> bytes:
    """A form whose names and file names are whatever they are."""
    pieces = []
    for name, filename, content in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        head += f'; filename="{filename}"' if filename else ""
        pieces.append(head.encode("utf-8", "replace") + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(pieces) + f"--{boundary}{ending}".encode()


@given(_PARTS, st.sampled_from(["--\r\n", "--", "", "\r\n"]), st.sampled_from(["x", "y", ""]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_form_is_a_failure_of_ours(
    app: Starlette, parts: list[tuple[str, str, bytes]], ending: str, said: str
) -> None:
    headers = {"content-type": f"multipart/form-data; boundary={said}"}
    body = multipart(parts, "x", ending)
    with nothing_else_touched():
        answer = await ask(
            app, "POST", "/_assets/leonardo/default/uploads", content=body, headers=headers
        )
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/xml"


@given(st.binary(max_size=300), st.text(st.characters(min_codepoint=32, max_codepoint=126)))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_bytes_are_a_failure_of_ours(app: Starlette, body: bytes, said: str) -> None:
    headers = {"content-type": f"multipart/form-data; {said}"}
    answer = await ask(
        app, "POST", "/_assets/leonardo/default/uploads", content=body, headers=headers
    )
    assert 400 <= answer.status_code < 500
