"""What the contract only assumes is no violation of a stranger; what it documents is."""

from __future__ import annotations

import json
from typing import Any

import pytest

import contracts
from conformance import check, worth
from conformance.model import Provenance, Tier, Verdict
from conformance.reading import Reading
from conformance.result import Result
from conformance.schemas import weakest
from tests.conformance.targets import FIRST, SECOND, Target


@pytest.mark.parametrize(
    ("operation", "location", "subject", "expected"),
    [
        ("getGenerationsByUserId", "query", "limit", "assumed"),
        ("pricingCalculator", "body", "serviceParams.IMAGE_GENERATION.numImages", "assumed"),
        ("createVariationUpscale", "body", "id", "documented"),
        ("createVideoUpscale", "body", "resolution", "observed"),
        ("createTextToVideoGeneration", "body", "prompt", "documented"),
        ("createTextToVideoGeneration", "body", "no.such.place", "documented"),
    ],
)
def test_the_weakest_mark_on_the_way_counts(
    operation: str, location: str, subject: str, expected: Provenance
) -> None:
    contract = contracts.load("leonardo")
    declared = contract.operation(operation)
    assert worth.of_request(contract, declared, location, subject) == expected


def test_a_reply_is_worth_what_its_status_and_place_are() -> None:
    contract = contracts.load("leonardo")
    read = contract.operation("getGenerationById")
    assert worth.of_reply(contract, read, 200, "generations_by_pk.status") == "documented"
    assert worth.of_reply(contract, read, 200, "generations_by_pk.createdAt") == "observed"
    assert worth.of_reply(contract, read, 429, "error") == "assumed"


def test_weakest() -> None:
    assert weakest() == "documented"
    assert weakest("documented", "assumed", "observed", None) == "assumed"


def judged(rule: str, change: Any, *, is_understudy: bool = False, strict: bool = False) -> Result:
    app = Target(change=change, is_understudy=is_understudy)
    return check(
        provider="recoup", app=app, keys=(FIRST, SECOND), only=(rule,), tier=Tier.FREE,
        dialect="documented", generator=False, shrink=False, strict=strict,
    )  # fmt: skip


def lists(member: str, value: Any) -> Any:
    """Break one member of the reply that lists templates."""

    def change(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
        is_it = reading.operation is not None and reading.operation.id == "listTemplates"
        if is_it and status == 200:
            answer = {**json.loads(json.dumps(answer)), member: value}
        return status, answer

    return change


BODY = "recoup.listTemplates.body"


def test_what_is_documented_fails_anybody() -> None:
    result = judged(BODY, lists("templates", "none"))
    assert result.verdict(BODY) is Verdict.FAIL
    assert result.exit_code == 1


def test_what_is_not_documented_is_a_note_about_a_stranger() -> None:
    result = judged(BODY, lists("status", "fine"))
    assert result.verdict(BODY) is Verdict.WARN
    assert result.exit_code == 0
    found = next(each for each in result.results if each.rule.id == BODY)
    assert "observed, not documented" in found.reason


def test_it_fails_an_understudy_and_whoever_asks_for_strictness() -> None:
    change = lists("status", "fine")
    assert judged(BODY, change, is_understudy=True).verdict(BODY) is Verdict.FAIL
    assert judged(BODY, change, strict=True).verdict(BODY) is Verdict.FAIL


def test_what_is_refused_is_worth_no_more_than_that_anything_is() -> None:
    contract = contracts.load("recoup")
    estimate, create = map(contract.operation, ("estimateContent", "createContent"))
    assert worth.of_refusal(contract, estimate) == "observed"
    assert worth.of_refusal(contract, create) == "documented"
