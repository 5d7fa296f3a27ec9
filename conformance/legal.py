"""Legal values of a request's fields, as few requests as hold them all: options, bounds, nulls.

One request sets many fields at once: the first option of each, the second of each, every exact
minimum, and so on. What a rule outside the schema may forbid is left out (`Profile.ruled`), or
sent with what that rule wants (`Profile.beside`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from conformance.inputs import text
from conformance.model import Provenance
from conformance.mutations import CLOSING, DEEPEST, REMOVED, reaches, with_change
from conformance.profile import Profile
from conformance.sampling import joined, sample
from conformance.schemas import ALL, ANY, Node, nodes, types, weakest
from contracts import Contract, Operation

BARE: Final = "nothing optional"
NULLS: Final = "null"
CASE: Final = "letter case"
UNKNOWN: Final = "unknown members"
LEAST: Final = "least"
MOST: Final = "most"
_WORTHS: Final[tuple[Provenance, ...]] = ("documented", "observed", "assumed")
_LARGEST: Final = 2**53 - 1
_LONGEST: Final = 10_000
_UNKNOWN: Final = "x_unknown_field"
_UUID: Final = "7D9F3A52-1C64-4C0E-9A8B-5F2D61E0B3C4"


@dataclass(frozen=True, slots=True)
class Change:
    """One legal value at one place; `subject` names the place, `sampled` holds it in a body.

    `beside` is what a rule wants beside it. One that `is_idle` leaves alone what is there. `worth`
    is what says that the value is legal.
    """

    subject: str
    path: tuple[Any, ...]
    value: Any
    sampled: Any = field(default=None, repr=False)
    beside: Mapping[str, Any] = field(default_factory=dict)
    is_idle: bool = False
    worth: Provenance = "documented"

    def into(self, body: Any) -> Any:
        """Return a body with the value in it, the body itself where there is no such place."""
        if self.is_idle and self.path[0] in body:
            return body
        whole = joined(body, self.sampled) if self.sampled is not None else body
        whole = {**whole, **self.beside} if self.beside else whole
        return with_change(whole, list(self.path), self.value) if self.is_possible(whole) else body

    def as_text(self) -> Change:
        """Return the change as a query has it."""
        return self if self.value is REMOVED else replace(self, value=text(self.value))

    def is_possible(self, body: Any) -> bool:
        """Whether a body has the place."""
        return reaches(body, list(self.path))

    def is_in(self, body: Any) -> bool:
        """Whether a body has this very value there."""
        for step in self.path[:-1]:
            try:
                body = body[step]
            except (LookupError, TypeError):
                return False
        last = self.path[-1]
        if isinstance(body, dict):
            there = body.get(last, REMOVED)
        else:
            there = body[0] if isinstance(body, list) and body and last == 0 else REMOVED
        return type(there) is type(self.value) and bool(there == self.value)


Table = Mapping[str, tuple[Change, ...]]


@cache
def _table(contract: Contract, operation: Operation) -> Table:
    """Return the changes of each request by its name, for all fields of an operation."""
    found: dict[str, list[Change]] = {}
    worth: dict[str, Provenance] = {}
    for node in _nodes(contract, operation):
        worth[node.subject] = weakest(worth.get(node.subject), node.provenance)
        values = list(_legal(node))
        sampled = None
        is_inside = len(node.path) > 1 or any(name == UNKNOWN for name, _ in values)
        if operation.body is not None and is_inside and values:
            sampled = sample(contract.document, operation.body.pointer, node.path)
        path = tuple(0 if step == ALL else step for step in node.path)
        for name, value in values:
            place = (*path, _UNKNOWN) if name == UNKNOWN else path
            change = Change(node.subject, place, value, sampled, worth=node.provenance)
            found.setdefault(name, []).append(change)
    if operation.body is not None:
        found[BARE] = [
            Change(name, (name,), REMOVED, worth=worth.get(name, "documented"))
            for name in operation.body.schema.get("properties", {})
            if name not in operation.body.schema.get("required", ())
        ]
    return {name: tuple(_once(changes)) for name, changes in found.items() if changes}


def table(contract: Contract, operation: Operation, profile: Profile) -> Table:
    """Return the changes of each request by its name, without those a rule may forbid."""
    ruled = profile.ruled.get(operation.id, frozenset())
    found: dict[str, tuple[Change, ...]] = {}
    for name, changes in _table(contract, operation).items():
        # An id in capitals may be of something that is not there, and is well-formed all the same.
        kept = tuple(c for c in changes if name == CASE or not _within(c.subject, ruled))
        if name == NULLS:
            # What is null counts as absent, so no rule is about it.
            rest = (each for each in changes if each not in kept and len(each.path) == 1)
            kept += tuple(replace(each, is_idle=True) for each in rest)
        found.update(_by_worth(name, kept))
    for name, values in profile.further.get(operation.id, {}).items():
        found[name] = tuple(Change(each, (each,), value) for each, value in values.items())
    for subject, choices in profile.beside.get(operation.id, {}).items():
        for value, beside in choices:
            change = Change(subject, (subject,), value, beside=beside)
            found[f"{subject} {value}"] = (change,)
    return found


def _by_worth(name: str, changes: tuple[Change, ...]) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """Yield the changes of one request as one for each worth, so that none hides another's."""
    parts: dict[Provenance, list[Change]] = {}
    for change in changes:
        parts.setdefault(change.worth, []).append(change)
    for turn, worth in enumerate([each for each in _WORTHS if each in parts]):
        yield (f"{name} ({worth})" if turn else name), tuple(parts[worth])


