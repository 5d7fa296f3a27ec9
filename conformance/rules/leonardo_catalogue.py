"""Leonardo's account, elements, models and calculator: whole numbers and names of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding
from conformance.profiles import leonardo_probes as probes
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.leonardo_values import SD_VERSIONS, is_uuid, is_whole

_SECOND: Final = frozenset({"second-key"})
_TOKENS: Final = {
    "subscriptionTokens": False, "subscriptionGptTokens": False, "subscriptionModelTokens": False,
    "apiConcurrencySlots": False, "apiSubscriptionTokens": False, "paidTokens": True,
    "apiPaidTokens": True,
}  # fmt: skip


def rules() -> Iterator[Rule]:
    """Yield the rules of the account, the catalogues and the calculator."""
    common: dict[str, Any] = {"area": "catalogue", "drivers": ("positive", "modes")}
    yield Rule(
        "leonardo.getUserSelf.tokens",
        "Every balance of the account is a whole number; some may be null.",
        "[openapi: user] [sdk-py] [sdk-ts] a fraction raises",
        check=_tokens,
        operation="getUserSelf",
        cases=tuple(Case(name, required=not may_miss) for name, may_miss in _TOKENS.items()),
        **common,
    )
    yield Rule(
        "leonardo.getUserSelf.caller",
        "The account is one entry, with the caller's id, a UUID.",
        "[openapi: user]",
        check=_caller,
        operation="getUserSelf",
        **common,
    )
    yield Rule(
        "leonardo.getUserSelf.accounts",
        "Each key reads its own account.",
        "[openapi: user]",
        check=_two_accounts,
        operation="getUserSelf",
        needs=_SECOND,
        **{**common, "area": "ownership"},
    )
    yield Rule(
        "leonardo.listElements.weights",
        "Weights of listed elements are whole numbers, the default between least and largest.",
        "[openapi: elements] [sdk-py] 1.5 raises",
        check=_weights,
        operation="listElements",
        **common,
    )
    yield Rule(
        "leonardo.listElements.models",
        "Every listed element is for a base model that the clients know.",
        "[openapi: elements] [sdk-py] an unlisted one raises",
        check=_base_models,
        operation="listElements",
        **common,
    )
    yield Rule(
        "leonardo.listPlatformModels.ids",
        "Listed models have ids of their own, UUIDs, and names.",
        "[openapi: models]",
        check=_models,
        operation="listPlatformModels",
        **common,
    )
    yield Rule(
        "leonardo.pricingCalculator.cost",
        "The calculator prices a service as a whole number.",
        "[openapi: pricing-calculator]; an example's fraction contradicts it",
        check=_prices,
        operation="pricingCalculator",
        cases=tuple(Case(name) for name in probes.SERVICES),
        **common,
    )


def _accounts(evidence: Evidence) -> Iterator[tuple[Reading, dict[str, Any]]]:
    for reading in evidence.successes("getUserSelf"):
        rows = reading.answer.get("user_details")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield reading, row


def _tokens(evidence: Evidence) -> Iterator[Finding]:
    for reading, row in _accounts(evidence):
        for name, may_miss in _TOKENS.items():
            value = row.get(name)
            if value is not None or not may_miss:
                yield check(is_whole(value), reading, f"{name} is {value!r}", name)


def _caller(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("getUserSelf"):
        rows = reading.answer.get("user_details")
        count = len(rows) if isinstance(rows, list) else 0
        first = rows[0] if isinstance(rows, list) and count else None
        user = first.get("user") if isinstance(first, dict) else None
        good = count == 1 and isinstance(user, dict) and is_uuid(user.get("id"))
        yield check(good, reading, f"{count} entries, user {user!r}")


def _user_id(row: dict[str, Any]) -> str:
    user = row.get("user")
    return str(user.get("id")) if isinstance(user, dict) else ""


def _two_accounts(evidence: Evidence) -> Iterator[Finding]:
    first: str | None = None
    found = list(_accounts(evidence))
    for reading, row in found:
        if [each.label for each in reading.credentials] == ["first"]:
            first = first or _user_id(row)
    for reading, row in found:
        if [each.label for each in reading.credentials] == ["second"] and first:
            second = _user_id(row)
            yield check(second != first, reading, f"both keys belong to {first}")


def _listed(evidence: Evidence, operation: str, name: str) -> Iterator[tuple[Reading, list[Any]]]:
    for reading in evidence.successes(operation):
        rows = reading.answer.get(name)
        if isinstance(rows, list):
            yield reading, [row for row in rows if isinstance(row, dict)]


def _weights(evidence: Evidence) -> Iterator[Finding]:
    for reading, rows in _listed(evidence, "listElements", "loras"):
        for row in rows:
            low, normal, high = (row.get(f"weight{end}") for end in ("Min", "Default", "Max"))
            there = [value for value in (low, normal, high) if value is not None]
            good = all(is_whole(value) for value in there) and there == sorted(there)
            words = f"weights of {row.get('name')!r} are {low!r}, {normal!r}, {high!r}"
            yield check(good, reading, words)


def _base_models(evidence: Evidence) -> Iterator[Finding]:
    for reading, rows in _listed(evidence, "listElements", "loras"):
        for row in rows:
            if "baseModel" in row:
                name = row["baseModel"]
                yield check(name in SD_VERSIONS, reading, f"baseModel is {name!r}")


def _models(evidence: Evidence) -> Iterator[Finding]:
    for reading, rows in _listed(evidence, "listPlatformModels", "custom_models"):
        ids = [row.get("id") for row in rows]
        good = all(is_uuid(each) for each in ids) and len(set(ids)) == len(ids)
        named = all(isinstance(row.get("name"), str) and row["name"] for row in rows)
        yield check(good and named, reading, "a model without its own id, or without a name")


def _prices(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("price"):
        price = reading.answer.get("calculateProductionApiServiceCost")
        cost = price.get("cost") if isinstance(price, dict) else None
        good = reading.status == 200 and is_whole(cost) and int(cost or 0) >= 0
        name = reading.exchange.subject
        yield check(good, reading, f"{name} costs {cost!r} ({reading.status})", name)
