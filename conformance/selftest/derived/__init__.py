"""Faults made from the contract and the profile: nobody had to think of them."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.profile import Profile
from conformance.selftest.derived import journeys, lax, operations, replies, requests, strict
from conformance.selftest.fault import Fault
from contracts import Contract


def faults(contract: Contract, profile: Profile) -> Iterator[Fault]:
    """Yield every derived fault of a provider, names unique."""
    for operation in contract.operations:
        yield from replies.faults(contract, operation)
        yield from requests.faults(contract, operation)
        yield from lax.faults(contract, operation)
        yield from strict.faults(contract, operation)
        yield from operations.faults(contract, operation, profile)
    yield from journeys.faults(profile)
