"""Small makers of core records, and of random ones, for the tests of this room."""

from hypothesis import strategies as st

from simulator.core.accounts import ACCOUNTS, Account
from simulator.core.assets import Links
from simulator.core.clock import Clock
from simulator.core.desk import Desk
from simulator.core.ids import base36_text
from simulator.core.journal import Journal
from simulator.core.order import Order
from simulator.core.runs import Amendment, Outcome, Plan, Run, Stage
from simulator.core.store import Store, Tx
from simulator.core.tenant import Tenant, Tenants
from simulator.stores.memory import MemoryStore

T0 = 1_750_000_000_000
"""When the worlds of these tests begin."""

QUEUED = Stage("PENDING", 1000, "queued")
WORKING = Stage("RENDERING", 2000)
FAILED = Outcome("failed", "upstream_failed", "Generation failed")


def run(
    *stages: Stage,
    amendments: tuple[Amendment, ...] = (),
    outcome: Outcome | None = None,
    is_stuck: bool = False,
    cost_nanos: int = 0,
    run_id: str = "run",
    account_id: str = "ada",
) -> Run:
    """A run of a second in the queue and two of work, unless stages are given."""
    plan = Plan(T0, stages or (QUEUED, WORKING), outcome or Outcome(), is_stuck)
    return Run(run_id, "toy", "make", account_id, plan, cost_nanos, amendments=amendments)


def account(account_id: str = "ada", available_nanos: int = 1000, refill_nanos: int = 0) -> Account:
    """An account of the toy provider."""
    return Account(account_id, "toy", account_id, available_nanos, refill_nanos=refill_nanos)


async def tenant(*accounts: Account, store: Store | None = None, seed: str = "seed") -> Tenant:
    """A tenant whose clock is frozen at `T0`."""
    tenants = Tenants(store or MemoryStore(), Journal)
    made = await tenants.create("world", seed=seed, clock=Clock(0, T0, 0))

    async def work(tx: Tx) -> None:
        for item in accounts:
            await tx.put(ACCOUNTS, item.id, item)

    await made.transact(work)
    return made


async def advance(world: Tenant, by_ms: int) -> None:
    """Move a tenant's clock on."""
    await world.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))


def desk(world: Tenant, who: Account) -> Desk:
    """An account's desk."""
    links = Links("http://toy.test/_assets/toy/world")
    return Desk(world, "toy", who, lambda: links)


def order(prompt: str = "", cost_nanos: int = 0, *stages: Stage, operation: str = "make") -> Order:
    """An order for a run of three seconds, unless stages are given."""
    return Order(
        operation,
        {"prompt": prompt},
        lambda source, _now_ms: base36_text(source, 12),
        stages or (QUEUED, WORKING),
        prompt=prompt,
        cost_nanos=cost_nanos,
    )


def plans() -> st.SearchStrategy[Plan]:
    """Plans that begin at `T0` and last at most a few seconds."""
    lengths = st.integers(0, 3000)
    queued = st.builds(Stage, st.just("PENDING"), lengths, st.just("queued"))
    working = st.builds(Stage, st.sampled_from(["LOADING", "RENDERING"]), lengths)
    stages = st.builds(
        lambda first, rest: (*first, *rest),
        st.lists(queued, max_size=2),
        st.lists(working, max_size=3),
    )
    outcomes = st.sampled_from([Outcome(), FAILED, Outcome("cancelled")])
    return st.builds(Plan, st.just(T0), stages, outcomes, st.booleans())


def amendments() -> st.SearchStrategy[tuple[Amendment, ...]]:
    """Some amendments, in any order of their dates, a few of them before the run began."""
    actions = st.sampled_from(["complete", "fail", "cancel", "hold", "release"])
    one = st.builds(Amendment, st.integers(T0 - 500, T0 + 9000), actions)
    return st.lists(one, max_size=5).map(tuple)


def runs() -> st.SearchStrategy[Run]:
    """Runs with any plan and any amendments."""
    return st.builds(
        lambda plan, amended: Run("run", "toy", "make", "ada", plan, amendments=amended),
        plans(),
        amendments(),
    )
