"""Sends due webhooks: claims what is due, posts it, writes the outcome back.

The one background task of the app. It sleeps until there is a subscription anywhere; what is due
when is the core's business. aiohttp is imported with the first delivery.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import anyio

from simulator.core import deliveries, heads, ledger, webhooks
from simulator.core.clock import monotonic_ns, system_ms
from simulator.core.deliveries import Claim
from simulator.core.journal import Exchange
from simulator.core.passage import Happening
from simulator.core.store import GLOBAL, Tx
from simulator.core.tenant import Tenant
from simulator.core.webhooks import ROSTERS, SUBSCRIBED, Attempt, Delivery
from simulator.house import House
from simulator.http.addresses import Guard, looks_like_address
from simulator.http.fetching import AddressRefused, checked_resolver
from simulator.http.letters import Letter, letter_of

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

_log = logging.getLogger("understudy")

ATTEMPT_S: Final = 5.0
"""How long an attempt may take, in system time."""

_AT_ONCE: Final = 16  # more than a small receiver's backlog only makes it drop connections
_READ_BYTES: Final = 64 * 1024
_LOOK_S: Final = 0.05
"""How often a tenant with subscriptions is looked at, so that any process's changes are seen."""
_ROUND_S: Final = 1.0
_LOOKUP_S: Final = 2.0
_LONGEST_WAIT_S: Final = 7 * 24 * 3600
_TOLD: Final = 1000


class Loopback(Guard):
    """Permits this machine alone, and what was allowed by name."""

    def permits(self, address: str) -> bool:
        """Whether an address is this machine's own, or was allowed."""
        try:
            given = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(given, ipaddress.IPv6Address) and given.ipv4_mapped is not None:
            given = given.ipv4_mapped
        return given.is_loopback or self._is_allowed(given)


