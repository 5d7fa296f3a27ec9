"""Webhooks: who wants to be told of runs, and the deliveries that their events become.

Records and the events of runs only; `deliveries.py` says what is attempted when. Sends nothing. A
tenant without a subscription keeps no record here, and nothing is noted of its runs.
"""

import hashlib
from typing import Literal

import msgspec
from msgspec.structs import replace

from simulator.core import runs
from simulator.core.runs import RUNS, Run
from simulator.core.scenarios import WebhookTwist
from simulator.core.store import GLOBAL, Kind, Store, Tx

Event = Literal["run.created", "run.progressed", "run.completed", "run.failed", "run.cancelled"]
"""What can be told of a run; `run.progressed` is a change of its stage."""

EVENTS: tuple[Event, ...] = (
    "run.created",
    "run.progressed",
    "run.completed",
    "run.failed",
    "run.cancelled",
)
LAST_EVENTS: frozenset[Event] = frozenset({"run.completed", "run.failed", "run.cancelled"})

State = Literal["pending", "delivered", "dead"]

STANDARD = "standard"
"""The kind of a subscription that is signed as Standard Webhooks; other kinds are providers."""


class Subscription(msgspec.Struct, frozen=True):
    """Somebody who is told of events.

    `kind` is `standard`, or the provider whose own callback it is; that one is bound to the API key
    with the digest `key` and tells of the runs of `operations` that were started with it. An empty
    `providers` is any. `origin` is where the stand-in's files are for the receiver. One that is not
    enabled was told by its receiver to go (410).
    """

    id: str
    url: str
    secret: str
    created_at_ms: int
    kind: str = STANDARD
    providers: tuple[str, ...] = ()
    events: tuple[Event, ...] = EVENTS
    origin: str = ""
    key: str = ""
    account_id: str = ""
    operations: tuple[str, ...] = ()
    is_retried: bool = True
    is_enabled: bool = True

    def wants(self, run: Run, event: Event) -> bool:
        """Whether it is to be told of an event of a run."""
        if not self.is_enabled or event not in self.events:
            return False
        if self.kind != STANDARD:
            return run.callback == self.id and run.operation in self.operations
        return not self.providers or run.provider in self.providers


class Roster(msgspec.Struct, frozen=True):
    """All subscriptions of a tenant, the oldest first; without any there is no roster."""

    subscriptions: tuple[Subscription, ...]

    def find(self, subscription_id: str) -> Subscription | None:
        """The subscription with this id."""
        return next((item for item in self.subscriptions if item.id == subscription_id), None)


class Attempt(msgspec.Struct, frozen=True):
    """One attempt of a delivery: when, on the tenant's clock, and what came of it.

    `status` is 0 and `error` says why where nobody answered. `exchange` is its id in the journal.
    """

    at_ms: int
    status: int = 0
    error: str = ""
    duration_us: int = 0
    exchange: str = ""
    scenario: str = ""

    @property
    def has_arrived(self) -> bool:
        """Whether the receiver took it."""
        return 200 <= self.status < 300


class Delivery(msgspec.Struct, frozen=True):
    """One series of attempts to hand an event over.

    `run` is as it was at the event, `at_ms` the event's date. Deliveries of one `line` go one after
    the other, by `number`. `due_at_ms` is the date of the next attempt, `leased_until_ms` (system
    time) says that somebody makes it. Of the `attempts` the latest are kept, `attempt_count` counts
    all; the first of this series was at `first_at_ms`. `twist` is what a scenario said of the
    attempt that was put off by it. One that `is_overtaken` waits for the one behind it, which
    `overtakes`.
    """

    id: str
    number: int
    subscription: str
    line: str
    event: Event
    run: Run
    at_ms: int
    due_at_ms: int
    state: State = "pending"
    attempts: tuple[Attempt, ...] = ()
    attempt_count: int = 0
    first_at_ms: int | None = None
    leased_until_ms: int | None = None
    finished_at_ms: int | None = None
    twist: WebhookTwist | None = None
    scenario: str = ""
    is_overtaken: bool = False
    overtakes: bool = False


class Subscribed(msgspec.Struct, frozen=True):
    """That a tenant has subscriptions, for whoever delivers them."""

    tenant: str


class Line(msgspec.Struct, frozen=True, gc=False):
    """The ids of deliveries that go one after the other, the first of them first."""

    waiting: tuple[str, ...]


class _Told(msgspec.Struct, frozen=True, gc=False):
    """How many changes of its stage a run was seen to make."""

    changes: int


ROSTERS: Kind[Roster] = Kind("roster", Roster)
DELIVERIES: Kind[Delivery] = Kind("delivery", Delivery)
LINES: Kind[Line] = Kind("line", Line)
SUBSCRIBED: Kind[Subscribed] = Kind("subscribed", Subscribed)
_TOLD: Kind[_Told] = Kind("told", _Told)

DUE = "deliveries-due"
"""The first delivery of each line that nobody attempts, by the date of the next attempt."""

ALL = "deliveries"
"""All deliveries that are kept, by number."""

_CHANGES = "stage-changes"
_BATCH = 256


async def subscribe(tx: Tx, subscription: Subscription) -> None:
    """Add a subscription; it is told of what happens from now on, to runs begun before as well."""
    roster = await tx.get(ROSTERS, "") or Roster(())
    await tx.put(ROSTERS, "", Roster((*roster.subscriptions, subscription)))
    if "run.progressed" not in subscription.events:
        return
    for _, run_id in await tx.index_range("ends"):
        run = await tx.get(RUNS, run_id)
        if run is not None and await tx.get(_TOLD, run_id) is None:
            past = sum(at_ms <= subscription.created_at_ms for at_ms in runs.stage_dates(run))
            await _watch(tx, run, past)


