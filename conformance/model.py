"""The words of a judgement: levels, tiers, verdicts, cases, findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Literal

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
