"""Writes down every reply of a vendor edge in this process, for the second judge to read.

Left out: what a contract does not declare (other paths and methods, HEAD and OPTIONS), contracts
that are not ours, replies that say they are our own bug or refusal or what a scenario made of them,
and what is noted of a client that left.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

import pytest

import contracts
from contracts import Dialect
from simulator.http.asgi import Message, Receive, Scope, Send
from simulator.http.exchange import VendorEdge

_CLIENT_LEFT: Final = 499


@dataclass(frozen=True, slots=True)
class Recorded:
    """One reply to a declared operation; header names are lower-case."""

    provider: str
    dialect: Dialect
    operation: str
    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Recorder:
    """Keeps replies until they are judged; a reply like one already judged good is skipped.

    `count` is how many were judged so far.
    """

    def __init__(self) -> None:
        self._waiting: deque[Recorded] = deque()
        self._good: set[bytes] = set()
        self._lock = threading.Lock()
        self.count = 0

    def record(self, reply: Recorded) -> None:
        """Keep a reply for the next verdict."""
        self._waiting.append(reply)

    def faults(self) -> list[str]:
        """Judge what was recorded since the last time; returns one text for each bad reply."""
        from tests.judge.openapi_core_judge import judge_of

        found = []
        with self._lock:
            while self._waiting:
                reply = self._waiting.popleft()
                self.count += 1
                digest = _digest(reply)
                if digest in self._good:
                    continue
                reasons = judge_of(reply.provider, reply.dialect).reply_faults(
                    reply.method, reply.path, reply.status, dict(reply.headers), reply.body
                )
                if reasons:
                    found.append(_told(reply, reasons))
                else:
                    self._good.add(digest)
        return found


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Have every vendor edge of this process write its replies down."""
    answer = VendorEdge.__call__

    async def recorded(edge: VendorEdge, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []
        has_left = False

        async def receive_and_see() -> Message:
            nonlocal has_left
            message = await receive()
            has_left = has_left or message["type"] == "http.disconnect"
            return message

        async def send_and_keep(message: Message) -> None:
            messages.append(message)
            await send(message)

        try:
            await answer(edge, scope, receive_and_see, send_and_keep)
        finally:
            reply = _reply(edge, scope, messages)
            if reply is not None and not (has_left and reply.status == _CLIENT_LEFT):
                recorder.record(reply)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VendorEdge, "__call__", recorded)
        yield


def _reply(edge: VendorEdge, scope: Scope, messages: list[Message]) -> Recorded | None:
    """What was answered, if it is to be judged."""
    if scope["type"] != "http":
        return None
    found = edge._router.find(scope["path"])
    served = found[0].by_method.get(scope["method"]) if found is not None else None
    if served is None or not messages:
        return None
    operation, dialect = served.operation, edge._house.settings.dialect
    if (operation.id, operation.method, operation.path) not in _declared(
        operation.provider, dialect
    ):
        return None
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in messages[0]["headers"]
    )
    if any(name in _NO_PROVIDERS_OWN for name, _value in headers):
        return None
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return Recorded(
        operation.provider,
        dialect,
        operation.id,
        operation.method,
        scope["path"],
        messages[0]["status"],
        headers,
        body,
    )


@cache
def _declared(provider: str, dialect: Dialect) -> frozenset[tuple[str, str, str]]:
    """The operations of one of our contracts; none for a contract that is not ours."""
    if provider not in contracts.names():
        return frozenset()
    contract = contracts.load(provider, dialect)
    return frozenset((item.id, item.method, item.path) for item in contract.operations)


_NO_PROVIDERS_OWN = frozenset(
    {"x-understudy-bug", "understudy-tenant-unknown", "understudy-declined", "understudy-scenario"}
)
"""Headers of replies that are the stand-in's or a scenario's, not a provider's."""

_JUDGED_ALIKE = frozenset({"date", "understudy-exchange"})


def _digest(reply: Recorded) -> bytes:
    headers = sorted(pair for pair in reply.headers if pair[0] not in _JUDGED_ALIKE)
    told = (reply.provider, reply.dialect, reply.operation, reply.status, headers)
    return hashlib.blake2b(repr(told).encode() + b"\0" + reply.body, digest_size=16).digest()


def _told(reply: Recorded, reasons: list[str]) -> str:
    lines = [
        f"{reply.provider} ({reply.dialect}) {reply.operation}: "
        f"{reply.method} {reply.path} answered {reply.status}"
    ]
    lines += [f"  {reason}" for reason in reasons]
    return "\n".join([*lines, f"  body: {reply.body[:500]!r}"])