async def replace_subscription(tx: Tx, changed: Subscription) -> None:
    """Put a changed subscription in the place of the one with its id."""
    roster = await tx.get(ROSTERS, "") or Roster(())
    found = tuple(changed if item.id == changed.id else item for item in roster.subscriptions)
    await tx.put(ROSTERS, "", Roster(found))


async def mark_subscribed(store: Store, tenant: str) -> None:
    """Note that a tenant has subscriptions, for every process that delivers."""

    async def work(tx: Tx) -> None:
        await tx.put(SUBSCRIBED, tenant, Subscribed(tenant))

    await store.transact(GLOBAL, work)


async def run_opened(tx: Tx, roster: Roster, run: Run) -> None:
    """Note that a run was started."""
    await _note(tx, roster, run, "run.created", run.created_at_ms)
    await _watch(tx, run, 0)


async def run_changed(tx: Tx, before: Run, after: Run) -> None:
    """Note that a run takes another course from now on."""
    told = await tx.get(_TOLD, before.id)
    if told is None:
        return
    for at_ms in runs.stage_dates(before)[told.changes : told.changes + 1]:
        await tx.index_remove(_CHANGES, at_ms, before.id)
    for at_ms in runs.stage_dates(after)[told.changes : told.changes + 1]:
        await tx.index_add(_CHANGES, at_ms, after.id)


async def run_ended(tx: Tx, roster: Roster, run: Run, ended_at_ms: int) -> None:
    """Note how a run ended, and the changes of its stage before that."""
    await _progress(tx, roster, run, ended_at_ms)
    await run_forgotten(tx, run)
    event = _EVENT_OF[runs.ending_of(run, ended_at_ms).state]
    await _note(tx, roster, run, event, ended_at_ms)


async def run_forgotten(tx: Tx, run: Run) -> None:
    """Watch a run no longer."""
    told = await tx.get(_TOLD, run.id)
    if told is not None:
        for at_ms in runs.stage_dates(run)[told.changes : told.changes + 1]:
            await tx.index_remove(_CHANGES, at_ms, run.id)
        await tx.delete(_TOLD, run.id)


async def progress(tx: Tx, now_ms: int) -> None:
    """Note every change of a stage that has happened by now."""
    roster = await tx.get(ROSTERS, "")
    while due := await tx.index_range(_CHANGES, high=now_ms, limit=_BATCH):
        for at_ms, run_id in due:
            await tx.index_remove(_CHANGES, at_ms, run_id)
            run = await tx.get(RUNS, run_id)
            if run is not None and roster is not None:
                await _progress(tx, roster, run, now_ms)


async def next_change_ms(tx: Tx) -> int | None:
    """The date of the first change of a stage that is not yet noted."""
    first = await tx.index_range(_CHANGES, limit=1)
    return first[0][0] if first else None


_EVENT_OF: dict[str, Event] = {
    "completed": "run.completed",
    "failed": "run.failed",
    "cancelled": "run.cancelled",
}


async def _watch(tx: Tx, run: Run, past: int) -> None:
    """See to it that the changes of a run's stage are noted; the past ones are not."""
    await tx.put(_TOLD, run.id, _Told(past))
    for at_ms in runs.stage_dates(run)[past : past + 1]:
        await tx.index_add(_CHANGES, at_ms, run.id)


async def _progress(tx: Tx, roster: Roster, run: Run, now_ms: int) -> None:
    """Note the changes of one run's stage up to now; a stage of no length is passed over."""
    told = await tx.get(_TOLD, run.id)
    if told is None:
        return
    dates, changes = runs.stage_dates(run), told.changes
    if changes < len(dates):
        await tx.index_remove(_CHANGES, dates[changes], run.id)
    while changes < len(dates) and dates[changes] <= now_ms:
        at_ms, changes = dates[changes], changes + 1
        if dates[changes : changes + 1] != [at_ms]:
            await _note(tx, roster, run, "run.progressed", at_ms)
    if changes < len(dates):
        await tx.index_add(_CHANGES, dates[changes], run.id)
    await tx.put(_TOLD, run.id, _Told(changes))


async def _note(tx: Tx, roster: Roster, run: Run, event: Event, at_ms: int) -> None:
    """Make deliveries of an event, one for each subscription that wants it."""
    for subscription in roster.subscriptions:
        if subscription.wants(run, event):
            await _enqueue(tx, subscription, run, event, at_ms)


async def _enqueue(tx: Tx, subscription: Subscription, run: Run, event: Event, at_ms: int) -> None:
    number = await tx.increment("deliveries")
    line = f"{subscription.id}:{run.id}"
    name = f"{subscription.id}\0{run.id}\0{event}\0{number}".encode("utf-8", "surrogatepass")
    delivery = Delivery(
        "msg_" + hashlib.blake2b(name, digest_size=12).hexdigest(),
        number,
        subscription.id,
        line,
        event,
        run,
        at_ms,
        at_ms,
    )
    ahead = (await tx.get(LINES, line) or Line(())).waiting
    await tx.put(LINES, line, Line((*ahead, delivery.id)))
    await tx.index_add(ALL, number, delivery.id)
    first = await tx.get(DELIVERIES, ahead[0]) if len(ahead) == 1 else None
    if first is not None and first.is_overtaken:
        await tx.index_remove(DUE, first.due_at_ms, first.id)
        delivery = replace(delivery, overtakes=True)
        await tx.put(LINES, line, Line((delivery.id, first.id)))
    if not ahead or delivery.overtakes:
        await tx.index_add(DUE, at_ms, delivery.id)
    await tx.put(DELIVERIES, delivery.id, delivery)
