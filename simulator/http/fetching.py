"""Fetches the files that requests name, within bounds of size and time, and from nowhere private.

A host's addresses are looked up once and checked, and the connection goes to one of those: what a
name server says next changes nothing. Redirects are checked like the first link.
"""

import asyncio
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from simulator.core.inputs import NotFetched
from simulator.core.pictures import size_of
from simulator.http.addresses import Guard, looks_like_address

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

LIMIT_BYTES: Final = 10 * 1024 * 1024
"""The largest picture that is fetched; of films and songs only the beginning is."""

_LONGEST_S: Final = 10.0
_MOST_REDIRECTS: Final = 3
_BEGINNING_BYTES: Final = 64 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "understudy"}
_BEGINNINGS: Final = (b"ID3", b"OggS", b"fLaC", b"RIFF", b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba")


class Fetcher:
    """What `--fetch-inputs` is: call it with a URL and a kind, as `simulator.core.inputs` says."""

    def __init__(
        self,
        allowed: Iterable[str] = (),
        *,
        limit_bytes: int = LIMIT_BYTES,
        longest_s: float = _LONGEST_S,
    ) -> None:
        """Allow some private hosts and networks; raises `ValueError` for what is neither."""
        self._guard = Guard(allowed)
        self._limit_bytes = limit_bytes
        self._longest_s = longest_s

    async def __call__(self, url: str, kind: str) -> bytes:
        """Fetch a file of a kind; raises `NotFetched`."""
        import aiohttp  # imported here: hardly any stand-in fetches

        try:
            async with asyncio.timeout(self._longest_s), self._session() as session:
                content = await self._followed(session, url, kind)
        except TimeoutError:
            raise NotFetched("too_slow") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotFetched(_reason(error)) from error
        if not _is_of(kind, content):
            raise NotFetched(f"no_{kind}")
        return content

    def _session(self) -> "aiohttp.ClientSession":
        """A session for one file: it belongs to the event loop, and keeps nothing."""
        import aiohttp

        connector = aiohttp.TCPConnector(
            resolver=checked_resolver(self._guard), use_dns_cache=False, force_close=True
        )
        return aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
        )

    async def _followed(self, session: "aiohttp.ClientSession", url: str, kind: str) -> bytes:
        """Follow redirects to the file, and read it."""
        from yarl import URL

        place = URL(url.strip())
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(place)
            async with session.get(place, allow_redirects=False) as reply:
                if reply.status not in _REDIRECTS:
                    return await self._read(reply, kind)
                place = place.join(URL(reply.headers.get("location", "")))
        raise NotFetched("too_many_redirects")

    def _check(self, place: "URL") -> None:
        """Refuse what is no web link, and a bare address that is private: nobody resolves it."""
        host = place.host
        if place.scheme not in ("http", "https") or not host:
            raise NotFetched("unreachable")
        if (
            looks_like_address(host)
            and not self._guard.permits_host(host)
            and not self._guard.permits(host)
        ):
            raise NotFetched("address_refused")

    async def _read(self, reply: "aiohttp.ClientResponse", kind: str) -> bytes:
        if reply.status != 200:
            raise NotFetched("unreachable")
        is_whole = kind == "image"
        if is_whole and (reply.content_length or 0) > self._limit_bytes:
            raise NotFetched("too_large")
        wanted = self._limit_bytes + 1 if is_whole else _BEGINNING_BYTES
        content = bytearray()
        async for chunk in reply.content.iter_chunked(_BEGINNING_BYTES):
            content += chunk
            if len(content) >= wanted:
                break
        if is_whole and len(content) > self._limit_bytes:
            raise NotFetched("too_large")
        return bytes(content)


def checked_resolver(guard: Guard) -> Any:
    """A resolver that knows a host only if all of its addresses may be asked."""
    from aiohttp.abc import AbstractResolver, ResolveResult

    class Checked(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            loop = asyncio.get_running_loop()
            infos = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
            found = [(info[0], str(info[4][0]), int(info[4][1])) for info in infos]
            is_known = guard.permits_host(host)
            if not is_known and not all(guard.permits(address) for _, address, _ in found):
                raise AddressRefused
            return [
                ResolveResult(
                    hostname=host,
                    host=address,
                    port=number,
                    family=kind,
                    proto=0,
                    flags=socket.AI_NUMERICHOST,
                )
                for kind, address, number in found
            ]

        async def close(self) -> None:
            pass

    return Checked()


class AddressRefused(OSError):
    """A host with an address that may not be asked."""


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return "address_refused"
        cause = cause.__cause__ or getattr(cause, "os_error", None)
    return "unreachable"


def _is_of(kind: str, content: bytes) -> bool:
    """Whether a file begins as one of its kind does."""
    if kind == "image":
        return size_of(content) is not None
    is_mpeg_audio = content[:1] == b"\xff" and content[1:2] >= b"\xe0"
    return content[4:8] == b"ftyp" or content.startswith(_BEGINNINGS) or is_mpeg_audio
