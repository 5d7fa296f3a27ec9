"""What is judged: an origin or an ASGI app, its keys, and what it says of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
HEALTH_PATH = "/_understudy/health"


class BadTarget(Exception):
    """A target cannot be judged at all; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The credentials of a target: one account's key, and another account's."""

    first: str = ""
    second: str = ""

    def __repr__(self) -> str:
        return f"Keys(first={'…' if self.first else ''!r}, second={'…' if self.second else ''!r})"


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go. `app` is called in process; `base_url` is an origin without a path."""

    base_url: str
    keys: Keys
    app: AsgiApp | None = None

    @property
    def origin(self) -> tuple[str, str]:
        """Scheme and authority, as credentials are bound to them."""
        parts = urlsplit(self.base_url)
        return parts.scheme, parts.netloc


def target(base_url: str, keys: Keys, app: AsgiApp | None = None) -> Target:
    """Return a target; raises BadTarget for a base URL that is no http(s) origin."""
    parts = urlsplit(base_url)
    try:
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        port_ok = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
        raise BadTarget(f"{base_url!r} is no http(s) URL")
    if parts.username or parts.password:
        raise BadTarget("the base URL carries credentials; give the key by --key")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadTarget(f"{base_url!r}: give the origin only, vendor paths follow it")
    return Target(f"{parts.scheme}://{parts.netloc}", keys, app)


@dataclass(frozen=True, slots=True)
class Identity:
    """What `/_understudy/health` says: whether the target is an understudy, and its dialect."""

    is_understudy: bool = False
    dialect: str = ""
    version: str = ""
    providers: tuple[str, ...] = ()


def identity(answer: Any) -> Identity:
    """Return who a health answer says the target is; anything unexpected is a stranger."""
    if not isinstance(answer, dict) or answer.get("status") != "ok":
        return Identity()
    version, providers = answer.get("understudy"), answer.get("providers")
    if not isinstance(version, str) or not isinstance(providers, list):
        return Identity()
    dialect = answer.get("dialect")
    names = tuple(str(name) for name in providers)
    return Identity(True, dialect if isinstance(dialect, str) else "", version, names)
