"""A toy provider with a toy contract: everything the edge can do, and no vendor's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from msgspec.structs import replace

from contracts import Contract
from contracts.operations import base_path, operations
from contracts.source import parse
from simulator.core.accounts import ACCOUNTS, Account, Limit
from simulator.core.clock import Clock
from simulator.core.desk import Desk
from simulator.core.errors import RuleBroken, Unauthenticated
from simulator.core.ids import base36_text
from simulator.core.order import Order
from simulator.core.runs import Run, Stage
from simulator.core.store import Tx
from simulator.house import House
from simulator.http.exchange import VendorEdge
from simulator.http.serving import router_of
from simulator.provider import Call, Headers, Provider, Refused, Reply, Settlement
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore

T0 = 1_750_000_000_000
KEYS = ("toy_ada", "toy_bob")
PRICE_NANOS = 100
OPENING_NANOS = 1000
STAGES = (Stage("WAITING", 1000, "queued"), Stage("MAKING", 2000))

_STATUS = {
    "unauthenticated": 401,
    "forbidden": 403,
    "insufficient_credits": 402,
    "run_foreign": 403,
    "run_not_found": 404,
    "not_found": 404,
    "unknown_path": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "rate_limited": 429,
    "server_error": 500,
}


async def create_make(call: Call, desk: Desk) -> Reply:
    """Start a run and show it."""
    run = await desk.start(_order(call))
    return Reply(202, {**await _shown(desk, run), "balance": _owned(desk.account)})


async def create_and_wait(call: Call, desk: Desk) -> Reply:
    """Start a run and answer when it has ended."""
    run = await desk.wait(await desk.start(_order(call)))
    return Reply(200, await _shown(desk, run))


def _owned(account: Account) -> int:
    return account.available_nanos + account.held_nanos


async def list_makes(call: Call, desk: Desk) -> Reply:
    """List the account's runs, and show what the query was taken for."""
    runs = await desk.runs(limit=call.query["limit"])
    return Reply(200, {"ids": [run.id for run in runs], "query": dict(call.query)})


async def read_make(call: Call, desk: Desk) -> Reply:
    """Show a run and the balance of its account."""
    run = await desk.poll(call.path["id"])
    account = await desk.refreshed_account()
    return Reply(200, {**await _shown(desk, run), "balance": _owned(account)})


async def delete_make(call: Call, desk: Desk) -> Reply:
    """Forget a run."""
    await desk.delete(await desk.run(call.path["id"]))
    return Reply(204)


async def latest_make(_call: Call, _desk: Desk) -> Reply:
    """Answer a literal path that lies under a templated one."""
    return Reply(200, {"latest": True})


async def echo(call: Call, desk: Desk) -> Reply:
    """Show what the request was taken for."""
    return Reply(
        200,
        {
            "body": call.body,
            "given": call.given_body,
            "query": dict(call.query),
            "origin": desk.upload_form_url().partition("/_assets/")[0],
        },
    )


async def break_down(_call: Call, _desk: Desk) -> Reply:
    """Have a bug."""
    raise ZeroDivisionError("a bug in a handler")


async def answer_nonsense(_call: Call, _desk: Desk) -> Reply:
    """Answer what is no JSON value."""
    return Reply(200, {"value": object()})


async def break_rule(_call: Call, _desk: Desk) -> Reply:
    """Refuse by a business rule, in words from the whole of Unicode."""
    raise RuleBroken("not_today", "/prompt", "x", ("tomorrow \N{SNOWMAN}\r\nx-evil: 1\x7f",))


async def say_who(_call: Call, desk: Desk) -> Reply:
    """Tell whose request this is."""
    return Reply(200, {"account": desk.account.id})


HANDLERS = {
    "createMake": create_make,
    "createAndWait": create_and_wait,
    "listMakes": list_makes,
    "readMake": read_make,
    "deleteMake": delete_make,
    "latestMake": latest_make,
    "echo": echo,
    "lenient": echo,
    "javascript": echo,
    "breakDown": break_down,
    "answerNonsense": answer_nonsense,
    "breakRule": break_rule,
    "sayWho": say_who,
    "greet": say_who,
}


