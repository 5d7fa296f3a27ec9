"""The journal of a tenant: listed, filtered, followed, cleared, and as a HAR file.

`?tenant=` names another tenant than the default.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from simulator.control import har
from simulator.control.exchanges import shown
from simulator.control.health import understudy_version
from simulator.control.reading import Asked
from simulator.control.replying import json_reply, tenant_of
from simulator.control.selecting import filter_of, number_of, selected, since
from simulator.control.streaming import Stream
from simulator.core import expecting
from simulator.core.journal import Exchange
from simulator.core.tailing import Tail
from simulator.core.tenant import Tenant
from simulator.house import House

_LAST_EVENT = "last-event-id"


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of the journal, newest exchange last."""

    async def list_exchanges(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.query["tenant"])
        return json_reply([shown(exchange) for exchange in selected(tenant, asked.query)])

    async def archive_exchanges(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.query["tenant"])
        name = f'attachment; filename="{_file_name(tenant)}"'
        archive = har.archive(selected(tenant, asked.query), understudy_version())
        return json_reply(archive, headers={"content-disposition": name})

    async def clear_exchanges(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.query["tenant"])
        count = len(tenant.journal)
        tenant.journal.clear()
        return json_reply({"cleared": count})

    async def tail_exchanges(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.query["tenant"])
        wanted = filter_of(asked.query)
        tail = Tail(_missed(tenant, asked))
        if house.is_stopping:
            tail.end()
        tenant.journal.follow(tail)
        seconds = asked.query["seconds"]
        return Stream(
            tenant.journal, tail, lambda exchange: expecting.is_met(wanted, exchange), seconds
        )

    return {
        "listExchanges": list_exchanges,
        "archiveExchanges": archive_exchanges,
        "clearExchanges": clear_exchanges,
        "tailExchanges": tail_exchanges,
    }


def _missed(tenant: Tenant, asked: Asked) -> list[Exchange]:
    """What a reader asks for who has read before, or wants what was since a time.

    One who has read more than there is reads a tenant that has begun again: all of it is new.
    """
    last = number_of(tenant, asked.headers.get(_LAST_EVENT, ""))
    if last is not None:
        last = 0 if last > tenant.exchange_count else last
        return [item for item in tenant.journal if (number_of(tenant, item.id) or 0) > last]
    if asked.query["since"] is None:
        return []
    is_later = since(tenant, asked.query["since"], "query")
    return [item for item in tenant.journal if is_later(item)]


def _file_name(tenant: Tenant) -> str:
    safe = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in tenant.name
    )
    return f"understudy-{safe}.har"
