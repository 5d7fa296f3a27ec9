"""Deliveries: which are due, who attempts them, and what comes of an attempt.

A due delivery is leased to whoever claims it for 30 s of system time, and offered again when the
lease runs out, so that each is attempted at least once whatever process ends. Sends nothing.
"""

import hashlib
from typing import Final

import msgspec
from msgspec.structs import replace

from simulator.core import matching, webhooks
from simulator.core.accounts import ACCOUNTS
from simulator.core.matching import Ruling, Sought
from simulator.core.scenarios import PLAYBOOKS, WebhookTwist
from simulator.core.store import Tx
from simulator.core.webhooks import (
    ALL,
    DELIVERIES,
    DUE,
    LAST_EVENTS,
    LINES,
    ROSTERS,
    Attempt,
    Delivery,
    Line,
    Roster,
    State,
    Subscription,
)

LEASE_MS: Final = 30_000
"""How long a claimed delivery is left alone, in system time."""

PATIENCE_MS: Final = 24 * 3600 * 1000
"""How long attempts go on after the first, on the tenant's clock."""

KEPT: Final = 1000
"""How many finished deliveries of a tenant are kept."""

_LEASED = "deliveries-leased"
_FINISHED = "deliveries-finished"
_OVER = "deliveries-over"
_FIRST_WAIT_MS: Final = 5_000
_LONGEST_WAIT_MS: Final = 3_600_000
_JITTER: Final = 0.2
_ATTEMPTS_KEPT: Final = 50
_OVERTAKEN_WITHIN_MS: Final = 600_000
_GONE: Final = 410


class Claim(msgspec.Struct, frozen=True):
    """A delivery to attempt now; `at_ms` is now, `leased_until_ms` tells this lease from others.

    `scenario` and `twist` are what a scenario says of the attempt.
    """

    delivery: Delivery
    subscription: Subscription
    at_ms: int
    leased_until_ms: int
    twist: WebhookTwist
    scenario: str = ""


async def next_due_ms(tx: Tx) -> int | None:
    """The first date at which a delivery is to be attempted; a past one if somebody is at it."""
    dates = [at_ms for at_ms, _ in await tx.index_range(DUE, limit=1)]
    for _, delivery_id in await tx.index_range(_LEASED, limit=1):
        delivery = await tx.get(DELIVERIES, delivery_id)
        if delivery is not None:
            dates.append(delivery.due_at_ms)
    return min(dates, default=None)


async def is_anybody_at_it(tx: Tx) -> bool:
    """Whether a delivery is leased."""
    leased = [await tx.get(DELIVERIES, name) for _, name in await tx.index_range(_LEASED)]
    return any(delivery is not None for delivery in leased)


async def claim(tx: Tx, now_ms: int, system_ms: int, seed: str, limit: int) -> list[Claim]:
    """Lease deliveries that are due by a date, at most so many, those first whose date is first."""
    for leased_until_ms, delivery_id in await tx.index_range(_LEASED, high=system_ms, limit=limit):
        await tx.index_remove(_LEASED, leased_until_ms, delivery_id)
        delivery = await tx.get(DELIVERIES, delivery_id)
        if delivery is not None and delivery.leased_until_ms == leased_until_ms:
            await tx.put(DELIVERIES, delivery_id, replace(delivery, leased_until_ms=None))
            await tx.index_add(DUE, delivery.due_at_ms, delivery_id)
    due = await tx.index_range(DUE, high=now_ms, limit=limit)
    roster = (await tx.get(ROSTERS, "") if due else None) or Roster(())
    claims: list[Claim] = []
    for due_at_ms, delivery_id in due:
        await tx.index_remove(DUE, due_at_ms, delivery_id)
        delivery = await tx.get(DELIVERIES, delivery_id)
        if delivery is None:
            continue
        subscription = roster.find(delivery.subscription)
        if subscription is None or not subscription.is_enabled:
            await _finish(tx, delivery, "dead", now_ms)
            continue
        ruling = await _ruling(tx, delivery, now_ms, seed)
        if await _put_off(tx, delivery, subscription, ruling, now_ms):
            continue
        leased_until_ms = system_ms + LEASE_MS
        leased = replace(delivery, leased_until_ms=leased_until_ms, twist=None, is_overtaken=False)
        await tx.put(DELIVERIES, delivery_id, leased)
        await tx.index_add(_LEASED, leased_until_ms, delivery_id)
        twist = ruling.give.webhook or delivery.twist or WebhookTwist()
        scenario = ruling.scenario or delivery.scenario
        claims.append(Claim(leased, subscription, now_ms, leased_until_ms, twist, scenario))
    return claims


