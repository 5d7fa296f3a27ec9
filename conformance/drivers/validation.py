"""One request per constraint, broken there and nowhere else; derived from the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from conformance import inputs, mutations
from conformance.drivers.requests import right
from conformance.model import Tier
from conformance.probe import Probe, json_body
from conformance.setting import Setting
from contracts import Operation

NAME: Final = "validation"


def probes(setting: Setting) -> Iterator[Probe]:
    """Yield requests that every contract refuses."""
    for operation in setting.chosen():
        for probe in mutants(setting, operation):
            if setting.read(probe).is_invalid:
                yield probe


def mutants(setting: Setting, operation: Operation) -> Iterator[Probe]:
    """Yield an operation's mutated requests, refusable or not."""
    takers = setting.profile.takers.get(operation.id, {})
    for base, names in bases(setting, operation):

        def is_for(subject: str, names: frozenset[str] = names) -> bool:
            return _is_for(subject, names, takers)

        yield from broken(setting, operation, base, is_for)
    query, _ = inputs.parameters(operation, setting.contract, setting.profile)
    for mutation in mutations.query_mutations(operation, query):
        yield right(
            setting,
            operation,
            NAME,
            f"{NAME}.{mutation.kind}",
            query=mutation.query,
            subject=mutation.subject,
        )


def broken(
    setting: Setting, operation: Operation, base: Any, is_wanted: Callable[[str], bool]
) -> Iterator[Probe]:
    """Yield a body broken in one place after the other, refusable or not, of the wanted places."""
    wraps = setting.profile.wraps
    for mutation in mutations.body_mutations(setting.contract, operation, base, wraps=wraps):
        if is_wanted(mutation.subject):
            yield right(
                setting,
                operation,
                NAME,
                f"{NAME}.{mutation.kind}",
                body=json_body(mutation.body),
                subject=mutation.subject,
                tier=_tier(setting, operation),
                is_sure=mutation.is_sure,
            )


def bases(setting: Setting, operation: Operation) -> list[tuple[object, frozenset[str]]]:
    """Return the valid bodies that mutations start from, each with the fields that are its own.

    The first has all fields that every request takes, and those that no known one does.
    """
    body = inputs.example_body(operation, setting.profile)
    if body is None:
        return []
    takers = setting.profile.takers.get(operation.id, {})
    owners: list[object] = []
    for taker in takers.values():
        if taker is not None and taker not in owners:
            owners.append(taker)
    return [
        (body, frozenset()),
        *((owner, frozenset(n for n in takers if takers[n] == owner)) for owner in owners),
    ]


def _is_for(subject: str, names: frozenset[str], takers: Mapping[str, object]) -> bool:
    """Whether a place is to be broken in a body whose own fields are given."""
    name = field_of(subject)
    return name in names if names else takers.get(name) is None


def field_of(subject: str) -> str:
    """Return the field of the body that a place is in."""
    return re.split(r"[.\[]", subject)[0]


def _tier(setting: Setting, operation: Operation) -> Tier:
    return Tier.VALIDATION if setting.is_creation(operation) else Tier.FREE
