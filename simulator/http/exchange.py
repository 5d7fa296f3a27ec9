"""The pipeline of one vendor request, one short method a step, and the ASGI endpoint around it.

The order of the checks is the contract's; what a refusal looks like is the provider's.
"""

import asyncio
import logging
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from simulator.core import heads
from simulator.core.accounts import Account
from simulator.core.assets import Links
from simulator.core.clock import monotonic_ns, system_ms
from simulator.core.desk import Desk
from simulator.core.errors import (
    ClientLeft,
    MethodNotAllowed,
    Refusal,
    TooLarge,
    UnknownPath,
)
from simulator.core.journal import Exchange
from simulator.core.scenarios import PLAYBOOKS, Playbook
from simulator.core.tenant import Tenant
from simulator.house import Holder, House
from simulator.http import checks
from simulator.http.asgi import Receive, RequestHeaders, Scope, Send, origin_of, read_body
from simulator.http.diagnosis import diagnostic_headers
from simulator.http.headers import ASKING
from simulator.http.replying import RawHeaders, encoded, latin, standing_head
from simulator.http.router import Place, Router, Served
from simulator.http.wire import WIRE, arrived_body, sent_whole
from simulator.provider import Call, Provider, Refused, Reply, violations_of

if TYPE_CHECKING:
    from simulator.http.faulting import Twist
    from simulator.http.scripted import Script

BODY_LIMIT_BYTES = 32 * 1024 * 1024
"""The largest request body."""

_CLIENT_LEFT = 499

_log = logging.getLogger("understudy")
_NO_ROUTE = Reply(404, {"error": "no provider serves this path", "see": "/_understudy/health"})


class _NoTenant(Exception):
    """A request without a known key names a tenant that there is not."""


