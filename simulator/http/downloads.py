"""Downloads of files that scenarios delay or break; any other download never comes here.

A file that is to be broken is read whole before it is sent.
"""

from msgspec.structs import replace
from starlette.types import ASGIApp, Message

from simulator.core import ids
from simulator.core.journal import Exchange
from simulator.core.matching import Ruling, Sought, ruled
from simulator.core.scenarios import DOWNLOAD, PLAYBOOKS, Active, Match
from simulator.core.tenant import Tenant
from simulator.house import House
from simulator.http.breaking import Way
from simulator.http.faulting import Twist, send_twisted
from simulator.http.headers import SCENARIO
from simulator.http.replying import RawHeaders, latin
from simulator.provider import Reply


async def download_twist(
    house: House, tenant: Tenant, exchange: Exchange, headers: RawHeaders
) -> Twist | Reply | None:
    """What the scenarios in force and those it names want to befall a download.

    It is noted in its exchange. A name that is none is refused.
    """
    if exchange.method not in ("GET", "HEAD"):
        return None
    playbook = await tenant.transact(lambda tx: tx.get(PLAYBOOKS, ""))
    active = () if playbook is None else playbook.active
    for name, value in headers:
        if name == SCENARIO:
            from simulator.http.scripted import named

            found = named(house, value.decode("latin-1"))
            if isinstance(found, Reply):
                return found
            active = (*map(_of_downloads, found), *active)
            break
    if not active:
        return None
    sought = Sought(exchange.provider, DOWNLOAD)
    ruling: Ruling = await ruled(tenant, active, sought)
    exchange.scenario, exchange.passed_over = ruling.scenario, ruling.passed_over
    give = ruling.give
    if give.fault is None and give.latency is None:
        return None
    source = ids.entropy(tenant.seed, f"scenario:{ruling.scenario}:{ruling.rule}", ruling.ordinal)
    wait_ms = 0 if give.latency is None else give.latency.draw_ms(source, ruling.ordinal)
    exchange.fault = "" if give.fault is None else give.fault.kind
    return Twist(wait_ms, give.fault, source)


def _of_downloads(active: Active) -> Active:
    """A scenario whose rules for any operation are for downloads too: the download names it."""
    rules = tuple(
        rule if rule.match.operations else replace(rule, match=_any_download(rule.match))
        for rule in active.scenario.rules
    )
    return replace(active, scenario=replace(active.scenario, rules=rules))


def _any_download(match: Match) -> Match:
    return replace(match, operations=(DOWNLOAD,))


async def send_download(
    app: ASGIApp, twist: Twist, tenant: Tenant, exchange: Exchange, way: Way
) -> RawHeaders:
    """Have an app make a reply, send it with a twist, and answer the headers that went out.

    Raises `BrokenExchange` where there is no connection to break.
    """
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(way.scope, way.receive, keep)
    start, *pieces = messages
    body = b"".join(piece.get("body", b"") for piece in pieces)
    headers = [*start.get("headers", ()), (b"understudy-exchange", exchange.id.encode())]
    headers.append((SCENARIO, latin(exchange.scenario)))
    sent = await send_twisted(twist, tenant, way, start["status"], headers, body)
    exchange.status, exchange.error = sent.status, sent.error
    exchange.reply_size = len(sent.body)
    if sent.broken is not None:
        raise sent.broken
    return sent.headers
