"""All rules of a provider: those derived from its contract, and those of its own module.

A provider's module `conformance/rules/<name>.py` has `rules(setting) -> Iterable[Rule]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

from conformance.judge import Judge
from conformance.model import Tier
from conformance.profile import Profile
from conformance.rule import Rule
from conformance.rules import (
    acceptance,
    agreement,
    contract,
    credentials,
    documents,
    generator,
    http,
    robustness,
    successes,
    validation,
)
from conformance.schemas import weakest
from conformance.setting import Setting
from conformance.worth import of_operation
from contracts import Contract

_GENERIC = (
    contract,
    agreement,
    successes,
    credentials,
    validation,
    acceptance,
    documents,
    http,
    robustness,
    generator,
)


def rules_for(contracts: tuple[Contract, ...], profile: Profile) -> tuple[Rule, ...]:
    """Return a provider's rules in a stable order: by operation and area, ids unique."""
    setting = Setting(tuple(Judge(each) for each in contracts), profile, Tier.FUZZ)
    found = tuple(_all(setting))
    ids = [rule.id for rule in found]
    if len(set(ids)) != len(ids):
        twice = sorted({each for each in ids if ids.count(each) > 1})
        raise ValueError(f"rule ids given twice: {', '.join(twice)}")
    return found


def _weighed(rule: Rule, setting: Setting) -> Rule:
    """Return a rule of the contract, worth no more than the operation that it is about."""
    if rule.operation is None:
        return rule
    held = of_operation(setting.contract, setting.contract.operation(rule.operation))
    return replace(rule, provenance=weakest(rule.provenance, held))


def _all(setting: Setting) -> Iterator[Rule]:
    for module in _GENERIC:
        for rule in module.rules(setting):
            yield _weighed(rule, setting)
    name = f"conformance.rules.{setting.profile.name}"
    try:
        own = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return
    yield from own.rules(setting)
