"""One request per constraint, broken there and nowhere else; derived from the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance import inputs
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
    wraps = setting.profile.wraps
    for base in bases(setting, operation):
        for mutation in inputs.body_mutations(setting.contract, operation, base, wraps=wraps):
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
    query, _ = inputs.parameters(operation, setting.contract, setting.profile)
    for mutation in inputs.query_mutations(operation, query):
        yield right(
            setting,
            operation,
            NAME,
            f"{NAME}.{mutation.kind}",
            query=mutation.query,
            subject=mutation.subject,
        )


def bases(setting: Setting, operation: Operation) -> list[object]:
    """Return the valid bodies that mutations start from: one, and what it lacks in depth."""
    body = inputs.example_body(operation, setting.profile)
    return [] if body is None else [body]


def _tier(setting: Setting, operation: Operation) -> Tier:
    return Tier.VALIDATION if setting.is_creation(operation) else Tier.FREE
