"""Constraints of requests that are not enforced: each word of a schema taken out of the contract.

A fault answers as accepted what the contract refuses and the contract without that word takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from conformance.judge import Judge
from conformance.reading import Reading
from conformance.schemas import Node, nodes, types
from conformance.selftest.derived.schemas import altered, without
from conformance.selftest.fault import Change, Fault, Memory, Reply
from contracts import Contract, Operation, Parameter
from contracts.pointers import tokens

_WORDS: Final = (
    "enum", "const", "type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minLength", "maxLength", "pattern", "format", "minItems", "maxItems",
    "uniqueItems", "additionalProperties", "unevaluatedProperties", "minProperties", "not",
)  # fmt: skip
_CLOSING: Final = ("additionalProperties", "unevaluatedProperties")
_REFUSALS: Final = frozenset({400, 422})
_LONGEST: Final = 200_000
_Make = Callable[[], Contract]


def faults(contract: Contract, operation: Operation) -> Iterator[Fault]:
    """Yield one fault per constraint of an operation's body and parameters."""
    times: Counter[str] = Counter()
    for name, make in _relaxed(contract, operation):
        times[name] += 1
        tail = f"~{times[name]}" if times[name] > 1 else ""
        yield Fault(
            f"{operation.id}.request.{name}{tail}",
            operation.id,
            f"takes what {name} refuses",
            _unenforced(operation, make),
            "request",
        )


def _relaxed(contract: Contract, operation: Operation) -> Iterator[tuple[str, _Make]]:
    """Yield each constraint's name with a maker of the contract that lacks it."""
    for parameter in operation.parameters:
        if parameter.location != "query":
            continue
        if parameter.required:
            yield f"{parameter.name}.required", partial(_optional, contract, operation, parameter)
        for node in nodes(contract.document, parameter.pointer, (parameter.name,)):
            yield from _of(contract, node, is_text=True)
    if operation.body is not None:
        for node in nodes(contract.document, operation.body.pointer):
            yield from _of(contract, node)


def _of(contract: Contract, node: Node, *, is_text: bool = False) -> Iterator[tuple[str, _Make]]:
    schema = node.schema
    for name in schema.get("required", ()):
        place = ".".join((*node.path, name))
        yield f"{place}.required", partial(_without, contract, node, "required", name)
    # Where the options are listed, the type says nothing more.
    idle = {"type"} if {"enum", "const"} & set(schema) else set()
    idle |= {word for word in _CLOSING if schema.get(word) is not False}
    if "pattern" in schema:
        # A pattern beside it says the same, and more.
        idle |= {"format"}
    if is_text and "string" in types(schema):
        # Whatever stands in a query is a text.
        idle |= {"type"}
    for word in _WORDS:
        if word in schema and word not in idle:
            yield f"{node.name}.{word}", partial(_without, contract, node, word, "")


def _without(contract: Contract, node: Node, word: str, item: str) -> Contract:
    document = without(contract.document, tokens(node.pointer), word, item)
    return altered(contract, document=document)


def _optional(contract: Contract, operation: Operation, parameter: Parameter) -> Contract:
    parameters = tuple(
        altered(each, required=False) if each is parameter else each
        for each in operation.parameters
    )
    changed = altered(operation, parameters=parameters)
    operations = tuple(changed if each is operation else each for each in contract.operations)
    return altered(contract, operations=operations)


def _unenforced(operation: Operation, make: _Make) -> Change:
    judges: list[Judge] = []

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if reading.operation is None or reading.operation.id != operation.id:
            return None
        if reading.status not in _REFUSALS or len(reading.exchange.request_body) > _LONGEST:
            return None
        if not reading.is_invalid:
            return None
        if not judges:
            judges.append(Judge(make()))
        is_taken = Reading(reading.exchange, tuple(judges)).is_valid
        return memory.successes.get(operation.id) if is_taken else None

    return run
