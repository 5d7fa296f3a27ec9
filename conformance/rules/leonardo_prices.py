"""What a Leonardo job costs, wherever that is told: its reply, the calculator, the account.

No document says which balance a job is taken from, or that the places agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Rule, Tier
from conformance.profiles import leonardo as profile
from conformance.reading import Reading
from conformance.rules.leonardo_values import is_whole

_TOKENS: Final = (
    "paidTokens", "apiPaidTokens", "subscriptionTokens", "apiSubscriptionTokens",
)  # fmt: skip


def rules() -> Iterator[Rule]:
    """Yield the rules of prices."""
    common: dict[str, Any] = {
        "area": "create", "operation": "createTextToVideoGeneration", "tier": Tier.FUZZ,
        "drivers": ("lifecycle",), "needs": frozenset({"second-key"}), "provenance": "assumed",
    }  # fmt: skip
    source = "[openapi: video-generation, pricing-calculator, user]; that they agree is assumed"
    yield Rule(
        "leonardo.create.price",
        "apiCreditCost of a job, its cost in CREDITS and the calculator's price are the same, "
        "where they are told.",
        source,
        check=_told,
        cases=(Case("", required=False),),
        **common,
    )
    yield Rule(
        "leonardo.create.charged",
        "The account's tokens fall by the price of a job, once; they may stay if it is not told "
        "in credits.",
        source,
        check=_charged,
        cases=(Case("", required=False),),
        **common,
    )


def _prices(evidence: Evidence) -> tuple[Reading | None, dict[str, int]]:
    """Return the second account's job, and its price in credits by where it is told."""
    made = next((each for each in evidence.probed("account.job") if each.is_success), None)
    job = profile.job_of(made.answer) if made is not None else {}
    cost, price = job.get("cost"), job.get("apiCreditCost")
    told: dict[str, int] = {}
    if is_whole(price) and price:
        told["apiCreditCost"] = int(price)
    if isinstance(cost, dict) and cost.get("unit") == "CREDITS":
        amount = str(cost.get("amount"))
        told |= {"cost": int(amount)} if amount.isdecimal() else {}
    for reading in evidence.probed("account.price"):
        found = reading.answer.get("calculateProductionApiServiceCost")
        value = found.get("cost") if isinstance(found, dict) and reading.is_success else None
        told |= {"calculator": int(value)} if is_whole(value) and value else {}
    return made, told


def _told(evidence: Evidence) -> Iterator[Finding]:
    made, told = _prices(evidence)
    if made is not None and len(told) > 1:
        yield check(len(set(told.values())) == 1, made, f"the prices differ: {told}")


def _charged(evidence: Evidence) -> Iterator[Finding]:
    made, told = _prices(evidence)
    balances = [_balance(evidence, f"account.{word}") for word in ("before", "after")]
    if made is None or not told or None in balances:
        return
    before, after = (each for each in balances if each is not None)
    fallen = before[1] - after[1]
    # An account that pays as it goes may have no tokens at all.
    may_stay = "apiCreditCost" not in told
    if fallen or not may_stay:
        good = fallen in told.values()
        words = f"the tokens fell by {fallen}, the price is {told}"
        yield check(good, after[0], words, "", before[0], made)


def _balance(evidence: Evidence, probe: str) -> tuple[Reading, int] | None:
    for reading in evidence.probed(probe):
        rows = reading.answer.get("user_details")
        row = rows[0] if isinstance(rows, list) and rows else None
        if reading.is_success and isinstance(row, dict):
            held: list[Any] = [row.get(name) for name in _TOKENS]
            return reading, sum(value for value in held if is_whole(value))
    return None
