"""What the contract's statements are worth: the provenance of requests' and replies' parts.

A statement is documented unless it, or something it stands in, says `x-provenance`; the weakest
one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from conformance.evidence import Evidence
from conformance.leniency import may_pass
from conformance.model import Finding, Provenance
from conformance.profile import Profile
from conformance.schemas import nodes, weakest
from contracts import Contract, Operation, lookup
from contracts.pointers import join


def of_operation(contract: Contract, operation: Operation) -> Provenance:
    """Return what an operation as a whole is worth."""
    declared, _ = lookup(contract.document, operation.pointer)
    return weakest(declared.get("x-provenance"))


def of_request(contract: Contract, operation: Operation, location: str, subject: str) -> Provenance:
    """Return what is worth what a request must be at a place: a field, or a parameter's name."""
    return _at(_request(contract, operation), location, subject)


def of_reply(contract: Contract, operation: Operation, status: int, subject: str) -> Provenance:
    """Return what is worth what a reply with a status must be at a place of its body."""
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in operation.replies:
            return _at(_reply(contract, operation, key), "reply", subject)
    return of_operation(contract, operation)


def of_refusal(contract: Contract, operation: Operation) -> Provenance:
    """Return what says that an operation refuses anything: its reply 400, where it declares one."""
    is_declared = not {"400", "4XX", "default"}.isdisjoint(operation.replies)
    return of_reply(contract, operation, 400, "") if is_declared else "documented"


def of_finding(
    evidence: Evidence, finding: Finding, location: str, profile: Profile | None = None
) -> Provenance:
    """Return what a broken finding rests on, as far as its exchange shows: `request` or `reply`.

    The provider's profile tells which faults of a request may be passed over.
    """
    reading = evidence.exchange(finding.exchange)
    if reading.operation is None:
        return "documented"
    contract = evidence.contract
    if location == "reply":
        subject = reading.reply_faults[0].subject if reading.reply_faults else ""
        return of_reply(contract, reading.operation, reading.status, subject)
    broken = reading.faults[0] if reading.faults else ()
    # One documented reason to refuse is enough.
    found = [
        "assumed"
        if profile is not None and may_pass(profile, evidence.contract, reading, v)
        else of_request(contract, reading.operation, v.location, v.subject)
        for v in broken
    ]
    strongest = "documented" if not found or "documented" in found else weakest(*found)
    return weakest(strongest, of_refusal(contract, reading.operation))


def weighed(
    check: Callable[[Evidence], Iterator[Finding]],
    location: str,
    profile: Profile | None = None,
) -> Callable[[Evidence], Iterator[Finding]]:
    """Return a check whose broken findings say what they are worth.

    That what a request gets wrong is no server error needs no document, but where a provider's
    own refusals are.
    """

    def run(evidence: Evidence) -> Iterator[Finding]:
        for finding in check(evidence):
            is_crash = (
                location == "request"
                and evidence.exchange(finding.exchange).status >= 500
                and (profile is None or 500 not in profile.refused)
            )
            if finding.holds or is_crash:
                yield finding
            else:
                yield replace(finding, provenance=of_finding(evidence, finding, location, profile))

    return run


_Table = dict[tuple[str, str], Provenance]


def _at(table: _Table, location: str, subject: str) -> Provenance:
    """Return what stands for a place, else for what it is in."""
    while subject and (location, subject) not in table:
        subject = subject.removesuffix("[]") if subject.endswith("[]") else _above(subject)
    return table.get((location, subject), table["", ""])


def _above(subject: str) -> str:
    return subject.rpartition(".")[0]


@cache
def _request(contract: Contract, operation: Operation) -> _Table:
    document = contract.document
    declared, pointer = lookup(document, operation.pointer)
    whole = of_operation(contract, operation)
    table: _Table = {("", ""): whole}
    item, _ = lookup(document, operation.pointer.rsplit("/", 1)[0])
    said = {each.get("name"): each for each in _parameters(document, item, declared)}
    for parameter in operation.parameters:
        held = weakest(whole, said.get(parameter.name, {}).get("x-provenance"))
        for node in nodes(document, parameter.pointer, (parameter.name,), worth=held):
            _note(table, parameter.location, node.subject, node.provenance)
    if operation.body is not None:
        body, _ = lookup(document, join(pointer, "requestBody"))
        for node in nodes(
            document, operation.body.pointer, worth=weakest(whole, body.get("x-provenance"))
        ):
            _note(table, "body", node.subject, node.provenance)
    return table


@cache
def _reply(contract: Contract, operation: Operation, key: str) -> _Table:
    document = contract.document
    _, pointer = lookup(document, operation.pointer)
    reply, _ = lookup(document, join(pointer, "responses", key))
    whole = weakest(of_operation(contract, operation), reply.get("x-provenance"))
    table: _Table = {("", ""): whole}
    for kind, media in operation.replies[key].content.items():
        if kind.endswith("json") and media.schema:
            for node in nodes(document, media.pointer, worth=whole):
                _note(table, "reply", node.subject, node.provenance)
    return table


def _note(table: _Table, location: str, subject: str, provenance: Provenance) -> None:
    before = table.get((location, subject), "documented")
    table[location, subject] = weakest(before, provenance)


def _parameters(document: dict[str, Any], *holders: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for holder in holders:
        for parameter in holder.get("parameters", ()):
            yield lookup(document, parameter["$ref"][1:])[0] if "$ref" in parameter else parameter
