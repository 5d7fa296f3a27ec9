"""Whether an answer keeps the contract: a declared status, and a body that meets its schema.

Reads the contract on its own, so that the judge is not the one that made the answer.
"""

import re
from functools import cache
from typing import cast
from urllib.parse import quote

import jsonschema_rs

from contracts import Contract, Dialect, Operation, load
from tests.exchanges.client import Answer


def broken_promises(
    provider: str, dialect: str, method: str, path: str, answer: Answer
) -> list[str]:
    """Return what an answer to a declared operation breaks; nothing for one to anything else."""
    contract = _contract(provider, dialect)
    operation = _operation(contract, method, path)
    if operation is None:
        return []
    status = str(answer.status)
    names = (status, f"{status[0]}XX", "default")
    spec = next((operation.replies[name] for name in names if name in operation.replies), None)
    if spec is None:
        return [f"{operation.id} does not declare the status {status}"]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if not spec.content:
        return []  # nothing is promised of the body, nor that there is none
    if kind not in spec.content:
        return [f"{operation.id} does not declare {kind!r} for {status}"]
    if kind != "application/json":
        return []
    judge = _validator(provider, dialect, spec.content[kind].pointer)
    return [
        f"{operation.id} {status} {error.instance_path}: {error.message}"
        for error in judge.iter_errors(answer.json())
    ]


@cache
def _contract(provider: str, dialect: str) -> Contract:
    return load(provider, cast("Dialect", dialect))


@cache
def _validator(provider: str, dialect: str, pointer: str) -> jsonschema_rs.Draft202012Validator:
    document = _contract(provider, dialect).document
    return jsonschema_rs.Draft202012Validator(
        {"$ref": "urn:oas#" + quote(pointer, safe="/~")},
        registry=jsonschema_rs.Registry([("urn:oas", document)]),
        validate_formats=True,
    )


def _operation(contract: Contract, method: str, path: str) -> Operation | None:
    """Return the operation of a method and concrete path, literal paths first."""
    fitting = [
        operation
        for operation in contract.operations
        if operation.method == method
        and re.fullmatch(re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(operation.path)), path)
    ]
    return min(fitting, key=lambda operation: operation.path.count("{"), default=None)
