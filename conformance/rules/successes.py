"""A success is no failure: it holds no error beside its answer, unless its schema says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.setting import Setting
from contracts import Operation

AREA: Final = "contract"
_ERRORS: Final = ("error", "errors")


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield one rule for every operation whose success is JSON without a place for an error."""
    for operation in setting.contract.operations:
        if not _is_errorless(operation):
            continue
        place = f"{operation.method} {operation.path}"
        yield Rule(
            f"{setting.profile.name}.{operation.id}.no-error-beside",
            f"A success of {place} has no member error or errors, which its schema does not name.",
            "suite: clients take a reply with an error for a failure",
            AREA,
            check=_no_error(operation),
            provenance="assumed",
            operation=operation.id,
            tier=_tier(setting, operation),
            drivers=("positive", "modes", "lifecycle", "generator"),
            # Nothing but a lifecycle deletes what exists, and a file or a redirect is no JSON.
            cases=(Case("", required=operation.method != "DELETE" and _is_json_alone(operation)),),
        )


def _tier(setting: Setting, operation: Operation) -> Tier:
    """Return the tier in which an operation succeeds."""
    if operation.id in setting.profile.hard_to_succeed:
        return Tier.PAID
    return Tier.FUZZ if setting.is_creation(operation) else Tier.FREE


def _is_errorless(operation: Operation) -> bool:
    """Whether a success is an object whose schema names members, and none of them is an error."""
    for status, spec in operation.replies.items():
        if status.startswith("2"):
            schemas = [media.schema for kind, media in spec.content.items() if "json" in kind]
            return bool(schemas) and all(_names_no_error(schema) for schema in schemas)
    return False


def _is_json_alone(operation: Operation) -> bool:
    """Whether every success is declared as JSON, and none as a redirect."""
    fine = {status: spec for status, spec in operation.replies.items() if status[0] in "23"}
    kinds = {kind for spec in fine.values() for kind in spec.content}
    return all(status[0] == "2" for status in fine) and all("json" in kind for kind in kinds)


def _names_no_error(schema: dict[str, Any]) -> bool:
    names = schema.get("properties", {})
    return bool(names) and not any(name in names for name in _ERRORS)


def _no_error(operation: Operation) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.successes(operation.id):
            if reading.exchange.method == operation.method and reading.is_json_reply:
                found = _beside(reading)
                yield check(not found, reading, f"a success with {found}")

    return run


def _beside(reading: Reading) -> str:
    return ", ".join(name for name in _ERRORS if reading.answer.get(name))
