"""Every way to present a credential: each scheme alone, none, both, and near misses.

Reads are called rightly. Operations that bill get a body that is invalid too, so that a target
that lets a wrong key through starts nothing; tier fuzz repeats the refusals with a valid body.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import inputs
from conformance.drivers.requests import refusable, right
from conformance.model import Tier
from conformance.probe import KEY, Probe
from conformance.setting import Setting
from contracts import Operation

NAME: Final = "credentials"
REFUSED: Final = ("unknown", "truncated", "extended", "empty")
BEARER_REFUSED: Final = ("basic", "bare")
IN_QUERY: Final = ("api_key", "apikey", "key", "x-api-key", "token", "access_token")


def probes(setting: Setting) -> Iterator[Probe]:
    """Yield the credential probes of every chosen operation that needs a credential."""
    for operation in setting.chosen():
        if not needs_credential(operation) or operation.method == "DELETE":
            continue
        for probe, subject, credentials in ways(setting, operation):
            tags = {"subject": subject, "credentials": credentials}
            name = f"{NAME}.{probe}"
            cheap = refusable(setting, operation, NAME, name, **tags)
            if cheap is not None:
                yield cheap
            if setting.is_creation(operation):
                yield right(setting, operation, NAME, name, tier=Tier.FUZZ, **tags)
        yield from _second(setting, operation)
        if are_headers(setting, operation):
            yield from _in_query(setting, operation)


def _second(setting: Setting, operation: Operation) -> Iterator[Probe]:
    """Yield a call with the key of a second account, if there is one."""
    if setting.has_second_key:
        yield from _cheaply(
            setting, operation, "second", Tier.FREE, credentials=(("", "second"),),
        )  # fmt: skip


def _in_query(setting: Setting, operation: Operation) -> Iterator[Probe]:
    """Yield a call that has a valid key in its URL and nowhere else.

    URLs are written down on their way, so a stranger is not sent one unasked.
    """
    query = inputs.parameters(operation, setting.contract, setting.profile)[0]
    query = {**query, **dict.fromkeys(IN_QUERY, KEY)}
    yield from _cheaply(
        setting, operation, "in-query", Tier.VALIDATION, credentials=(), query=query
    )


def _cheaply(
    setting: Setting, operation: Operation, name: str, least: Tier, **changes: Any
) -> Iterator[Probe]:
    """Yield a call that costs nothing, and a right one where only that shows anything."""
    tags = {**changes, "subject": name}
    if not setting.is_creation(operation):
        yield right(setting, operation, NAME, f"{NAME}.{name}", tier=least, **tags)
        return
    cheap = refusable(setting, operation, NAME, f"{NAME}.{name}", **tags)
    if cheap is not None:
        yield cheap
    if any(is_body_first(judge.contract.operation(operation.id)) for judge in setting.judges):
        yield right(setting, operation, NAME, f"{NAME}.{name}", tier=Tier.FUZZ, **tags)


def is_body_first(operation: Operation) -> bool:
    """Whether a body is judged before the credential, so that only a valid one shows anything."""
    order = operation.check_order
    return order.index("body") < order.index("credential")


def are_headers(setting: Setting, operation: Operation) -> bool:
    """Whether every scheme of an operation stands in a header, and its query is no body's part."""
    if operation.query_in_body:
        return False
    declared = setting.contract.document["components"]["securitySchemes"]
    schemes = [declared[name] for names in operation.security for name in names]
    return all(each["type"] == "http" or each.get("in") == "header" for each in schemes)


def needs_credential(operation: Operation) -> bool:
    """Whether an operation is closed: it lists schemes, and no empty alternative."""
    return bool(operation.security) and () not in operation.security


def ways(
    setting: Setting, operation: Operation
) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Yield probe, scheme and credentials of every way to present a credential."""
    schemes = [names[0] for names in operation.security]
    declared = setting.contract.document["components"]["securitySchemes"]
    yield "none", "", ()
    for scheme in schemes:
        yield "alone", scheme, ((scheme, "first"),)
        labels = REFUSED + (() if declared[scheme]["type"] == "apiKey" else BEARER_REFUSED)
        for label in (*labels, "swapped-case"):
            yield label, scheme, ((scheme, label),)
    if len(schemes) > 1:
        yield "both", "", tuple((scheme, "first") for scheme in schemes)
