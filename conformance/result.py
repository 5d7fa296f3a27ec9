"""What a run came to: verdicts with their evidence, the log behind them, what it cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from conformance.judging import exit_code
from conformance.log import ExchangeLog
from conformance.model import Level, Tier, Verdict
from conformance.options import Options
from conformance.rule import RuleResult
from conformance.target import Identity
from contracts import Contract

JUDGED = (Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.XFAIL, Verdict.XPASS)


@dataclass(frozen=True, slots=True)
class Spent:
    """Jobs that answers say were started, their USD, how many had no known price, and requests."""

    jobs: int = 0
    cost_usd: float = 0.0
    unpriced_jobs: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """MUST rules: how many passed, were judged, and are in reach at all."""

    passed: int
    judged: int
    total: int


@dataclass(frozen=True, slots=True)
class Result:
    """One provider on one target. `results` are in the order of the rules.

    `keyless` is a run without a key: what it leaves open is not shown to be right.
    """

    provider: str
    target: str
    contracts: tuple[Contract, ...]
    dialect: str
    identity: Identity
    tier: Tier
    options: Options
    results: tuple[RuleResult, ...]
    log: ExchangeLog = field(repr=False)
    spent: Spent = Spent()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    unreachable: str = ""
    keyless: bool = False

    @property
    def exit_code(self) -> int:
        """0 conformant, 1 violated, 2 could not judge."""
        whole = self.options.strict or self.keyless
        return exit_code(self.results, unreachable=bool(self.unreachable), whole=whole)

    @property
    def is_conformant(self) -> bool:
        """Whether nothing that was judged is violated, and something was judged."""
        return self.exit_code == 0

    @property
    def counts(self) -> Counter[Verdict]:
        """How many rules came to each verdict."""
        return Counter(result.verdict for result in self.results)

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The results that violate the contract."""
        return tuple(r for r in self.results if r.verdict in (Verdict.FAIL, Verdict.XPASS))

    def verdict(self, rule_id: str) -> Verdict:
        """Return the verdict on one rule; raises KeyError."""
        for result in self.results:
            if result.rule.id == rule_id:
                return result.verdict
        raise KeyError(rule_id)

    def score(self, area: str | None = None) -> Score:
        """Return the score over MUST rules, of one area or all."""
        musts = [
            r for r in self.results
            if r.rule.level is Level.MUST and (area is None or r.rule.area == area)
        ]  # fmt: skip
        judged = [r for r in musts if r.verdict in JUDGED]
        passed = [r for r in judged if r.verdict in (Verdict.PASS, Verdict.XFAIL)]
        return Score(len(passed), len(judged), len(musts))

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas of the rules, in order."""
        return tuple(dict.fromkeys(result.rule.area for result in self.results))
