"""From a handler's reply to the bytes and headers that go out."""

from simulator.core import jsontext
from simulator.provider import Provider, Reply

RawHeaders = list[tuple[bytes, bytes]]

_NO_CONTROLS = bytes(byte if byte in b"\t" or 32 <= byte != 127 else 32 for byte in range(256))


def standing_headers(
    provider: Provider | None, *, is_handled: bool
) -> tuple[tuple[bytes, bytes], ...]:
    """The headers that stand in every JSON reply of a provider; the content type comes first."""
    if provider is None:
        return ((b"content-type", b"application/json"),)
    pairs = [("content-type", provider.content_type), *provider.headers]
    if is_handled:
        pairs += provider.handled_headers
    return tuple((name.encode(), value.encode()) for name, value in pairs)


def encoded(reply: Reply, standing: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, RawHeaders]:
    """A reply's body as bytes, and its headers without those of the diagnosis."""
    if isinstance(reply.body, bytes) or reply.body is None:
        body = reply.body or b""
        headers: RawHeaders = list(standing[1:])
    else:
        body = jsontext.dumps(reply.body)
        headers = list(standing)
    if reply.status != 204:
        headers.append((b"content-length", str(len(body)).encode()))
    if reply.headers:
        headers += [(name.encode(), latin(value)) for name, value in reply.headers]
    return body, headers


def latin(text: str) -> bytes:
    """Text as a header may carry it: control characters become spaces."""
    return text.encode("latin-1", "replace").translate(_NO_CONTROLS)
