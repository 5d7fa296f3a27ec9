"""From rules and evidence to verdicts, and from verdicts to an exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from conformance.deviations import Deviation
from conformance.evidence import Evidence
from conformance.exchange import Headers
from conformance.model import Case, Finding, Level, Provenance, Tier, Verdict
from conformance.rule import Rule, RuleResult
from conformance.schemas import weakest

_KEPT_FAILURES: Final = 20
_STRONGEST_FIRST: Final[tuple[Provenance, ...]] = ("documented", "observed", "assumed")
UNREADABLE: Final = "the rule could not read what came back"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what a run was made: decides which cases it could judge.

    `has` holds the needs that are met (`second-key`, `media`, …). `is_understudy` makes observed
    and assumed rules binding; about any other target they are notes. `strict` turns SHOULD into
    MUST. `operations` is what the target implements, None for everything. `starved` names the
    operations for which there was no budget left, `recorded` is a log that nobody drove,
    `partial` one that was driven for some evidence only, so that none is missing.
    """

    tier: Tier
    has: frozenset[str]
    is_understudy: bool = False
    strict: bool = False
    operations: frozenset[str] | None = None
    starved: frozenset[str] = frozenset()
    recorded: bool = False
    partial: bool = False
    unreachable: str = ""
    deviations: tuple[Deviation, ...] = field(default=())


def judge(
    rules: Iterable[Rule], evidence: Evidence, conditions: Conditions
) -> tuple[RuleResult, ...]:
    """Return the verdict on every rule, in their order."""
    return tuple(_expected(_judged(rule, evidence, conditions), conditions) for rule in rules)


def exit_code(
    results: Sequence[RuleResult], *, unreachable: bool = False, whole: bool = False
) -> int:
    """Return 1 if anything is violated, 2 if nothing could be judged, else 0.

    Where the `whole` counts, a MUST rule that is INCONCLUSIVE is also a 2: conformance was not
    shown.
    """
    verdicts = Counter(result.verdict for result in results)
    if verdicts[Verdict.FAIL] or verdicts[Verdict.XPASS]:
        return 1
    judged = verdicts[Verdict.PASS] + verdicts[Verdict.WARN] + verdicts[Verdict.XFAIL]
    open_musts = whole and any(
        result.verdict is Verdict.INCONCLUSIVE and result.rule.level is Level.MUST
        for result in results
    )
    return 2 if unreachable or not judged or open_musts else 0


def _judged(rule: Rule, evidence: Evidence, conditions: Conditions) -> RuleResult:
    if conditions.operations is not None and rule.operation not in (None, *conditions.operations):
        return RuleResult(rule, Verdict.SKIP, reason="the target does not implement the operation")
    rows = [case for case in rule.rows if _is_in_reach(case, rule, conditions)]
    if not rows:
        return RuleResult(rule, Verdict.SKIP, reason=_why_out_of_reach(rule, conditions))
    try:
        findings = list(rule.check(evidence))
    except Exception as error:
        # What came back has a form that the rule cannot read; rules on schemas say what is wrong.
        reason = f"{UNREADABLE} ({type(error).__name__}: {error})"
        return RuleResult(rule, Verdict.INCONCLUSIVE, reason=reason)
    known = {case.name for case in rule.rows}
    out_of_reach = known - {case.name for case in rows}
    findings = [found for found in findings if found.case not in out_of_reach or not found.holds]
    counts: dict[str, list[int]] = {case.name: [0, 0] for case in rows}
    for found in findings:
        counts.setdefault(found.case, [0, 0])[0 if found.holds else 1] += 1
    by_case = tuple((name, good, bad) for name, (good, bad) in counts.items())
    broken = [found for found in findings if not found.holds]
    failures = tuple(sorted(broken, key=lambda found: (_rank(rule, found), _size(found, evidence))))
    missing = tuple(
        case.name for case in rows if case.required and not any(counts.get(case.name, (0, 0)))
    )
    result = RuleResult(
        rule, Verdict.PASS, len(findings), by_case, missing, failures[:_KEPT_FAILURES]
    )
    if failures:
        worth = _worth(rule, failures)
        verdict, reason = _violated(rule, worth, conditions), _note(rule, worth, conditions)
        return replace(result, verdict=verdict, reason=reason)
    if not findings and not any(case.required for case in rows):
        return replace(result, verdict=Verdict.SKIP, reason="nothing of this kind was met")
    if not findings or (missing and not (conditions.recorded or conditions.partial)):
        return _without_evidence(result, conditions)
    return result


