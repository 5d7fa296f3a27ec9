"""ASGI by hand: for requests that no well-behaved client sends."""

from collections.abc import Iterable
from typing import Any

from simulator.http.asgi import Message
from tests.toy import KEYS, Stand

KEY_HEADER = (b"authorization", f"Bearer {KEYS[0]}".encode())


async def ask(
    at: Stand,
    method: str,
    path: str,
    messages: Iterable[Message] = (),
    *,
    headers: tuple[tuple[bytes, bytes], ...] = (KEY_HEADER,),
    query: bytes = b"",
    **scope: Any,
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Play messages to the edge and answer status, headers and body; no messages: no body."""
    waiting = iter(messages or (chunk(b""),))
    sent: list[Message] = []

    async def receive() -> Message:
        return next(waiting, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    await at.app(
        {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query,
            "headers": list(headers),
            "server": ("10.0.0.1", 8400),
            **scope,
        },
        receive,
        send,
    )
    start, *bodies = sent
    if start["type"] != "http.response.start":
        return 0, {}, repr(sent).encode()
    body = b"".join(message.get("body", b"") for message in bodies)
    return start["status"], dict(start["headers"]), body


def chunk(body: bytes, *, more: bool = False) -> Message:
    """A piece of a request's body."""
    return {"type": "http.request", "body": body, "more_body": more}
