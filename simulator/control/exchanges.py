"""What is told of an exchange: as an item of the journal, and everything, by its id."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from starlette.responses import Response

from simulator.control import har
from simulator.control.reading import Asked, Declined
from simulator.control.replying import json_reply, tenant_of
from simulator.control.selecting import number_of, tenant_name
from simulator.core import jsontext, runs
from simulator.core.errors import Violation
from simulator.core.expecting import at_pointer
from simulator.core.heads import HeaderList
from simulator.core.journal import Exchange
from simulator.core.runs import RUNS, Run
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.house import House

_TEXTS_LOOKED_AT = 200
_LONGEST_ID = 200
_CLOSEST = b"understudy-closest"


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handler of one exchange."""

    async def read_exchange(asked: Asked) -> Response:
        exchange_id = asked.path["exchange"]
        name = tenant_name(exchange_id)
        if name is None:
            raise Declined(404, f"{exchange_id[:100]!r} is no id of an exchange")
        tenant = await tenant_of(house, name)
        found = tenant.journal.find(exchange_id)
        if found is None:
            raise Declined(404, _absence(tenant, exchange_id))
        return json_reply({**shown(found), **await _diagnosis(tenant, found)})

    return {"readExchange": read_exchange}


def shown(exchange: Exchange) -> dict[str, Any]:
    """An exchange as an item of the journal."""
    return {
        "id": exchange.id,
        "tenant": exchange.tenant,
        "direction": exchange.direction,
        "started_at": har.started_at(exchange),
        "duration_us": exchange.duration_us,
        "provider": exchange.provider or None,
        "operation": exchange.operation or None,
        "account_id": exchange.account_id or None,
        "method": exchange.method,
        "path": exchange.path,
        "query": exchange.query,
        "status": exchange.status,
        "error": exchange.error or None,
        "scenario": exchange.scenario or None,
        "fault": exchange.fault or None,
        "violations": [
            {"location": item.location, "pointer": item.pointer, "message": item.message}
            for item in exchange.violations
        ],
        "bug": exchange.bug or None,
        "request": _message(exchange.request_headers, exchange.request_body, exchange.request_size),
        "reply": _message(exchange.reply_headers, exchange.reply_body, exchange.reply_size),
    }


def _message(headers: HeaderList, body: bytes, size_bytes: int) -> dict[str, Any]:
    """Headers as pairs, the body as text or base64, and its true size."""
    text, encoding = har.body_text(body, size_bytes)
    return {
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers],
        "body": text,
        "encoding": encoding or None,
        "size_bytes": size_bytes,
    }


def _absence(tenant: Tenant, exchange_id: str) -> str:
    """Why an exchange is not there: it was and is gone, or there never was one."""
    number, count = number_of(tenant, exchange_id), tenant.exchange_count
    if number is not None and 0 < number <= count:
        return f"exchange {exchange_id!r} has left the journal"
    last = f"the latest is '{tenant.name}.{count}'" if count else "there was none yet"
    return f"there never was an exchange {exchange_id[:100]!r}; {last}"


async def _diagnosis(tenant: Tenant, exchange: Exchange) -> dict[str, Any]:
    """What the journal's items leave out."""
    closest = next((value for name, value in exchange.reply_headers if name == _CLOSEST), b"")
    return {
        "refused_at": exchange.refused_at or None,
        "violations": [_violation(exchange, item) for item in exchange.violations],
        "passed_over": [
            {"scenario": name, "reason": reason} for name, reason in exchange.passed_over
        ],
        "variety": exchange.variety or None,
        "closest": closest.decode("latin-1").split(", ") if closest else [],
        "runs": await _runs(tenant, exchange),
    }


def _violation(exchange: Exchange, violation: Violation) -> dict[str, Any]:
    """A violation with the value that stood there, read from what the journal kept of it."""
    told: dict[str, Any] = {
        "location": violation.location,
        "pointer": violation.pointer,
        "keyword": violation.keyword,
        "message": violation.message,
        "expected": violation.expected,
    }
    there, got = at_pointer(exchange, violation.location, violation.path)
    return {**told, "got": got} if there else told


async def _runs(tenant: Tenant, exchange: Exchange) -> list[dict[str, Any]]:
    """The runs whose ids stand in the reply, and whether this exchange began them."""
    texts = tuple(_texts(exchange.reply_body)) if exchange.account_id else ()
    if not texts:
        return []

    async def work(tx: Tx) -> tuple[list[Run], int]:
        found = {text: await tx.get(RUNS, text) for text in texts}
        return [run for run in found.values() if run is not None], await tenant.time_in(tx)

    found, now_ms = await tenant.transact(work)
    return [
        {
            "id": run.id,
            "state": runs.status_at(run, now_ms).state,
            "made": run.operation == exchange.operation and exchange.status < 300,
        }
        for run in found
        if run.provider == exchange.provider
    ]


def _texts(body: bytes) -> Iterator[str]:
    """Texts of a JSON body that may be ids, the first so many."""
    try:
        waiting = [jsontext.loads(body)] if body else []
    except jsontext.NotJson:
        return
    looked_at = 0
    while waiting and looked_at < _TEXTS_LOOKED_AT:
        value = waiting.pop(0)
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            looked_at += 1
            for text in (value, *(value.split("/") if "://" in value else ())):
                if 0 < len(text) <= _LONGEST_ID:
                    yield text
