"""From a handler's reply to the bytes that go out: a head as `core.heads` has it, and a body."""

import msgspec

from simulator.core import heads, jsontext
from simulator.provider import Provider, Reply

RawHeaders = list[tuple[bytes, bytes]]

_NO_CONTROLS = bytes(byte if byte in b"\t" or 32 <= byte != 127 else 32 for byte in range(256))


class Standing(msgspec.Struct, frozen=True):
    """What stands in the head of every reply: of one with a JSON body, and of another."""

    with_json: bytes
    without: bytes


def standing_head(provider: Provider | None, *, is_handled: bool) -> Standing:
    """What stands in the head of every reply of a provider, or of nobody."""
    if provider is None:
        return Standing(b"content-type: application/json\r\n", b"")
    pairs = [*provider.headers, *(provider.handled_headers if is_handled else ())]
    without = heads.packed([(name.encode(), value.encode()) for name, value in pairs])
    kind = heads.packed([(b"content-type", provider.content_type.encode())])
    return Standing(kind + without, without)


def encoded(reply: Reply, standing: Standing, exchange_id: str) -> tuple[bytes, bytes]:
    """The head of a reply, without what the diagnosis adds, and its body."""
    body = reply.body
    if body is None or isinstance(body, bytes):
        body = body or b""
        head = standing.without
    else:
        body = jsontext.dumps(body)
        head = standing.with_json
    if reply.status != 204:
        head += b"content-length: %d\r\n" % len(body)
    head += b"understudy-exchange: %s\r\n" % exchange_id.encode()
    if reply.headers:
        head += heads.packed([(name.encode(), latin(value)) for name, value in reply.headers])
    return head, body


def latin(text: str) -> bytes:
    """Text as a header may carry it: control characters become spaces."""
    return text.encode("latin-1", "replace").translate(_NO_CONTROLS)
