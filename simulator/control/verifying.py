"""Verification from outside: were the requests made that a test expects?"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_args

from starlette.responses import Response

from simulator.control.reading import Asked, Declined, Violation
from simulator.control.replying import json_reply, tenant_of
from simulator.control.selecting import expected_of, since
from simulator.core import jsontext, verification
from simulator.core.expecting import Difference
from simulator.core.tenant import Tenant
from simulator.core.verification import Count, NearMiss
from simulator.house import House

_IDS_SHOWN = 1000
_DIFFERENCES_SHOWN = 20
_LONGEST_VALUE = 2000


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handler of verifications."""

    async def verify(asked: Asked) -> Response:
        body = asked.body
        tenant = await tenant_of(house, asked.path["tenant"])
        expectations = [
            expected_of(item, f"/expect/{number}") for number, item in enumerate(body["expect"])
        ]
        exchanges = [item for item in tenant.journal if item.direction == "in"]
        if "since" in body:
            is_later = since(tenant, body["since"], "body")
            exchanges = [item for item in exchanges if is_later(item)]
        if body.get("in_order", False):
            if "count" in body:
                told = Violation("body", "/count", "is not for expectations in order")
                raise Declined(400, f"body/count: {told.message}", told)
            verdict = verification.ordered(exchanges, expectations)
        else:
            verdict = verification.counted(exchanges, expectations, _count(body.get("count", {})))
        message = verdict.message
        if not verdict.is_verified:
            message += _gone(tenant)
        return json_reply(
            {
                "verified": verdict.is_verified,
                "message": message,
                "count": len(verdict.matched),
                "matched": [item.id for item in verdict.matched[:_IDS_SHOWN]],
                "near_misses": [_shown(item) for item in verdict.near_misses],
            }
        )

    return {"verify": verify}


def _count(asked: Mapping[str, int]) -> Count:
    for kind in get_args(Count.__annotations__["kind"]):
        if kind in asked:
            return Count(kind, asked[kind])
    return Count()


def _gone(tenant: Tenant) -> str:
    dropped = tenant.journal.dropped
    return f" (the journal is full: {dropped} older exchanges have left it)" if dropped else ""


def _shown(miss: NearMiss) -> dict[str, Any]:
    exchange = miss.exchange
    return {
        "exchange": exchange.id,
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "expectation": miss.expectation,
        "score": round(miss.score, 3),
        "differences": [_difference(item) for item in miss.differences[:_DIFFERENCES_SHOWN]],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    """A difference; what there is not has no `got`."""
    shown = {"where": difference.where, "expected": _cut(difference.expected)}
    return shown if difference.is_missing else {**shown, "got": _cut(difference.got)}


def _cut(value: Any) -> Any:
    """A value, or the beginning of its text if that is long."""
    text = jsontext.dumps(value)
    if len(text) <= _LONGEST_VALUE:
        return value
    return text[:_LONGEST_VALUE].decode("utf-8", "ignore") + "…"
