"""The bookkeeping of runs inside a transaction: opening, settling, amending and forgetting them.

Money moves when a run ends: captured if it completed, given back otherwise. The ends of all runs
stand on one index by date, and whoever reads or charges an account settles what is due first.
Where an account may have so many runs at once only, those that have not ended stand on an index.
"""

from msgspec.structs import replace

from simulator.core import accounts, runs, webhooks
from simulator.core.accounts import ACCOUNTS, Account, Concurrency
from simulator.core.errors import NotFound, RateLimited, RunNotFound
from simulator.core.runs import RUNS, Amendment, Run
from simulator.core.store import Tx
from simulator.core.webhooks import ROSTERS

ENDS = "ends"
"""The index of runs by the date of their end."""

_BATCH = 256


def runs_index(provider: str, account_id: str) -> str:
    """The name of the index of an account's runs by their start."""
    return f"runs:{provider}:{account_id}"


async def open_run(tx: Tx, run: Run, concurrency: tuple[Concurrency, ...] = ()) -> None:
    """Store a new run, list it under its account and schedule its end.

    `concurrency` is what its account is held to, which `admit_run` has found room in.
    """
    await tx.put(RUNS, run.id, run)
    for limit in concurrency:
        if limit.covers(run.operation):
            await tx.index_add(_at_work(run.account_id, limit), run.created_at_ms, run.id)
    await tx.index_add(runs_index(run.provider, run.account_id), run.created_at_ms, run.id)
    ends_at_ms = runs.ends_at_ms(run)
    if ends_at_ms is not None:
        await tx.index_add(ENDS, ends_at_ms, run.id)
    roster = await tx.get(ROSTERS, "")
    if roster is not None:
        await webhooks.run_opened(tx, roster, run)


async def admit_run(tx: Tx, account: Account, operation: str, now_ms: int) -> None:
    """Raise `RateLimited` if an account, settled up to now, has as many runs as it may have.

    The wait is until the first of them ends, or a second if none of them has a date.
    """
    for limit in account.concurrency:
        if not limit.covers(operation):
            continue
        at_work = await tx.index_range(_at_work(account.id, limit), limit=limit.count)
        if len(at_work) >= limit.count:
            found = [await tx.get(RUNS, run_id) for _, run_id in at_work]
            ends = [runs.ends_at_ms(run) for run in found if run is not None]
            first = min((at_ms for at_ms in ends if at_ms is not None), default=now_ms + 1000)
            raise RateLimited(limit.name, first - now_ms, limit.count)


async def hold_to(tx: Tx, account: Account, concurrency: tuple[Concurrency, ...]) -> Account:
    """An account, settled up to now, that is held to these limits; its runs at work counted.

    Stores the counts and not the account.
    """
    for limit in (*account.concurrency, *concurrency):
        for at_ms, run_id in await tx.index_range(_at_work(account.id, limit)):
            await tx.index_remove(_at_work(account.id, limit), at_ms, run_id)
    listed = await tx.index_range(runs_index(account.provider, account.id)) if concurrency else []
    for at_ms, run_id in listed:
        run = await tx.get(RUNS, run_id)
        for limit in concurrency:
            if run is not None and not run.is_settled and limit.covers(run.operation):
                await tx.index_add(_at_work(account.id, limit), at_ms, run_id)
    return replace(account, concurrency=concurrency)


def _at_work(account_id: str, limit: Concurrency) -> str:
    """The name of the index of the runs that count for a limit."""
    return f"at-work:{account_id}:{limit.name}"


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
    await webhooks.run_forgotten(tx, run)
    await tx.delete(RUNS, run.id)


async def _reschedule(tx: Tx, run: Run, changed: Run) -> None:
    """Store a changed run, and move its end on the schedule."""
    before, after = runs.ends_at_ms(run), runs.ends_at_ms(changed)
    if before != after and before is not None:
        await tx.index_remove(ENDS, before, run.id)
    if before != after and after is not None:
        await tx.index_add(ENDS, after, run.id)
    await webhooks.run_changed(tx, run, changed)
    await tx.put(RUNS, run.id, changed)


async def _book_end(tx: Tx, run: Run, ended_at_ms: int) -> Run:
    settled = replace(run, is_settled=True)
    await tx.put(RUNS, run.id, settled)
    await tx.index_remove(ENDS, ended_at_ms, run.id)
    account = await tx.get(ACCOUNTS, run.account_id)
    for limit in () if account is None else account.concurrency:
        await tx.index_remove(_at_work(run.account_id, limit), run.created_at_ms, run.id)
    if account is not None and run.cost_nanos:
        did_complete = runs.ending_of(run, ended_at_ms).state == "completed"
        book = accounts.capture if did_complete else accounts.give_back
        await tx.put(ACCOUNTS, account.id, book(account, run.cost_nanos))
    roster = await tx.get(ROSTERS, "")
    if roster is not None:
        await webhooks.run_ended(tx, roster, settled, ended_at_ms)
    return settled
