"""Takes secrets out of what the journal keeps: credentials in headers, and wherever else they are.

A secret is known by the name beside it, and by having been sent as the request's own credential.
"""

import re
from collections.abc import Iterable
from itertools import chain

HeaderList = tuple[tuple[bytes, bytes], ...]

REDACTED = b"[redacted]"
"""What stands where a secret stood."""

_TEXT = REDACTED.decode()
_SECRET_HEADER = rb"(?i)auth|cookie|key|token|secret|password|bearer|signature"
_OPEN_HEADERS = frozenset({b":authority", b"sec-websocket-key", b"idempotency-key"})
_SECRET_MEMBER = (
    rb'(?i)("(?:[^"\\]{0,16}[-_. ])?'
    rb"(?:(?:api|access|auth|secret|private)[-_. ]?(?:key|token)|secret|password|authorization)"
    rb'"\s*:\s*")(?:[^"\\]|\\.)+'
)
_SECRET_PARAMETER = (
    r"(?i)(?:api|access|auth|secret|private)[-_.]?(?:key|token)"
    r"|secret|passw|authoriz|bearer|signature"
)
_SHORTEST = 8
_MOST_NAMES = 1024
_BETWEEN = b"\n"
"""Stands between the texts of packed headers; no header has one [RFC 9110, 5.5]."""


def packed(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as one text, name and value in turn: what takes the least room."""
    return _BETWEEN.join(chain.from_iterable(pairs))


def packed_without_secrets(
    pairs: Iterable[tuple[bytes, bytes]],
) -> tuple[bytes, tuple[bytes, ...]]:
    """Headers as `packed` makes them, credentials taken out, and the credentials."""
    kept: list[bytes] = []
    found: tuple[bytes, ...] = ()
    for name, value in pairs:
        if _SECRET_NAMES[name]:
            secret = value.strip().rpartition(b" ")[2]
            if len(secret) >= _SHORTEST and secret not in found:
                found += (secret,)
            kept += name, REDACTED
        else:
            kept += name, value
    return _BETWEEN.join(kept), found


def unpacked(head: bytes) -> HeaderList:
    """The pairs of packed headers."""
    texts = iter(head.split(_BETWEEN)) if head else iter(())
    return tuple(zip(texts, texts, strict=False))


def query(text: str, secrets: tuple[bytes, ...]) -> str:
    """A query string without secrets."""
    lowered = text.lower()
    if (
        "key" in lowered
        or "token" in lowered
        or "secret" in lowered
        or "passw" in lowered
        or "authoriz" in lowered
        or "bearer" in lowered
        or "signature" in lowered
    ):
        text = "&".join(map(_parameter, text.split("&")))
    return in_text(text, secrets)


def body(content: bytes, secrets: tuple[bytes, ...], *, is_cut: bool) -> bytes:
    """A kept body without secrets; of one that was cut, not even the beginning of one."""
    for secret in secrets:
        if secret in content:
            content = content.replace(secret, REDACTED)
        if is_cut:
            content = _without_beginning(content, secret)
    lowered = content.lower()
    if (
        b"key" in lowered
        or b"token" in lowered
        or b"secret" in lowered
        or b"authorization" in lowered
        or b"password" in lowered
    ):
        content = re.sub(_SECRET_MEMBER, rb"\1" + REDACTED, content)
    return content


def in_text(text: str, secrets: tuple[bytes, ...]) -> str:
    """A text without the credentials of its exchange."""
    for secret in secrets:
        text = text.replace(secret.decode("latin-1"), _TEXT)
    return text


def _parameter(text: str) -> str:
    name, _, _ = text.partition("=")
    is_secret = re.search(_SECRET_PARAMETER, name) is not None and len(name) < len(text)
    return f"{name}={_TEXT}" if is_secret else text


class _SecretNames(dict[bytes, bool]):
    """Which headers carry secrets, by name; learnt as they come, within bounds."""

    def __missing__(self, name: bytes) -> bool:
        is_secret = re.search(_SECRET_HEADER, name) is not None and name not in _OPEN_HEADERS
        if len(self) < _MOST_NAMES:
            self[name] = is_secret
        return is_secret


_SECRET_NAMES = _SecretNames()


def _without_beginning(content: bytes, secret: bytes) -> bytes:
    for length in range(len(secret) - 1, _SHORTEST - 1, -1):
        if content.endswith(secret[:length]):
            return content[:-length]
    return content
