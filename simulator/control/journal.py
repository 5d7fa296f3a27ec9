"""The journal of a tenant for its reader: `/_understudy/journal`, and the same as a HAR file."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.control import har
from simulator.control.health import understudy_version
from simulator.core import jsontext
from simulator.core.journal import Exchange
from simulator.core.redaction import HeaderList
from simulator.core.tenant import DEFAULT, Tenant
from simulator.house import House


def routes(house: House) -> list[Route]:
    """The routes of the journal, newest exchange last.

    `?tenant=` names another tenant than the default, `?limit=` asks for the latest only. A tenant
    that does not exist is a 404, a limit that is no whole number a 400.
    """

    async def listed(request: Request) -> Response:
        asked = await _asked(house, request)
        if isinstance(asked, Response):
            return asked
        return _json([_summary(exchange) for exchange in asked[1]])

    async def archived(request: Request) -> Response:
        asked = await _asked(house, request)
        if isinstance(asked, Response):
            return asked
        tenant, exchanges = asked
        reply = _json(har.archive(exchanges, understudy_version()))
        reply.headers["content-disposition"] = f'attachment; filename="{_file_name(tenant)}"'
        return reply

    return [
        Route("/_understudy/journal", listed),
        Route("/_understudy/journal.har", archived),
    ]


async def _asked(house: House, request: Request) -> tuple[Tenant, list[Exchange]] | Response:
    """The tenant and its latest exchanges, newest last, or why there are none to show."""
    name = request.query_params.get("tenant", DEFAULT)
    tenant = await house.tenant(name)
    if tenant is None:
        return _json({"error": f"no tenant {name!r}"}, 404)
    limit = request.query_params.get("limit")
    exchanges = list(tenant.journal)
    if limit is None:
        return tenant, exchanges
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10):
        return _json({"error": f"limit is a number of exchanges, not {limit!r}"}, 400)
    return tenant, exchanges[max(0, len(exchanges) - int(limit)) :]


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


def _json(body: Any, status: int = 200) -> Response:
    return Response(jsontext.dumps(body), status, media_type="application/json")


def _file_name(tenant: Tenant) -> str:
    safe = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in tenant.name
    )
    return f"understudy-{safe}.har"
