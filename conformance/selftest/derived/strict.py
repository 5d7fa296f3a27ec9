"""Servers that are too strict: each refuses one legal value of one field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.mutations import CLOSING
from conformance.reading import Reading
from conformance.schemas import ALL, Node, nodes, types
from conformance.selftest import changes as c
from conformance.selftest.fault import Fault, refusal
from contracts import Contract, Operation

_REFUSALS: Final = frozenset({0, 400, 422, 429})
_LARGEST: Final = 2**53 - 1
Refuses = Callable[[Any], bool]


def faults(contract: Contract, operation: Operation) -> Iterator[Fault]:
    """Yield one fault for every option, exact bound and null that a field may have or lack."""
    seen: set[str] = set()
    is_text = operation.body is None
    for node in _nodes(contract, operation):
        for word, refuses in _refusals(node, is_text=is_text):
            name = f"{operation.id}.refuses.{node.name}={word}"
            if name not in seen:
                seen.add(name)
                yield _fault(operation, name, f"refuses {node.name} of {word}",
                             _has(node, refuses))  # fmt: skip
    schema = operation.body.schema if operation.body else {}
    for name in schema.get("properties", {}):
        if name not in schema.get("required", ()):
            yield _fault(operation, f"{operation.id}.refuses.no-{name}",
                         f"refuses a request without {name}", _lacks(name))  # fmt: skip


def _fault(operation: Operation, name: str, sentence: str, when: c.When) -> Fault:
    touched = c.both(_taken(operation), when)
    return Fault(name, operation.id, sentence, c.answered(touched, lambda r, m: refusal(400)),
                 "request")  # fmt: skip


def _taken(operation: Operation) -> c.When:
    """Touch valid requests that are not refused as if they were none."""
    return lambda r: (
        r.operation is not None
        and r.operation.id == operation.id
        and r.status not in _REFUSALS
        and r.is_authorized
        and r.is_valid
    )


def _nodes(contract: Contract, operation: Operation) -> Iterator[Node]:
    for parameter in operation.parameters:
        if parameter.location == "query":
            yield from nodes(contract.document, parameter.pointer, (parameter.name,))
    if operation.body is not None:
        yield from (each for each in nodes(contract.document, operation.body.pointer) if each.path)


def _refusals(node: Node, *, is_text: bool) -> Iterator[tuple[str, Refuses]]:
    schema = node.schema
    for option in schema.get("enum", ()):
        if option is not None:
            yield str(option), _is(option)
    for word in ("minimum", "maximum"):
        if word in schema and abs(schema[word]) < _LARGEST:
            yield word, _is(str(schema[word]) if is_text else schema[word])
    if "null" in types(schema) and node.path[-1] != ALL:
        yield "null", lambda value: value is None
    if "object" in types(schema) and not any(schema.get(word) is False for word in CLOSING):
        yield "unknown", lambda value: isinstance(value, dict) and "x_unknown_field" in value
    if schema.get("format") == "uuid":
        yield "capitals", lambda value: isinstance(value, str) and value != value.lower()


def _is(wanted: Any) -> Refuses:
    return lambda value: value == wanted and isinstance(value, bool) is isinstance(wanted, bool)


def _has(node: Node, refuses: Refuses) -> c.When:
    def run(reading: Reading) -> bool:
        body = reading.request.value
        whole = body if isinstance(body, dict) else dict(reading.query)
        return any(refuses(holder[key]) for holder, key in c.places(whole, node.path))

    return run


def _lacks(name: str) -> c.When:
    return lambda reading: name not in reading.body
