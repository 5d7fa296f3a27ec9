"""What Schemathesis' own checks say, one rule a check, one row an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from conformance.evidence import Evidence
from conformance.model import Case, Finding, Level, Rule, Tier
from conformance.setting import Setting

AREA: Final = "generated"
CHECKS: Final = {
    "not_a_server_error": "No generated request ends in a server error.",
    "status_code_conformance": "Generated requests get declared statuses only.",
    "content_type_conformance": "Replies to generated requests have a declared content type.",
    "response_headers_conformance": "Replies to generated requests have the declared headers.",
    "response_schema_conformance": "Replies to generated requests fit their schema.",
    "negative_data_rejection": "Generated requests that break the schema are refused.",
    "positive_data_acceptance": "Generated requests that fit the schema are not refused.",
    "ignored_auth": "Generated requests without a credential, or with a made-up one, are refused.",
    "use_after_free": "What was deleted cannot be read any more.",
    "ensure_resource_availability": "What was created can be read.",
    "unsupported_method": "Methods that are not declared are refused.",
}
# Every operation gets these; the others look at requests that are not generated for each.
_ALWAYS: Final = frozenset(
    {"not_a_server_error", "status_code_conformance", "response_schema_conformance"}
)


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield one rule per check of the generator."""
    operations = [operation.id for operation in setting.contract.operations]
    for name, sentence in CHECKS.items():
        rows = tuple(Case(each, required=name in _ALWAYS, operation=each) for each in operations)
        yield Rule(
            f"{setting.profile.name}.generated.{name.replace('_', '-')}",
            sentence,
            f"contract, as Schemathesis checks it ({name})",
            AREA,
            check=_noted(name),
            tier=Tier.FUZZ,
            needs=frozenset({"generator"}),
            drivers=("generator",),
            cases=rows,
            # It also wants an Allow header, whose lack is no more than a SHOULD.
            level=Level.SHOULD if name == "unsupported_method" else Level.MUST,
        )


def _noted(name: str) -> Callable[[Evidence], Iterator[Finding]]:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for note in evidence.notes(name):
            yield Finding(note.holds, note.exchange, note.message, note.operation)

    return run
