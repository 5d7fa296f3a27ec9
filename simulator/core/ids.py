"""Identifiers as a function of what is asked, so that equal worlds give equal ids in any order.

Entropy comes from here; the shape (`vid_…`, a UUID) is the provider's.
"""

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache

Shape = Callable[[bytes, int], str]
"""Makes an id from 32 bytes of entropy and the tenant's time in ms."""

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(first + second for first in _BASE36 for second in _BASE36)
_TO_BASE36 = bytes(ord(_BASE36[byte % 36]) for byte in range(256))
_TO_BASE62 = bytes(ord(_BASE62[byte % 62]) for byte in range(256))


def request_digest(account_id: str, operation: str, request: bytes) -> str:
    """Digest what makes two requests equal: the account, the operation, the normalised body."""
    told = b"%s\0%s" % (request, account_id.encode())
    return hashlib.blake2b(told, digest_size=12, salt=_salt(operation)).hexdigest()


def entropy(seed: str, digest: str, ordinal: int) -> bytes:
    """32 bytes that are a function of the tenant's seed, a digest and the ordinal among equals."""
    return hashlib.blake2b(f"{seed}\0{digest}\0{ordinal}".encode(), digest_size=32).digest()


@lru_cache(maxsize=1024)
def base36(number: int, width: int = 0) -> str:
    """Write a number in lower-case base 36, padded with zeros to a width."""
    digits = []
    while number:
        number, pair = divmod(number, 1296)
        digits.append(_PAIRS[pair])
    text = "".join(reversed(digits)).lstrip("0")
    return text.rjust(max(width, 1), "0")


def base36_text(source: bytes, length: int) -> str:
    """Up to 32 characters of base 36 drawn from entropy."""
    return source[:length].translate(_TO_BASE36).decode()


def base62_text(source: bytes, length: int) -> str:
    """Up to 32 characters of base 62 drawn from entropy."""
    return source[:length].translate(_TO_BASE62).decode()


def uuid4(source: bytes, now_ms: int = 0) -> str:
    """A version 4 UUID from entropy."""
    return _uuid(source[:16], 4)


def uuid6(source: bytes, now_ms: int) -> str:
    """A version 6 UUID (RFC 9562, time-ordered): the time in front, entropy behind."""
    ticks = now_ms * 10_000 + 0x01B21DD213814000
    high = (ticks >> 28) & 0xFFFFFFFF
    middle = (ticks >> 12) & 0xFFFF
    low = ticks & 0x0FFF
    head = high.to_bytes(4) + middle.to_bytes(2) + (0x6000 | low).to_bytes(2)
    return _uuid(head + source[:8], 6)


def _uuid(raw: bytes, version: int) -> str:
    number = int.from_bytes(raw)
    number = number & ~(0xF << 76) | (version << 76)
    number = number & ~(0x3 << 62) | (0x2 << 62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@cache
def _salt(operation: str) -> bytes:
    return hashlib.blake2b(operation.encode(), digest_size=16).digest()
