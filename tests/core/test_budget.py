"""What all journals take together: bounded, the tenants that were idle longest give first."""

import gc

from simulator.core.budget import Budget
from simulator.core.journal import Exchange, Journal

MIB = 1024 * 1024


def exchange(at_ms: int, size: int = 8000) -> Exchange:
    body = b"x" * size
    return Exchange("e", "t", at_ms, "GET", "/", "", reply_body=body, reply_size=size)


def filled(budget: Budget, at_ms: int, count: int, limit_bytes: int = 64 * MIB) -> Journal:
    journal = Journal(limit_bytes, budget)
    for number in range(count):
        journal.record(exchange(at_ms + number))
    return journal


def test_a_thousand_journals_stay_within_what_they_share() -> None:
    budget = Budget(MIB)
    journals = [filled(budget, number * 100, 20) for number in range(1000)]
    total = sum(journal.size_bytes for journal in journals)
    assert MIB * 7 // 8 < total <= MIB
    assert budget.size_bytes == total
    assert [len(journal) for journal in journals[-3:]] == [20, 20, 20]
    assert len(journals[0]) == 0


def test_the_tenant_that_was_idle_longest_gives_first_and_its_oldest_first() -> None:
    budget = Budget(60 * 9500)
    idle, busy = filled(budget, 0, 20), filled(budget, 1000, 20)
    for number in range(35):
        busy.record(exchange(2000 + number))
    assert len(busy) == 55
    assert 1 <= len(idle) < 20
    assert [item.started_at_ms for item in idle] == list(range(20))[-len(idle) :]
    assert idle.dropped == 20 - len(idle)


def test_a_journal_keeps_to_its_own_bound_and_the_budget_knows() -> None:
    budget = Budget(100 * MIB)
    journal = filled(budget, 0, 200, limit_bytes=MIB)
    assert budget.size_bytes == journal.size_bytes <= MIB
    journal.clear()
    assert budget.size_bytes == 0


def test_a_journal_that_is_gone_does_not_count() -> None:
    budget = Budget(30 * 9500)
    journal = filled(budget, 0, 25)
    del journal
    gc.collect()
    kept = filled(budget, 100, 25)
    assert len(kept) == 25
    assert budget.size_bytes == kept.size_bytes
