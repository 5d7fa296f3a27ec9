"""What NanoGPT's second account shows of money: refusals are free, and what it has not is 402."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import nanogpt_money as money
from conformance.profiles import nanogpt_purse as purse
from conformance.reading import Reading
from conformance.rule import Rule

_CREATES: Final = ("createVideo", "extendVideo")
_TYPES: Final = frozenset({"INSUFFICIENT_BALANCE", "insufficient_balance", "insufficient_quota"})
_COST: Final = "x-nanogpt-inline-moderation-cost-usd"
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Step:
    """One submission of the second account, and its dollars and Nano before and after."""

    sent: Reading
    before: tuple[Decimal, Decimal]
    after: tuple[Decimal, Decimal]

    @property
    def words(self) -> str:
        """What became of the balance."""
        return f"the balance went from {self.before[0]} USD to {self.after[0]} USD"


def rules() -> Iterator[Rule]:
    """Yield the rules; an account that is never short shows nothing of 402."""
    common: dict[str, Any] = {
        "area": "money",
        "operation": "createVideo",
        "tier": Tier.FUZZ,
        "drivers": ("lifecycle",),
        "cases": (Case("", required=False),),
    }
    second: dict[str, Any] = {**common, "needs": frozenset({"second-key"})}
    yield Rule(
        "nanogpt.money.refusal-is-free",
        "No refused submission costs anything, whatever it was refused for: needs, models, pro "
        "mode, content policy. Moderation costs what its header says.",
        "[docs: video-generation] policy refusals are not charged; [docs: inline-moderation]",
        check=_free,
        **second,
    )
    yield Rule(
        "nanogpt.money.covered",
        "A job that costs more than the balance is refused with 402; no account goes below "
        "nothing.",
        "[docs: video-generation] INSUFFICIENT_BALANCE; [docs: error-handling] 402",
        check=_covered,
        **common,
    )
    yield Rule(
        "nanogpt.money.enough",
        "A job is not refused with 402 if the balance covers what it says to require.",
        "[docs: error-handling] requiredBalance",
        check=_enough,
        **second,
    )
    anywhere = {**common, "drivers": ("lifecycle", "modes", "positive")}
    yield Rule(
        "nanogpt.errors.balance",
        "A 402 says so in the way of its form: type INSUFFICIENT_BALANCE in an error object, "
        "status 402 beside an error text.",
        "[docs: video-generation] error types; [docs: error-handling] the older form",
        check=_type,
        **anywhere,
    )
    yield Rule(
        "nanogpt.errors.required-balance",
        "A 402 says in requiredBalance what the job needs, and has status 402 beside it.",
        "[docs: error-handling] the older form; that the newer has them too is assumed",
        check=_members,
        provenance="assumed",
        **anywhere,
    )


def _steps(evidence: Evidence) -> Iterator[Step]:
    """Yield every submission that stands between two looks at the balance."""
    for journal in evidence.journeys("purse"):
        before: tuple[Decimal, Decimal] | None = None
        sent: Reading | None = None
        for reading in journal.readings:
            if reading.exchange.probe != purse.BALANCE:
                sent = reading
                continue
            held = tuple(money.amount(reading.answer.get(n)) for n in _BALANCES)
            now = None if None in held else (held[0] or Decimal(0), held[1] or Decimal(0))
            if sent is not None and before is not None and now is not None:
                yield Step(sent, before, now)
            before, sent = now, None


_BALANCES: Final = ("usd_balance", "nano_balance")


def _free(evidence: Evidence) -> Iterator[Finding]:
    for step in _steps(evidence):
        if step.sent.is_success:
            # What was taken may be billed whenever it likes.
            return
        if 400 <= step.sent.status < 500:
            told = money.amount(step.sent.exchange.reply_header(_COST))
            slack = _CENT / 10 + (told or 0)
            good = all(b - a <= slack for b, a in zip(step.before, step.after, strict=True))
            words = f"{step.sent.exchange.subject} got {step.sent.status}, {step.words}"
            yield check(good, step.sent, words)


def _covered(evidence: Evidence) -> Iterator[Finding]:
    for step in _steps(evidence):
        cost, source = money.amount(step.sent.answer.get("cost")), step.sent.answer
        if step.sent.status == 402:
            yield check(True, step.sent, "")
        in_dollars = source.get("paymentSource") in (None, "USD") and not step.before[1] > _CENT
        in_dollars = in_dollars or source.get("paymentSource") == "USD"
        if not step.sent.is_success or cost is None or not in_dollars:
            continue
        # An account that fills itself up has more after the job than before.
        if cost <= step.before[0] + _CENT or step.after[0] <= step.before[0]:
            words = f"{cost} USD were taken on, {step.words}"
            yield check(cost <= step.before[0] + _CENT, step.sent, words)
    for operation in _CREATES:
        for reading in evidence.successes(operation):
            left = money.amount(reading.answer.get("remainingBalance"))
            if left is not None:
                yield check(left >= -_CENT, reading, f"remainingBalance is {left}")


def _enough(evidence: Evidence) -> Iterator[Finding]:
    for step in _steps(evidence):
        needed = money.amount(step.sent.answer.get("requiredBalance"))
        if step.sent.status == 402 and needed is not None:
            words = f"{needed} were required, and {step.before[0]} USD were there"
            yield check(needed > step.before[0] - _CENT, step.sent, words)


def _refused(evidence: Evidence) -> Iterator[Reading]:
    for operation in _CREATES:
        yield from (each for each in evidence.of(operation) if each.status == 402)


def _type(evidence: Evidence) -> Iterator[Finding]:
    for reading in _refused(evidence):
        error = reading.answer.get("error")
        if isinstance(error, dict):
            kind = error.get("type")
            yield check(kind in _TYPES, reading, f"the type of a 402 is {kind!r}")
        else:
            status = reading.answer.get("status")
            good = isinstance(error, str) and status == 402
            yield check(good, reading, f"error is {error!r}, status {status!r}")


def _members(evidence: Evidence) -> Iterator[Finding]:
    for reading in _refused(evidence):
        needed, status = (reading.answer.get(n) for n in ("requiredBalance", "status"))
        good = isinstance(needed, int | float) and needed > 0 and status == 402
        yield check(good, reading, f"requiredBalance is {needed!r}, status {status!r}")
