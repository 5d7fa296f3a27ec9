"""The requests that several drivers start from: an operation called rightly, or surely wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from conformance import inputs
from conformance.model import Tier
from conformance.mutations import body_mutations
from conformance.probe import Probe, json_body
from conformance.setting import Setting
from contracts import Operation

_NOTHING: Mapping[str, str] = {}


def right(setting: Setting, operation: Operation, driver: str, probe: str, **changes: Any) -> Probe:
    """Return a valid call of an operation; `changes` replace fields of the probe."""
    query, path = inputs.parameters(operation, setting.contract, setting.profile)
    body = inputs.example_body(operation, setting.profile)
    given: dict[str, Any] = {
        "method": operation.method,
        "path": inputs.path_of(operation, path),
        "driver": driver,
        "probe": probe,
        "operation": operation.id,
        "query": query,
        "body": None if body is None else json_body(body),
        "tier": Tier.FUZZ if setting.is_creation(operation) else Tier.FREE,
    }
    return Probe(**{**given, **changes})


def refusable(
    setting: Setting, operation: Operation, driver: str, probe: str, **changes: Any
) -> Probe | None:
    """Return a call that costs nothing: valid for a read, with a body that must be refused else.

    None if no body of the operation is surely wrong.
    """
    if not setting.is_creation(operation):
        return right(setting, operation, driver, probe, **changes)
    base = inputs.example_body(operation, setting.profile)
    mutations = body_mutations(setting.contract, operation, base)
    for body in chain([{}], (mutation.body for mutation in mutations)):
        found = right(
            setting, operation, driver, probe,
            **{"body": json_body(body), "tier": Tier.VALIDATION, **changes},
        )  # fmt: skip
        if setting.read(found).is_invalid:
            return found
    return None
