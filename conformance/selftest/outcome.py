"""What came of each fault, and of a provider's faults together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from conformance.model import Level, Verdict
from conformance.rule import RuleResult
from conformance.selftest.fault import Fault

ENOUGH = 0.95
_UNSHOWN = {
    "request": "no request of the suite breaks that constraint and no other word of the schema",
    "reply": "neither the recording nor the contract's examples have anything at that place",
    "operation": "no request of the suite brings the operation to a reply that could be broken so",
}


class Way(StrEnum):
    """How a fault was judged."""

    REPLAY = "replay"
    LIVE = "live"
    BOTH = "both"
    STAGED = "staged"


class State(StrEnum):
    """What came of a fault."""

    DETECTED = "detected"
    SURVIVED = "survived"
    UNSHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fault, judged. `red` are the MUST rules that it violates, over the recording or live.

    `touched` counts the recorded exchanges that it changes; a fault that changes none is not
    shown. `differs` says that recording and target gave different answers on whether it is seen.
    `choked` are rules that could not read what came back.
    """

    fault: Fault
    way: Way
    touched: int
    red: tuple[str, ...]
    differs: bool = False
    choked: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Whether the fault was detected, survived, or never showed."""
        if self.red:
            return State.DETECTED
        return State.SURVIVED if self.touched else State.UNSHOWN

    @property
    def reason(self) -> str:
        """Why a fault was not detected, in a few words."""
        if self.state is State.UNSHOWN:
            return _UNSHOWN.get(self.fault.kind, "the clean target never answers so")
        return "no rule looks at it" if self.state is State.SURVIVED else ""


@dataclass(frozen=True, slots=True)
class Proof:
    """One provider's proof: the clean target's verdicts, and every fault's outcome.

    `is_whole` says that no fault was left out, so that every MUST rule has to be violated by one.
    """

    provider: str
    clean: tuple[RuleResult, ...]
    outcomes: tuple[Outcome, ...]
    seconds: float
    is_whole: bool = False

    def count(self, state: State, *, by_hand: bool) -> int:
        """Return how many faults came to a state, of those by hand or of the derived ones."""
        return sum(
            outcome.state is state and (outcome.fault.kind == "hand") is by_hand
            for outcome in self.outcomes
        )

    @property
    def rate(self) -> float:
        """The share of derived faults that were detected, of those that showed."""
        detected = self.count(State.DETECTED, by_hand=False)
        shown = detected + self.count(State.SURVIVED, by_hand=False)
        return detected / shown if shown else 0.0

    @property
    def reds(self) -> Counter[str]:
        """How many faults violate each rule."""
        return Counter(rule for outcome in self.outcomes for rule in outcome.red)

    @property
    def musts(self) -> tuple[RuleResult, ...]:
        """The clean target's verdicts on MUST rules."""
        return tuple(r for r in self.clean if r.rule.level is Level.MUST)

    @property
    def unclean(self) -> tuple[RuleResult, ...]:
        """MUST rules that the clean target does not pass, although it could be judged."""
        return tuple(r for r in self.musts if r.verdict not in (Verdict.PASS, Verdict.SKIP))

    @property
    def unproven(self) -> tuple[RuleResult, ...]:
        """MUST rules that no fault violates."""
        reds = self.reds
        return tuple(r for r in self.musts if not reds[r.rule.id])

    @property
    def complaints(self) -> tuple[str, ...]:
        """Return what is wrong with the suite itself, one line each; empty is a proof."""
        found = [f"clean target: {r.rule.id} is {r.verdict}: {why(r)}" for r in self.unclean]
        for outcome in self.outcomes:
            if outcome.fault.kind == "hand" and outcome.state is not State.DETECTED:
                found.append(f"{outcome.fault.name} (by hand) {outcome.state}: {outcome.reason}")
            found += [f"{outcome.fault.name}: {rule} chokes on it" for rule in outcome.choked]
            if outcome.differs:
                found.append(f"{outcome.fault.name}: recording and target differ")
        if self.is_whole:
            found += [f"no fault violates {result.rule.id}" for result in self.unproven]
        if self.rate < ENOUGH:
            found.append(f"{self.rate:.1%} of the derived faults are detected, not {ENOUGH:.0%}")
        return tuple(found)


def why(result: RuleResult) -> str:
    """Return why a rule is not passed: its first failure, or its reason."""
    return result.failures[0].message if result.failures else result.reason
