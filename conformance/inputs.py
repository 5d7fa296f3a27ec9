"""Request bodies and parameters derived from a contract: valid ones, and one-fault mutations."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from conformance.judge import dotted
from conformance.profile import Profile
from conformance.sampling import joined, sample
from conformance.schemas import ALL, ANY, nodes
from contracts import Contract, Operation, lookup
from contracts.pointers import join

_WRONG: Final[dict[str, Any]] = {
    "string": 12345, "integer": "seven", "number": "much", "boolean": "perhaps",
    "array": "no list", "object": "no object",
}  # fmt: skip
_BAD_FORMAT: Final = {
    "uri": "not a url",
    "uuid": "not-a-uuid",
    "date-time": "yesterday",
    "date": "yesterday",
    "email": "nobody",
}
_LONGEST: Final = 100_000
_DEEPEST: Final = 5
_CLOSING: Final = ("additionalProperties", "unevaluatedProperties")
_NO_VERSION: Final = "7d9f3a52-1c64-0c0e-9a8b-5f2d61e0b3c4"


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


def example_body(operation: Operation, profile: Profile) -> Any:
    """Return a valid body: the profile's, else the contract's first example, else `{}`."""
    if operation.id in profile.bodies:
        return copy.deepcopy(profile.bodies[operation.id])
    if operation.body is None:
        return None
    for media in operation.body.content.values():
        for value in media.examples.values():
            return copy.deepcopy(value)
    return {}


def parameters(
    operation: Operation, contract: Contract, profile: Profile
) -> tuple[dict[str, str], dict[str, str]]:
    """Return valid query and path values: the profile's, else the contract's examples."""
    given = profile.parameters.get(operation.id)
    query: dict[str, str] = {}
    path: dict[str, str] = {}
    for parameter in operation.parameters:
        if parameter.location == "header":
            continue
        place = query if parameter.location == "query" else path
        if given is not None and parameter.name in given:
            place[parameter.name] = given[parameter.name]
        elif parameter.required or given is None:
            value = _parameter_example(contract, operation, parameter.name)
            if value is not None:
                place[parameter.name] = text(value)
            elif parameter.required:
                place[parameter.name] = "1"
    return query, path


def path_of(operation: Operation, values: Mapping[str, str]) -> str:
    """Return an operation's path with its variables filled."""
    path = operation.path
    for name, value in values.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path


def text(value: Any) -> str:
    """Return a value as query text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def body_mutations(contract: Contract, operation: Operation, base: Any) -> Iterator[Mutation]:
    """Yield bodies that each break one constraint of the body's schema."""
    if operation.body is None or not isinstance(base, dict):
        return
    reached = {"body"}
    for kind, path, put in _object(contract, operation.body.pointer, base, []):
        reached.add(dotted(path))
        yield Mutation(kind, dotted(path), body=_with(base, path, put))
    yield from _without_alternatives(contract, operation.body.pointer, base)
    yield from _deep(contract, operation.body.pointer, base, reached)


def _without_alternatives(contract: Contract, pointer: str, base: Any) -> Iterator[Mutation]:
    """Yield the body without any of the fields of which one at least is required."""
    schema, _ = lookup(contract.document, pointer)
    for word in ("anyOf", "oneOf"):
        needed = [each.get("required", ()) for each in schema.get(word, ())]
        if needed and all(needed):
            names = list(dict.fromkeys(name for each in needed for name in each))
            body = {name: value for name, value in base.items() if name not in names}
            yield Mutation("required", names[0], body=body, is_sure=False)


def _deep(contract: Contract, pointer: str, base: Any, reached: set[str]) -> Iterator[Mutation]:
    """Yield bodies broken where the base has nothing: it is put there first, then broken."""
    for node in nodes(contract.document, pointer):
        if ANY in node.path or len(node.path) > _DEEPEST:
            continue
        known = node.subject in reached or len(node.path) < 2
        changes: list[tuple[str, str, list[Any], Any]] = []
        path = [0 if step == ALL else step for step in node.path]
        if not known:
            changes += [(kind, node.subject, path, put) for kind, put in _wrong_values(node.schema)]
            changes += [
                ("required", f"{node.subject}.{name}", [*path, name], REMOVED)
                for name in node.schema.get("required", ())
            ]
        if any(node.schema.get(word) is False for word in _CLOSING):
            changes.append(("closed", node.subject or "body", [*path, "x_unknown_field"], "much"))
        whole = joined(base, sample(contract.document, pointer, node.path)) if changes else None
        for kind, subject, place, put in changes:
            if _reaches(whole, place):
                is_sure = not node.path
                yield Mutation(kind, subject, body=_with(whole, place, put), is_sure=is_sure)


