"""The journal of a tenant for its reader: `/_understudy/journal`, and the same as a HAR file."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from simulator.control import har
from simulator.control.health import understudy_version
from simulator.control.reading import Asked
from simulator.control.replying import json_reply, tenant_of
from simulator.core.journal import Exchange
from simulator.core.redaction import HeaderList
from simulator.core.tenant import Tenant
from simulator.house import House


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of the journal, newest exchange last.

    `?tenant=` names another tenant than the default, `?limit=` asks for the latest only.
    """

    async def list_exchanges(asked: Asked) -> Response:
        _, exchanges = await _asked(house, asked)
        return json_reply([_summary(exchange) for exchange in exchanges])

    async def archive_exchanges(asked: Asked) -> Response:
        tenant, exchanges = await _asked(house, asked)
        name = f'attachment; filename="{_file_name(tenant)}"'
        archive = har.archive(exchanges, understudy_version())
        return json_reply(archive, headers={"content-disposition": name})

    return {"listExchanges": list_exchanges, "archiveExchanges": archive_exchanges}


async def _asked(house: House, asked: Asked) -> tuple[Tenant, list[Exchange]]:
    """The tenant and its latest exchanges, newest last."""
    tenant = await tenant_of(house, asked.query["tenant"])
    exchanges, limit = list(tenant.journal), asked.query["limit"]
    return tenant, exchanges if limit is None else exchanges[max(0, len(exchanges) - limit) :]


def _summary(exchange: Exchange) -> dict[str, Any]:
    return {
        "id": exchange.id,
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
        "violations": [
            {
                "location": violation.location,
                "pointer": violation.pointer,
                "message": violation.message,
            }
            for violation in exchange.violations
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


def _file_name(tenant: Tenant) -> str:
    safe = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in tenant.name
    )
    return f"understudy-{safe}.har"
