"""What scenarios and `Prefer` make of one request: asked once, after the contract's checks.

A request without either never comes here.
"""

import random
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import msgspec

from contracts import Contract, Operation
from simulator.core import ids, jsontext
from simulator.core.accounts import Account
from simulator.core.errors import Refusal
from simulator.core.matching import Ruling, Scripting, Sought, ruled
from simulator.core.scenarios import Active, ForcedReply, Playbook
from simulator.core.tenant import Tenant
from simulator.core.triggers import TRIGGERS
from simulator.house import House
from simulator.http.faulting import Twist
from simulator.http.headers import PREFER, SCENARIO
from simulator.http.preferring import BadPreference, preferred
from simulator.http.replying import latin
from simulator.http.variety.asking import seed_for, varied_reply
from simulator.provider import Call, Reply
from simulator.scripting.law import JSON, Undeclared, declared

_BY_HEADER = "header"


class Script(msgspec.Struct):
    """What is to become of one request.

    `reply` answers it, or `refusal` does; without either the handler does, at a desk with
    `scripting`. `twist` is what befalls any reply, `vary` draws it to the edges of its contract
    from the seed `variety`.
    """

    reply: Reply | None = None
    refusal: Refusal | None = None
    twist: Twist | None = None
    scripting: Scripting | None = None
    variety: str = ""
    vary: Callable[[Reply], Reply] | None = None

    @property
    def ruling(self) -> Ruling:
        """What the scenarios said."""
        return Ruling() if self.scripting is None else self.scripting.ruling


async def consulted(
    house: House, tenant: Tenant, playbook: Playbook | None, call: Call, account: Account
) -> Script:
    """Ask the scenarios in force, those that the request names, and what it prefers."""
    headers, operation = call.headers, call.operation
    active = () if playbook is None else playbook.active
    if (names := headers.get(SCENARIO.decode())) is not None:
        found = named(house, names)
        if isinstance(found, Reply):
            return Script(found)
        active = (*found, *active)
    script = Script()
    if active:
        sought = Sought(
            operation.provider, operation.id, (account.id, account.name), call.body, call.query
        )
        script.scripting = Scripting(active, sought, await ruled(tenant, active, sought))
    ruling = script.ruling
    give = ruling.give
    source = _source(tenant, ruling, call, account)
    if give.latency is not None or give.fault is not None:
        latency = give.latency
        wait_ms = 0 if latency is None else latency.draw_ms(source, ruling.ordinal)
        script.twist = Twist(wait_ms, give.fault, source)
    script.refusal = give.refusal()
    if give.reply is not None:
        try:
            contract = house.shelf.law.contract(operation.provider)
            script.reply = forced_reply(contract, operation, give.reply, source)
        except Undeclared:  # allowed to be invalid: a status alone
            script.reply = Reply(give.reply.status or 200, None, give.reply.headers)
    if (header := headers.get(PREFER.decode())) is not None:
        contract = house.shelf.law.contract(operation.provider)
        script.reply = _preferred_reply(contract, operation, header, source) or script.reply
    is_varied = give.variety == "high"
    if seed := await seed_for(tenant, playbook, call, account, is_given=is_varied):
        contract = house.shelf.law.contract(operation.provider)
        provider = house.providers[operation.provider]
        script.variety, script.vary = seed, partial(varied_reply, contract, provider, call, seed)
    return script


def warned(reply: Reply, trigger: str) -> Reply:
    """A reply that says of a text in the prompt that it is no trigger."""
    shown = "".join(letter if " " <= letter <= "~" else "?" for letter in trigger)
    told = f"{shown} is no trigger; there are: {', '.join(TRIGGERS)}"
    return Reply(reply.status, reply.body, (*reply.headers, ("understudy-warning", told)))


