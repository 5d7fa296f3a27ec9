"""What a Leonardo job costs, wherever that is told: its reply, the calculator, the account.

No document says which balance a job is taken from, that the places agree, or what a refused or
failed job costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import leonardo_account as account
from conformance.profiles import leonardo_answers as profile
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.leonardo_values import is_whole

_TOKENS: Final = (
    "paidTokens", "apiPaidTokens", "subscriptionTokens", "apiSubscriptionTokens",
)  # fmt: skip
_CHEAPER: Final = (("motion-480", "motion-720"), ("image", "images"), ("narrow-image", "image"))
_NEVER_MORE: Final = _CHEAPER[2]


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
        cases=tuple(Case(name, required=False) for name in account.PRICED),
        **common,
    )
    yield Rule(
        "leonardo.create.charged",
        "The account's tokens fall by the price of a job, once; they may stay if it is not told "
        "in credits and no other job takes any.",
        source,
        check=_charged,
        cases=tuple(
            Case(name, required=False, operation=operation)
            for name, operation in account.CHARGED.items()
        ),
        **{**common, "operation": None},
    )
    yield Rule(
        "leonardo.create.refunded",
        "A job that fails costs nothing in the end: the tokens are what they were.",
        "no source; that a failed job is given back is assumed",
        check=_refunded,
        cases=(Case("", needs=frozenset({"failure-trigger"}), required=False),),
        **common,
    )
    yield Rule(
        "leonardo.create.refused-free",
        "A request that is refused costs nothing: a moderated prompt, a length that is not "
        "offered, no prompt.",
        "no source; that what makes no job costs nothing is assumed",
        check=_refused_free,
        cases=tuple(Case(name, required=False) for name in account.UNCHARGED),
        **common,
    )
    yield Rule(
        "leonardo.pricingCalculator.depends",
        "The calculator's price depends on what is asked: 720p costs more than 480p, four images "
        "more than one, and a wider image no less.",
        "[openapi: pricing-calculator] parameters of the services; no document lists prices",
        "catalogue",
        check=_depends,
        operation="pricingCalculator",
        provenance="assumed",
        drivers=("modes",),
        cases=tuple(Case(more) for _, more in _CHEAPER[:2]),
    )


def _jobs(evidence: Evidence) -> dict[str, Reading]:
    """Return the second account's jobs that were accepted, by name."""
    made = (each for each in evidence.probed("account.job") if each.is_success)
    return {each.exchange.subject: each for each in made}


def _cost(made: Reading) -> tuple[str, Decimal | None]:
    """Return unit and amount of a job's cost, an empty unit if it has none."""
    cost = profile.job_of(made.answer).get("cost")
    if not isinstance(cost, dict):
        return "", None
    try:
        return str(cost.get("unit")), Decimal(str(cost.get("amount")))
    except InvalidOperation:
        return "", None


def _credits(made: Reading) -> dict[str, int]:
    """Return a job's price in credits by where its reply tells it."""
    told: dict[str, int] = {}
    price, (unit, amount) = profile.job_of(made.answer).get("apiCreditCost"), _cost(made)
    if is_whole(price) and price:
        told["apiCreditCost"] = int(price)
    if unit == "CREDITS" and amount is not None and amount == int(amount):
        told["cost"] = int(amount)
    return told


def _prices(evidence: Evidence, name: str, made: Reading) -> dict[str, int]:
    """Return a job's price in credits by where it is told, the calculator too."""
    told = _credits(made)
    for reading in evidence.probed("account.price"):
        found = reading.answer.get("calculateProductionApiServiceCost")
        value = found.get("cost") if isinstance(found, dict) and reading.is_success else None
        if reading.exchange.subject == name and is_whole(value) and value:
            told |= {"calculator": int(value)}
    return told


def _told(evidence: Evidence) -> Iterator[Finding]:
    for name, made in _jobs(evidence).items():
        told = _prices(evidence, name, made)
        if len(told) > 1:
            yield check(len(set(told.values())) == 1, made, f"the prices differ: {told}", name)


