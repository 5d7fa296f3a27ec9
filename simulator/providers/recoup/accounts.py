"""Who calls Recoup: credentials, keys, accounts and what a browser is told. Marks: SOURCE.md."""

import re
from typing import Final

from contracts import Operation
from simulator.core import ids
from simulator.core.accounts import Limit
from simulator.core.errors import Unauthenticated
from simulator.provider import Headers, Reply

DEMO_KEYS: Final = ("recoup_sk_test", "recoup_sk_second")
DEMO_ACCOUNT_IDS: Final = (
    "848cd58d-700f-4b38-ab4c-d9f52a1b2c3d",  # of the vendor's own examples [seed 002]
    "5f0c2a4e-6d1b-4c8f-9b57-1f3d7e2a9c64",
)
CREDIT_NANOS: Final = 10**7  # one credit is a cent (assumed); nothing here costs any [impl]
OPENING_NANOS: Final = 100 * 10**9
LIMITS: Final[tuple[Limit, ...]] = ()  # none are published

KEY_PREFIX: Final = "recoup_sk_"  # [impl]
_UUID: Final = (  # RFC 9562, as the vendor's validator has it [impl]
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
    r"|0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12}"
)
_SCHEMES: Final = ("Bearer ", "bearer ")  # [impl] exactly these two

CORS: Final = (  # [impl] on every reply
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS, PATCH"),
    (
        "access-control-allow-headers",
        "Content-Type, Authorization, X-Requested-With, x-api-key",
    ),
)
EXPOSED: Final = (  # [impl] on replies that handlers make
    ("access-control-expose-headers", "x-workflow-run-id, x-workflow-stream-tail-index"),
)


def credential(headers: Headers) -> str | Unauthenticated:
    """The key, or the session token of a bearer header; exactly one header may be there [impl].

    An `x-api-key` without the prefix is nobody's key; a bearer token with it is a key.
    """
    key = headers.get("x-api-key", "")
    authorization = headers.get("authorization", "")
    if bool(key) == bool(authorization):
        return Unauthenticated("conflict" if key else "missing")
    if key:
        return key if is_key(key) else Unauthenticated("unknown")
    token = authorization[len("Bearer ") :]
    if not authorization.startswith(_SCHEMES) or not token:
        return Unauthenticated("scheme")
    return token


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return text.startswith(KEY_PREFIX)


def new_key(source: bytes) -> str:
    """A key of the vendor's form."""
    return f"{KEY_PREFIX}{ids.base62_text(source, 32)}"


def account_id(source: bytes, _now_ms: int) -> str:
    """An account's id: a version 4 UUID."""
    return ids.uuid4(source)


def is_account_id(text: str) -> bool:
    """Whether a text has the form of an account's or an artist's id."""
    return re.fullmatch(_UUID, text) is not None


def preflight(operation: Operation | None, _headers: Headers) -> Reply:
    """OPTIONS needs no key: 204 under `/api/content`, 200 elsewhere (row 41)."""
    is_content = operation is None or operation.path.startswith("/api/content")
    return Reply(204 if is_content else 200, None, EXPOSED)
