"""The desk: the narrow part of a tenant that a handler sees, for one account.

Every method is one store transaction, or none.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import anyio
from msgspec.structs import replace

from simulator.core import accounts, assets, ids, jsontext, ledger, pictures, runs
from simulator.core.accounts import ACCOUNTS, Account
from simulator.core.assets import Links, MediaSpec
from simulator.core.errors import ClientLeft, Refusal, RunForeign, RunNotFound, ServerError
from simulator.core.ids import Shape
from simulator.core.inputs import Fetch, Link, fetch_all
from simulator.core.order import Order
from simulator.core.runs import RUNS, Amendment, Plan, Run, Status
from simulator.core.scenarios import changed
from simulator.core.store import Kind, R, Tx
from simulator.core.triggers import triggered, unknown_trigger

if TYPE_CHECKING:
    from simulator.core.matching import Scripting
    from simulator.core.world import World


class Desk:
    """One account's view of its tenant.

    `scripting` is what scenarios make of this call, `unknown_trigger` a text in a prompt that looks
    like a trigger and is none.

    Statuses are those of the moment at which the store was last read, so that no reply shows a run
    as ended whose end was not yet booked when its account was read. `links` says where
    files are for whoever asks. `client_left` returns once nobody waits for the reply any more.
    """

    __slots__ = (
        "_client_left",
        "_fetch",
        "_links",
        "_seen_ms",
        "_world",
        "account",
        "callback",
        "provider",
        "scripting",
        "unknown_trigger",
    )

    def __init__(
        self,
        world: "World",
        provider: str,
        account: Account,
        links: Callable[[], Links],
        client_left: Callable[[], Awaitable[None]] | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        self._world = world
        self._fetch = fetch
        self._links = links
        self._client_left = client_left
        self._seen_ms: int | None = None
        self.scripting: Scripting | None = None
        self.unknown_trigger = ""
        self.callback = ""
        self.provider = provider
        self.account = account

    @property
    def seed(self) -> str:
        """The tenant's seed, for whatever must be alike in equal worlds."""
        return self._world.seed

    async def now_ms(self) -> int:
        """The moment at which the store was last read, else the tenant's time now, in ms."""
        return await self._world.now_ms() if self._seen_ms is None else self._seen_ms

    async def start(self, order: Order) -> Run:
        """Start a run: credits held, plan stored, its end put on the schedule, in one change.

        Raises `InsufficientCredits`, `RateLimited` if the account has as many runs at once as it
        may, or whatever refusal a script gives.
        """
        request = jsontext.dumps_sorted(order.request)
        self.unknown_trigger = self.unknown_trigger or unknown_trigger(order.prompt)
        digest = ids.request_digest(self.account.id, order.operation, request)

        async def work(tx: Tx) -> Run | Refusal:
            now_ms, pace = await self._world.pace_in(tx, self.provider)
            self._seen_ms = now_ms
            account = await ledger.settled_account(tx, self.account.id, now_ms)
            if account.concurrency:
                await ledger.admit_run(tx, account, order.operation, now_ms)
            plan = triggered(Plan(now_ms, self._world.stages(order.stages)), order.prompt)
            if (scripting := self.scripting) is not None:
                ruling = await scripting.ruled_for_run(tx, now_ms, self.seed)
                if refusal := ruling.give.refusal():
                    return refusal  # not raised here: the rule's count must be kept
                for give in (scripting.request_ruling.give, ruling.give):
                    plan = plan if give.plan is None else changed(plan, give.plan)
            ordinal = await tx.increment(f"id:{digest}")
            run = Run(
                order.shape(ids.entropy(self._world.seed, digest, ordinal), now_ms),
                self.provider,
                order.operation,
                account.id,
                plan,
                order.cost_nanos,
                order.mode,
                order.model,
                request,
                order.outputs,
                order.details,
            )
            if pace != "clock":
                run = runs.at_pace(run, pace)
            if self.callback:
                run = replace(run, callback=self.callback)
            if order.cost_nanos:
                self.account = accounts.hold(account, order.cost_nanos)
                await tx.put(ACCOUNTS, account.id, self.account)
            await ledger.open_run(tx, run, account.concurrency)
            return run if run.plan.length_ms else await self._ended_at_once(tx, run, now_ms)

        started = await self._world.transact(work)
        if isinstance(started, Refusal):
            raise started
        return started

    async def _ended_at_once(self, tx: Tx, run: Run, now_ms: int) -> Run:
        """Settle a run that takes no time, so that its first reply shows the money moved."""
        run = await ledger.settled_run(tx, run, now_ms)
        self.account = await ledger.settled_account(tx, self.account.id, now_ms)
        return run

    async def run(self, run_id: str, *, any_account: bool = False) -> Run:
        """Read a run of this account, its balance settled up to now.

        Raises `RunNotFound`, or `RunForeign` if it is another account's.
        """
        return await self._read(run_id, ledger.settled_run, any_account=any_account)

    async def poll(self, run_id: str, *, any_account: bool = False) -> Run:
        """Read a run for whoever asks how it goes, which moves on one that gets on by polls.

        Raises as `run` does.
        """
        return await self._read(run_id, ledger.poll_run, any_account=any_account)

    async def _read(
        self,
        run_id: str,
        settled: Callable[[Tx, Run, int], Awaitable[Run]],
        *,
        any_account: bool,
    ) -> Run:
        """Read a run; it takes a transaction only if this look changes it."""
        run = await self._world.read(RUNS, run_id)
        if run is None or run.provider != self.provider:
            raise RunNotFound(run_id)
        if run.account_id != self.account.id and not any_account:
            raise RunForeign(run_id)
        self._seen_ms = now_ms = await self._world.now_ms()
        if run.is_settled or (run.polls is None and not runs.has_ended(run, now_ms)):
            return run

        async def work(tx: Tx) -> Run:
            found = await tx.get(RUNS, run_id)
            if found is None:
                raise RunNotFound(run_id)
            return await settled(tx, found, await self._look(tx))

        return await self._world.transact(work)

    async def runs(
        self,
        operations: Sequence[str] = (),
        *,
        account_id: str = "",
        offset: int = 0,
        limit: int | None = None,
        where: Callable[[Run], bool] | None = None,
    ) -> list[Run]:
        """List an account's runs of some operations (all by default), newest first."""
        owner = account_id or self.account.id
        is_plain = not operations and where is None

        async def work(tx: Tx) -> list[Run]:
            await ledger.settle(tx, await self._look(tx))
            entries = await tx.index_range(
                ledger.runs_index(self.provider, owner),
                newest_first=True,
                offset=offset if is_plain else 0,
                limit=limit if is_plain else None,
            )
            found: list[Run] = []
            for _, run_id in entries:
                run = await tx.get(RUNS, run_id)
                if run is None or (operations and run.operation not in operations):
                    continue
                if where is None or where(run):
                    found.append(run)
                if not is_plain and limit is not None and len(found) >= offset + limit:
                    break
            return found if is_plain else found[offset:][:limit]

        return await self._world.transact(work)

    def status(self, run: Run) -> Status:
        """The status of a run that this desk has read, at that moment."""
        if self._seen_ms is None:
            raise LookupError("a status is that of the moment at which a run was read")
        return runs.status_at(run, self._seen_ms)

    async def _look(self, tx: Tx) -> int:
        """The tenant's time, which is from now on the moment that this desk speaks of."""
        self._seen_ms = now_ms = await self._world.time_in(tx)
        return now_ms

    async def wait(self, run: Run) -> Run:
        """Block until a run has ended, by the clock or polling it; answers it as it then is.

        Raises `ClientLeft` if nobody waits for it any more (the run goes on), `ServerError` if
        the run was deleted meanwhile.
        """
        current = await self.run(run.id, any_account=True)
        if current.is_settled:
            return current
        has_left = False
        refusal: Refusal | None = None

        async def watch(client_left: Callable[[], Awaitable[None]]) -> None:
            nonlocal has_left
            await client_left()
            has_left = True
            group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            if self._client_left is not None:
                group.start_soon(watch, self._client_left)
            try:
                while not current.is_settled:
                    if not runs.is_moved_by_polls(current, await self.now_ms()):
                        await self._world.sleep_until(runs.ends_at_ms(current))
                    current = await self.poll(run.id, any_account=True)
            except RunNotFound:  # the run or its whole world was deleted meanwhile
                refusal = ServerError("the run was deleted while a call waited for it")
            group.cancel_scope.cancel()
        if refusal is not None:
            raise refusal
        if has_left:
            raise ClientLeft
        return current

    async def amend(self, run: Run, amendment: Amendment) -> Run:
        """Change a run from outside, at a date; an ended run stays as it is."""

        async def work(tx: Tx) -> Run:
            return await ledger.amend_run(tx, run.id, amendment, await self._world.time_in(tx))

        return await self._world.transact(work)

    async def delete(self, run: Run) -> None:
        """Forget a run; one that has not ended is cancelled first, its credits given back."""

        async def work(tx: Tx) -> None:
            now_ms = await self._world.time_in(tx)
            ended = await ledger.amend_run(tx, run.id, Amendment(now_ms, "cancel"), now_ms)
            await ledger.forget_run(tx, ended)

        await self._world.transact(work)

    async def refreshed_account(self) -> Account:
        """The account with everything settled that is due by now."""

        async def work(tx: Tx) -> Account:
            return await ledger.settled_account(tx, self.account.id, await self._world.time_in(tx))

        self.account = await self._world.transact(work)
        return self.account

    async def new_id(self, purpose: str, request: Any, shape: Shape) -> str:
        """An id for something that is no run, by the same rule as a run's id."""
        digest = ids.request_digest(self.account.id, purpose, jsontext.dumps_sorted(request))

        async def work(tx: Tx) -> str:
            ordinal = await tx.increment(f"id:{digest}")
            source = ids.entropy(self._world.seed, digest, ordinal)
            return shape(source, await self._world.time_in(tx))

        return await self._world.transact(work)

    async def find(self, kind: Kind[R], key: str) -> R | None:
        """Read one of the provider's own records in this tenant."""

        async def work(tx: Tx) -> R | None:
            return await tx.get(kind, key)

        return await self._world.transact(work)

    async def all(self, kind: Kind[R]) -> list[R]:
        """Read all of the provider's own records of a kind, in order of their keys."""

        async def work(tx: Tx) -> list[R]:
            return await tx.all(kind)

        return await self._world.transact(work)

    async def keep(self, kind: Kind[R], key: str, record: R) -> None:
        """Write one of the provider's own records."""

        async def work(tx: Tx) -> None:
            await tx.put(kind, key, record)

        await self._world.transact(work)

    async def drop(self, kind: Kind[R], key: str) -> bool:
        """Remove one of the provider's own records; true if it was there."""

        async def work(tx: Tx) -> bool:
            return await tx.delete(kind, key)

        return await self._world.transact(work)

    def asset_url(self, run: Run, index: int = 0, extension: str = "") -> str:
        """The URL of a file that a run makes; `extension` asks for another form (a poster).

        Where the vendor's links expire it is signed: for so long after the run's end, or for as
        long again each time that has passed, so that no reply shows a link that leads nowhere.
        """
        file = f"{run.id}/{index}.{extension or run.outputs[index].extension}"
        return self._links().made(self.seed, file, runs.ends_at_ms(run), self._seen_ms)

    async def file_at(self, url: str) -> MediaSpec | None:
        """The file of this account that `asset_url` has shown a link to, if a link is one of those.

        The link's origin does not matter: a client may know this stand-in by another name.
        """
        run_id, index = self._links().made_at(url)
        if not run_id:
            return None
        try:
            outputs = (await self.run(run_id)).outputs
        except (RunNotFound, RunForeign):
            return None
        return outputs[index] if index < len(outputs) else None

    @property
    def fetches(self) -> bool:
        """Whether what links in a request lead to is fetched."""
        return self._fetch is not None

    async def fetch(self, links: Iterable[Link]) -> bytes | None:
        """Fetch what links lead to, one after another; answers the first picture among them.

        Answers None at once unless the stand-in was started to fetch. Raises `InputUnreachable`
        for the first that cannot be had.
        """
        return None if self._fetch is None else await fetch_all(self._fetch, links)

    async def keep_picture(self, content: bytes | None) -> str:
        """Keep an input picture for the files that begin with it, and answer its id.

        What is no picture is not kept, and has no id.
        """
        if content is None or pictures.size_of(content) is None:
            return ""

        async def work(tx: Tx) -> str:
            return await assets.keep_picture(tx, content)

        return await self._world.transact(work)

    def sample_url(self, name: str, extension: str) -> str:
        """The URL of a file that belongs to the provider itself (a template's picture)."""
        return f"{self._links().assets}/samples/{name}.{extension}"

    def upload_url(self, upload_id: str, extension: str) -> str:
        """The URL under which an uploaded file is served."""
        return f"{self._links().assets}/uploads/{upload_id}.{extension}"

    def upload_form_url(self) -> str:
        """The URL to which the form of a presigned upload is posted."""
        return f"{self._links().assets}/uploads"
