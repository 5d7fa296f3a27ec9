"""Faults of a request that a server may pass over, for no source says that they are refused."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from conformance.drivers import validation
from conformance.judge import Violation
from conformance.profile import Profile
from conformance.reading import Reading
from conformance.schemas import nodes
from contracts import Contract, Operation

_CLOSED: Final = ("additionalProperties", "unevaluatedProperties")


def may_pass(profile: Profile, contract: Contract, reading: Reading, violation: Violation) -> bool:
    """Whether it is assumed only that a fault is refused: a blank, or a field nobody may read."""
    operation = reading.operation
    if operation is None:
        return False
    if violation.keyword in _CLOSED and violation.subject:
        return True  # sources tell of members of the body itself, of none within
    if profile.blanks and _is_blank(contract, operation, reading, violation):
        return True
    unbounded = profile.unbounded.get(operation.id, frozenset())
    if violation.keyword == "minimum" and violation.subject in unbounded:
        return True
    return _is_unread(profile, operation, reading, violation)


def _is_blank(
    contract: Contract, operation: Operation, reading: Reading, violation: Violation
) -> bool:
    """Whether null or an empty text stands for an optional member, as if it were left out."""
    subject = violation.subject
    if violation.location == "query":
        named = {each.name for each in operation.parameters if each.required}
        return subject not in named and reading.query.get(subject) == ""
    if violation.location != "body" or not subject or subject in _required(contract, operation):
        return False
    return any(value is None or value == "" for value in _at(reading.body, subject))


def _is_unread(
    profile: Profile, operation: Operation, reading: Reading, violation: Violation
) -> bool:
    """Whether a field belongs to some requests, and this one need not be one of them."""
    takers = profile.takers.get(operation.id, {})
    name = re.split(r"[.\[]", violation.subject)[0]
    if violation.location != "body" or name not in takers:
        return False
    return takers[name] is None or not reading.exchange.probe.startswith(f"{validation.NAME}.")


@cache
def _required(contract: Contract, operation: Operation) -> frozenset[str]:
    """Return the members that a body needs in any case; one of several names is not among them."""
    if operation.body is None:
        return frozenset()
    return frozenset(
        f"{node.subject}.{name}" if node.subject else name
        for node in nodes(contract.document, operation.body.pointer)
        if not any(f"/{word}/" in node.pointer for word in ("anyOf", "oneOf"))
        for name in node.schema.get("required", ())
    )


def _at(value: Any, subject: str) -> list[Any]:
    """Return what stands at the member that a subject names; an element of a list is none."""
    found, steps = [value], subject.split(".")
    for step in steps:
        name = step.removesuffix("[]")
        found = [each[name] for each in found if isinstance(each, dict) and name in each]
        if step.endswith("[]"):
            lists = [each for each in found if isinstance(each, list)]
            found = [] if step is steps[-1] else [each for one in lists for each in one]
    return found
