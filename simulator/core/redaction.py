"""Takes secrets out of what the journal keeps: credentials in headers, and wherever else they are.

A secret is known by the name beside it, and by having been sent as the request's own credential.
"""

import re

from simulator.core import heads

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


def head(packed: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """A packed head with its credentials taken out, and the credentials."""
    kept: list[tuple[bytes, bytes]] = []
    found: tuple[bytes, ...] = ()
    for name, value in heads.unpacked(packed):
        if _is_secret(name):
            secret = value.strip().rpartition(b" ")[2]
            if len(secret) >= _SHORTEST and secret not in found:
                found += (secret,)
            kept.append((name, REDACTED))
        else:
            kept.append((name, value))
    return heads.packed(kept), found


def query(text: str, secrets: tuple[bytes, ...]) -> str:
    """A query string without secrets."""
    text = "&".join(map(_parameter, text.split("&")))
    return in_text(text, secrets)


def body(content: bytes, secrets: tuple[bytes, ...], *, is_cut: bool) -> bytes:
    """A kept body without secrets; of one that was cut, not even the beginning of one."""
    for secret in secrets:
        if secret in content:
            content = content.replace(secret, REDACTED)
        if is_cut:
            content = _without_beginning(content, secret)
    return re.sub(_SECRET_MEMBER, rb"\1" + REDACTED, content)


def in_text(text: str, secrets: tuple[bytes, ...]) -> str:
    """A text without the credentials of its exchange."""
    for secret in secrets:
        text = text.replace(secret.decode("latin-1"), _TEXT)
    return text


def _parameter(text: str) -> str:
    name, _, _ = text.partition("=")
    is_secret = re.search(_SECRET_PARAMETER, name) is not None and len(name) < len(text)
    return f"{name}={_TEXT}" if is_secret else text


def _is_secret(name: bytes) -> bool:
    return re.search(_SECRET_HEADER, name) is not None and name not in _OPEN_HEADERS


def _without_beginning(content: bytes, secret: bytes) -> bytes:
    for length in range(len(secret) - 1, _SHORTEST - 1, -1):
        if content.endswith(secret[:length]):
            return content[:-length]
    return content