async def conclude(tx: Tx, claimed: Claim, attempt: Attempt, retry_after_ms: int = 0) -> Delivery:
    """Note what came of an attempt: the end of its delivery, or the date of the next attempt.

    What is not taken is attempted again, as Standard Webhooks wants it, whatever the status; 410
    ends the subscription. A failure is not noted of a lease that has run out.
    """
    delivery = await tx.get(DELIVERIES, claimed.delivery.id)
    if delivery is None or delivery.state != "pending":
        return delivery or claimed.delivery
    is_ours = delivery.leased_until_ms == claimed.leased_until_ms
    if not is_ours and not attempt.has_arrived:
        return delivery
    if delivery.leased_until_ms is not None:
        await tx.index_remove(_LEASED, delivery.leased_until_ms, delivery.id)
    await tx.index_remove(DUE, delivery.due_at_ms, delivery.id)
    first_at_ms = attempt.at_ms if delivery.first_at_ms is None else delivery.first_at_ms
    delivery = replace(
        delivery,
        attempts=(*delivery.attempts, attempt)[-_ATTEMPTS_KEPT:],
        attempt_count=delivery.attempt_count + 1,
        first_at_ms=first_at_ms,
        leased_until_ms=None,
        scenario="",
    )
    if attempt.has_arrived:
        return await _finish(tx, delivery, "delivered", attempt.at_ms)
    wait_ms = backoff_ms(delivery.id, delivery.attempt_count, retry_after_ms)
    is_last = attempt.at_ms + wait_ms > first_at_ms + PATIENCE_MS
    if attempt.status == _GONE:
        await webhooks.replace_subscription(tx, replace(claimed.subscription, is_enabled=False))
    if attempt.status == _GONE or is_last or not claimed.subscription.is_retried:
        return await _finish(tx, delivery, "dead", attempt.at_ms)
    delivery = replace(delivery, due_at_ms=attempt.at_ms + wait_ms)
    await tx.put(DELIVERIES, delivery.id, delivery)
    await tx.index_add(DUE, delivery.due_at_ms, delivery.id)
    return delivery


def backoff_ms(delivery_id: str, attempts: int, retry_after_ms: int = 0) -> int:
    """How long to wait after so many attempts: 5 s, doubled each time up to an hour, give or take.

    A fifth more or less is a function of the delivery and the count. Never shorter than the
    receiver asked for.
    """
    wait_ms = min(_FIRST_WAIT_MS << min(attempts - 1, 20), _LONGEST_WAIT_MS)
    digest = hashlib.blake2b(f"{delivery_id}\0{attempts}".encode(), digest_size=4).digest()
    share = int.from_bytes(digest) / 0xFFFFFFFF
    return max(retry_after_ms, int(wait_ms * (1 - _JITTER + 2 * _JITTER * share)))


async def redeliver(tx: Tx, delivery: Delivery, now_ms: int) -> Delivery:
    """Make a delivery due now, whatever came of it; it has another 24 hours.

    One that is over goes by itself, not after others of its run. Raises `ValueError` if it is
    being attempted or waits for an earlier one, or if its receiver is gone.
    """
    subscription = (await tx.get(ROSTERS, "") or Roster(())).find(delivery.subscription)
    if subscription is None or not subscription.is_enabled:
        raise ValueError("its receiver said that it is gone (410)")
    if delivery.state == "pending":
        waiting = (await tx.get(LINES, delivery.line) or Line(())).waiting
        if delivery.leased_until_ms is not None:
            raise ValueError("it is being attempted")
        if waiting[:1] != (delivery.id,):
            raise ValueError("it waits for an earlier one of its run")
        await tx.index_remove(DUE, delivery.due_at_ms, delivery.id)
    else:
        await tx.index_remove(_FINISHED, delivery.number, delivery.id)
        await tx.increment(_OVER, -1)
        delivery = replace(delivery, line=f"again:{delivery.id}")
        await tx.put(LINES, delivery.line, Line((delivery.id,)))
    delivery = replace(
        delivery, state="pending", due_at_ms=now_ms, first_at_ms=None, finished_at_ms=None
    )
    await tx.put(DELIVERIES, delivery.id, delivery)
    await tx.index_add(DUE, now_ms, delivery.id)
    return delivery