def named(house: House, header: str) -> tuple[Active, ...] | Reply:
    """The scenarios that a request names, or the refusal of a name that is none.

    They count their calls apart from those in force.
    """
    shelf = house.shelf
    names = [name.strip() for name in header.split(",") if name.strip()]
    found = [(name, shelf.find(name)) for name in dict.fromkeys(names)]
    unknown = [name for name, scenario in found if scenario is None]
    if unknown or not names:
        told = f"Understudy-Scenario: no scenario {', '.join(unknown)[:200]!r}"
        return _declined("scenario", {"error": told, "known": shelf.names()})
    return tuple(
        Active(scenario, f"{_BY_HEADER}:{name}") for name, scenario in found if scenario is not None
    )


def _source(tenant: Tenant, ruling: Ruling, call: Call, account: Account) -> bytes:
    """Entropy for whatever is drawn: a function of seed, rule and count, else of the request."""
    if ruling.scenario:
        purpose = f"scenario:{ruling.scenario}:{ruling.rule}"
        return ids.entropy(tenant.seed, purpose, ruling.ordinal)
    request = jsontext.dumps_sorted([call.path, call.query, call.body])
    return ids.entropy(tenant.seed, ids.request_digest(account.id, call.operation.id, request), 0)


def _preferred_reply(
    contract: Contract, operation: Operation, header: str, source: bytes
) -> Reply | None:
    """The reply that is preferred, or the reason why it cannot be had."""
    try:
        asked = preferred(header)
        if asked is None:
            return None
        wanted, applied = asked
        reply = forced_reply(contract, operation, wanted, source)
    except BadPreference as error:
        return _declined("preference", {"error": str(error)})
    except Undeclared as error:
        told = f"Prefer: {operation.id} declares no {error.member} {error.given[:100]!r}"
        return _declined("preference", {"error": told, "known": list(error.known)})
    applied_text = latin(applied).decode("latin-1")
    return Reply(reply.status, reply.body, (*reply.headers, ("preference-applied", applied_text)))


def _declined(what: str, body: dict[str, Any]) -> Reply:
    """The stand-in's own refusal, marked as such."""
    return Reply(400, body, (("understudy-declined", what),))


def forced_reply(
    contract: Contract, operation: Operation, forced: ForcedReply, source: bytes
) -> Reply:
    """A reply in place of an operation's own; raises `Undeclared` for one left to the contract."""
    if forced.kind == "json":
        return Reply(forced.status or _lowest(operation), forced.body, forced.headers)
    if forced.kind == "text":
        kind = () if "content-type" in dict(forced.headers) else (("content-type", "text/plain"),)
        body = str(forced.body).encode("utf-8", "replace")
        return Reply(forced.status or _lowest(operation), body, (*kind, *forced.headers))
    status, spec, value, kind_of = declared(operation, forced.status, forced.example)
    if forced.is_made or (value is None and kind_of == JSON):
        made = _made(contract, operation, status)(random.Random(source))
        return Reply(status, made.body, (*made.headers, *forced.headers))
    required: tuple[tuple[str, str], ...] = ()
    if any(header.get("required") is True for header in spec.headers.values()):
        required = _made(contract, operation, status)(random.Random(source)).headers
    if kind_of in ("", JSON):
        return Reply(status, value, (*required, *forced.headers))
    content = value.encode("utf-8", "replace") if isinstance(value, str) else b""
    headers = tuple(pair for pair in required if pair[0] != "content-type")
    return Reply(status, content, (("content-type", kind_of), *headers, *forced.headers))


def _lowest(operation: Operation) -> int:
    """The lowest success that an operation declares."""
    numbers = sorted(int(name) for name in operation.replies if name.isdigit())
    return next((number for number in numbers if number >= 200), 200)


@lru_cache(maxsize=256)
def _made(contract: Contract, operation: Operation, status: int) -> Any:
    """Makes replies of a declared status."""
    from simulator.http.synthesis import compile_reply

    _, spec, _, _ = declared(operation, status, "")
    narrowed = msgspec.structs.replace(operation, replies={str(status): spec})
    return compile_reply(contract, narrowed)