def refuse(refused: Refused) -> Reply:
    """Word any refusal: its name, and what it says of itself."""
    error = refused.error
    headers: tuple[tuple[str, str], ...] = ()
    if (wait_ms := getattr(error, "retry_after_ms", None)) is not None:
        headers = (("retry-after", str(wait_ms // 1000)),)
    reason = getattr(error, "reason", None)
    body = {"error": error.name, **({"reason": reason} if reason else {})}
    return Reply(_STATUS.get(error.name, 400), body, headers)


def credential(headers: Headers) -> str | Unauthenticated:
    """Read the key of `Authorization: Bearer`."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key if scheme == "Bearer" and key else Unauthenticated("missing")


TOY = Provider(
    name="toy",
    title="Toy",
    operations=frozenset(HANDLERS),
    handlers=lambda: HANDLERS,
    refuse=refuse,
    credential=credential,
    is_key=lambda text: text.startswith("toy_"),
    new_key=lambda source: "toy_" + base36_text(source, 12),
    demo_keys=KEYS,
    demo_account_ids=("ada", "bob"),
    account_id=lambda source, _now_ms: "account_" + base36_text(source, 12),
    opening_nanos=OPENING_NANOS,
    limits=(Limit("rate", 3, 60_000),),
    headers=(("access-control-allow-origin", "*"),),
    handled_headers=(("x-toy-handled", "1"),),
    preflight=lambda _operation, _headers: Reply(204, None, (("x-toy-preflight", "1"),)),
    slash_redirects=True,
    prefixes=("/toy",),
)

SHY = replace(
    TOY,
    name="shy",
    title="Shy",
    operations=frozenset(),
    preflight=None,
    head_follows_get=False,
    slash_redirects=False,
    headers=(),
    handled_headers=(),
    demo_keys=("toy_cy", "toy_di"),
    demo_account_ids=("cy", "di"),
    prefixes=("/toy/shy",),
)


def contract(name: str = "toy", text: str | None = None) -> Contract:
    """Read a contract of this folder, or one given as text."""
    file = Path(__file__).with_name(f"{name}.yaml")
    document = parse(file.read_text("utf-8") if text is None else text, file.name)
    found = operations(document, name, file.name)
    return Contract(name, "documented", document, base_path(document, file.name), found, "")


@dataclass(frozen=True, slots=True)
class Stand:
    """A running stand-in for toys."""

    house: House
    app: VendorEdge

    async def ask(
        self, method: str, path: str, *, key: str | None = KEYS[0], **request: Any
    ) -> httpx.Response:
        """Send a request, with a key unless it is None."""
        headers = httpx.Headers(request.pop("headers", None))
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://toy.test", trust_env=False, verify=False
        ) as client:
            return await client.request(method, path, headers=headers, **request)

    async def make(self, prompt: str = "a cat", **request: Any) -> httpx.Response:
        """Start a run."""
        return await self.ask("POST", "/toy/makes", json={"prompt": prompt}, **request)

    async def advance(self, by_ms: int) -> None:
        """Move the default tenant's clock on."""
        tenant = await self.house.default()
        await tenant.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))


def stand(
    providers: Mapping[str, Provider] | None = None,
    contracts: Mapping[str, Contract] | None = None,
    **settings: Any,
) -> Stand:
    """Make a stand-in for toys, its clock frozen at `T0` unless settings say otherwise."""
    served = {"toy": TOY, "shy": SHY} if providers is None else providers
    chosen = Settings(**{"clock": Clock(0, T0, 0), **settings})
    house = House(served, chosen, MemoryStore())
    documents = contracts or {name: contract(name) for name in served}
    return Stand(house, VendorEdge(house, router_of(documents, served)))


def without_refill(provider: Provider) -> Provider:
    """The same provider, its accounts furnished with balances that run out."""

    async def furnish(tx: Tx, settlement: Settlement) -> None:
        for account_id in settlement.account_ids:
            account = await tx.get(ACCOUNTS, account_id)
            if account is not None:
                await tx.put(ACCOUNTS, account_id, replace(account, refill_nanos=0))

    return replace(provider, furnish=furnish)


def _order(call: Call) -> Order:
    return Order(
        call.operation.id,
        call.body,
        lambda source, _now_ms: "make_" + base36_text(source, 12),
        STAGES,
        prompt=call.body["prompt"],
        cost_nanos=PRICE_NANOS,
    )


async def _shown(desk: Desk, run: Run) -> dict[str, Any]:
    status = desk.status(run)
    return {"id": run.id, "state": status.state, "request": run.decoded_request()}
