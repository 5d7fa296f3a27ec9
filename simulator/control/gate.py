"""Who may drive the control plane: tools on this machine, or holders of the control key.

No web page: its requests carry a foreign Host (DNS rebinding), Origin or Sec-Fetch-Site.
"""

import hmac
import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from simulator.control.reading import Declined
from simulator.settings import Settings

KEY_HEADER = "understudy-control-key"

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.~-]+)(?::(\d{1,5}))?", re.ASCII)
_ANY = frozenset({"", "0.0.0.0", "::"})
_ONCE = ("host", "origin", "sec-fetch-site", KEY_HEADER)
_OWN_SITES = frozenset({"same-origin", "none"})
_OFF = (
    "the control plane is off: it is open on loopback only; "
    "give `understudy serve` a --control-key to have it elsewhere"
)


class Gate:
    """Lets a request to the control plane pass, or raises `Declined`."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.control_key
        self._bound = settings.host.lower().strip("[]")
        self._is_off = not self._key and not is_loopback(self._bound)

    def check(self, headers: Headers, scheme: str) -> None:
        """Judge a request by its headers."""
        if self._is_off:
            raise Declined(404, _OFF)
        for name in _ONCE:
            if len(headers.getlist(name)) > 1:
                raise Declined(403, f"the header {name} is there more than once")
        given = headers.get("host", "")
        host = _HOST.fullmatch(given)
        if host is None or not self._is_ours(host.group(1).lower().strip("[]")):
            raise Declined(403, f"the control plane does not answer for the host {given[:100]!r}")
        origin = headers.get("origin")
        if origin is not None and not _is_same_origin(origin, scheme, given):
            raise Declined(403, f"the control plane does not answer pages of {origin[:100]!r}")
        if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            raise Declined(403, "the control plane does not answer pages of other sites")
        self._check_key(headers.get(KEY_HEADER))

    def _is_ours(self, host: str) -> bool:
        """Whether a Host is a loopback name or address, or where this server is bound.

        A server bound to every address has any name; the key that it demands keeps pages out.
        """
        return is_loopback(host) or host == self._bound or self._bound in _ANY

    def _check_key(self, given: str | None) -> None:
        if not self._key:
            return
        known, sent = self._key.encode(), (given or "").encode("utf-8", "replace")
        if not hmac.compare_digest(known, sent):
            told = "unknown" if given else "missing"
            raise Declined(
                401,
                f"the header Understudy-Control-Key is {told}",
                headers={"www-authenticate": "Understudy-Control-Key"},
            )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone: `localhost`, names below it, 127.0.0.0/8 or ::1."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_same_origin(origin: str, scheme: str, host: str) -> bool:
    own = _origin(f"{scheme}://{host}")
    return own is not None and _origin(origin) == own


def _origin(text: str) -> tuple[str, str | None, int] | None:
    """Scheme, host and port of an origin; None if it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    return None if parts.path else (parts.scheme, parts.hostname, port)
