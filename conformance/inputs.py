"""Valid request bodies and parameters, from the profile or from the contract's examples."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from conformance.profile import Profile
from contracts import Contract, Operation, lookup


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
