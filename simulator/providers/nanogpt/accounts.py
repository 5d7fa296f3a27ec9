"""Who calls NanoGPT: credentials, keys, accounts, and the rates and origins they are held to."""

import hashlib
import re
from base64 import b32encode
from functools import lru_cache
from typing import Final

from simulator.core import ids
from simulator.core.accounts import Account, Key, Limit
from simulator.core.errors import Forbidden, Refusal, Unauthenticated
from simulator.provider import Headers

DEMO_KEYS: Final = (
    "sk-nano-11111111-1111-4111-8111-111111111111",
    "sk-nano-22222222-2222-4222-8222-222222222222",
)
DEMO_ACCOUNT_IDS: Final = ("nanogpt-first", "nanogpt-second")

LINK_LIFETIME_MS: Final = 3_600_000
"""How long links to files are good: as those to images are [docs: image-generation-openai]."""

OPENING_NANOS: Final = 100 * 1_000_000_000
"""What a new account has: a hundred dollars; ours."""

LIMITS: Final = (
    Limit("submissions", 50, 60_000, ("createVideo",)),
    Limit("extensions", 20, 60_000, ("extendVideo",)),
    Limit("recoveries", 20, 60_000, ("recoverVideos",)),
    Limit("requests", 25, 1_000),
)
"""[docs: video-generation, video-extend, video-recover, rate-limits]"""

_KEY: Final = r"(sk-nano-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""`sk-nano-` and a UUID; an old key is the bare UUID [docs: authentication]."""

_RFC_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_NANO_BASE32: Final = "13456789abcdefghijkmnopqrstuwxyz"


def credential(headers: Headers) -> str | Unauthenticated:
    """The key in either header; both at once are legal, `x-api-key` then counts [impl]."""
    if key := headers.get("x-api-key", "").strip():
        return key
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and (token := token.strip()):
        return token
    return Unauthenticated("missing")


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return re.fullmatch(_KEY, text, re.IGNORECASE) is not None


def new_key(source: bytes) -> str:
    """A key of the current form."""
    return f"sk-nano-{ids.uuid4(source)}"


def account_id(source: bytes, _now_ms: int) -> str:
    """An account's id, which no reply shows."""
    return f"nanogpt-{ids.base36_text(source, 12)}"


def admit(key: Key, account: Account, headers: Headers) -> Refusal | None:
    """Refuse a browser origin that is not on the key's list [docs: authentication]."""
    origin = headers.get("origin")
    if origin is None:
        return None
    allowed = key.attributes.get("allowed_origins") or account.attributes.get("allowed_origins")
    if allowed and origin not in allowed:
        return Forbidden("api_key_origin_not_allowed")
    return None


def payment_source(account: Account) -> str:
    """`USD` or `XNO` [seed]."""
    return "XNO" if account.attributes.get("payment_source") == "XNO" else "USD"


@lru_cache(maxsize=1024)
def deposit_address(account_id: str) -> str:
    """A well-formed Nano address, its checksum right, that is a function of the account."""
    key = hashlib.blake2b(account_id.encode(), digest_size=32).digest()
    check = hashlib.blake2b(key, digest_size=5).digest()[::-1]
    # 256 bits fill 52 characters of 5 bits after four zero bits in front.
    padded = b32encode(bytes(3) + key).decode()[4:56]
    text = padded + b32encode(check).decode()
    return "nano_" + text.translate(str.maketrans(_RFC_BASE32, _NANO_BASE32))
