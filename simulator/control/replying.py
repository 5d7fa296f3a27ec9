"""The replies of the control plane: JSON, never cached, and how times are written in it."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from simulator.control.reading import Declined
from simulator.core import jsontext
from simulator.core.clock import utc_text
from simulator.core.tenant import Tenant
from simulator.house import House


def json_reply(body: Any, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    """A JSON reply; one without a body if that is None."""
    own = {"cache-control": "no-store", **headers}
    if body is None:
        return Response(None, status, own)
    return Response(jsontext.dumps(body), status, own, media_type="application/json")


def time_text(at_ms: int | None) -> str | None:
    """A time in ISO 8601, if there is one."""
    return None if at_ms is None else utc_text(at_ms)


async def tenant_of(house: House, name: str) -> Tenant:
    """The tenant of a name; raises `Declined` if there is none."""
    tenant = await house.tenant(name)
    if tenant is None:
        raise Declined(404, f"no tenant {name[:100]!r}")
    return tenant
