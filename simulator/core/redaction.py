"""Takes secrets out of what the journal keeps: credentials in headers, and wherever else they are.

A secret is known by the name beside it, and by having been sent as the request's own credential.
"""

import re
from functools import lru_cache

HeaderList = tuple[tuple[bytes, bytes], ...]

REDACTED = b"[redacted]"
"""What stands where a secret stood."""

_TEXT = REDACTED.decode()
_SECRET_HEADER = re.compile(rb"auth|cookie|key|token|secret|password|bearer|signature", re.I)
_OPEN_HEADERS = frozenset({b":authority", b"sec-websocket-key", b"idempotency-key"})
_SECRET_MEMBER = re.compile(
    rb'("(?:[^"\\]{0,16}[-_. ])?'
    rb"(?:(?:api|access|auth|secret|private)[-_. ]?(?:key|token)|secret|password|authorization)"
    rb'"\s*:\s*")(?:[^"\\]|\\.)+',
    re.I,
)
_SECRET_PARAMETER = re.compile(
    r"(?:api|access|auth|secret|private)[-_.]?(?:key|token)|secret|passw|authoriz|bearer|signature",
    re.I,
)
_SECRET_WORD = re.compile(r"key|token|secret|passw|authoriz|bearer|signature", re.I)
_SHORTEST = 8


def headers(pairs: HeaderList) -> tuple[HeaderList, tuple[bytes, ...]]:
    """The same headers without credentials, and the credentials that were in them."""
    kept, found = [], []
    for pair in pairs:
        if not _is_secret(pair[0]):
            kept.append(pair)
            continue
        kept.append((pair[0], REDACTED))
        secret = pair[1].strip().rpartition(b" ")[2]
        if len(secret) >= _SHORTEST and secret not in found:
            found.append(secret)
    return tuple(kept), tuple(found)


def query(text: str, secrets: tuple[bytes, ...]) -> str:
    """A query string without secrets."""
    if _SECRET_WORD.search(text):
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
        content = _SECRET_MEMBER.sub(rb"\1" + REDACTED, content)
    return content


def in_text(text: str, secrets: tuple[bytes, ...]) -> str:
    """A text without the credentials of its exchange."""
    for secret in secrets:
        text = text.replace(secret.decode("latin-1"), _TEXT)
    return text


def in_headers(pairs: HeaderList, secrets: tuple[bytes, ...]) -> HeaderList:
    """Headers whose values do not repeat the credentials of their exchange."""
    values = b"\n".join([value for _, value in pairs])
    for secret in secrets:
        if secret in values:
            pairs = tuple([(name, value.replace(secret, REDACTED)) for name, value in pairs])
    return pairs


def _parameter(text: str) -> str:
    name, _, _ = text.partition("=")
    is_secret = _SECRET_PARAMETER.search(name) is not None and len(name) < len(text)
    return f"{name}={_TEXT}" if is_secret else text


@lru_cache(maxsize=1024)
def _is_secret(name: bytes) -> bool:
    return _SECRET_HEADER.search(name) is not None and name not in _OPEN_HEADERS


def _without_beginning(content: bytes, secret: bytes) -> bytes:
    for length in range(len(secret) - 1, _SHORTEST - 1, -1):
        if content.endswith(secret[:length]):
            return content[:-length]
    return content
