"""Rules and what came of them: what is judged. Sends nothing.

A rule is data with a pure function over evidence. The function yields one `Finding` for every
piece of evidence it looks at, holding or not, so that evidence is counted: a rule nobody could
judge is INCONCLUSIVE, never PASS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from conformance.evidence import Evidence
from conformance.model import Case, Finding, Level, Provenance, Tier, Verdict

Check = Callable[[Evidence], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One normative sentence with an address, a source and a check.

    `id` is dotted (`recoup.createVideo.mode.precedence`): provider, operation or area, and what it
    is about. `operation` is the operationId it judges, None for rules of the whole provider.
    `drivers` names the drivers that bring its evidence, so that one rule can be run alone.
    `needs` may hold `second-key`, `failure-trigger`, `media`, `webhook`, `generator`.
    """

    id: str
    sentence: str
    source: str
    area: str
    check: Check = field(repr=False, compare=False)
    level: Level = Level.MUST
    provenance: Provenance = "documented"
    operation: str | None = None
    tier: Tier = Tier.FREE
    needs: frozenset[str] = frozenset()
    drivers: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def lowest_tier(self) -> Tier:
        """The tier in which at least one row can be judged."""
        return min(max(case.tier, self.tier) for case in self.rows)

    @property
    def rows(self) -> tuple[Case, ...]:
        """The rule's table; a rule without one has a single, nameless row."""
        return self.cases or (Case("", self.tier, self.needs),)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The verdict on one rule, with its evidence counted by case and its failures.

    `evidence` counts findings, `missing` names required cases without any, `failures` are the
    findings that did not hold (the best founded first, then the smallest request), `reason` says
    why a rule was skipped.
    """

    rule: Rule
    verdict: Verdict
    evidence: int = 0
    by_case: tuple[tuple[str, int, int], ...] = ()
    missing: tuple[str, ...] = ()
    failures: tuple[Finding, ...] = ()
    reason: str = ""
