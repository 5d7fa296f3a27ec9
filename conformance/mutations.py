"""Requests derived from a contract that each break one of its constraints, and no other."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from conformance.inputs import text
from conformance.judge import dotted
from conformance.misfits import misfits
from conformance.sampling import joined, sample
from conformance.schemas import ALL, ANY, nodes, types
from contracts import Contract, Operation, lookup
from contracts.pointers import join

DEEPEST: Final = 5
CLOSING: Final = ("additionalProperties", "unevaluatedProperties")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A request with one intended fault: `kind` is required, type, enum, range, format or closed.

    `is_sure` says that no other branch of the schema can take it; else that has to be read.
    """

    kind: str
    subject: str
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    is_sure: bool = True


def body_mutations(
    contract: Contract, operation: Operation, base: Any, *, wraps: bool = False
) -> Iterator[Mutation]:
    """Yield bodies that each break one constraint of the body's schema.

    `wraps` says that a lone value may stand for a list of one.
    """
    if operation.body is None or not isinstance(base, dict):
        return
    pointer = operation.body.pointer
    found = _Misfits(contract, _options(contract, pointer), *_elsewhere(contract), wraps)
    reached = {"body"}
    for kind, path, put in _object(found, pointer, base, []):
        reached |= {dotted(path)} if kind != "required" else set()
        yield Mutation(kind, dotted(path), body=with_change(base, path, put))
    yield from _without_alternatives(contract, pointer, base)
    yield from _deep(found, pointer, base, reached)


@dataclass(frozen=True, slots=True)
class _Misfits:
    """What is wrong at any place of one body: its contract, and every option of every enum.

    `namesakes` are the options that a field of a name has here or in any other operation, `enums`
    all sets of options that are texts.
    """

    contract: Contract
    tokens: tuple[str, ...]
    namesakes: Mapping[str, tuple[str, ...]]
    enums: tuple[tuple[str, ...], ...]
    wraps: bool

    def at(
        self, schema: Mapping[str, Any], pointer: str, fit: Any, name: Any
    ) -> Iterator[tuple[str, Any]]:
        """Yield what a schema at a pointer refuses; `fit` is what stands there, if anything."""
        document = self.contract.document
        if fit is None:
            fit = sample(document, pointer)
        if fit == []:
            fit = sample(document, pointer, (ALL,))
        own = set(_enum(schema))
        alike = list(self.namesakes.get(name, ()))
        for options in self.enums if own else ():
            alike += options if len(own.intersection(options)) > 1 else ()
        yield from misfits(schema, fit, self.tokens, _texts(alike), wraps=self.wraps)


def _options(contract: Contract, pointer: str) -> tuple[str, ...]:
    """Return every option of a body's enums that is a text."""
    return _texts(each for node in nodes(contract.document, pointer) for each in _enum(node.schema))


@cache
def _elsewhere(
    contract: Contract,
) -> tuple[Mapping[str, tuple[str, ...]], tuple[tuple[str, ...], ...]]:
    """Return the options of any body that are texts: by the name of their field, and by enum."""
    found: dict[str, list[Any]] = {}
    enums: list[tuple[str, ...]] = []
    for operation in contract.operations:
        for node in nodes(contract.document, operation.body.pointer) if operation.body else ():
            if node.path and isinstance(node.path[-1], str):
                found.setdefault(node.path[-1], []).extend(_enum(node.schema))
                enums.append(_texts(_enum(node.schema)))
    return {name: _texts(options) for name, options in found.items()}, tuple(dict.fromkeys(enums))


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in values if isinstance(each, str) and each))


def _enum(schema: Mapping[str, Any]) -> list[Any]:
    given = schema.get("enum")
    return given if isinstance(given, list) else []


def _without_alternatives(contract: Contract, pointer: str, base: Any) -> Iterator[Mutation]:
    """Yield the body without any of the fields of which one at least is required."""
    schema, _ = lookup(contract.document, pointer)
    for word in ("anyOf", "oneOf"):
        needed = [each.get("required", ()) for each in schema.get(word, ())]
        if needed and all(needed):
            names = list(dict.fromkeys(name for each in needed for name in each))
            body = {name: value for name, value in base.items() if name not in names}
            yield Mutation("required", names[0], body=body, is_sure=False)


