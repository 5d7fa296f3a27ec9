"""The bookkeeping of runs inside a transaction: opening, settling, amending and forgetting them.

Money moves when a run ends: captured if it completed, given back otherwise. The ends of all runs
stand on one index by date, and whoever reads or charges an account settles what is due first.
"""

from msgspec.structs import replace

from simulator.core import accounts, runs
from simulator.core.accounts import ACCOUNTS, Account
from simulator.core.errors import NotFound, RunNotFound
from simulator.core.runs import RUNS, Amendment, Run
from simulator.core.store import Tx

ENDS = "ends"
"""The index of runs by the date of their end."""

_BATCH = 256


def runs_index(provider: str, account_id: str) -> str:
    """The name of the index of an account's runs by their start."""
    return f"runs:{provider}:{account_id}"


async def open_run(tx: Tx, run: Run) -> None:
    """Store a new run, list it under its account and schedule its end."""
    await tx.put(RUNS, run.id, run)
    await tx.index_add(runs_index(run.provider, run.account_id), run.created_at_ms, run.id)
    ends_at_ms = runs.ends_at_ms(run)
    if ends_at_ms is not None:
        await tx.index_add(ENDS, ends_at_ms, run.id)


async def next_end_ms(tx: Tx) -> int | None:
    """The date of the first end that is not yet booked; None if no run will end."""
    first = await tx.index_range(ENDS, limit=1)
    return first[0][0] if first else None


async def settle(tx: Tx, now_ms: int) -> list[Run]:
    """Book the end of every run of the tenant that has ended by now; answers those runs."""
    ended: list[Run] = []
    while due := await tx.index_range(ENDS, high=now_ms, limit=_BATCH):
        for ended_at_ms, run_id in due:
            run = await tx.get(RUNS, run_id)
            if run is None:
                await tx.index_remove(ENDS, ended_at_ms, run_id)
            else:
                ended.append(await _book_end(tx, run, ended_at_ms))
    return ended


async def settled_account(tx: Tx, account_id: str, now_ms: int) -> Account:
    """Read an account after everything due was settled."""
    await settle(tx, now_ms)
    account = await tx.get(ACCOUNTS, account_id)
    if account is None:
        raise NotFound("account", account_id)
    return account


async def settled_run(tx: Tx, run: Run, now_ms: int) -> Run:
    """Book a run's end if it has ended by now."""
    ends_at_ms = runs.ends_at_ms(run)
    if run.is_settled or ends_at_ms is None or ends_at_ms > now_ms:
        return run
    return await _book_end(tx, run, ends_at_ms)


async def poll_run(tx: Tx, run: Run, now_ms: int) -> Run:
    """Book a run's end if it has ended by now, else move it on if it gets on by polls."""
    run = await settled_run(tx, run, now_ms)
    if run.polls is None or run.is_settled or not runs.is_moved_by_polls(run, now_ms):
        return run
    moved = runs.polled(run, now_ms)
    await _reschedule(tx, run, moved)
    return await settled_run(tx, moved, now_ms)


async def amend_run(tx: Tx, run_id: str, amendment: Amendment, now_ms: int) -> Run:
    """Add an amendment to a run and move its end on the schedule; an ended run stays.

    One dated in the past is in force from now on: what a poll has shown stays true.
    """
    run = await tx.get(RUNS, run_id)
    if run is None:
        raise RunNotFound(run_id)
    run = await settled_run(tx, run, now_ms)
    if run.is_settled:
        return run
    amendment = replace(amendment, at_ms=max(amendment.at_ms, now_ms))
    amended = replace(run, amendments=(*run.amendments, amendment))
    await _reschedule(tx, run, amended)
    return await settled_run(tx, amended, now_ms)


async def forget_run(tx: Tx, run: Run) -> None:
    """Remove a run and every mention of it."""
    ends_at_ms = runs.ends_at_ms(run)
    if ends_at_ms is not None:
        await tx.index_remove(ENDS, ends_at_ms, run.id)
    await tx.index_remove(runs_index(run.provider, run.account_id), run.created_at_ms, run.id)
    await tx.delete(RUNS, run.id)


async def _reschedule(tx: Tx, run: Run, changed: Run) -> None:
    """Store a changed run, and move its end on the schedule."""
    before, after = runs.ends_at_ms(run), runs.ends_at_ms(changed)
    if before != after and before is not None:
        await tx.index_remove(ENDS, before, run.id)
    if before != after and after is not None:
        await tx.index_add(ENDS, after, run.id)
    await tx.put(RUNS, run.id, changed)


async def _book_end(tx: Tx, run: Run, ended_at_ms: int) -> Run:
    settled = replace(run, is_settled=True)
    await tx.put(RUNS, run.id, settled)
    await tx.index_remove(ENDS, ended_at_ms, run.id)
    account = await tx.get(ACCOUNTS, run.account_id)
    if account is not None and run.cost_nanos:
        outcome = runs.status_at(run, ended_at_ms).outcome
        did_complete = outcome is not None and outcome.state == "completed"
        book = accounts.capture if did_complete else accounts.give_back
        await tx.put(ACCOUNTS, account.id, book(account, run.cost_nanos))
    return settled
