"""Verification from outside: were the requests made that a test expects?"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, get_args

from starlette.responses import Response

from simulator.control.reading import Asked, Declined, Violation, one_of
from simulator.control.replying import json_reply, tenant_of
from simulator.control.selecting import expected_of, since
from simulator.core import jsontext, verification
from simulator.core.expecting import Difference, Expected
from simulator.core.tenant import Tenant
from simulator.core.verification import Count, NearMiss, Verdict
from simulator.house import House

_IDS_SHOWN = 1000
_DIFFERENCES_SHOWN = 20
_LONGEST_VALUE = 2000
_WILDCARDS = frozenset("*?[")


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
        if body.get("in_order", False) and "count" in body:
            told = Violation("body", "/count", "is not for expectations in order")
            raise Declined(400, f"body/count: {told.message}", told)
        if unknown := _unknown(house, expectations):
            verdict = Verdict(False, unknown, ())
        elif body.get("in_order", False):
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


def _unknown(house: House, expectations: Sequence[Expected]) -> str:
    """A provider or an operation that is not served here, so that no count of it says anything."""
    for wanted in expectations:
        if wanted.provider and wanted.provider not in house.providers:
            told = one_of(list(house.providers), wanted.provider)
            return f"there is no provider {wanted.provider}; expected {told}"
        known = house.shelf.law.operations((wanted.provider,) if wanted.provider else ())
        name = wanted.operation
        if name and not _WILDCARDS.intersection(name) and name not in known:
            return f"there is no operation {name}; expected {one_of(sorted(known), name)}"
    return ""


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