def _deep(found: _Misfits, pointer: str, base: Any, reached: set[str]) -> Iterator[Mutation]:
    """Yield bodies broken where the base has nothing: it is put there first, then broken."""
    document = found.contract.document
    for node in nodes(document, pointer):
        if ANY in node.path or len(node.path) > DEEPEST:
            continue
        known = node.subject in reached or not node.path
        changes: list[tuple[str, str, list[Any], Any]] = []
        path = [0 if step == ALL else step for step in node.path]
        if not known:
            wrong = found.at(node.schema, node.pointer, None, node.path[-1])
            changes += [(kind, node.subject, path, put) for kind, put in wrong]
            changes += [
                ("required", f"{node.subject}.{name}", [*path, name], REMOVED)
                for name in node.schema.get("required", ())
            ]
        if any(node.schema.get(word) is False for word in CLOSING):
            changes.append(("closed", node.subject or "body", [*path, "x_unknown_field"], "much"))
        whole = joined(base, sample(document, pointer, node.path)) if changes else None
        for kind, subject, place, put in changes:
            if reaches(whole, place):
                is_sure = not node.path
                yield Mutation(kind, subject, body=with_change(whole, place, put), is_sure=is_sure)


def reaches(body: Any, path: list[Any]) -> bool:
    """Whether there is something to change at a place."""
    for part in path[:-1]:
        if isinstance(body, dict) and part in body:
            body = body[part]
        elif isinstance(body, list) and part == 0 and body:
            body = body[0]
        else:
            return False
    return isinstance(body, list if path[-1] == 0 else dict) and body != []


def query_mutations(operation: Operation, query: Mapping[str, str]) -> Iterator[Mutation]:
    """Yield queries that each break one constraint of one parameter."""
    for parameter in operation.parameters:
        if parameter.location != "query":
            continue
        name, schema = parameter.name, parameter.schema
        if parameter.required:
            rest = {key: value for key, value in query.items() if key != name}
            yield Mutation("required", name, query=rest)
        named = types(schema)
        if named & {"integer", "number", "boolean"} and "string" not in named:
            yield Mutation("type", name, query={**query, name: "perhaps"})
        if named & {"integer", "number"} and "string" not in named:
            yield Mutation("type", name, query={**query, name: "5x"})
        for kind, value in misfits(schema, query.get(name)):
            if kind != "type":
                yield Mutation(kind, name, query={**query, name: text(value)})


REMOVED: Final = object()


def _object(
    found: _Misfits, pointer: str, base: Mapping[str, Any], path: list[Any]
) -> Iterator[tuple[str, list[Any], Any]]:
    schema, at = lookup(found.contract.document, pointer)
    for name in schema.get("required", ()):
        if name in base:
            yield "required", [*path, name], REMOVED
    for name in schema.get("properties", {}):
        place = join(at, "properties", name)
        yield from _value(found, place, base.get(name), [*path, name])


def _value(
    found: _Misfits, pointer: str, present: Any, path: list[Any]
) -> Iterator[tuple[str, list[Any], Any]]:
    try:
        schema, at = lookup(found.contract.document, pointer)
    except LookupError:
        return
    if not isinstance(schema, dict):
        return
    for kind, value in found.at(schema, at, present, path[-1]):
        yield kind, path, value
    if len(path) > 4:
        return
    if isinstance(present, dict) and "properties" in schema:
        yield from _object(found, at, present, path)
    if isinstance(present, list) and present and isinstance(schema.get("items"), dict):
        yield from _value(found, join(at, "items"), present[0], [*path, 0])
        yield from _elements(found, join(at, "items"), present, path)


def _elements(
    found: _Misfits, pointer: str, present: list[Any], path: list[Any]
) -> Iterator[tuple[str, list[Any], Any]]:
    """Yield what breaks the members of a list's objects, of one for each set of members.

    Where objects of several kinds may stand in a list, each is broken as what it is.
    """
    seen = set()
    for index, element in enumerate(present):
        if not isinstance(element, dict) or frozenset(element) in seen:
            continue
        seen.add(frozenset(element))
        branch = _branch(found.contract.document, pointer, element)
        if index == 0 and branch == pointer:
            continue
        schema, at = lookup(found.contract.document, branch)
        for name in schema.get("required", ()):
            if name in element:
                yield "required", [*path, index, name], REMOVED
        for name in element:
            if name in schema.get("properties", {}):
                place = join(at, "properties", name)
                yield from _value(found, place, element[name], [*path, index, name])


def _branch(document: dict[str, Any], pointer: str, value: Mapping[str, Any]) -> str:
    """Return the pointer of the alternative that an object is of by its constants."""
    schema, at = lookup(document, pointer)
    for word in ("oneOf", "anyOf"):
        for index in range(len(schema.get(word, ()))):
            branch, _ = lookup(document, join(at, word, index))
            known = branch.get("properties", {})
            fixed = {name: each["const"] for name, each in known.items() if "const" in each}
            if fixed and all(value.get(name) == const for name, const in fixed.items()):
                return join(at, word, index)
    return pointer


def with_change(base: Any, path: list[Any], put: Any) -> Any:
    """Return a copy of a body with one place changed or removed."""
    body = copy.deepcopy(base)
    holder = body
    for part in path[:-1]:
        holder = holder[part]
    if put is REMOVED:
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = put
    return body
