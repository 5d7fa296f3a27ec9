"""Valid calls: every example of the contract, legal values, and tolerance of unknown fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from conformance import inputs, legal
from conformance.drivers.requests import right
from conformance.probe import Probe, json_body
from conformance.setting import Setting
from contracts import Operation

NAME: Final = "positive"
LEGAL: Final = f"{NAME}.legal"
_WITH_CHARSET: Final = (("Content-Type", "application/json; charset=utf-8"),)
"""What many clients say of JSON; the parameter means nothing [RFC 8259, 11]."""


def probes(setting: Setting) -> Iterator[Probe]:
    """Yield valid calls. Those that bill belong to tier fuzz; a lifecycle pays for its own."""
    for operation in setting.chosen():
        if operation.method == "DELETE" or operation.id in setting.profile.hard_to_succeed:
            continue
        call = right(setting, operation, NAME, f"{NAME}.example", subject="default")
        if setting.read(call).is_valid:
            yield call
        yield from _examples(setting, operation)
        yield from legal_calls(setting, operation)
        if operation.body is not None:
            body = inputs.example_body(operation, setting.profile)
            if call.body is not None and setting.read(call).is_valid:
                yield replace(call, headers=_WITH_CHARSET, subject="charset")
            if isinstance(body, dict):
                extra = json_body({**body, "x_unknown_field": "ignored"})
                yield right(setting, operation, NAME, f"{NAME}.unknown-field", body=extra)
        elif operation.method == "GET":
            query = {**call.query, "x_unknown_field": "ignored"}
            yield right(setting, operation, NAME, f"{NAME}.unknown-field", query=query)


def legal_calls(
    setting: Setting, operation: Operation, base: Any = None, driver: str = NAME
) -> Iterator[Probe]:
    """Yield calls that hold the legal values of all fields; `base` is the body to put them in."""
    if base is None:
        base = varied(setting, operation)
    for name, changes in legal.table(setting.contract, operation, setting.profile).items():

        def call(value: Any, name: str = name) -> Probe:
            change = {"body": json_body(value)} if operation.body else {"query": _texts(value)}
            return right(setting, operation, driver, LEGAL, subject=name, **change)

        def is_valid(value: Any, call: Callable[[Any], Probe] = call) -> bool:
            return setting.read(call(value)).is_valid

        made = legal.made(base, changes, is_valid)
        if made is not None:
            yield call(made)


def varied(setting: Setting, operation: Operation) -> Any:
    """Return what legal values are put into: a valid body, or the values of a valid query."""
    if operation.body is None:
        return inputs.parameters(operation, setting.contract, setting.profile)[0]
    found = setting.profile.varied.get(operation.id)
    return inputs.example_body(operation, setting.profile) if found is None else found


def _texts(query: dict[str, Any]) -> dict[str, str]:
    return {name: inputs.text(value) for name, value in query.items()}


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
