"""What the edge reads from ASGI messages, from clients of all kinds."""

import asyncio
import json

import anyio
import pytest

from simulator.http.exchange import BODY_LIMIT_BYTES
from tests.http.raw import KEY_HEADER, ask, chunk
from tests.toy import Stand, stand

pytestmark = pytest.mark.anyio

MEBIBYTE = b" " * 1024 * 1024


async def held_nanos(at: Stand) -> int:
    account = await (await at.house.default()).account("ada")
    assert account is not None
    return account.held_nanos


async def test_a_body_may_come_in_pieces() -> None:
    pieces = [chunk(b'{"prompt":', more=True), chunk(b"", more=True), chunk(b' "a"}')]
    status, _, _ = await ask(stand(), "POST", "/toy/makes", pieces)
    assert status == 202


async def test_a_body_of_the_limit_is_read() -> None:
    text = b'{"prompt": "a"}'
    body = text + b" " * (BODY_LIMIT_BYTES - len(text))
    status, _, _ = await ask(stand(), "POST", "/toy/makes", [chunk(body)])
    assert status == 202


async def test_a_body_over_the_limit_is_413_in_one_piece() -> None:
    body = b'"' + b"x" * BODY_LIMIT_BYTES
    status, headers, content = await ask(stand(), "POST", "/toy/makes", [chunk(body)])
    assert (status, content) == (413, b'{"error":"too_large"}')
    assert headers[b"connection"] == b"close"


async def test_a_body_over_the_limit_is_413_in_many_pieces() -> None:
    """The client may finish, within bounds; then it is told."""
    pieces = [chunk(MEBIBYTE, more=True)] * 40 + [chunk(b"{}")]
    status, headers, _ = await ask(stand(), "POST", "/toy/makes", pieces)
    assert (status, headers[b"connection"]) == (413, b"close")


async def test_an_endless_body_is_not_read_to_its_end() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield chunk(MEBIBYTE, more=True)

    status, _, _ = await ask(stand(), "POST", "/toy/makes", endless())  # type: ignore[arg-type]  # a generator of messages
    assert status == 413
    assert taken < 120


async def test_a_body_over_the_limit_changes_nothing_and_is_not_kept() -> None:
    at = stand()
    await ask(at, "POST", "/toy/makes", [chunk(b'{"prompt": "a"}' + b" " * BODY_LIMIT_BYTES)])
    assert await held_nanos(at) == 0
    (exchange,) = (await at.house.default()).journal
    assert (exchange.status, exchange.error, exchange.request_body) == (413, "too_large", b"")


async def test_a_client_that_leaves_in_the_middle_has_asked_for_nothing() -> None:
    at = stand()
    pieces = [chunk(b'{"prompt": "a"}', more=True), {"type": "http.disconnect"}]
    await ask(at, "POST", "/toy/makes", pieces)
    assert await held_nanos(at) == 0


async def test_a_repeated_header_is_one_header() -> None:
    headers = (KEY_HEADER, (b"host", b"a.test"), (b"x", b"1"))
    at = stand()
    status, _, _ = await ask(at, "GET", "/toy/who", headers=(*headers, *headers))
    assert status == 200


async def test_two_keys_in_two_headers_are_no_key() -> None:
    other = (b"authorization", b"Bearer toy_bob")
    status, _, body = await ask(stand(), "GET", "/toy/makes", headers=(KEY_HEADER, other))
    assert (status, body) == (401, b'{"error":"unauthenticated","reason":"unknown"}')


async def test_header_bytes_of_any_kind_are_read() -> None:
    every = bytes(range(256))
    headers = ((b"authorization", b"Bearer " + every), (b"x-any", every), (b"host", every))
    status, _, _ = await ask(stand(), "GET", "/toy/who", headers=headers)
    assert status == 200


async def test_links_begin_with_the_clients_own_host() -> None:
    headers = (KEY_HEADER, (b"host", b"toys.test:81"))
    _, _, body = await ask(stand(), "POST", "/toy/echo", headers=headers, scheme="https")
    assert b'"origin":"https://toys.test:81"' in body


async def test_links_begin_with_the_servers_address_without_a_host() -> None:
    _, _, body = await ask(stand(), "POST", "/toy/echo", [chunk(b"")])
    assert b'"origin":"http://10.0.0.1:8400"' in body


async def test_links_begin_with_the_public_url_if_there_is_one() -> None:
    at = stand(public_url="https://public.test")
    headers = (KEY_HEADER, (b"host", b"toys.test:81"))
    _, _, body = await ask(at, "POST", "/toy/echo", headers=headers)
    assert b'"origin":"https://public.test"' in body


async def test_no_body_is_sent_after_head() -> None:
    at = stand()
    for path in ("/toy/open", "/toy/shy/things", "/toy/none"):
        _, headers, body = await ask(at, "HEAD", path)
        assert body == b""
        assert int(headers[b"content-length"]) > 0


async def test_a_web_socket_is_turned_away() -> None:
    _, _, sent = await ask(stand(), "GET", "/toy/makes", type="websocket")
    assert b"websocket.close" in sent


async def test_a_client_that_leaves_before_its_body_has_asked_for_nothing() -> None:
    at = stand()
    status, _, _ = await ask(at, "POST", "/toy/echo", [{"type": "http.disconnect"}])
    assert status == 400
    (exchange,) = (await at.house.default()).journal
    assert (exchange.error, exchange.status) == ("malformed_body", 400)


async def test_a_call_that_blocks_ends_when_its_client_leaves() -> None:
    at = stand()
    with anyio.fail_after(10):
        status, _, body = await ask(at, "POST", "/toy/waits", [chunk(b'{"prompt": "a"}')])
    assert (status, body) == (499, b"")
    (exchange,) = (await at.house.default()).journal
    assert (exchange.error, exchange.operation, exchange.bug) == (
        "client_left",
        "createAndWait",
        "",
    )
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_run_goes_on_without_the_client_that_waited_for_it() -> None:
    at = stand()
    await ask(at, "POST", "/toy/waits", [chunk(b'{"prompt": "a"}')])
    (run_id,) = (await at.ask("GET", "/toy/makes")).json()["ids"]
    assert await held_nanos(at) > 0
    await at.advance(60_000)
    shown = (await at.ask("GET", f"/toy/makes/{run_id}")).json()
    assert shown["state"] == "completed"
    assert await held_nanos(at) == 0


@pytest.mark.parametrize("host", ["a.test", "my_box:80", "127.0.0.1:8400", "[::1]:8400"])
async def test_links_lead_to_the_host_that_the_client_named(host: str) -> None:
    headers = (KEY_HEADER, (b"host", host.encode()))
    _, _, body = await ask(stand(), "POST", "/toy/echo", [chunk(b"{}")], headers=headers)
    assert json.loads(body)["origin"] == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    ["", "a b", "a\tb", "a/..", "[", "[::1", "b@a", 'a"b', "a?b", "a#b", "\xe9", "a:b"],
)
async def test_a_host_that_is_none_gets_links_to_the_socket(host: str) -> None:
    headers = (KEY_HEADER, (b"host", host.encode("latin-1")))
    _, _, body = await ask(stand(), "POST", "/toy/echo", [chunk(b"{}")], headers=headers)
    assert json.loads(body)["origin"] == "http://10.0.0.1:8400"