async def unsubscribe(tx: Tx, subscription_id: str) -> bool:
    """Remove a subscription with its deliveries; true if it was there."""
    roster = await tx.get(ROSTERS, "") or Roster(())
    rest = tuple(item for item in roster.subscriptions if item.id != subscription_id)
    if len(rest) == len(roster.subscriptions):
        return False
    if rest:
        await tx.put(ROSTERS, "", Roster(rest))
    else:
        await tx.delete(ROSTERS, "")
    for number, delivery_id in await tx.index_range(ALL):
        delivery = await tx.get(DELIVERIES, delivery_id)
        if delivery is None or delivery.subscription != subscription_id:
            continue
        await tx.index_remove(DUE, delivery.due_at_ms, delivery_id)
        if delivery.leased_until_ms is not None:
            await tx.index_remove(_LEASED, delivery.leased_until_ms, delivery_id)
        if delivery.state != "pending":
            await tx.index_remove(_FINISHED, number, delivery_id)
            await tx.increment(_OVER, -1)
        await tx.delete(LINES, delivery.line)
        await tx.index_remove(ALL, number, delivery_id)
        await tx.delete(DELIVERIES, delivery_id)
    return True


async def _ruling(tx: Tx, delivery: Delivery, now_ms: int, seed: str) -> Ruling:
    """What the scenarios in force say of an attempt; nothing of one that they have put off."""
    playbook = await tx.get(PLAYBOOKS, "")
    if playbook is None or delivery.twist is not None or delivery.is_overtaken:
        return Ruling()
    run = delivery.run
    account = await tx.get(ACCOUNTS, run.account_id)
    who = (run.account_id, "" if account is None else account.name)
    sought = Sought(run.provider, run.operation, who, run.decoded_request(), None, point="delivery")
    return await matching.ruled_in(tx, playbook.active, sought, now_ms, seed)


async def _put_off(
    tx: Tx, delivery: Delivery, subscription: Subscription, ruling: Ruling, now_ms: int
) -> bool:
    """Put a delivery off if a scenario wants that; true if it did."""
    twist = ruling.give.webhook
    if twist is None or delivery.attempt_count:
        return False
    if twist.delay_ms:
        late_at_ms = delivery.at_ms + twist.delay_ms
        if late_at_ms <= now_ms:  # it has waited so long for those ahead of it
            return False
        put_off = replace(delivery, due_at_ms=late_at_ms, twist=twist, scenario=ruling.scenario)
        await tx.put(DELIVERIES, delivery.id, put_off)
        await tx.index_add(DUE, put_off.due_at_ms, delivery.id)
        return True
    if not twist.is_reordered or delivery.overtakes or not _is_followed(delivery, subscription):
        return False
    waiting = (await tx.get(LINES, delivery.line) or Line(())).waiting
    put_off = replace(
        delivery,
        is_overtaken=True,
        due_at_ms=now_ms + _OVERTAKEN_WITHIN_MS,
        twist=twist,
        scenario=ruling.scenario,
    )
    await tx.put(DELIVERIES, delivery.id, put_off)
    if len(waiting) < 2:  # it waits for the next, but not for ever
        await tx.index_add(DUE, put_off.due_at_ms, delivery.id)
        return True
    following = await tx.get(DELIVERIES, waiting[1])
    await tx.put(LINES, delivery.line, Line((waiting[1], waiting[0], *waiting[2:])))
    if following is not None:
        await tx.put(DELIVERIES, following.id, replace(following, overtakes=True))
        await tx.index_add(DUE, following.due_at_ms, following.id)
    return True


def _is_followed(delivery: Delivery, subscription: Subscription) -> bool:
    """Whether its receiver will hear more of the run."""
    return delivery.event not in LAST_EVENTS and bool(LAST_EVENTS & set(subscription.events))


async def _finish(tx: Tx, delivery: Delivery, state: State, now_ms: int) -> Delivery:
    """End a delivery, let the next of its line go, and forget the oldest that are over."""
    delivery = replace(delivery, state=state, finished_at_ms=now_ms)
    await tx.put(DELIVERIES, delivery.id, delivery)
    line = await tx.get(LINES, delivery.line) or Line(())
    waiting = tuple(item for item in line.waiting if item != delivery.id)
    if waiting:
        await tx.put(LINES, delivery.line, Line(waiting))
    else:
        await tx.delete(LINES, delivery.line)
    following = await tx.get(DELIVERIES, waiting[0]) if waiting else None
    if following is not None and following.leased_until_ms is None:
        if following.is_overtaken:
            following = replace(following, due_at_ms=now_ms)
            await tx.put(DELIVERIES, following.id, following)
        await tx.index_add(DUE, following.due_at_ms, following.id)
    await tx.index_add(_FINISHED, delivery.number, delivery.id)
    count = await tx.increment(_OVER)
    if count >= KEPT:
        for number, delivery_id in await tx.index_range(_FINISHED, limit=1):
            await tx.index_remove(_FINISHED, number, delivery_id)
            await tx.index_remove(ALL, number, delivery_id)
            await tx.delete(DELIVERIES, delivery_id)
            await tx.increment(_OVER, -1)
    return delivery