def _without_evidence(result: RuleResult, conditions: Conditions) -> RuleResult:
    if conditions.unreachable:
        reason = conditions.unreachable
    elif conditions.recorded:
        reason = "nothing in the log touches it"
        return replace(result, verdict=Verdict.SKIP, reason=reason)
    elif result.rule.operation in conditions.starved:
        reason = "no budget was left for it"
        return replace(result, verdict=Verdict.SKIP, reason=reason)
    else:
        named = ", ".join(name for name in result.missing if name)
        reason = f"no evidence for {named}" if named else "no evidence"
    return replace(result, verdict=Verdict.INCONCLUSIVE, reason=reason)


def _is_in_reach(case: Case, rule: Rule, conditions: Conditions) -> bool:
    needs = case.needs | rule.needs
    if conditions.recorded:
        return "generator" not in needs
    if case.operation and case.operation not in (conditions.operations or {case.operation}):
        return False
    return max(case.tier, rule.tier) <= conditions.tier and needs <= conditions.has


def _why_out_of_reach(rule: Rule, conditions: Conditions) -> str:
    needs = sorted((rule.needs | {n for c in rule.cases for n in c.needs}) - conditions.has)
    if rule.lowest_tier > conditions.tier:
        return f"needs --tier {rule.lowest_tier.word}"
    return f"needs {', '.join(needs)}"


def _worth(rule: Rule, failures: Iterable[Finding]) -> Provenance:
    """Return the strongest provenance on which some failure rests; a rule's own bounds it."""
    return _STRONGEST_FIRST[min(_rank(rule, each) for each in failures)]


def _rank(rule: Rule, finding: Finding) -> int:
    return _STRONGEST_FIRST.index(weakest(rule.provenance, finding.provenance))


def _violated(rule: Rule, worth: Provenance, conditions: Conditions) -> Verdict:
    if rule.level is Level.SHOULD and not conditions.strict:
        return Verdict.WARN
    if worth != "documented" and not conditions.is_understudy and not conditions.strict:
        return Verdict.WARN
    return Verdict.FAIL


def _note(rule: Rule, worth: Provenance, conditions: Conditions) -> str:
    if worth != "documented" and not conditions.is_understudy:
        what = "the rule" if rule.provenance != "documented" else "what is broken"
        return f"a note: {what} is {worth}, not documented"
    return ""


def _size(finding: Finding, evidence: Evidence) -> tuple[int, int, str, str, Headers, bytes, int]:
    """Return what puts the smallest request first, and of equal ones always the same."""
    exchange = evidence.log[finding.exchange]
    size = len(exchange.request_body) + len(exchange.url)
    head = sum(len(name) + len(value) for name, value in exchange.request_headers)
    what = (exchange.method, exchange.url, exchange.request_headers, exchange.request_body)
    return size, head, *what, finding.exchange


def _expected(result: RuleResult, conditions: Conditions) -> RuleResult:
    """Return a result with a dated deviation taken into account."""
    for deviation in conditions.deviations:
        if not deviation.covers(result.rule.id):
            continue
        if result.verdict in (Verdict.FAIL, Verdict.WARN):
            return replace(result, verdict=Verdict.XFAIL, reason=deviation.reason)
        if result.verdict is Verdict.PASS:
            reason = f"listed as a deviation ({deviation.reason}), but it holds"
            return replace(result, verdict=Verdict.XPASS, reason=reason)
    return result
