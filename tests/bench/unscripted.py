"""The stand-in with everything that a test may ask of it cut out of the plain path.

A server to compare with, and nothing else: no scenario, fault, preference, follower, webhook or
limit of runs is asked for. What is cut is a statement of the real source, so it cannot go stale.
"""

import inspect
import textwrap
from typing import Any

from simulator.core import journal, ledger
from simulator.http import exchange

_PERFORM = """
        playbook = await self._house.tenants.store.read(tenant.name, PLAYBOOKS, "")
        if playbook is not None or self.headers.have_any(ASKING):
            reply = await self._scripted(tenant, playbook, call, desk)
            if reply is not None:
                return reply
"""
_ENCODED = """
        if script is not None and script.vary is not None and not exchange.bug:
            reply = script.vary(reply)
"""
_NAMED = """
        if script is not None and (name := script.ruling.scenario):
            head += heads.packed([(b"understudy-scenario", latin(name))])
"""
_SENT = """
        if request.script is not None and request.script.twist is not None:
            await request.send_twisted(request.script.twist, send, head, body)
            return
"""
_RECORDED = """
        if self.script is not None:
            ruling = self.script.ruling
            exchange.scenario = ruling.scenario
            exchange.passed_over = ruling.passed_over
            exchange.variety = self.script.variety
            exchange.fault = "" if ruling.give.fault is None else ruling.give.fault.kind
"""
_FOLLOWED = """
        if self._followers:
            shown = _without_secrets(exchange)
            for follower in self._followers:
                follower.offer(shown)
"""
_AT_WORK = """
    for limit in concurrency:
        if limit.covers(run.operation):
            await tx.index_add(_at_work(run.account_id, limit), run.created_at_ms, run.id)
"""
_TOLD = """
    roster = await tx.get(ROSTERS, "")
    if roster is not None:
        await webhooks.run_opened(tx, roster, run)
"""

_CUTS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (exchange.VendorEdge, "__call__", (_SENT,)),
    (exchange._Request, "_perform", (_PERFORM,)),
    (exchange._Request, "_encoded", (_ENCODED, _NAMED)),
    (exchange._Request, "record", (_RECORDED,)),
    (journal.Journal, "record", (_FOLLOWED,)),
    (ledger, "open_run", (_AT_WORK, _TOLD)),
)


def cut() -> None:
    """Cut it all out, in this process; raises `LookupError` if the source has changed."""
    for owner, name, fragments in _CUTS:
        function = getattr(owner, name)
        setattr(owner, name, without(function, fragments))


def without(function: Any, fragments: tuple[str, ...]) -> Any:
    """A function made of the same source without some statements."""
    source = inspect.getsource(function)
    for fragment in fragments:
        lines = fragment.lstrip("\n")
        if source.count(lines) != 1:
            raise LookupError(f"{function.__qualname__} has no more, or more than once:\n{lines}")
        source = source.replace(lines, "")
    made: dict[str, Any] = {}
    exec(compile(textwrap.dedent(source), "<cut>", "exec"), function.__globals__, made)
    return made[function.__name__]


if __name__ == "__main__":
    from simulator.cli import main

    cut()
    main(prog_name="understudy")
