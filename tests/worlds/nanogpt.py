"""Puts NanoGPT's part of a tenant into the state that an example exchange asks for.

Knows the words of the examples' `given`; the records are the core's and the provider's own.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from simulator.core import accounts, ledger
from simulator.core.accounts import ACCOUNTS, WINDOWS, Account, Limit, Window
from simulator.core.runs import Amendment, Outcome, Plan, Run, Stage
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.providers.nanogpt import PROVIDER, modes
from simulator.providers.nanogpt.catalog import (
    DAY_MS,
    MODELS,
    REQUESTS_PER_DAY,
    STAGES,
    USD,
)
from simulator.providers.nanogpt.records import MODERATIONS, SOURCES, Moderation, SourceVideo
from tests.scripts import in_force, script

Given = Mapping[str, Any]

_NAMES: Final = {"api_key": "account 1", "other_api_key": "account 2"}

_LONG_MS: Final = 3_600_000
_ENDED_MS: Final = 60_000
_NSFW: Final = Outcome("failed", "content_policy", "Content policy violation")
_BROKEN: Final = Outcome("failed", "upstream_failed", "")


async def arrange(tenant: Tenant, given: dict[str, Any] | None) -> None:
    """Bring about what an example exchange starts from; raises `KeyError` for an unknown word."""
    words = given or {}
    told = {name: _STEPS[name] for name in words if name not in _DETAILS_OF_OTHERS}

    async def work(tx: Tx) -> None:
        now_ms = await tenant.time_in(tx)
        for name, step in told.items():
            await step(tx, words, name, now_ms)

    await tenant.transact(work)


async def _one_job(tx: Tx, given: Given, name: str, now_ms: int) -> None:
    await _open(tx, given[name], now_ms)


async def _many_jobs(tx: Tx, given: Given, name: str, now_ms: int) -> None:
    for job in given[name]:
        await _open(tx, job, now_ms)


async def _some_jobs(tx: Tx, given: Given, name: str, now_ms: int) -> None:
    for number in range(given[name]):
        job = {
            "runId": f"vid_m1abc123def{number:03d}",
            "model": "veo2-video",
            "status": "COMPLETED",
            "owner": given["owner"],
        }
        await _open(tx, job, now_ms - 1000 * number)


async def _open(tx: Tx, job: Given, now_ms: int) -> None:
    """Open a run as a submission would have done, its price on hold."""
    account = await _account(tx, job["owner"])
    model = MODELS[job["model"]]
    inputs = dict.fromkeys(("imageUrl", "videoUrl"), "https://assets.example.com/a")
    taken = {noun for noun in model.takes if noun in ("image", "video")}
    given = {"model": model.id, "prompt": "An eagle"}
    given |= {f"{noun}Url": inputs[f"{noun}Url"] for noun in taken if noun in model.needs}
    read = modes.read(model, given)
    cost_nanos = round(job["cost"] * USD) if "cost" in job else read.cost_nanos
    details = {name: job[name] for name in ("conversationUUID", "projectId") if name in job}
    plan, amendments = _course(job, now_ms)
    run = Run(
        job["runId"],
        PROVIDER.name,
        "createVideo",
        account.id,
        plan,
        cost_nanos,
        read.mode,
        model.id,
        outputs=read.outputs,
        details=details or None,
        amendments=amendments,
    )
    await tx.put(ACCOUNTS, account.id, accounts.hold(account, cost_nanos))
    await ledger.open_run(tx, run)
    await ledger.settle(tx, now_ms)


def _course(job: Given, now_ms: int) -> tuple[Plan, tuple[Amendment, ...]]:
    """The plan of a job that has the given status now, and what was done to it."""
    status = job["status"]
    started_ms = _parsed(job["createdAt"]) if "createdAt" in job else now_ms - _ENDED_MS
    if status == "IN_QUEUE":
        return Plan(now_ms, (Stage("queued", _LONG_MS, "queued"),)), ()
    if status == "IN_PROGRESS":
        return Plan(now_ms, (Stage("generating", _LONG_MS),)), ()
    if status == "CANCELED":
        return Plan(started_ms, STAGES), (Amendment(started_ms + 1000, "cancel"),)
    if status == "FAILED":
        outcome = _NSFW if job.get("failure") == "nsfw" else _BROKEN
        return Plan(started_ms, STAGES, outcome), ()
    return Plan(started_ms, STAGES), ()


def _parsed(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


async def _balance(tx: Tx, given: Given, name: str, _now_ms: int) -> None:
    account = await _account(tx)
    nanos = round(given[name] * USD)
    await tx.put(ACCOUNTS, account.id, replace(account, available_nanos=nanos, refill_nanos=0))


async def _submitted(tx: Tx, given: Given, name: str, now_ms: int) -> None:
    job = {"runId": "vid_m1abc123def456", "model": "veo2-video", "status": "IN_PROGRESS"}
    await _open(tx, {**job, "owner": "api_key", **given[name]}, now_ms)


async def _used_minute(tx: Tx, given: Given, name: str, now_ms: int) -> None:
    """So many calls were made of every operation that the vendor counts by the minute."""
    account = await _account(tx)
    limits = tuple(limit for limit in PROVIDER.limits if limit.window_ms == 60_000)
    await tx.put(ACCOUNTS, account.id, replace(account, limits=limits))
    for limit in limits:
        used = min(given[name], limit.count)
        await tx.put(WINDOWS, f"{account.id}:{limit.name}", Window(now_ms - 1000, used))


async def _day_of_requests(tx: Tx, given: Given, name: str, now_ms: int) -> None:
    account = await _account(tx)
    limit = Limit(REQUESTS_PER_DAY, given[name], DAY_MS, is_aligned=True)
    await tx.put(ACCOUNTS, account.id, replace(account, limits=(limit,)))
    window = Window(now_ms - now_ms % DAY_MS, given["key_requests_today"])
    await tx.put(WINDOWS, f"{account.id}:{limit.name}", window)


async def _day_of_dollars(tx: Tx, given: Given, name: str, now_ms: int) -> None:
    job = {"runId": "vid_m1abc123def456", "model": "veo2-video", "status": "IN_PROGRESS"}
    spent = {"owner": "api_key", "cost": given["key_usd_today"]}
    await _open(tx, {**job, **spent}, now_ms)
    await _attribute(tx, "usd_per_day_nanos", given[name] * USD)


async def _origins(tx: Tx, given: Given, name: str, _now_ms: int) -> None:
    await _attribute(tx, "allowed_origins", given[name])


async def _attribute(tx: Tx, name: str, value: Any) -> None:
    account = await _account(tx)
    attributes = {**account.attributes, name: value}
    await tx.put(ACCOUNTS, account.id, replace(account, attributes=attributes))


async def _media(tx: Tx, given: Given, name: str, _now_ms: int) -> None:
    for url, known in given[name].items():
        await tx.put(SOURCES, url, SourceVideo(known["duration_s"] * 1000))


async def _moderation(tx: Tx, given: Given, name: str, _now_ms: int) -> None:
    await tx.put(MODERATIONS, "", Moderation(given[name]))


async def _refusing(tx: Tx, given: Given, name: str, _now_ms: int) -> None:
    refusal = _REFUSALS[name, given[name]]
    await in_force(tx, script(name, "createVideo", per="run", refusal=refusal))


async def _account(tx: Tx, owner: str = "api_key") -> Account:
    for account in await tx.all(ACCOUNTS):
        if account.provider == PROVIDER.name and account.name == _NAMES[owner]:
            return account
    raise LookupError(owner)


_REFUSALS: Final = {
    ("policy", "flag_prompt"): "content_policy",
    ("backend", "fail_before_ack"): "upstream_failed",
}

_DETAILS_OF_OTHERS: Final = frozenset({"owner", "key_requests_today", "key_usd_today"})

_STEPS: Final[Mapping[str, Callable[[Tx, Given, str, int], Awaitable[None]]]] = {
    "job": _one_job,
    "jobs": _many_jobs,
    "jobs_count": _some_jobs,
    "balance_usd": _balance,
    "submitted": _submitted,
    "requests_last_minute": _used_minute,
    "key_rpd_limit": _day_of_requests,
    "key_usd_limit": _day_of_dollars,
    "key_allowed_origins": _origins,
    "media": _media,
    "moderation": _moderation,
    "policy": _refusing,
    "backend": _refusing,
}
