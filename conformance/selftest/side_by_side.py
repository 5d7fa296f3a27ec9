"""Proves several providers in processes of their own, as many at once as there are processors."""

from __future__ import annotations

import os
import queue
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from conformance.rule import RuleResult
from conformance.selftest.live import Clean
from conformance.selftest.outcome import Outcome, Proof
from conformance.selftest.proving import Tick, Wanted, prove

if TYPE_CHECKING:
    from conformance.evidence import Evidence
    from conformance.reading import Reading
    from conformance.selftest.fault import Memory

_told: Any = None


def prove_all(cleans: Sequence[Clean], wanted: Wanted, tick: Tick) -> list[Proof]:
    """Return the proofs in the order of the targets; raises BadTarget as `prove` does."""
    workers = min(len(cleans), os.cpu_count() or 1)
    if workers < 2:
        return [prove(clean, wanted, tick) for clean in cleans]
    context = get_context("spawn")
    news = context.Queue()
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start, initargs=(news,)
    ) as pool:
        # The longest first, so that the processors end together.
        order = sorted(cleans, key=lambda clean: clean.provider)
        under_way = {clean.provider: pool.submit(_proved, clean, wanted) for clean in order}
        _follow(list(under_way.values()), news, tick)
        return [under_way[clean.provider].result() for clean in cleans]


def _start(news: Any) -> None:
    global _told
    _told = news


def _proved(clean: Clean, wanted: Wanted) -> Proof:
    def tick(what: str, done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            _told.put((clean.provider, what, done, total))

    return _portable(prove(clean, wanted, tick))


def _follow(futures: list[Future[Proof]], news: Any, tick: Tick) -> None:
    """Pass on what the processes tell until all are done."""
    counts: dict[str, tuple[int, int]] = {}
    while not all(future.done() for future in futures):
        try:
            provider, what, done, total = news.get(timeout=0.2)
        except queue.Empty:
            continue
        counts[provider] = done, total
        sums = [sum(each) for each in zip(*counts.values(), strict=True)]
        tick(what, sums[0], sums[1])


def _portable(proof: Proof) -> Proof:
    """Return a proof without functions, which do not travel between processes."""
    return replace(
        proof,
        clean=tuple(_without_check(result) for result in proof.clean),
        outcomes=tuple(_without_change(outcome) for outcome in proof.outcomes),
    )


def _without_check(result: RuleResult) -> RuleResult:
    return replace(result, rule=replace(result.rule, check=_no_check))


def _without_change(outcome: Outcome) -> Outcome:
    return replace(outcome, fault=replace(outcome.fault, change=_no_change, staged=None))


def _no_check(evidence: Evidence) -> tuple[()]:
    return ()


def _no_change(reading: Reading, memory: Memory) -> None:
    return None
