"""What NanoGPT's jobs do to balances, and whether its prices agree.

Balances are judged where a job ran by itself. Whoever uses the same key elsewhere meanwhile
disturbs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from conformance.drivers import WINDOWS
from conformance.evidence import Evidence, check
from conformance.journal import Journal
from conformance.model import Case, Finding, Tier
from conformance.profiles import nanogpt as profile
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_inputs as inputs
from conformance.profiles import nanogpt_money as money
from conformance.profiles.nanogpt_money import Balance, Window
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.nanogpt_jobs import journals
from conformance.rules.nanogpt_models import entries

_WINDOWED: Final = ("text", "fails")
_CREATES: Final = ("createVideo", "extendVideo")
_STATUSES: Final = ("getVideoStatus", "getVideoStatusDeprecated")
_MET: Final = (Case("", required=False),)


def rules() -> Iterator[Rule]:
    """Yield the rules of balances and prices; a target that tells no cost is not judged."""
    common: dict[str, Any] = {
        "area": "money",
        "operation": "createVideo",
        "tier": Tier.PAID,
        "drivers": ("lifecycle", WINDOWS),
        "cases": _MET,
    }
    yield Rule(
        "nanogpt.money.charged",
        "A completed job takes its final cost from its account's balance, once.",
        "[seed] cost, remainingBalance, billing after completion; [docs: video-generation]",
        check=_charged,
        **common,
    )
    yield Rule(
        "nanogpt.money.refunded",
        "A failed job costs nothing: its account has again what it had before.",
        "[docs: video-generation] failed jobs are refunded",
        check=_refunded,
        **{**common, "needs": frozenset({"failure-trigger"})},
    )
    yield Rule(
        "nanogpt.money.remaining",
        "remainingBalance of a submission is the balance after it: what check-balance says then, "
        "or what it said before, less the cost.",
        "[seed] submission, remainingBalance; [openapi] check-balance",
        check=_remaining,
        **common,
    )
    yield Rule(
        "nanogpt.money.refusals",
        "A refused submission costs nothing, nor does a read of a status.",
        "[docs: video-generation] refused requests are not charged; [docs: video-status-unified]",
        check=_refusals,
        **common,
    )
    yield Rule(
        "nanogpt.money.other-account",
        "A job costs the account that started it; another account's balance does not fall.",
        "[docs: authentication] a key belongs to an account",
        check=_other_account,
        **{**common, "needs": frozenset({"second-key"})},
    )
    yield Rule(
        "nanogpt.money.extension",
        "An extension takes its cost from the balance once, beside what the Midjourney job took.",
        "[docs: video-extend] cost; [seed] cost, remainingBalance",
        check=_extension,
        **{**common, "operation": "extendVideo", "tier": Tier.FUZZ},
    )
    yield from _prices(common)


def _prices(common: dict[str, Any]) -> Iterator[Rule]:
    yield Rule(
        "nanogpt.money.estimate",
        "The final cost of a job whose length was asked for is the one of its submission.",
        "[docs: video-generation] estimate, then final cost; that they agree is assumed",
        check=_estimate,
        **{**common, "drivers": ("lifecycle",), "provenance": "assumed"},
    )
    yield Rule(
        "nanogpt.money.spellings",
        "A length as a text or a number, pro mode and an image by any of their names come to one "
        "price each.",
        "[seed] duration, pro_mode / pro, aliases of imageDataUrl; [openapi] duration",
        check=_spellings,
        **{**common, "drivers": ("modes",), "tier": Tier.FUZZ},
    )
    yield Rule(
        "nanogpt.money.catalogue",
        "A submission costs what the catalogue's price by second, by video or by resolution comes "
        "to.",
        "[docs: video-models] pricing; [seed] duration and resolution drive the price",
        check=_catalogue,
        **{**common, "drivers": ("modes",), "tier": Tier.FUZZ},
    )


def _windows(evidence: Evidence, label: str = "first") -> Iterator[tuple[Journal, Window]]:
    """Yield what was seen around jobs while no other job of this suite was under way."""
    for name in _WINDOWED:
        for journal in evidence.journeys(name):
            window = money.seen(journal, label)
            if window is not None and _is_quiet(evidence, journal):
                yield journal, window


def _is_quiet(evidence: Evidence, journal: Journal) -> bool:
    """Whether every other job that was started before the window's end had ended at its begin."""
    began, ended = journal.sent[0].index, journal.steps("left", "settled", "poll")
    last = ended[-1].index if ended else began
    over = {
        reading.query.get("requestId") or reading.query.get("runId")
        for operation in _STATUSES
        for reading in evidence.of(operation)
        if reading.index < began and _status(reading) in profile.ENDED
    }
    return all(
        reading.index > last
        or reading.exchange.series == journal.series
        or str(reading.answer.get("runId")) in over
        for operation in _CREATES
        for reading in evidence.of(operation)
        if reading.is_success
    )


