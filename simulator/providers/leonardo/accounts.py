"""Who calls Leonardo: credentials, keys, users (a user's id is the account's) and their rates."""

import re
from typing import Final

from simulator.core import ids
from simulator.core.accounts import Concurrency, Limit
from simulator.core.errors import Unauthenticated
from simulator.provider import Headers

DEMO_KEYS: Final = ("6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b", "7a2b3c4d-5e6f-4a71-9b8c-0d1e2f3a4b5c")
DEMO_ACCOUNT_IDS: Final = (
    "2c9f4b1e-7d3a-4e58-9b60-1f2a3c4d5e6f",
    "3d0a5c2f-8e4b-4f69-8c71-2a3b4c5d6e7f",
)

NANOS_PER_CREDIT: Final = 1_470_000
"""One credit in nano-dollars (assumed: ten credits make the documents' example, 0.0147 dollars)."""

OPENING_NANOS: Final = 1_000 * 1_000_000_000
"""What a new account owns: a thousand dollars (ours)."""

_MINUTE_MS: Final = 60_000
LIMITS: Final = (
    Limit("all", 2000, _MINUTE_MS),
    *(
        Limit(operation, 100, _MINUTE_MS, (operation,))
        for operation in (
            "createGeneration",
            "CreateUniversalUpscalerJob",
            "createVariationUnzoom",
            "createVariationUpscale",
            "createVariationNoBG",
        )
    ),
)
"""Requests a minute [docs: limits]."""

CONCURRENCY: Final = (
    Concurrency("pending-images", 200, ("createGeneration",)),
    Concurrency("pending-upscales", 100, ("CreateUniversalUpscalerJob", "createVariationUpscale")),
)
"""Jobs that are pending or queued [docs: limits]; videos have no row there, and those beyond the
jobs at work wait instead of being refused [docs: concurrency guide]."""

_KEY: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""A UUID [docs: API Error Messages, API FAQ]."""


def credential(headers: Headers) -> str | Unauthenticated:
    """The bearer token; a header of another scheme is a key of the wrong form (assumed)."""
    authorization = headers.get("authorization", "").strip()
    if not authorization:
        return Unauthenticated("missing")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return Unauthenticated("malformed")
    return token.strip() or Unauthenticated("malformed")


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return re.fullmatch(_KEY, text, re.IGNORECASE) is not None


def new_key(source: bytes) -> str:
    """A key of the vendor's form."""
    return ids.uuid4(source)


def account_id(source: bytes, _now_ms: int) -> str:
    """A user's id: a version 4 UUID."""
    return ids.uuid4(source)
