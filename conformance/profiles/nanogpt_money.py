"""NanoGPT's money as its replies tell it: balances are texts, costs numbers, both rounded somehow.

`ACCOUNTS` is looked at around a job that runs by itself; `Window` is what was seen then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from conformance import profile
from conformance.journal import Journal
from conformance.model import Tier
from conformance.probe import FIRST, Probe, json_body
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_inputs as inputs
from conformance.reading import Reading

_CENT: Final = Decimal("0.01")
_READS: Final = 8
_NOISE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has, in dollars and in Nano, and the reply that says so."""

    usd: Decimal
    nano: Decimal
    reading: Reading


@dataclass(frozen=True, slots=True)
class Window:
    """One job's money, as seen while it ran by itself.

    Balances before it, once it was answered, once it has ended, and after what must cost nothing;
    None where none was told. `estimate` is the cost in the submission's reply, `final` the one at
    the end. `has_failed` is None for a job whose end was not seen.
    """

    created: Reading
    before: Balance | None
    charged: Balance | None
    settled: Balance | None
    left: Balance | None
    estimate: Decimal | None
    final: Decimal | None
    has_failed: bool | None

    @property
    def cost(self) -> Decimal | None:
        """The cost that counts: the final one, the estimate where none is told."""
        return self.estimate if self.final is None else self.final

    @property
    def source(self) -> object:
        """What the job is paid from: USD, XNO, or None where it is not said."""
        return self.created.answer.get("paymentSource")

    @property
    def slack(self) -> Decimal:
        """How far amounts may lie apart because they were rounded: a cent each at most."""
        told = [self.created.answer.get("cost"), self.created.answer.get("remainingBalance")]
        for balance in (self.before, self.settled):
            told += [balance.reading.answer.get("usd_balance")] if balance else []
        return sum((rounding(each) for each in told), Decimal(0))


