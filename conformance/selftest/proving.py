"""Proves a provider's rules: records the clean target, then judges every fault."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from conformance import profiles
from conformance.engine import Run
from conformance.model import Tier
from conformance.options import Options
from conformance.rule import RuleResult
from conformance.rules import rules_for
from conformance.selftest import derived, hand, live
from conformance.selftest.fault import Fault
from conformance.selftest.live import Clean
from conformance.selftest.outcome import Outcome, Proof, Way
from conformance.selftest.recording import Recording
from conformance.target import BadTarget, target
from contracts import Dialect, load

Tick = Callable[[str, int, int], None]
SPOT_CHECKS: Final = 15


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much to prove: `sample` faults by seed (None: all).

    `spot_checks` of the derived ones are judged live, and as many of those by hand that need whole
    lifecycles; of the others by hand all are.
    """

    dialect: Dialect = "documented"
    seed: int = 0
    sample: int | None = None
    spot_checks: int = SPOT_CHECKS
    generator: bool = True


def faults(provider: str, dialect: Dialect = "documented") -> tuple[Fault, ...]:
    """Return a provider's faults, by hand first; names are unique."""
    contract, profile = load(provider, dialect), profiles.load(provider)
    found = (*hand.faults(provider), *derived.faults(contract, profile))
    found = tuple(f for f in found if not f.dialects or dialect in f.dialects)
    names = [fault.name for fault in found]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"fault names given twice: {', '.join(twice)}")
    return found


def prove(clean: Clean, wanted: Wanted, tick: Tick = lambda what, done, total: None) -> Proof:
    """Return a provider's proof; raises BadTarget if the clean target cannot be judged."""
    began = time.monotonic()
    tick(f"{clean.provider}: recording", 0, 0)
    recording, results = record(clean, wanted.dialect)
    if wanted.generator:
        tick(f"{clean.provider}: generated requests", 0, 0)
        results = _with(results, _generated(clean, wanted))
    chosen = _chosen(faults(clean.provider, wanted.dialect), wanted)
    spots = _spots(chosen, wanted)
    outcomes = []
    for done, fault in enumerate(chosen):
        tick(clean.provider, done, len(chosen))
        outcomes.append(_judged(fault, clean, recording, is_spot=fault.name in spots))
    tick(clean.provider, len(chosen), len(chosen))
    is_whole = wanted.sample is None and wanted.generator
    return Proof(clean.provider, results, tuple(outcomes), time.monotonic() - began, is_whole)


def record(clean: Clean, dialect: Dialect) -> tuple[Recording, tuple[RuleResult, ...]]:
    """Drive everything but the generator at the clean target; returns the log and the verdicts."""
    options = Options(
        clean.provider,
        tier=Tier.FUZZ,
        dialect=dialect,
        trigger=clean.trigger,
        generator=False,
        shrink=False,
    )
    results, run = _driven(clean, options)
    if run.unreachable:
        raise BadTarget(run.unreachable)
    rules = rules_for(run.contracts, run.profile)
    return Recording(run.log, run.contracts, run.profile, rules), results


def _generated(clean: Clean, wanted: Wanted) -> tuple[RuleResult, ...]:
    only = (f"{clean.provider}.generated",)
    options = Options(clean.provider, tier=Tier.FUZZ, dialect=wanted.dialect, only=only,
                      seed=wanted.seed, trigger=clean.trigger, max_examples=5,
                      shrink=False)  # fmt: skip
    return _driven(clean, options)[0]


def _driven(clean: Clean, options: Options) -> tuple[tuple[RuleResult, ...], Run]:
    run = Run(target(clean.base_url, clean.keys), options)
    try:
        run.identify()
        run.prepare()
        run.drive()
        return run.conclude().results, run
    finally:
        run.close()


def _with(results: Sequence[RuleResult], more: Sequence[RuleResult]) -> tuple[RuleResult, ...]:
    found = {result.rule.id: result for result in more}
    return tuple(found.get(result.rule.id, result) for result in results)


def _chosen(all_faults: tuple[Fault, ...], wanted: Wanted) -> tuple[Fault, ...]:
    if wanted.sample is None:
        return all_faults
    usable = [fault for fault in all_faults if wanted.generator or not fault.generated]
    chance = random.Random(wanted.seed)
    by_hand = [fault for fault in usable if fault.kind == "hand"]
    others = [fault for fault in usable if fault.kind != "hand"]
    few = min(len(by_hand), max(wanted.sample // 4, 1))
    rest = min(len(others), wanted.sample - few)
    return (*chance.sample(by_hand, few), *chance.sample(others, rest))


def _spots(chosen: tuple[Fault, ...], wanted: Wanted) -> frozenset[str]:
    """Return the faults to be judged live whatever that takes: some by hand, some derived."""
    chance = random.Random(wanted.seed)
    found: set[str] = set()
    for is_by_hand in (True, False):
        names = [fault.name for fault in chosen if (fault.kind == "hand") is is_by_hand]
        found |= set(chance.sample(names, min(wanted.spot_checks, len(names))))
    return frozenset(found)


def _judged(fault: Fault, clean: Clean, recording: Recording, *, is_spot: bool) -> Outcome:
    if fault.generated:
        red = live.judged(fault, clean, recording, frozenset({fault.operation}))
        return Outcome(fault, Way.LIVE, 1, red)
    replay = recording.replay(fault)
    is_live = is_spot or (fault.kind == "hand" and not live.needs_lifecycle(recording, replay.red))
    if not is_live or not replay.touched or replay.is_staged:
        way = Way.STAGED if replay.is_staged else Way.REPLAY
        return Outcome(fault, way, replay.touched, replay.red, choked=replay.choked)
    red = live.judged(fault, clean, recording, replay.operations, replay.red)
    if not red and replay.red:
        # What some rules need to see it, the traffic of others may have brought.
        red = live.judged(fault, clean, recording, replay.operations)
    both = tuple(sorted({*replay.red, *red}))
    differs = bool(red) is not bool(replay.red)
    return Outcome(fault, Way.BOTH, replay.touched, both, differs, replay.choked)