def _reaches(body: Any, path: list[Any]) -> bool:
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
        types = _types(schema)
        if types & {"integer", "number", "boolean"} and "string" not in types:
            yield Mutation("type", name, query={**query, name: "perhaps"})
        for kind, value in _wrong_values(schema):
            if kind != "type":
                yield Mutation(kind, name, query={**query, name: text(value)})


REMOVED: Final = object()


def _object(
    contract: Contract, pointer: str, base: Mapping[str, Any], path: list[Any]
) -> Iterator[tuple[str, list[Any], Any]]:
    schema, at = lookup(contract.document, pointer)
    for name in schema.get("required", ()):
        if name in base:
            yield "required", [*path, name], REMOVED
    for name in schema.get("properties", {}):
        place = join(at, "properties", name)
        yield from _value(contract, place, base.get(name), [*path, name])


def _value(
    contract: Contract, pointer: str, present: Any, path: list[Any]
) -> Iterator[tuple[str, list[Any], Any]]:
    try:
        schema, at = lookup(contract.document, pointer)
    except LookupError:
        return
    if not isinstance(schema, dict):
        return
    for kind, value in _wrong_values(schema):
        yield kind, path, value
    if len(path) > 4:
        return
    if isinstance(present, dict) and "properties" in schema:
        yield from _object(contract, at, present, path)
    if isinstance(present, list) and present and isinstance(schema.get("items"), dict):
        yield from _value(contract, join(at, "items"), present[0], [*path, 0])


def _wrong_values(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield values that break a schema's own words, with the kind of constraint they break."""
    types = _types(schema)
    if types:
        wrong = next((v for t, v in _WRONG.items() if not _fits(v, types)), None)
        if wrong is not None:
            yield "type", wrong
        if "null" not in types:
            yield "type", None
    options = schema.get("enum")
    if options:
        yield "enum", _no_option(options)
        first = next(
            (each for each in options if isinstance(each, str) and each.swapcase() != each), None
        )
        if first is not None and first.swapcase() not in options:
            yield "enum", first.swapcase()
    yield from _beyond_bounds(schema, types)
    yield from _wrong_forms(schema)


def _beyond_bounds(schema: Mapping[str, Any], types: frozenset[str]) -> Iterator[tuple[str, Any]]:
    step = schema.get("multipleOf", 1 if "integer" in types else 0.5)
    if "minimum" in schema:
        yield "range", _number(schema["minimum"] - step)
    if "exclusiveMinimum" in schema:
        yield "range", schema["exclusiveMinimum"]
    if "maximum" in schema and abs(schema["maximum"]) < 2**53 - 1:
        yield "range", _number(schema["maximum"] + step)
    if "exclusiveMaximum" in schema:
        yield "range", schema["exclusiveMaximum"]
    if schema.get("multipleOf", 1) > 1:
        yield "range", schema.get("minimum", schema["multipleOf"]) + 1
    if "integer" in types and "number" not in types:
        yield "range", _number(schema.get("minimum", 1) + 0.5)
    if schema.get("minLength"):
        yield "range", "x" * (schema["minLength"] - 1)
    if "maxLength" in schema and schema["maxLength"] < _LONGEST:
        yield "range", "x" * (schema["maxLength"] + 1)
    if schema.get("minItems") == 1:
        yield "range", []


def _wrong_forms(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if schema.get("format") in _BAD_FORMAT:
        yield "format", _BAD_FORMAT[schema["format"]]
    elif "pattern" in schema:
        yield "format", "?!"
    if schema.get("format") == "uuid" and not re.search(schema.get("pattern", ""), _NO_VERSION):
        yield "format", _NO_VERSION


def _no_option(options: list[Any]) -> Any:
    if all(isinstance(each, int) and not isinstance(each, bool) for each in options):
        return max(options) + 1
    return "no-such-option"


def _fits(value: Any, types: frozenset[str]) -> bool:
    names = {str: {"string"}, int: {"integer", "number"}}
    return bool(names[type(value)] & types)


def _number(value: float) -> float:
    return int(value) if math.isfinite(value) and float(value).is_integer() else value


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    given = schema.get("type", ())
    return frozenset((given,) if isinstance(given, str) else given)


def _with(base: Any, path: list[Any], put: Any) -> Any:
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


def _parameter_example(contract: Contract, operation: Operation, name: str) -> Any:
    declared, _ = lookup(contract.document, operation.pointer)
    item, _ = lookup(contract.document, operation.pointer.rsplit("/", 1)[0])
    for holder in (declared, item):
        for parameter in holder.get("parameters", ()):
            if "$ref" in parameter:
                parameter, _ = lookup(contract.document, parameter["$ref"][1:])
            if parameter.get("name") != name:
                continue
            if "example" in parameter:
                return parameter["example"]
            for example in parameter.get("examples", {}).values():
                return example.get("value")
    return None