def _charged(evidence: Evidence) -> Iterator[Finding]:
    jobs, falls = _jobs(evidence), dict(_falls(evidence))
    takes = any(fallen for name, (fallen, _) in falls.items() if name in account.CHARGED)
    rates = _rates(jobs, falls)
    for name in account.CHARGED:
        if name not in jobs or name not in falls:
            continue
        made, (fallen, looks) = jobs[name], falls[name]
        told = _prices(evidence, name, made)
        words = f"the tokens fell by {fallen}, the price is {told or _cost(made)}"
        # An account that pays as it goes may have no tokens at all.
        if told and (fallen or takes or _credits(made)):
            yield check(fallen in told.values(), looks[-1], words, name, made, *looks[:-1])
        elif name in rates and len(rates) > 2:
            usual = sorted(rates.values())[len(rates) // 2]
            good = abs(rates[name] - usual) * 20 <= usual
            yield check(good, looks[-1], f"{words}, else {usual:.0f} a unit", name, made)


def _rates(
    jobs: dict[str, Reading], falls: dict[str, tuple[int, list[Reading]]]
) -> dict[str, Decimal]:
    """Return by how many tokens an account fell for a unit of each job's cost."""
    found = {}
    for name in account.CHARGED:
        amount = _cost(jobs[name])[1] if name in jobs else None
        if amount and name in falls and any(fallen for fallen, _ in falls.values()):
            found[name] = falls[name][0] / amount
    return found


def _falls(evidence: Evidence) -> Iterator[tuple[str, tuple[int, list[Reading]]]]:
    """Yield by how much the tokens fell from before a job to after its end, and both looks."""
    before: Reading | None = None
    for reading in evidence.probed("account"):
        tags = reading.exchange
        is_after = tags.probe == "account.after"
        if is_after and before is not None:
            then, now = _balance(before), _balance(reading)
            if then is not None and now is not None:
                yield tags.subject, (then - now, [before, reading])
        if is_after or tags.probe in ("account.before", "account.unmoved"):
            before = reading


def _balance(reading: Reading) -> int | None:
    rows = reading.answer.get("user_details")
    row = rows[0] if isinstance(rows, list) and rows else None
    if not reading.is_success or not isinstance(row, dict):
        return None
    held: list[Any] = [row.get(name) for name in _TOKENS]
    return sum(int(value) for value in held if is_whole(value))


def _refunded(evidence: Evidence) -> Iterator[Finding]:
    ends = [each for each in evidence.probed("account.end") if each.exchange.subject == "fails"]
    status = profile.generation_of(ends[-1].answer).get("status") if ends else None
    for name, (fallen, looks) in _falls(evidence):
        if name == "fails" and status == "FAILED":
            yield check(fallen == 0, looks[-1], f"a failed job took {fallen}", "", *looks[:-1])


def _refused_free(evidence: Evidence) -> Iterator[Finding]:
    refused = {
        each.exchange.subject for each in evidence.probed("account.refused") if each.status >= 400
    }
    before: Reading | None = None
    for reading in evidence.probed("account.before", "account.unmoved"):
        name, now = reading.exchange.subject, _balance(reading)
        then = _balance(before) if before is not None else None
        if before is not None and name in refused and then is not None and now is not None:
            words = f"a refused request took {then - now}: {name}"
            yield check(then == now, reading, words, name, before)
        before = reading


def _depends(evidence: Evidence) -> Iterator[Finding]:
    prices: dict[str, tuple[int, Reading]] = {}
    for reading in evidence.probed("price"):
        found = reading.answer.get("calculateProductionApiServiceCost")
        value = found.get("cost") if isinstance(found, dict) else None
        if is_whole(value):
            prices[reading.exchange.subject] = (int(str(value)), reading)
    for pair in _CHEAPER:
        if pair[0] in prices and pair[1] in prices:
            (less, first), (more, second) = prices[pair[0]], prices[pair[1]]
            good = less <= more if pair == _NEVER_MORE else less < more
            words = f"{pair[0]} costs {less}, {pair[1]} {more}"
            yield check(good, second, words, pair[1], first)