class VendorEdge:
    """The ASGI endpoint of every vendor path."""

    def __init__(self, house: House, router: Router) -> None:
        self._house = house
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; a WebSocket is turned away."""
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        request = _Request(self._house, self._router, scope, receive)
        head, body = await request.answer()
        if request.cancelled is not None:
            request.record(head, body)
            raise request.cancelled
        if request.script is not None and request.script.twist is not None:
            await request.send_twisted(request.script.twist, send, head, body)
            return
        status, sent = request.exchange.status, b"" if scope["method"] == "HEAD" else body
        if not sent_whole(scope, status, head, sent):
            headers = heads.unpacked(head)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": sent})
        request.record(head, body)


class _Request:
    """One request on its way; what is learnt of it is written into its exchange."""

    _provider: Provider | None = None
    _place: Place | None = None
    _served: Served | None = None
    _holder: Holder | None = None
    _tenant: Tenant | None = None
    script: "Script | None" = None
    cancelled: asyncio.CancelledError | None = None
    _stage = ""  # after the checks: `scenario`, then `operation`

    def __init__(self, house: House, router: Router, scope: Scope, receive: Receive) -> None:
        self._house = house
        self._router = router
        self._scope = scope
        self._receive = receive
        self._started_ns = monotonic_ns()
        query = scope["query_string"].decode("latin-1")
        self.exchange = Exchange("", "", system_ms(), scope["method"], scope["path"], query)
        self.headers = RequestHeaders(scope["headers"])

    async def answer(self) -> tuple[bytes, bytes]:
        """Head and body, whatever happens; our own failures are marked as such."""
        try:
            try:
                reply = await self._answer()
            except Refusal as error:
                reply = self._refused(error)
            except _NoTenant as error:
                reply = self._without_tenant(str(error))
            return self._encoded(reply)
        except ClientLeft:
            return self._left()
        except asyncio.CancelledError as cancelled:
            if WIRE not in self._scope.get("extensions", {}):
                self.cancelled = cancelled  # whoever waits in this process has stopped waiting
                return self._left()
            self.exchange.error = "stopped"  # the server stops while a call blocks
            return self._encoded(Reply(503, {"error": "the stand-in was stopped"}))
        except Exception:
            exchange = self.exchange
            exchange.bug = traceback.format_exc()
            _log.exception("bug while answering %s %s", exchange.method, exchange.path)
            bug = {"error": "a bug of the stand-in, not the provider's answer"}
            return self._encoded(Reply(500, bug, (("x-understudy-bug", "1"),)))

    async def _answer(self) -> Reply:
        house, exchange = self._house, self.exchange
        self._tenant = house.opened or await house.default()
        found = self._router.find(exchange.path)
        if found is None:
            return await self._answer_unknown_path()
        place, path_values = found
        self._place = place
        self._provider = place.provider
        served = place.by_method.get(exchange.method) or self._served_otherwise(place)
        if served is None:
            return await self._answer_other_method(place)
        self._served = served
        await self._find_tenant(place.provider, served.takes_credential)
        return await self._perform(served, path_values)

    def _served_otherwise(self, place: Place) -> Served | None:
        """HEAD goes where GET goes, if the vendor has it so."""
        if self.exchange.method == "HEAD" and place.provider.head_follows_get:
            return place.by_method.get("GET")
        return None

    async def _answer_unknown_path(self) -> Reply:
        provider = self._provider = self._router.owner(self.exchange.path)
        if provider is None:
            return _NO_ROUTE
        await self._find_tenant(provider, takes_credential=True)
        if provider.slash_redirects and self.exchange.path.endswith("/"):
            trimmed = self.exchange.path.rstrip("/")
            if self._router.find(trimmed) is not None:
                query = self._scope["query_string"].decode("latin-1")
                target = quote(trimmed, safe="/:@!$&'()*+,;=~")
                target = f"{target}?{query}" if query else target
                return Reply(308, None, (("location", target),))
        if self.exchange.method == "OPTIONS" and provider.preflight is not None:
            return provider.preflight(None, self.headers)
        raise UnknownPath(self.exchange.path)

    async def _answer_other_method(self, place: Place) -> Reply:
        provider = place.provider
        await self._find_tenant(provider, takes_credential=True)
        if self.exchange.method == "OPTIONS" and provider.preflight is not None:
            operation = next(iter(place.by_method.values())).operation
            return provider.preflight(operation, self.headers)
        raise MethodNotAllowed(self.exchange.method, place.allowed)

    async def _find_tenant(self, provider: Provider, takes_credential: bool) -> None:
        """Identify first: the key's tenant, else the named one, else the default.

        Raises `_NoTenant` for a name that is none: a misspelt one would hit another world.
        """
        if takes_credential:
            credential = provider.credential(self.headers)
            if isinstance(credential, str):
                self._holder = await self._house.holder(provider, credential)
        if self._holder is not None:
            self._tenant = self._holder.tenant
        elif (name := self.headers.get("understudy-tenant")) is not None:
            named = await self._house.tenant(name)
            if named is None:
                raise _NoTenant(name[:100])
            self._tenant = named
        if self._tenant is not None and provider.name not in self._tenant.furnished:
            await self._house.furnish(self._tenant, provider)

    async def _perform(self, served: Served, path_values: Mapping[str, str]) -> Reply:
        operation, holder, exchange = served.operation, self._holder, self.exchange
        account: Account | None = None
        query: dict[str, Any] = {}
        body: Any = None
        arrived = arrived_body(self._scope, BODY_LIMIT_BYTES)
        if arrived is None:
            arrived = await read_body(self._receive, BODY_LIMIT_BYTES)
        exchange.request_body, exchange.request_size = arrived, len(arrived)
        for check in operation.check_order:
            if check == "credential":
                account = checks.account(served, holder, self.headers)
            elif check == "rate-limit":
                if holder is not None and holder.account.limits:
                    await checks.count_call(holder, operation)
            elif check == "body":
                query, body = checks.inputs(
                    served, path_values, self._scope["query_string"], arrived
                )
        settings = self._house.settings
        call = Call(
            operation,
            self.headers,
            path_values,
            {**served.query_defaults, **query} if served.query_defaults else query,
            {**served.body_defaults, **body}
            if served.body_defaults and isinstance(body, dict)
            else body,
            body,
            settings.dialect,
            settings.switches.get(served.provider.name, {}),
        )
        self._stage = "operation"
        tenant = self._tenant
        if tenant is None:
            raise LookupError("a request is performed in a tenant")
        desk = self._desk(tenant, served.provider, account)
        playbook = await self._house.tenants.store.read(tenant.name, PLAYBOOKS, "")
        if playbook is not None or self.headers.have_any(ASKING):
            reply = await self._scripted(tenant, playbook, call, desk)
            if reply is not None:
                return reply
        reply = await served.handler(call, desk)
        if desk.unknown_trigger:
            from simulator.http.scripted import warned

            return warned(reply, desk.unknown_trigger)
        return reply

    async def _scripted(
        self, tenant: Tenant, playbook: Playbook | None, call: Call, desk: Desk
    ) -> Reply | None:
        """Have the scenarios decide: their reply, a refusal raised, or what the desk must know."""
        from simulator.http.scripted import consulted

        script = self.script = await consulted(self._house, tenant, playbook, call, desk.account)
        desk.scripting = script.scripting
        if script.refusal is not None:
            self._stage = "scenario"
            raise script.refusal
        return script.reply

    def _desk(self, tenant: Tenant, provider: Provider, account: Account | None) -> Desk:
        who = account or Account("", provider.name, "nobody", 0)
        fetch = self._house.fetch
        desk = Desk(tenant, provider.name, who, self._links, self._client_left, fetch)
        if self._holder is not None and (attributes := self._holder.key.attributes):
            desk.callback = attributes.get("callback", "")
        return desk

    def _links(self) -> Links:
        """Where the files of this request's tenant are for its client."""
        if self._provider is None or self._tenant is None:
            raise LookupError("files belong to a provider in a tenant")
        origin = self._house.settings.public_url or origin_of(self._scope, self.headers)
        are_expired = self.script is not None and self.script.ruling.give.are_links_expired
        return _links_at(origin, self._provider, self._tenant.name, are_expired)

    async def _client_left(self) -> None:
        """Return once the client has hung up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _left(self) -> tuple[bytes, bytes]:
        """The reply that nobody reads, for the journal; the run goes on without its client."""
        self.exchange.error = "client_left"
        return self._encoded(Reply(_CLIENT_LEFT))

    def _refused(self, error: Refusal) -> Reply:
        exchange = self.exchange
        exchange.error = error.name
        exchange.violations = violations_of(error)
        exchange.refused_at = self._stage or checks.place_of(error)
        provider = self._provider
        if provider is None:
            return _NO_ROUTE
        reply = provider.refuse(
            Refused(
                error,
                self._served.operation if self._served else None,
                self._house.settings.dialect,
                self._house.settings.switches.get(provider.name, {}),
                exchange.method,
                exchange.path,
                self._holder.account if self._holder else None,
            )
        )
        if isinstance(error, TooLarge) and not error.pointer:
            reply = Reply(reply.status, reply.body, (*reply.headers, ("connection", "close")))
        return reply

    def _without_tenant(self, name: str) -> Reply:
        """What is no provider's answer: the header names a tenant that there is not."""
        self.exchange.error = "no_tenant"
        body = {"error": f"no tenant {name!r}", "see": "/_understudy/tenants"}
        return Reply(404, body, (("understudy-tenant-unknown", name),))

    def _encoded(self, reply: Reply) -> tuple[bytes, bytes]:
        served, tenant, exchange = self._served, self._tenant, self.exchange
        if served is not None:
            standing = served.standing
        else:
            standing = standing_head(self._provider, is_handled=False)
        script = self.script
        if script is not None and script.vary is not None and not exchange.bug:
            reply = script.vary(reply)
        exchange.id = tenant.next_exchange() if tenant is not None else "none"
        exchange.status = reply.status
        head, body = encoded(reply, standing, exchange.id)
        if script is not None and (name := script.ruling.scenario):
            head += heads.packed([(b"understudy-scenario", latin(name))])
        if served is None or exchange.error:
            head += heads.packed(self._diagnosis(reply))
        return head, body

    def _diagnosis(self, reply: Reply) -> RawHeaders:
        headers: RawHeaders = []
        exchange = self.exchange
        if self._place is not None and (reply.status == 405 or exchange.method == "OPTIONS"):
            headers.append((b"allow", ", ".join(self._place.allowed).encode()))
        closest: list[str] = []
        if self._place is None and reply.status >= 400:
            closest = self._router.closest(exchange.method, exchange.path)
        return headers + diagnostic_headers(exchange.violations, closest)

    async def send_twisted(self, twist: "Twist", send: Send, head: bytes, body: bytes) -> None:
        """Send a reply as a scenario has it, and record what went out."""
        from simulator.http.breaking import Way
        from simulator.http.faulting import send_twisted

        tenant, exchange = self._tenant, self.exchange
        if tenant is None:
            return
        way = Way(self._scope, self._receive, send)
        headers = list(heads.unpacked(head))
        sent = await send_twisted(twist, tenant, way, exchange.status, headers, body)
        exchange.status = sent.status
        exchange.error = sent.error or exchange.error
        self.record(heads.packed(sent.headers), sent.body)
        if sent.broken is not None:
            raise sent.broken

    def record(self, head: bytes, body: bytes) -> None:
        """Write the exchange, with what was sent of the reply, into its tenant's journal."""
        tenant, exchange = self._tenant, self.exchange
        if tenant is None:
            return
        exchange.tenant = tenant.name
        exchange.duration_us = (monotonic_ns() - self._started_ns) // 1000
        if self._provider is not None:
            exchange.provider = self._provider.name
        if self._served is not None:
            exchange.operation = self._served.operation.id
        if self._holder is not None:
            exchange.account_id = self._holder.account.id
        exchange.request_head = heads.packed(self._scope["headers"])
        exchange.reply_head, exchange.reply_body, exchange.reply_size = head, body, len(body)
        if self.script is not None:
            ruling = self.script.ruling
            exchange.scenario = ruling.scenario
            exchange.passed_over = ruling.passed_over
            exchange.variety = self.script.variety
            exchange.fault = "" if ruling.give.fault is None else ruling.give.fault.kind
        tenant.journal.record(exchange)


@lru_cache(maxsize=256)
def _links_at(origin: str, provider: Provider, tenant: str, are_expired: bool) -> Links:
    assets = f"{origin}/_assets/{provider.name}/{tenant}"
    return Links(assets, provider.hosting.lifetime_ms, are_expired)
