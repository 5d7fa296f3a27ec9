"""Which addresses may be asked for a file: public ones, and those that were allowed by name."""

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_KEPT_BACK = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # public, but the cloud's own services where Azure is
        "192.0.0.0/24",  # RFC 6890; among them a cloud's metadata
        "64:ff9b:1::/48",  # RFC 8215
    )
)
"""Not public, whatever this version of Python holds."""


class Guard:
    """Says whether a host, or an address that it has, may be asked."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Allow hosts, addresses and networks (`10.0.0.0/8`) beside public addresses.

        Raises `ValueError` for what is none of them.
        """
        self._hosts: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for entry in allowed:
            self._allow(entry.strip().strip("[]"))

    def _allow(self, entry: str) -> None:
        try:
            self._networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            if not entry or not entry.isascii() or set(entry) & set("/:@?# "):
                raise ValueError(f"{entry!r} is no host, address or network") from None
            self._hosts.add(entry.lower().rstrip("."))

    def permits_host(self, host: str) -> bool:
        """Whether a host may be asked whatever its addresses are."""
        return host.lower().rstrip(".") in self._hosts

    def permits(self, address: str) -> bool:
        """Whether an address is public, or was allowed."""
        try:
            given = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return all(self._is_allowed(one) or _is_public(one) for one in _meant(given))

    def _is_allowed(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def looks_like_address(host: str) -> bool:
    """Whether a host is taken for an address by aiohttp, which then asks no resolver for it."""
    return ":" in host or host.replace(".", "").isdigit()


def _meant(address: Address) -> tuple[Address, ...]:
    """An address, or the ones that it stands for where it carries others."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address, address.sixtofour)
    if address.teredo is not None:
        return (address, *address.teredo)
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address,)


def _is_public(address: Address) -> bool:
    is_kept_back = any(address in network for network in _KEPT_BACK)
    return address.is_global and not address.is_multicast and not is_kept_back