class Courier:
    """Delivers the webhooks of all tenants of a house; see `core.passage.Courier`."""

    def __init__(self, house: House) -> None:
        """Take `--webhook-allow` from the settings; raises `ValueError` for what is no address."""
        self._house = house
        self._guard = Loopback(house.settings.webhook_allow)
        self._session: aiohttp.ClientSession | None = None
        self._users = 0
        self._attended: set[str] = set()
        self._called = anyio.Event()

    async def refusal(self, url: str) -> str:
        """Why nothing may be sent to a URL; empty if it may."""
        from yarl import URL

        try:
            place = URL(url)
            host, port = place.host, place.port
        except (ValueError, IndexError):  # yarl stumbles over some brackets
            return "no URL"
        if place.scheme not in ("http", "https") or not host or not port:
            return "not the URL of a web server: http:// or https:// and a host"
        if place.user is not None or place.password is not None or place.fragment:
            return "a URL without a user, a password and a fragment"
        if self._guard.permits_host(host):
            return ""
        refused = f"{host[:100]} is not this machine; allow it with --webhook-allow"
        if looks_like_address(host):
            return "" if self._guard.permits(host) else refused
        try:
            with anyio.fail_after(_LOOKUP_S):
                infos = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, ValueError, TimeoutError):
            return f"nobody knows the host {host[:100]!r}"
        if all(self._guard.permits(str(info[4][0])) for info in infos):
            return ""
        return refused

    def attend(self) -> None:
        """Look for tenants with subscriptions now."""
        self._called.set()
        self._called = anyio.Event()

    async def run(self) -> None:
        """Deliver what falls due in any tenant while its clock runs; until it is cancelled."""
        try:
            async with anyio.create_task_group() as group:
                while True:
                    for name in await self._subscribed():
                        if name not in self._attended:
                            self._attended.add(name)
                            group.start_soon(self._attend, name)
                    await self._pause(_ROUND_S)
        finally:
            self._attended.clear()

    async def deliver_due(self, tenant: str) -> list[Happening]:
        """Attempt everything that is due in a tenant, and wait for what is being attempted."""
        found = await self._house.tenants.found(tenant)
        if found is None:
            return []
        happened = await self._deliver(found)
        while await found.transact(deliveries.is_anybody_at_it):
            with anyio.move_on_after(_LOOK_S / 5):
                await anyio.sleep_forever()
            happened += await self._deliver(found)
        return happened

    async def _pause(self, seconds: float) -> None:
        """Wait so long in system time, or until somebody asks to be attended."""
        with anyio.move_on_after(seconds):
            await self._called.wait()

    async def _subscribed(self) -> list[str]:
        store = self._house.tenants.store
        return [item.tenant for item in await store.transact(GLOBAL, lambda tx: tx.all(SUBSCRIBED))]

    async def _attend(self, name: str) -> None:
        """Deliver for one tenant as long as it has subscriptions."""
        async with self._used():
            while (tenant := await self._house.tenants.found(name)) is not None:
                if not await tenant.transact(_look):
                    break
                try:
                    await self._deliver(tenant)
                except Exception:
                    _log.exception("bug while delivering webhooks of %s", name)
                await self._pause(_LOOK_S)
            else:
                await self._forget(name)
        self._attended.discard(name)

    async def _forget(self, name: str) -> None:
        """Note that a tenant is gone."""

        async def work(tx: Tx) -> None:
            await tx.delete(SUBSCRIBED, name)

        await self._house.tenants.store.transact(GLOBAL, work)

    async def _deliver(self, tenant: Tenant) -> list[Happening]:
        """Attempt what is due, so many at once, until nothing is; answers the first thousand."""
        happened: list[Happening] = []
        at_work = 0
        one_done = anyio.Event()

        async def work(tx: Tx) -> list[Claim]:
            now_ms = await tenant.time_in(tx)
            await ledger.settle(tx, now_ms)
            await webhooks.progress(tx, now_ms)
            room = _AT_ONCE - at_work
            return await deliveries.claim(tx, now_ms, system_ms(), tenant.seed, room)

        async def attempt(claimed: Claim) -> None:
            nonlocal at_work
            try:
                delivery = await self._attempt(tenant, claimed)
                if len(happened) < _TOLD:
                    happened.append(_happening(claimed, delivery))
            except Exception:  # its lease will run out
                _log.exception("bug while delivering %s", claimed.delivery.id)
            finally:
                at_work -= 1
                one_done.set()

        async with self._used(), anyio.create_task_group() as group:
            while True:
                claims = await tenant.transact(work) if at_work < _AT_ONCE else []
                if not claims and not at_work:
                    break
                one_done = anyio.Event()
                at_work += len(claims)
                for claimed in claims:
                    group.start_soon(attempt, claimed)
                with anyio.move_on_after(_LOOK_S):
                    await one_done.wait()
        return happened

    async def _attempt(self, tenant: Tenant, claimed: Claim) -> Delivery:
        """Make one attempt, and note what came of it."""
        result, retry_after_ms = await self._send(tenant, claimed)
        for _ in range(claimed.twist.copies - 1 if result.has_arrived else 0):
            await self._send(tenant, claimed)

        async def work(tx: Tx) -> Delivery:
            return await deliveries.conclude(tx, claimed, result, retry_after_ms)

        return await tenant.transact(work)

    async def _send(self, tenant: Tenant, claimed: Claim) -> tuple[Attempt, int]:
        """Post one letter, or what a scenario wants instead; answers how long to wait, too."""
        from yarl import URL

        letter = await letter_of(self._house, tenant, claimed, system_ms())
        run, place = claimed.delivery.run, URL(claimed.subscription.url)
        exchange = Exchange(
            id=tenant.next_exchange(),
            tenant=tenant.name,
            started_at_ms=system_ms(),
            method="POST",
            path=place.path,
            query=place.raw_query_string,
            provider=run.provider,
            operation=claimed.delivery.event,
            account_id=run.account_id,
            request_body=letter.body,
            request_size=len(letter.body),
            scenario=claimed.scenario,
            direction="out",
        )
        started_ns = monotonic_ns()
        reply_headers: list[tuple[bytes, bytes]] = []
        receiver = claimed.twist.receiver
        if receiver == "down":
            exchange.error = "refused"
        elif receiver:
            exchange.status = int(receiver)
        else:
            await self._post(place, letter, exchange, reply_headers)
        exchange.duration_us = (monotonic_ns() - started_ns) // 1000
        sent = [("host", place.authority), *letter.headers]
        exchange.request_head = heads.packed(
            (name.encode(), value.encode()) for name, value in sent
        )
        exchange.reply_head = heads.packed(reply_headers)
        tenant.journal.record(exchange)
        attempt = Attempt(
            claimed.at_ms,
            exchange.status,
            exchange.error,
            exchange.duration_us,
            exchange.id,
            claimed.scenario,
        )
        return attempt, _retry_after_ms(reply_headers)

    async def _post(
        self,
        place: "URL",
        letter: Letter,
        exchange: Exchange,
        reply_headers: list[tuple[bytes, bytes]],
    ) -> None:
        """Post a letter; status, beginning of the reply or error go into the exchange."""
        import aiohttp

        host = place.host or ""
        if looks_like_address(host) and not (
            self._guard.permits_host(host) or self._guard.permits(host)
        ):
            exchange.error = "address_refused"
            return
        try:
            async with (
                asyncio.timeout(ATTEMPT_S),
                self._opened().post(
                    place,
                    data=letter.body,
                    headers=letter.headers,
                    allow_redirects=False,
                    skip_auto_headers=("accept", "accept-encoding", "user-agent"),
                ) as reply,
            ):
                exchange.reply_body = await reply.content.read(_READ_BYTES)
                exchange.reply_size = len(exchange.reply_body)
                exchange.status = reply.status
                reply_headers += [(name.lower(), value) for name, value in reply.raw_headers]
        except TimeoutError:
            exchange.error = "timeout"
        except AddressRefused:
            exchange.error = "address_refused"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            exchange.error = _reason(error)

    def _opened(self) -> "aiohttp.ClientSession":
        """The one session of all deliveries; it is closed when nobody delivers any more."""
        if self._session is None:
            import aiohttp

            connector = aiohttp.TCPConnector(
                resolver=checked_resolver(self._guard), use_dns_cache=False, limit=0
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    @asynccontextmanager
    async def _used(self) -> AsyncIterator[None]:
        """Keep the session open until the last who uses it has left."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users and self._session is not None:
                session, self._session = self._session, None
                with anyio.CancelScope(shield=True):
                    await session.close()


async def _look(tx: Tx) -> bool:
    """Whether anybody in a tenant wants to be told of anything."""
    return await tx.get(ROSTERS, "") is not None


def _happening(claimed: Claim, delivery: Delivery) -> Happening:
    run = claimed.delivery.run
    state = "failed" if delivery.state == "pending" else delivery.state
    return Happening(claimed.at_ms, "webhook_attempted", delivery.id, run.provider, state)


def _reason(error: Exception) -> str:
    """Why nobody answered, as a snake-case word."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, AddressRefused) or isinstance(error.__cause__, AddressRefused):
        return "address_refused"
    if isinstance(cause, ConnectionRefusedError):
        return "refused"
    if isinstance(cause, socket.gaierror):
        return "unknown_host"
    return "broken"


def _retry_after_ms(headers: list[tuple[bytes, bytes]]) -> int:
    """How long a receiver wants us to wait: seconds or a date (RFC 9110, 10.2.3); 0 if it is not
    said or is nonsense."""
    text = next((value.decode("latin-1") for name, value in headers if name == b"retry-after"), "")
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), _LONGEST_WAIT_S) * 1000
    try:
        seconds = parsedate_to_datetime(text).timestamp() - system_ms() / 1000
    except (ValueError, TypeError, OverflowError):
        return 0
    return int(max(0.0, min(seconds, _LONGEST_WAIT_S)) * 1000)
