"""One range of some bytes, or all of them."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from simulator.http.ranges import ranged

CONTENT = b"0123456789"


def asked(**headers: str) -> Response:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": raw}
    return ranged(Request(scope), CONTENT, "image/png")


@pytest.mark.parametrize(
    ("text", "status", "content"),
    [
        ("bytes=0-", 206, b"0123456789"),
        ("bytes=3-5", 206, b"345"),
        ("bytes=8-100", 206, b"89"),
        ("bytes=-3", 206, b"789"),
        ("bytes=-100", 206, b"0123456789"),
        ("bytes=9-9", 206, b"9"),
        ("bytes=10-", 416, b""),
        ("bytes=5-3", 200, CONTENT),
        ("bytes=abc", 200, CONTENT),
        ("bytes", 200, CONTENT),
        ("bytes=", 200, CONTENT),
        ("bytes=0-1,", 200, CONTENT),
        ("bytes=\u0661-", 200, CONTENT),
        ("Bytes = 3-5", 206, b"345"),
        ("bytes=-0", 416, b""),
        (f"bytes={'9' * 5000}-", 416, b""),
        (f"bytes=1-{'9' * 5000}", 206, b"123456789"),
        ("bytes=-", 200, CONTENT),
        ("bytes=0-1,3-4", 200, CONTENT),
        ("lines=1-2", 200, CONTENT),
        ("", 200, CONTENT),
    ],
)
def test_a_range_is_served_if_it_can_be(text: str, status: int, content: bytes) -> None:
    reply = asked(range=text)
    assert (reply.status_code, bytes(reply.body)) == (status, content)
    assert reply.headers["accept-ranges"] == "bytes"


def test_the_place_of_a_range_is_told() -> None:
    assert asked(range="bytes=-3").headers["content-range"] == "bytes 7-9/10"
    assert asked(range="bytes=10-").headers["content-range"] == "bytes */10"


def test_bytes_that_the_client_has_are_not_sent_again() -> None:
    etag = asked().headers["etag"]
    for header in (etag, f'"other", {etag}', f"W/{etag}"):
        again = asked(if_none_match=header)
        assert (again.status_code, again.body) == (304, b"")
    assert asked(if_none_match='"other"').status_code == 200


def test_a_range_of_something_else_is_not_served() -> None:
    etag = asked().headers["etag"]
    assert asked(range="bytes=0-1", if_range=etag).status_code == 206
    assert asked(range="bytes=0-1", if_range='"other"').status_code == 200
