"""Judges a recorded log: the same rules on somebody's own traffic, no request sent."""

from __future__ import annotations

from conformance import har, profiles
from conformance.evidence import Evidence
from conformance.exchange import Redactor
from conformance.judging import Conditions, judge
from conformance.log import ExchangeLog
from conformance.model import Tier
from conformance.options import Options
from conformance.result import Result, Spent
from conformance.rules import rules_for
from conformance.selection import select
from conformance.target import BadTarget, Identity
from contracts import Contract, Dialect, load


def judge_log(
    content: bytes,
    name: str,
    provider: str,
    *,
    dialect: Dialect | None = None,
    key: str = "",
    second_key: str = "",
    only: tuple[str, ...] = (),
    strict: bool = False,
) -> Result:
    """Return the result for a HAR document; raises NoHar, and BadTarget if nothing fits.

    Keys that are given are told apart as one and another account's; all others are one unknown
    account's. Rules that nothing in the log touches are SKIP.
    """
    redactor = Redactor()
    redactor.learn(key, "first")
    redactor.learn(second_key, "second")
    log = ExchangeLog(redactor)
    har.load(content, log)
    documented, live = load(provider), load(provider, "live")
    contracts: tuple[Contract, ...]
    if dialect is not None:
        contracts = (live if dialect == "live" else documented,)
    else:
        contracts = (documented,) if documented.digest == live.digest else (documented, live)
    profile = profiles.load(provider)
    rules = select(rules_for(contracts, profile), only)
    evidence = Evidence(log, contracts, profile)
    if not any(reading.operation is not None for reading in evidence.readings):
        raise BadTarget(f"no exchange in it belongs to an operation of {provider}")
    options = Options(
        provider, dialect=dialect, only=only, strict=strict, tier=Tier.FUZZ, generator=False
    )
    has = frozenset({"media", "second-key", "failure-trigger"})
    conditions = Conditions(Tier.FUZZ, has, strict=strict, recorded=True)
    results = judge(rules, evidence, conditions)
    return Result(
        provider=provider,
        target=name,
        contracts=contracts,
        dialect=dialect or "either",
        identity=Identity(),
        tier=Tier.FUZZ,
        options=options,
        results=results,
        log=log,
        spent=Spent(requests=len(log)),
        notes=("a recorded log: nothing was sent",),
    )
