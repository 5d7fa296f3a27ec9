"""A fault in front of the running target, judged by the rules of its operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.drivers import ALL
from conformance.engine import Run
from conformance.model import Tier, Verdict
from conformance.options import Options
from conformance.rule import Rule
from conformance.selftest.fault import Fault
from conformance.selftest.recording import Recording
from conformance.selftest.wrapper import Faulty, Forward
from conformance.target import Keys, target

_WAIT_SECONDS: Final = 1.5
_SUSPECTS: Final = 3


@dataclass(frozen=True, slots=True)
class Clean:
    """A target that is right: where it answers, with which keys, and what makes a job fail."""

    provider: str
    base_url: str
    keys: Keys
    trigger: tuple[str, str] | None = None


def judged(
    fault: Fault,
    clean: Clean,
    recording: Recording,
    operations: frozenset[str],
    suspects: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Return the ids of the MUST rules that are violated while a fault stands before the target.

    `operations` are those whose rules and drivers are run. Where the recording has found rules
    that are violated (`suspects`), those of them are run that need the least traffic. A fault
    that is meant for generated requests is judged by the generator's rule alone.
    """
    # Faults of the whole server need no operation; the rules of the whole server are run for any.
    operations = operations or frozenset({recording.contracts[0].operations[-1].id})
    app = Faulty(
        Forward(clean.base_url), fault, recording.contracts[0], clean.keys, recording.fresh_memory()
    )
    rules: tuple[str, ...] = (fault.generated,)
    if not fault.generated:
        rules = tuple(rule.id for rule in _cheapest(recording, suspects))
    if not rules:
        rules = tuple(rule.id for rule in recording.rules_of(operations))
    options = Options(
        clean.provider,
        tier=Tier.FUZZ,
        dialect=recording.contracts[0].dialect,
        only=rules,
        operations=tuple(sorted(operations)),
        trigger=clean.trigger,
        wait_seconds=_WAIT_SECONDS,
        generator=bool(fault.generated),
        shrink=False,
        max_examples=3,
        seed=1,
    )
    run = Run(target(clean.base_url, clean.keys, app), options)
    try:
        run.identify()
        run.prepare()
        run.drive()
        results = run.conclude().results
    finally:
        run.close()
    return tuple(result.rule.id for result in results if result.verdict is Verdict.FAIL)


def needs_lifecycle(recording: Recording, suspects: tuple[str, ...]) -> bool:
    """Whether a fault is only seen in lifecycles, which take their time."""
    rules = _cheapest(recording, suspects)
    return not rules or any("lifecycle" in (rule.drivers or ALL) for rule in rules)


def _cheapest(recording: Recording, suspects: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules that need the fewest drivers, some at most; of whole providers last."""
    found = [rule for rule in recording.rules if rule.id in suspects]
    found.sort(key=lambda rule: (rule.operation is None, _traffic(rule)))
    return tuple(found[:_SUSPECTS])


def _traffic(rule: Rule) -> tuple[bool, int]:
    drivers = rule.drivers or ALL
    return "lifecycle" in drivers, len(drivers)
