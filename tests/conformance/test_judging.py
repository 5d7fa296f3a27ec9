"""Verdicts: evidence is counted, levels and provenance decide, deviations expire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import contracts
from conformance import deviations, profiles
from conformance.evidence import Evidence
from conformance.exchange import Exchange
from conformance.judging import Conditions, exit_code, judge
from conformance.log import ExchangeLog
from conformance.model import Case, Finding, Level, Tier, Verdict
from conformance.rule import Rule, RuleResult


def evidence() -> Evidence:
    log = ExchangeLog()
    for body in (b"long body", b"short"):
        log.append(Exchange(0, "GET", "http://t/", (), body, 200, (), b"", 0.0, 1.0))
    return Evidence(log, (contracts.load("recoup"),), profiles.load("recoup"))


def rule(*findings: Finding, **changes: Any) -> Rule:
    def look(_: Evidence) -> Iterator[Finding]:
        yield from findings

    return Rule("recoup.x.y", "It holds.", "test", "test", look, **changes)


def verdict_of(made: Rule, **changes: Any) -> RuleResult:
    given: dict[str, Any] = {"tier": Tier.FUZZ, "has": frozenset(), **changes}
    return judge([made], evidence(), Conditions(**given))[0]


GOOD, BAD = Finding(True, 0), Finding(False, 1, "broken")


def test_rule_without_evidence_is_inconclusive() -> None:
    assert verdict_of(rule()).verdict is Verdict.INCONCLUSIVE


def test_rule_that_holds_passes_with_its_evidence_counted() -> None:
    found = verdict_of(rule(GOOD, GOOD))
    assert (found.verdict, found.evidence) == (Verdict.PASS, 2)


def test_one_broken_look_fails() -> None:
    assert verdict_of(rule(GOOD, BAD)).verdict is Verdict.FAIL


def test_smallest_request_is_shown_first() -> None:
    found = verdict_of(rule(Finding(False, 0, "long"), Finding(False, 1, "short")))
    assert found.failures[0].message == "short"


def test_what_a_document_says_is_shown_before_what_is_assumed() -> None:
    assumed = Finding(False, 1, "short", provenance="assumed")
    found = verdict_of(rule(assumed, Finding(False, 0, "long")))
    assert [each.message for each in found.failures] == ["long", "short"]


def test_required_case_without_evidence_is_inconclusive() -> None:
    rows = (Case("a"), Case("b"), Case("c", required=False))
    found = verdict_of(rule(Finding(True, 0, case="a"), cases=rows))
    assert (found.verdict, found.missing) == (Verdict.INCONCLUSIVE, ("b",))


def test_case_above_the_tier_is_not_required() -> None:
    rows = (Case("a"), Case("b", Tier.FUZZ))
    found = verdict_of(rule(Finding(True, 0, case="a"), cases=rows), tier=Tier.FREE)
    assert found.verdict is Verdict.PASS


def test_rule_above_the_tier_is_skipped() -> None:
    found = verdict_of(rule(GOOD, tier=Tier.PAID), tier=Tier.FREE)
    assert (found.verdict, found.reason) == (Verdict.SKIP, "needs --tier paid")


def test_rule_whose_needs_are_not_met_is_skipped() -> None:
    found = verdict_of(rule(GOOD, needs=frozenset({"second-key"})))
    assert (found.verdict, found.reason) == (Verdict.SKIP, "needs second-key")


def test_rule_of_an_operation_that_is_not_implemented_is_skipped() -> None:
    found = verdict_of(rule(BAD, operation="createVideo"), operations=frozenset({"listRuns"}))
    assert found.verdict is Verdict.SKIP


def test_violated_should_is_a_warning_unless_strict() -> None:
    made = rule(BAD, level=Level.SHOULD)
    assert verdict_of(made).verdict is Verdict.WARN
    assert verdict_of(made, strict=True).verdict is Verdict.FAIL


def test_observed_rule_binds_an_understudy_and_is_a_note_about_others() -> None:
    made = rule(BAD, provenance="observed")
    assert verdict_of(made).verdict is Verdict.WARN
    assert verdict_of(made, is_understudy=True).verdict is Verdict.FAIL


def test_known_deviation_is_expected_and_must_not_hold_again() -> None:
    known = (deviations.Deviation("recoup.x", "ticket 7", date(2030, 1, 1)),)
    assert verdict_of(rule(BAD), deviations=known).verdict is Verdict.XFAIL
    held = verdict_of(rule(GOOD), deviations=known)
    assert held.verdict is Verdict.XPASS
    assert exit_code([held]) == 1


def test_expired_deviation_no_longer_counts(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(
        "- {rule: recoup.a, reason: old, expires: 2026-01-01}\n"
        "- {rule: recoup.b, reason: new, expires: '2026-12-31'}\n"
    )
    found = deviations.read(file, date(2026, 6, 1))
    assert [each.rule for each in found] == ["recoup.b"]


@pytest.mark.parametrize("text", ["a: 1", "- {rule: x}", "- {rule: x, reason: y, expires: soon}"])
def test_bad_deviations_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text)
    with pytest.raises(deviations.BadDeviations, match=r"known\.yaml"):
        deviations.read(file, date(2026, 6, 1))


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([Verdict.PASS, Verdict.WARN], 0),
        ([Verdict.PASS, Verdict.FAIL], 1),
        ([Verdict.SKIP, Verdict.INCONCLUSIVE], 2),
        ([], 2),
        ([Verdict.PASS, Verdict.INCONCLUSIVE], 0),
    ],
)
def test_exit_code(verdicts: Sequence[Verdict], expected: int) -> None:
    assert exit_code([RuleResult(rule(), each) for each in verdicts]) == expected


def test_strict_wants_every_must_rule_judged() -> None:
    results = [RuleResult(rule(), each) for each in (Verdict.PASS, Verdict.INCONCLUSIVE)]
    assert exit_code(results, whole=True) == 2


def test_recorded_log_skips_what_nothing_touches() -> None:
    assert verdict_of(rule(), recorded=True).verdict is Verdict.SKIP
