"""How much of the contract a log touched: operations, declared statuses, fields, enum values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from conformance.evidence import Evidence
from contracts import Contract, Operation, lookup
from contracts.pointers import join

if TYPE_CHECKING:
    from conformance.result import Result


def count(result: Result) -> dict[str, dict[str, int]]:
    """Return `{what: {met, declared}}` for operations, statuses, request fields and enum values."""
    from conformance import profiles

    evidence = Evidence(result.log, result.contracts, profiles.load(result.provider))
    contract = result.contracts[0]
    declared: dict[str, set[tuple[str, ...]]] = {
        name: set() for name in ("operations", "statuses", "fields", "enum_values")
    }
    met: dict[str, set[tuple[str, ...]]] = {name: set() for name in declared}
    for operation in contract.operations:
        name = operation.id
        fields = dict(_fields(contract, operation))
        declared["operations"].add((name,))
        declared["statuses"] |= {(name, status) for status in operation.replies}
        declared["fields"] |= {(name, field) for field in fields}
        declared["enum_values"] |= {(name, f, str(v)) for f, vs in fields.items() for v in vs}
        for reading in evidence.of(name):
            met["operations"].add((name,))
            met["statuses"].add((name, str(reading.status)))
            sent: dict[str, Any] = {**reading.query, **reading.path_values, **reading.body}
            met["fields"] |= {(name, field) for field in sent}
            met["enum_values"] |= {
                (name, f, str(v)) for f, v in sent.items() if isinstance(v, str | int | float)
            }
    return {
        what: {"met": len(met[what] & places), "declared": len(places)}
        for what, places in declared.items()
    }


def _fields(contract: Contract, operation: Operation) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield each field or parameter of a request with the values its schema lists."""
    for parameter in operation.parameters:
        if parameter.location != "header":
            yield parameter.name, tuple(parameter.schema.get("enum", ()))
    if operation.body is None:
        return
    schema, at = lookup(contract.document, operation.body.pointer)
    for name in schema.get("properties", {}):
        found, _ = lookup(contract.document, join(at, "properties", name))
        options = found.get("enum", ()) if isinstance(found, dict) else ()
        yield name, tuple(options)
