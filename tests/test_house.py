"""The house: how tenants are founded and furnished, and who holds a key."""

import pytest
from msgspec.structs import replace

from simulator.core.accounts import Account
from simulator.core.clock import Clock
from simulator.core.store import Tx
from simulator.core.tenant import DEFAULT
from simulator.house import House
from simulator.provider import Settlement
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore
from tests.toy import OPENING_NANOS, SHY, T0, TOY

pytestmark = pytest.mark.anyio

PROVIDERS = {"toy": TOY, "shy": SHY}
FROZEN = Clock(0, T0, 0)


def house(store: MemoryStore | None = None, **settings: object) -> House:
    chosen = Settings(**{"clock": FROZEN, **settings})  # type: ignore[arg-type]  # by name
    return House(PROVIDERS, chosen, store or MemoryStore())


async def account(at: House, key: str) -> Account | None:
    holder = await at.holder(TOY, key)
    return None if holder is None else holder.account


async def test_the_default_tenant_has_two_accounts_with_the_demo_keys() -> None:
    at = house()
    await at.default()
    found = [await account(at, key) for key in TOY.demo_keys]
    assert [item and item.id for item in found] == ["ada", "bob"]
    assert all(item and item.available_nanos == OPENING_NANOS for item in found)


async def test_the_default_tenant_is_founded_once() -> None:
    at = house()
    assert await at.default() is await at.default() is await at.tenant(DEFAULT)


async def test_another_process_finds_the_default_tenant_as_it_is() -> None:
    store = MemoryStore()
    first = await house(store).default()
    again = house(store, seed="other")
    assert (await again.default()).seed == first.seed
    assert await account(again, "toy_ada") is not None


async def test_a_tenant_has_keys_of_its_own_in_the_providers_form() -> None:
    at = house()
    _, issued = await at.found("other", seed="s")
    assert all(TOY.is_key(key) for key in issued["toy"])
    assert set(issued["toy"]).isdisjoint(TOY.demo_keys)
    holder = await at.holder(TOY, issued["toy"][0])
    assert holder is not None
    assert holder.tenant.name == "other"


async def test_name_and_seed_decide_the_keys() -> None:
    _, one = await house().found("other", seed="s")
    _, same = await house().found("other", seed="s")
    _, seed = await house().found("other", seed="t")
    _, name = await house().found("third", seed="s")
    assert one == same
    assert len({issued["toy"] for issued in (one, seed, name)}) == 3


async def test_given_keys_open_as_many_accounts() -> None:
    at = house()
    _, issued = await at.found("other", seed="s", keys={"toy": ("toy_1", "toy_2", "toy_3")})
    found = [await account(at, key) for key in issued["toy"]]
    assert len({item.id for item in found if item}) == 3


async def test_a_tenants_name_is_given_once() -> None:
    at = house()
    await at.found("other", seed="s")
    with pytest.raises(ValueError, match="other"):
        await at.found("other", seed="s")


async def test_every_stage_lasts_as_the_settings_say() -> None:
    tenant = await house(stage_seconds=0.25).default()
    assert tenant._stage_ms == 250


async def test_limits_are_counted_only_if_wanted() -> None:
    free, limited = house(), house(limits="vendor")
    await free.default()
    await limited.default()
    one, two = await account(free, "toy_ada"), await account(limited, "toy_ada")
    assert one is not None
    assert two is not None
    assert (one.limits, two.limits) == ((), TOY.limits)


async def test_a_provider_furnishes_a_tenant_once_with_what_it_must_know() -> None:
    seen: list[Settlement] = []

    async def furnish(_tx: Tx, settlement: Settlement) -> None:
        seen.append(settlement)

    providers = {"toy": replace(TOY, furnish=furnish)}
    at = House(providers, Settings(clock=FROZEN, seed="s"), MemoryStore())
    await at.default()
    await at.default()
    await at.found("other", seed="t", clock=FROZEN)
    assert len(seen) == 1
    await at.tenant("other")
    await at.tenant("other")
    assert seen[0].account_ids == ("ada", "bob")
    assert (seen[0].seed, seen[0].now_ms, seen[1].tenant) == ("s", T0, "other")


async def test_nobody_holds_an_unknown_key() -> None:
    at = house()
    await at.default()
    assert await at.holder(TOY, "toy_nobody") is None
    assert await at.holder(SHY, "toy_ada") is None


async def test_a_revoked_key_is_known_as_such() -> None:
    at = house()
    await at.default()
    record = await at.tenants.key("toy", "toy_ada")
    assert record is not None
    await at.tenants.add_key("toy", "toy_ada", replace(record, is_revoked=True))
    holder = await at.holder(TOY, "toy_ada")
    assert holder is not None
    assert holder.key.is_revoked


async def test_an_unknown_key_opens_one_account_and_is_not_kept() -> None:
    store = MemoryStore()
    at = house(store, any_key=True)
    one, again = await account(at, "toy_secret_one"), await account(at, "toy_secret_one")
    assert one is not None
    assert again is not None
    assert one.id == again.id
    everything = repr([world.records for world in store._worlds.values()])
    assert "secret_one" not in everything
    assert await account(at, "nonsense") is None