def _status(reading: Reading) -> str:
    return str(answers.data_of(reading.reply.value).get("status"))


def _charged(evidence: Evidence) -> Iterator[Finding]:
    for _, window in _windows(evidence):
        paid = money.is_paid(window)
        if paid is not None and window.settled and window.before:
            words = f"the job costs {window.cost}, {_moved(window.before, window.settled)}"
            yield check(paid, window.settled.reading, words, "", window.created)


def _refunded(evidence: Evidence) -> Iterator[Finding]:
    for _, window in _windows(evidence):
        refunded = money.is_refunded(window)
        if refunded is not None and window.settled and window.before:
            words = f"the job has failed, {_moved(window.before, window.settled)}"
            yield check(refunded, window.settled.reading, words, "", window.created)


def _extension(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("extension"):
        paid, window = money.is_all_paid(journal), money.seen(journal)
        if paid is None or window is None or not _is_quiet(evidence, journal):
            continue
        if window.before is not None and window.settled is not None:
            total = money.due(journal)
            words = f"both jobs cost {total}, {_moved(window.before, window.settled)}"
            yield check(paid, window.settled.reading, words, "", window.created)


def _moved(before: Balance, after: Balance) -> str:
    return (
        f"the balance went from {before.usd} USD to {after.usd} USD, "
        f"and from {before.nano} to {after.nano} Nano"
    )


def _remaining(evidence: Evidence) -> Iterator[Finding]:
    for _, window in _windows(evidence):
        told = money.amount(window.created.answer.get("remainingBalance"))
        before, now = window.before, window.charged
        if told is None or before is None or now is None:
            continue
        right = {now.usd, before.usd - (window.estimate or 0)}
        if window.source != "USD":
            right |= {now.nano, before.nano - (window.estimate or 0)}
        good = any(abs(told - each) <= window.slack for each in right)
        words = f"remainingBalance is {told}, {_moved(before, now)}"
        yield check(good, window.created, words, "", now.reading)


def _refusals(evidence: Evidence) -> Iterator[Finding]:
    for name in _WINDOWED:
        for journal in evidence.journeys(name):
            yield from _refused(evidence, journal)
    for journal, window in _windows(evidence):
        settled, left, slack = window.settled, window.left, window.slack
        refused = [r for r in journal.steps("idle") if 400 <= r.status < 500]
        outstanding = money.is_paid(window) is False or money.is_refunded(window) is False
        if settled is None or left is None or not refused or outstanding:
            continue
        if all(r.status >= 400 for r in journal.steps("idle")):
            good = settled.usd - left.usd <= slack and settled.nano - left.nano <= slack
            words = f"{len(refused)} refusals, and {_moved(settled, left)}"
            yield check(good, left.reading, words, "", *refused)


def _refused(evidence: Evidence, journal: Journal) -> Iterator[Finding]:
    """Yield what a job cost that was refused at once, though it was there to be made."""
    created, before, left = journal.created, *money.around(journal)
    if created is None or before is None or left is None or not _is_quiet(evidence, journal):
        return
    if 400 <= created.status < 500:
        slack = 2 * money.rounding(left.reading.answer.get("usd_balance"))
        good = before.usd - left.usd <= slack and before.nano - left.nano <= slack
        words = f"refused with {created.status}, and {_moved(before, left)}"
        yield check(good, left.reading, words, "", created)


def _other_account(evidence: Evidence) -> Iterator[Finding]:
    for _, window in _windows(evidence, "second"):
        before, left, slack = window.before, window.left or window.settled, window.slack
        if before is not None and left is not None:
            good = before.usd - left.usd <= slack and before.nano - left.nano <= slack
            words = f"a job of the first account, and of the second {_moved(before, left)}"
            yield check(good, left.reading, words, "", window.created)


def _estimate(evidence: Evidence) -> Iterator[Finding]:
    for journal in journals(evidence):
        created = journal.created
        estimate = money.amount(created.answer.get("cost")) if created else None
        for reading in journal.steps("poll", "alias"):
            data = answers.data_of(reading.reply.value)
            final = money.amount(data.get("cost"))
            if created is None or estimate is None or final is None:
                continue
            if _status(reading) in profile.COMPLETED and "duration" in created.body:
                slack = money.rounding(data["cost"]) + money.rounding(created.answer["cost"])
                words = f"the final cost is {final}, {estimate} at submission"
                yield check(abs(final - estimate) <= slack, reading, words, "", created)


_ALIKE: Final = (
    ("priced", ("ten seconds", "ten seconds as a number")),
    ("pro", ("pro_mode", "pro")),
    ("pro", ("pro_mode of Hunyuan", "pro of Hunyuan", "pro and pro_mode of Hunyuan")),
    ("aliases", tuple(inputs.ALIASES)),
)
"""Probes, and subjects of theirs that ask for the same."""


def _spellings(evidence: Evidence) -> Iterator[Finding]:
    for probe, subjects in _ALIKE:
        first: Reading | None = None
        for reading in evidence.probed(probe):
            cost = money.amount(reading.answer.get("cost")) if reading.is_success else None
            if cost is None or reading.exchange.subject not in subjects:
                continue
            if first is not None:
                was = money.amount(first.answer["cost"])
                words = f"{reading.exchange.subject} costs {cost}, {first.exchange.subject} {was}"
                yield check(cost == was, reading, words, "", first)
            first = first or reading


def _catalogue(evidence: Evidence) -> Iterator[Finding]:
    prices = {
        str(entry.get("id")): (reading, entry.get("pricing"))
        for reading in evidence.successes("listVideoModels")
        for entry in entries(reading)
        if isinstance(entry.get("pricing"), dict)
    }
    for reading in evidence.probed("priced"):
        cost = money.amount(reading.answer.get("cost")) if reading.is_success else None
        listed = prices.get(str(reading.body.get("model")))
        if cost is None or listed is None or reading.answer.get("paymentSource") == "XNO":
            continue
        due = _due(listed[1], reading)
        if due is not None:
            slack = money.rounding(reading.answer["cost"]) + due / 50
            words = f"costs {cost}, by the catalogue {due}"
            found = check(abs(cost - due) <= slack, reading, words, "", listed[0])
            # A resolution drives the price [seed], also where one price alone is listed.
            is_vague = "resolution" in reading.body and not _is_by_resolution(listed[1])
            yield replace(found, provenance="assumed") if is_vague else found


def _is_by_resolution(pricing: Any) -> bool:
    return any(isinstance(price, dict) for price in pricing.values())


def _due(pricing: Any, reading: Reading) -> Decimal | None:
    """Return the dollars that a catalogue's price comes to, None for a price of another form."""
    given = {name: value for name, value in pricing.items() if name.startswith("per_")}
    if pricing.get("currency") != "USD" or len(given) != 1:
        return None
    unit, price = next(iter(given.items()))
    if isinstance(price, dict):
        price = price.get(str(reading.body.get("resolution")))
    each, seconds = money.amount(price), money.amount(reading.body.get("duration"))
    if each is None or isinstance(price, str):
        return None
    if unit == "per_second":
        return None if seconds is None else each * seconds
    return each if unit in ("per_video", "per_generation") else None