def made(base: Any, changes: Iterable[Change], is_valid: Callable[[Any], bool]) -> Any:
    """Return a body with all the changes that leave it valid, None if none does."""
    changes = tuple(changes)
    whole = copy.deepcopy(base)
    for change in changes:
        whole = change.into(whole)
    if is_valid(whole):
        return whole if any(change.is_in(whole) for change in changes) else None
    body, count = base, 0
    for change in changes:
        changed = change.into(body)
        if change.is_in(changed) and is_valid(changed):
            body, count = changed, count + 1
    return body if count else None


def _within(subject: str, ruled: frozenset[str]) -> bool:
    """Whether a place is one of those named, or inside one."""
    return any(subject == name or subject.startswith((f"{name}.", f"{name}[")) for name in ruled)


def _nodes(contract: Contract, operation: Operation) -> Iterator[Node]:
    for parameter in operation.parameters:
        if parameter.location == "query":
            yield from nodes(contract.document, parameter.pointer, (parameter.name,))
    if operation.body is not None:
        for node in nodes(contract.document, operation.body.pointer):
            if node.path and ANY not in node.path and len(node.path) <= DEEPEST:
                yield node


def _legal(node: Node) -> Iterator[tuple[str, Any]]:
    """Yield the legal values of a node by the name of the request that each belongs to."""
    schema = node.schema
    options = schema.get("enum") or ([True, False] if "boolean" in types(schema) else [])
    for turn, value in enumerate(each for each in options if each is not None):
        yield f"option {turn + 1}", value
    for name, word, length in (
        (LEAST, "minimum", "minLength"), (MOST, "maximum", "maxLength"),
    ):  # fmt: skip
        if word in schema and abs(schema[word]) < _LARGEST:
            yield name, schema[word]
        elif 0 < schema.get(length, 0) <= _LONGEST and not {"pattern", "format"} & schema.keys():
            yield name, "x" * schema[length]
    if "null" in types(schema) and node.path[-1] != ALL:
        yield NULLS, None
    if schema.get("format") == "uuid":
        yield CASE, _UUID
    if "object" in types(schema) and not any(schema.get(word) is False for word in CLOSING):
        yield UNKNOWN, "ignored"


def _once(changes: list[Change]) -> Iterator[Change]:
    """Yield the changes, the first of each place."""
    seen = set()
    for change in changes:
        if change.subject not in seen:
            seen.add(change.subject)
            yield change
