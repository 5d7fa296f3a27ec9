"""Runs from outside: list and read them, end them now, hold and release them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from simulator.control.accounts import credits_text
from simulator.control.reading import Asked, Declined
from simulator.control.replying import json_reply, tenant_of, time_text
from simulator.core import jsontext, ledger, redaction, runs
from simulator.core.accounts import ACCOUNTS
from simulator.core.runs import RUNS, Amendment, Outcome, Run
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.house import House

_DEEPEST = 2 * jsontext.DEEPEST
_DEFAULT_REASON = "upstream_failed"
_DEFAULT_MESSAGE = "Generation failed"


def handlers(house: House) -> Mapping[str, Callable[[Asked], Awaitable[Response]]]:
    """The handlers of runs."""

    async def list_runs(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        found, now_ms = await _found(tenant, asked.query)
        return json_reply({"runs": [_listed(house, run, now_ms) for run in found]})

    async def read_run(asked: Asked) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        run_id = asked.path["run"]

        async def work(tx: Tx) -> tuple[Run, int]:
            now_ms = await tenant.time_in(tx)
            return await ledger.settled_run(tx, await _run(tx, run_id), now_ms), now_ms

        return json_reply(_shown(house, *await tenant.transact(work)))

    async def complete_run(asked: Asked) -> Response:
        return await _amended(asked, lambda now_ms: Amendment(now_ms, "complete"))

    async def fail_run(asked: Asked) -> Response:
        reason = asked.body.get("error", _DEFAULT_REASON)
        message = asked.body.get("message", _DEFAULT_MESSAGE)
        outcome = Outcome("failed", reason, message)
        return await _amended(asked, lambda now_ms: Amendment(now_ms, "fail", outcome))

    async def hold_run(asked: Asked) -> Response:
        return await _amended(asked, lambda now_ms: Amendment(now_ms, "hold"))

    async def release_run(asked: Asked) -> Response:
        return await _amended(asked, lambda now_ms: Amendment(now_ms, "release"))

    async def cancel_run(asked: Asked) -> Response:
        return await _amended(asked, lambda now_ms: Amendment(now_ms, "cancel"))

    async def _amended(asked: Asked, amendment: Callable[[int], Amendment]) -> Response:
        tenant = await tenant_of(house, asked.path["tenant"])
        run_id = asked.path["run"]

        async def work(tx: Tx) -> tuple[Run, int]:
            now_ms = await tenant.time_in(tx)
            run = await ledger.settled_run(tx, await _run(tx, run_id), now_ms)
            if run.is_settled:
                state = runs.status_at(run, now_ms).state
                raise Declined(409, f"run {run_id!r} has ended: it is {state}")
            return await ledger.amend_run(tx, run_id, amendment(now_ms), now_ms), now_ms

        run, now_ms = await tenant.transact(work)
        tenant.wake()
        return json_reply(_shown(house, run, now_ms))

    return {
        "listRuns": list_runs,
        "readRun": read_run,
        "completeRun": complete_run,
        "failRun": fail_run,
        "holdRun": hold_run,
        "releaseRun": release_run,
        "cancelRun": cancel_run,
    }


async def _run(tx: Tx, run_id: str) -> Run:
    run = await tx.get(RUNS, run_id)
    if run is None:
        raise Declined(404, f"no run {run_id[:100]!r}")
    return run


async def _found(tenant: Tenant, query: Mapping[str, Any]) -> tuple[list[Run], int]:
    """The runs that a query asks for, newest first, and the time at which they were read."""
    provider, account_id, state = query["provider"], query["account"], query["state"]

    async def work(tx: Tx) -> tuple[list[Run], int]:
        now_ms = await tenant.time_in(tx)
        await ledger.settle(tx, now_ms)
        dated: list[tuple[int, str]] = []
        for account in await tx.all(ACCOUNTS):
            if provider in (None, account.provider) and account_id in (None, account.id):
                index = ledger.runs_index(account.provider, account.id)
                limit = query["limit"] if state is None else None
                dated += await tx.index_range(index, newest_first=True, limit=limit)
        found: list[Run] = []
        for _, run_id in sorted(dated, reverse=True):
            run = await tx.get(RUNS, run_id)
            if run is None or state not in (None, runs.status_at(run, now_ms).state):
                continue
            found.append(run)
            if len(found) >= query["limit"]:
                break
        return found, now_ms

    return await tenant.transact(work)


def _listed(house: House, run: Run, now_ms: int) -> dict[str, Any]:
    status = runs.status_at(run, now_ms)
    unit = house.providers[run.provider].unit
    return {
        "id": run.id,
        "provider": run.provider,
        "operation": run.operation,
        "account": run.account_id,
        "mode": run.mode,
        "model": run.model,
        "state": status.state,
        "stage": status.stage,
        "progress": status.progress,
        "created_at": time_text(run.created_at_ms),
        "started_at": time_text(status.started_at_ms),
        "ends_at": time_text(runs.ends_at_ms(run)),
        "ended_at": time_text(status.ended_at_ms),
        "outcome": _shown_outcome(status.outcome),
        "cost": credits_text(run.cost_nanos, unit),
        "unit": unit.name,
    }


def _shown(house: House, run: Run, now_ms: int) -> dict[str, Any]:
    plan = run.plan
    request = redaction.body(run.request, (), is_cut=False)
    return {
        **_listed(house, run, now_ms),
        "plan": {
            "stages": [
                {"name": item.name, "state": item.state, "duration_ms": item.duration_ms}
                for item in plan.stages
            ],
            "outcome": _shown_outcome(plan.outcome),
            "stuck": plan.is_stuck,
        },
        "amendments": [
            {
                "at": time_text(item.at_ms),
                "action": item.action,
                "outcome": _shown_outcome(item.outcome),
            }
            for item in run.amendments
        ],
        "request": jsontext.loads(request, deepest=_DEEPEST),
    }


def _shown_outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {"state": outcome.state, "reason": outcome.reason, "message": outcome.message}
