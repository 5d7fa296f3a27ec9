"""Methods nobody declared, OPTIONS and HEAD, unknown paths and unknown ids. Never writes by GET."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance import inputs
from conformance.drivers.requests import right
from conformance.model import Tier
from conformance.probe import Probe
from conformance.setting import Setting

NAME: Final = "methods"
_WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")
UNKNOWN_ID: Final = "00000000-0000-4000-8000-00000000dead"


def probes(setting: Setting) -> Iterator[Probe]:
    """Yield probes for every chosen path, and for paths that do not exist."""
    declared: dict[str, set[str]] = {}
    for operation in setting.contract.operations:
        declared.setdefault(operation.path, set()).add(operation.method)
    seen: set[str] = set()
    for operation in setting.chosen():
        if operation.path in seen:
            continue
        seen.add(operation.path)
        methods = declared[operation.path]
        query, values = inputs.parameters(operation, setting.contract, setting.profile)
        path = inputs.path_of(operation, values)
        common: dict[str, Any] = {
            "path": path,
            "driver": NAME,
            "operation": operation.id,
            "subject": operation.path,
        }
        if "GET" in methods:
            yield Probe("HEAD", probe="methods.head", query=query, **common)
        elif setting.judges[0].match("GET", path) is None:
            yield Probe("GET", probe="methods.undeclared", **common)
        yield Probe("OPTIONS", probe="methods.options", credentials=(), **common)
        for method in _WRITING:
            if method not in methods and setting.judges[0].match(method, path) is None:
                yield Probe(method, probe="methods.undeclared", tier=Tier.FUZZ, **common)
    for operation in setting.chosen():
        if operation.method in ("GET", "DELETE") and "{" in operation.path:
            _, values = inputs.parameters(operation, setting.contract, setting.profile)
            where = inputs.path_of(operation, dict.fromkeys(values, UNKNOWN_ID))
            tier = Tier.FREE if operation.method == "GET" else Tier.FUZZ
            yield right(setting, operation, NAME, "methods.unknown-id", path=where, tier=tier)
    yield Probe("GET", setting.profile.unknown_path, NAME, "methods.unknown-path")
    yield Probe("GET", setting.profile.unknown_path, NAME, "methods.unknown-path", credentials=())
