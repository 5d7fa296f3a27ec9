"""Rules, findings and verdicts: what is judged and what came of it. Sends nothing.

A rule is data with a pure function over evidence. The function yields one `Finding` for every
piece of evidence it looks at, holding or not, so that evidence is counted: a rule nobody could
judge is INCONCLUSIVE, never PASS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from conformance.evidence import Evidence

Provenance = Literal["documented", "observed", "assumed"]


class Level(StrEnum):
    """How binding a rule is: a violated MUST fails the target, a violated SHOULD is a warning."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Tier(IntEnum):
    """What a run may do to a target; each tier includes the ones before it."""

    FREE = 0
    VALIDATION = 1
    PAID = 2
    FUZZ = 3

    @property
    def word(self) -> str:
        """The name as flags and reports write it."""
        return self.name.lower()


class Verdict(StrEnum):
    """What came of one rule."""

    PASS = "PASS"
    FAIL = "FAIL"
    WARN = "WARN"
    SKIP = "SKIP"
    INCONCLUSIVE = "INCONCLUSIVE"
    XFAIL = "XFAIL"
    XPASS = "XPASS"


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a rule's table: the rule with one value of its parameter.

    A row that may be judged in this run (tier and needs) and is `required` must have evidence, or
    the rule is INCONCLUSIVE. A row that is not required is judged whenever it is met. `operation`
    is the operationId that the row is about, if the rule is about several.
    """

    name: str
    tier: Tier = Tier.FREE
    needs: frozenset[str] = frozenset()
    required: bool = True
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at the evidence: whether the rule held, at which exchange, for which case.

    `exchange` is an index into the log, `also` further ones that the finding rests on. `message`
    says what was expected and what was there; it is only read when the rule did not hold.
    `provenance` is what the broken statement is worth, where that differs within the rule.
    """

    holds: bool
    exchange: int
    message: str = ""
    case: str = ""
    also: tuple[int, ...] = ()
    provenance: Provenance = "documented"


Check = Callable[["Evidence"], Iterable[Finding]]


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
    findings that did not hold (the smallest request first), `reason` says why a rule was skipped.
    """

    rule: Rule
    verdict: Verdict
    evidence: int = 0
    by_case: tuple[tuple[str, int, int], ...] = ()
    missing: tuple[str, ...] = ()
    failures: tuple[Finding, ...] = ()
    reason: str = ""
