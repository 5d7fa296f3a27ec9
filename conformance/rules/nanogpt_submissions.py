"""What NanoGPT answers to a submission: ids, echoes, money. What models take is elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, broken, check, held
from conformance.model import Case, Finding, Level, Tier
from conformance.reading import Reading
from conformance.rule import Rule

_START: Final = "nanogpt.createVideo"
_SAFE_ID: Final = re.compile(r"vid_[A-Za-z0-9_-]+\Z")
_LIVE_ID: Final = re.compile(r"vid_[a-z0-9]+\Z")
_SOURCES: Final = frozenset({"USD", "XNO"})
_CREATES: Final = ("createVideo", "extendVideo")


def rules() -> Iterator[Rule]:
    """Yield the rules of a submission's reply."""
    common: dict[str, Any] = {
        "area": "create",
        "operation": "createVideo",
        "tier": Tier.PAID,
        "drivers": ("lifecycle", "modes", "positive", "generator"),
    }
    yield Rule(
        f"{_START}.id-equals-run-id",
        "The id of a submission equals its runId.",
        "[seed] submission, id",
        check=_same_id,
        **common,
    )
    yield Rule(
        f"{_START}.ids-unique",
        "Every submission gets a run id of its own.",
        "[seed] submission, runId",
        check=_unique,
        **common,
    )
    yield Rule(
        f"{_START}.id-form",
        "A run id begins with vid_ and is safe to stand in a URL.",
        "[seed] submission, runId; [openapi]",
        check=_id_form(_SAFE_ID),
        **common,
    )
    yield Rule(
        f"{_START}.id-letters",
        "A run id has lower-case letters and digits after vid_, as all that were seen.",
        "[openapi] example; [client: mostproteinsfinal]",
        check=_id_form(_LIVE_ID),
        **{**common, "level": Level.SHOULD, "provenance": "observed"},
    )
    yield Rule(
        f"{_START}.pending",
        "The status of a submission is pending.",
        "[seed] submission, status; [docs: video-generation]",
        check=_pending,
        **common,
    )
    yield Rule(
        f"{_START}.model-echo",
        "A submission names the model of its request.",
        "[openapi] submission, model; [docs: video-generation]",
        check=_model_echo,
        **common,
    )
    yield from _money(common)


def _money(common: dict[str, Any]) -> Iterator[Rule]:
    met = (Case("", required=False),)
    yield Rule(
        f"{_START}.money",
        "Cost and remaining balance are numbers, a cost is not negative, and the payment source "
        "is USD or XNO, wherever they are given.",
        "[seed] submission, cost, paymentSource, remainingBalance",
        check=_amounts,
        **{**common, "cases": met},
    )
    yield Rule(
        f"{_START}.payment-source",
        "An account's submissions are all paid from the same source.",
        "[seed] submission, paymentSource",
        check=_one_source,
        **{**common, "cases": met, "provenance": "assumed"},
    )
    yield Rule(
        f"{_START}.same-price",
        "Equal requests are estimated alike.",
        "[docs: video-generation] pricing by model and inputs",
        check=_same_price,
        **{**common, "cases": met, "provenance": "assumed"},
    )
    yield Rule(
        f"{_START}.pro-price",
        "Pro mode doubles the price of Hunyuan.",
        "[docs: video-generation] Hunyuan, pro mode",
        check=_pro_price,
        **{**common, "tier": Tier.FUZZ, "drivers": ("modes",), "cases": met},
    )


def submissions(evidence: Evidence) -> Iterator[Reading]:
    """Yield the readings of accepted submissions."""
    return evidence.successes("createVideo")


def _same_id(evidence: Evidence) -> Iterator[Finding]:
    for operation in _CREATES:
        for reading in evidence.successes(operation):
            run, identity = reading.answer.get("runId"), reading.answer.get("id")
            same = isinstance(run, str) and run == identity
            yield check(same, reading, f"runId is {run!r}, id is {identity!r}")


def _unique(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[str, Reading] = {}
    for reading in submissions(evidence):
        identity = reading.answer.get("runId")
        if not isinstance(identity, str):
            continue
        if identity in seen:
            yield broken(reading, f"{identity} was given before", "", seen[identity])
        else:
            seen[identity] = reading
            yield held(reading)


def _id_form(form: re.Pattern[str]) -> Any:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in submissions(evidence):
            identity = str(reading.answer.get("runId"))
            words = f"{identity!r} does not fit {form.pattern}"
            yield check(bool(form.match(identity)), reading, words)

    return run


def _pending(evidence: Evidence) -> Iterator[Finding]:
    for operation in _CREATES:
        for reading in evidence.successes(operation):
            status = reading.answer.get("status")
            yield check(status == "pending", reading, f"the status is {status!r}, not 'pending'")


def _model_echo(evidence: Evidence) -> Iterator[Finding]:
    for reading in submissions(evidence):
        asked, got = reading.body.get("model"), reading.answer.get("model")
        if isinstance(asked, str):
            yield check(got == asked, reading, f"model was {asked!r}, {got!r} came back")


def is_amount(value: object) -> bool:
    """Whether a JSON value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _amounts(evidence: Evidence) -> Iterator[Finding]:
    for operation in _CREATES:
        for reading in evidence.successes(operation):
            given = {n: reading.answer[n] for n in _AMOUNTS if n in reading.answer}
            wrong = [name for name, value in given.items() if not _AMOUNTS[name](value)]
            if given:
                words = ", ".join(f"{name} is {given[name]!r}" for name in wrong)
                yield check(not wrong, reading, words)


_AMOUNTS: Final[dict[str, Any]] = {
    "cost": lambda value: is_amount(value) and value >= 0,
    "remainingBalance": is_amount,
    "paymentSource": lambda value: isinstance(value, str) and value in _SOURCES,
}


def _one_source(evidence: Evidence) -> Iterator[Finding]:
    first: Reading | None = None
    for operation in _CREATES:
        for reading in evidence.successes(operation):
            source = reading.answer.get("paymentSource")
            if source is None or not _is_first(reading):
                continue
            first = first or reading
            was = first.answer.get("paymentSource")
            yield check(source == was, reading, f"{source} after {was}", "", first)


def _is_first(reading: Reading) -> bool:
    return [each.label for each in reading.credentials] != ["second"]


def _same_price(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[bytes, Reading] = {}
    for reading in submissions(evidence):
        cost = reading.answer.get("cost")
        if cost is None or not _is_first(reading):
            continue
        before = seen.setdefault(reading.exchange.request_body, reading)
        was = before.answer.get("cost")
        yield check(cost == was, reading, f"the same request cost {was}, then {cost}", "", before)


def _pro_price(evidence: Evidence) -> Iterator[Finding]:
    found = {
        reading.exchange.subject: reading
        for reading in evidence.probed("price")
        if reading.is_success and is_amount(reading.answer.get("cost"))
    }
    if len(found) == 2:
        plain, pro = (found[name].answer["cost"] for name in ("plain", "pro"))
        twice = math.isclose(pro, 2 * plain, rel_tol=0.01, abs_tol=0.001)
        yield check(twice, found["pro"], f"pro costs {pro}, without {plain}", "", found["plain"])
