"""Valid calls: every example of the contract, and tolerance of unknown fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance import inputs
from conformance.drivers.requests import right
from conformance.probe import Probe, json_body
from conformance.setting import Setting
from contracts import Operation

NAME: Final = "positive"


def probes(setting: Setting) -> Iterator[Probe]:
    """Yield valid calls. Those that bill belong to tier fuzz; a lifecycle pays for its own."""
    for operation in setting.chosen():
        if operation.method == "DELETE" or operation.id in setting.profile.hard_to_succeed:
            continue
        call = right(setting, operation, NAME, f"{NAME}.example", subject="default")
        if setting.read(call).is_valid:
            yield call
        yield from _examples(setting, operation)
        if operation.body is not None:
            body = inputs.example_body(operation, setting.profile)
            if isinstance(body, dict):
                extra = json_body({**body, "x_unknown_field": "ignored"})
                yield right(setting, operation, NAME, f"{NAME}.unknown-field", body=extra)
        elif operation.method == "GET":
            query = {**call.query, "x_unknown_field": "ignored"}
            yield right(setting, operation, NAME, f"{NAME}.unknown-field", query=query)


def _examples(setting: Setting, operation: Operation) -> Iterator[Probe]:
    """Yield the contract's own examples where they need nothing that exists on the target only."""
    if operation.body is None or operation.id in setting.profile.bodies:
        return
    media = operation.body.content.get("application/json")
    for name, value in (media.examples if media else {}).items():
        call = right(
            setting, operation, NAME, f"{NAME}.example", body=json_body(value), subject=name
        )
        if setting.read(call).is_valid:
            yield call