def amount(value: object) -> Decimal | None:
    """Return an amount of money, None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def rounding(value: object) -> Decimal:
    """Return how far off an amount may be as it is written; nobody rounds to more than a cent."""
    found = amount(value)
    if found is None:
        return Decimal(0)
    exponent = found.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return max(_NOISE, min(_CENT, Decimal(1).scaleb(-places)))


def seen(journal: Journal, label: str = "first") -> Window | None:
    """Return what was seen of a job's money, None if it was not started or nothing was looked at.

    `label` is that of the key whose account is looked at.
    """
    created = journal.created
    if created is None or not created.is_success or not journal.steps("before"):
        return None
    ends = [answers.data_of(reading.answer) for reading in journal.steps("poll")]
    last = ends[-1] if ends else {}
    states = {"COMPLETED": False, "FAILED": True, "CANCELED": True}
    return Window(
        created,
        _told(journal, "before", label),
        _told(journal, "charged", label),
        _told(journal, "settled", label),
        _told(journal, "left", label),
        amount(created.answer.get("cost")),
        amount(last.get("cost")),
        states.get(str(last.get("status"))),
    )


def around(journal: Journal, label: str = "first") -> tuple[Balance | None, Balance | None]:
    """Return the balances before a job and after all that came of it."""
    return _told(journal, "before", label), _told(journal, "left", label)


def _told(journal: Journal, step: str, label: str) -> Balance | None:
    """Return the last balance of a step."""
    found = None
    for reading in journal.steps(step):
        if reading.is_success and [each.label for each in reading.credentials] == [label]:
            usd, nano = (amount(reading.answer.get(n)) for n in ("usd_balance", "nano_balance"))
            if usd is not None and nano is not None:
                found = Balance(usd, nano, reading)
    return found


def is_paid(window: Window) -> bool | None:
    """Whether a completed job took its cost from its account, once; None if that is not to be told.

    An account that is topped up meanwhile tells nothing, nor a cost that rounding hides. What a
    job paid in Nano takes is known by its direction alone, for its cost may be told in dollars.
    """
    before, settled, cost, slack = window.before, window.settled, window.cost, window.slack
    if before is None or settled is None or cost is None or window.has_failed is not False:
        return None
    usd, nano = before.usd - settled.usd, before.nano - settled.nano
    if 0 < cost <= 2 * slack or usd < -2 * cost - slack:
        return None
    if abs(usd - cost) <= slack:
        return True
    return window.source != "USD" and abs(usd) <= slack and nano > 0 and cost > 0


def is_refunded(window: Window) -> bool | None:
    """Whether a failed job has given back what it took; None if that is not to be told."""
    before, settled, slack = window.before, window.settled, window.slack
    if before is None or settled is None or not window.has_failed:
        return None
    usd, nano = settled.usd - before.usd, settled.nano - before.nano
    if usd > 2 * (window.estimate or 0) + slack:
        return None
    return abs(usd) <= slack and abs(nano) <= slack


def due(journal: Journal) -> Decimal | None:
    """Return what all jobs of a journey cost: the final cost, else the estimate; None if untold.

    Nor is it told where an extension goes on under the id of its job: one cost stands for two.
    """
    costs: dict[str, Decimal | None] = {}
    for reading in journal.readings:
        operation = reading.operation.id if reading.operation else ""
        if reading.exchange.step in ("legal", "near-miss"):
            continue  # sent long after the window was closed
        if operation in ("createVideo", "extendVideo") and reading.is_success:
            if str(reading.answer.get("runId")) in costs:
                return None
            costs[str(reading.answer.get("runId"))] = amount(reading.answer.get("cost"))
        data = answers.data_of(reading.answer)
        identity = str(data.get("requestId", reading.query.get("requestId")))
        if operation == "getVideoStatus" and identity in costs:
            final = amount(data.get("cost")) if data.get("status") == "COMPLETED" else None
            costs[identity] = costs[identity] if final is None else final
    told = [cost for cost in costs.values() if cost is not None]
    return sum(told, Decimal(0)) if told and len(told) == len(costs) else None


def is_all_paid(journal: Journal) -> bool | None:
    """Whether an account paid each job of a journey, once; None if that is not to be told."""
    window, total = seen(journal), due(journal)
    if window is None or total is None or window.before is None or window.settled is None:
        return None
    slack = 2 * window.slack
    usd = window.before.usd - window.settled.usd
    if window.has_failed is not False or window.source != "USD" or usd < -total - slack:
        return None
    return None if total <= 2 * slack else abs(usd - total) <= slack


def _is_settled(journal: Journal) -> bool:
    window = seen(journal)
    return window is None or (is_paid(window) is not False and is_refunded(window) is not False)


def _looks() -> Iterator[Probe]:
    for label in ("first", "second"):
        yield Probe(
            "POST", "/api/check-balance", "", "balance", "checkBalance",
            credentials=((FIRST[0], label),), tier=Tier.PAID, subject=label,
        )  # fmt: skip


def _refused() -> Iterator[Probe]:
    """Yield submissions that are refused, and reads, which are free.

    Only one submission is invalid beyond doubt, and safe to send.
    """
    rows = {
        "no model": ({"prompt": "A cat at a piano"}, Tier.PAID),
        "no prompt": (inputs.MISSING["text without prompt"], Tier.FUZZ),
        "unknown model": ({"model": bodies.NO_MODEL, "prompt": "A cat"}, Tier.FUZZ),
        "no voice": (inputs.MISSING["lipsync without voice_id"], Tier.FUZZ),
    }
    for subject, (body, tier) in rows.items():
        yield Probe(
            "POST", "/api/generate-video", "", "refused", "createVideo", body=json_body(body),
            tier=tier, subject=subject,
        )  # fmt: skip
    for _ in range(_READS):
        yield Probe(
            "GET", "/api/video/status", "", "free", "getVideoStatus",
            query={"requestId": bodies.UNKNOWN_RUN}, tier=Tier.PAID,
        )  # fmt: skip


ACCOUNTS: Final = profile.Window(tuple(_looks()), tuple(_refused()), _is_settled)

EXTENSION: Final = profile.Window(
    tuple(_looks()), (), lambda journal: is_all_paid(journal) is not False
)
"""Looks around a Midjourney job and its extension together, for the first may be billed late."""
