"""Where webhooks may go, whatever a URL looks like: this machine, and what was allowed by name."""

import asyncio
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.control.plane import plane
from tests.control.test_runs import start
from tests.http.test_deliver import DELIVERIES, WEBHOOKS, advance, subscribed, told_deliveries
from tests.receiver import Receiver

pytestmark = pytest.mark.anyio

PUBLIC = "93.184.215.14"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names and their addresses, in place of a name server; nothing else is known."""
    names = {"localhost": "127.0.0.1"}
    real = socket.getaddrinfo

    def resolved(
        host: Any, port: Any, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0
    ) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name in names:
            return real(names[name], port, family, kind, proto, flags)
        return real(name, port, family, kind, proto, flags | socket.AI_NUMERICHOST)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    return names


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that connections were made to."""
    addresses: list[str] = []
    real = asyncio.SelectorEventLoop.sock_connect

    async def connect(self: Any, sock: socket.socket, address: Any) -> None:
        addresses.append(address[0])
        await real(self, sock, address)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
    return addresses


@pytest.mark.parametrize(
    "url",
    [
        f"http://{PUBLIC}/hook",
        "http://10.0.0.7/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0:80/",
        "http://[::]/",
        "http://[::ffff:10.0.0.7]/",
        "http://[fe80::1%25eth0]/",
        "http://2130706433/",
        "http://example.com/",
        "http://127.0.0.1@example.com/",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://[::1/",
        "https://",
        "http://a..b/",
        "http://" + "a" * 300 + "/",
    ],
)
async def test_a_url_of_another_machine_is_refused_in_words(
    url: str, known: dict[str, str]
) -> None:
    known["example.com"] = PUBLIC
    answer = await plane().ask("POST", WEBHOOKS, json={"url": url})
    assert answer.status_code == 400
    assert "url" in answer.json()["error"]


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("10.0.0.0/8", "http://10.0.0.7/hook"),
        ("hooks.test", "http://hooks.test/hook"),
        ("10.0.0.7", "http://hooks.test/hook"),
    ],
)
async def test_a_url_that_is_allowed_is_taken(
    allowed: str, url: str, known: dict[str, str]
) -> None:
    known["hooks.test"] = "10.0.0.7"
    answer = await plane(webhook_allow=(allowed,)).ask("POST", WEBHOOKS, json={"url": url})
    assert answer.status_code == 201


async def test_a_name_that_changes_its_address_is_not_followed(
    known: dict[str, str], reached: list[str]
) -> None:
    """The address is checked at every connection, not only when somebody subscribes."""
    at = plane()
    known["rebound.test"] = "127.0.0.1"
    async with Receiver().running() as receiver:
        receiver.url = receiver.url.replace("127.0.0.1", "rebound.test")
        await subscribed(at, receiver, events=["run.created"])
        known["rebound.test"] = PUBLIC
        await start(at)
        await advance(at, "1s")
        [delivery] = await told_deliveries(at)
        shown = await at.told("GET", f"{DELIVERIES}/{delivery['id']}")
        assert shown["attempts"][0]["error"] == "address_refused"
        assert not reached
        known["rebound.test"] = "127.0.0.1"
        await advance(at, "1m")
        assert len(receiver.got) == 1
        assert reached == ["127.0.0.1"]


_HOSTS = st.one_of(
    st.ip_addresses().map(lambda item: f"[{item}]" if item.version == 6 else str(item)),
    st.integers(0, 2**32 - 1).map(str),
    st.integers(0, 2**32 - 1).map(hex),
    st.text("0123456789.xabcdef:[]%@\\", max_size=20),
    st.sampled_from(["localhost", "127.1", "0", "127.0.0.1.", "LOCALHOST", "%31%32%37.0.0.1"]),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    host=_HOSTS,
    port=st.one_of(st.just(""), st.integers(-1, 70000).map(lambda item: f":{item}")),
    path=st.text("/?#@:\\%!~a", max_size=10),
)
@example(host="127.0.0.1", port=":1", path="")
def test_nothing_beyond_this_machine_is_reached_by_any_url(
    known: dict[str, str], reached: list[str], host: str, port: str, path: str
) -> None:
    async def tried() -> None:
        at = plane()
        answer = await at.ask("POST", WEBHOOKS, json={"url": f"http://{host}{port}{path}"})
        assert answer.status_code in (201, 400)
        if answer.status_code == 201:
            await start(at)
            assert (await advance(at, "0s"))["count"] == 1

    asyncio.run(tried())
    assert all(address == "::1" or address.startswith("127.") for address in reached)
