"""Sends a finished reply late, broken or not at all; the reply itself is made elsewhere.

Waits pass on the tenant's clock: a frozen clock holds a reply until it is advanced, and a test that
moves its clock never sleeps. A client that leaves ends every wait. On our own server a fault is
real: a reset is a TCP RST, an early end closes the socket. Anywhere else (in process, over ASGI) a
`BrokenExchange` is raised where the client would see the connection break.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from random import Random
from typing import Protocol, TypeAlias

import anyio
import msgspec

from simulator.core.errors import ClientLeft
from simulator.core.faults import Fault, FaultKind
from simulator.http.asgi import Receive
from simulator.http.breaking import (
    BrokenExchange,
    Line,
    Sent,
    Way,
    break_off,
    cut_at,
    with_header,
)
from simulator.http.replying import RawHeaders

__all__ = ["Twist", "Way", "World", "send_twisted"]

_CLIENT_LEFT = 499
_TICK_MS = 20
_GARBLED_SHARE = 0.125
_NO_TEXT = 0xFF
"""A byte that no UTF-8 text has."""


class Twist(msgspec.Struct, frozen=True):
    """What befalls a reply on its way: a wait on the tenant's clock, then a fault.

    `source` is the entropy from which whatever the fault leaves open is drawn.
    """

    wait_ms: int = 0
    fault: Fault | None = None
    source: bytes = b""


class World(Protocol):
    """What a wait needs of a tenant: its clock."""

    async def now_ms(self) -> int:
        """The tenant's time."""

    async def sleep_until(self, at_ms: int | None) -> None:
        """Wait until the clock shows a time or is moved."""


async def send_twisted(
    twist: Twist, world: World, way: Way, status: int, headers: RawHeaders, body: bytes
) -> Sent:
    """Send a reply as a twist wants it; answers what went out, and raises nothing."""
    sent, fault = way.sent, twist.fault
    wait_ms = twist.wait_ms + (0 if fault is None else fault.delay_ms)
    try:
        if wait_ms:
            await _while_client_stays(way.receive, partial(_pass, world, wait_ms))
        if fault is None or fault.kind == "delay":
            await way.finish(status, headers, body)
        elif fault.kind == "slow-body":
            await _drip(fault, world, way, status, headers, body)
        elif (harm := _HARMS.get(fault.kind)) and not _is_framing_broken(fault):
            await way.finish(status, *harm(fault, twist.source, headers, body))
        else:
            await break_off(fault, way, status, headers, body)
    except ClientLeft:
        sent.error = "client_left"
        sent.status = sent.status or _CLIENT_LEFT
    except BrokenExchange as broken:
        sent.broken = broken
    except anyio.get_cancelled_exc_class() as stopped:
        sent.error = "stopped"
        if (line := Line.of(way.scope)) is None:
            sent.broken = stopped
        else:
            line.end(is_reset=False)
    return sent


async def _pass(world: World, wait_ms: int) -> None:
    """Wait on the tenant's clock; a world that begins again ends the wait."""
    seen_ms = now_ms = await world.now_ms()
    until_ms = now_ms + wait_ms
    while seen_ms <= now_ms < until_ms:
        await world.sleep_until(until_ms)
        seen_ms, now_ms = now_ms, await world.now_ms()


async def _drip(
    fault: Fault, world: World, way: Way, status: int, headers: RawHeaders, body: bytes
) -> None:
    """Send the head at once and the body bit by bit."""
    if not body or not way.has_body:
        await way.finish(status, headers, body)
        return
    await way.start(status, headers)
    await _while_client_stays(way.receive, partial(_all_but_the_last, fault, world, way, body))
    await way.go_on(body[len(way.sent.body) :], more=False)


async def _all_but_the_last(fault: Fault, world: World, way: Way, body: bytes) -> None:
    """Send what is due of a body until the rest of it is."""
    per_megasecond = round(fault.bytes_per_second * 1_000_000)
    bite = max(1, _TICK_MS * per_megasecond // 1_000_000_000)
    done = 0
    began_ms = seen_ms = now_ms = await world.now_ms()
    while seen_ms <= now_ms:
        due = (now_ms - began_ms) * per_megasecond // 1_000_000_000
        if due >= len(body):
            return
        if due > done:
            await way.go_on(body[done:due], more=True)
            done = due
        bitten = min(len(body), done + bite)
        await world.sleep_until(began_ms - (-bitten * 1_000_000_000 // per_megasecond))
        seen_ms, now_ms = now_ms, await world.now_ms()


async def _while_client_stays(receive: Receive, work: Callable[[], Awaitable[None]]) -> None:
    """Do something that waits; raises `ClientLeft` if the client hangs up first."""
    has_left = True

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await work()
        has_left = False
        group.cancel_scope.cancel()
    if has_left:
        raise ClientLeft


def _is_framing_broken(fault: Fault) -> bool:
    return fault.kind == "truncated-json" and fault.framing == "broken"


def _truncated(
    fault: Fault, _source: bytes, headers: RawHeaders, body: bytes
) -> tuple[RawHeaders, bytes]:
    """A body that ends too early, and the length that it then has."""
    part = body[: cut_at(fault, body)]
    if not body:
        return headers, body
    return with_header(headers, b"content-length", str(len(part)).encode()), part


def _garbled(
    fault: Fault, source: bytes, headers: RawHeaders, body: bytes
) -> tuple[RawHeaders, bytes]:
    """Bytes after the unharmed ones are replaced, one of them by what no text has."""
    if not body:
        return headers, body
    random = Random(source)
    harmed = bytearray(body)
    first = min(fault.after_bytes or 0, len(body) - 1)
    for place in range(first, len(body)):
        if random.random() < _GARBLED_SHARE:
            harmed[place] = random.randrange(256)
    harmed[random.randrange(first, len(body))] = _NO_TEXT
    return headers, bytes(harmed)


def _misnamed(
    fault: Fault, _source: bytes, headers: RawHeaders, body: bytes
) -> tuple[RawHeaders, bytes]:
    """The same body under another content type."""
    return with_header(headers, b"content-type", fault.content_type.encode()), body


Harm: TypeAlias = Callable[[Fault, bytes, RawHeaders, bytes], tuple[RawHeaders, bytes]]

_HARMS: Mapping[FaultKind, Harm] = {
    "truncated-json": _truncated,
    "garbled": _garbled,
    "wrong-content-type": _misnamed,
}
