"""What Schemathesis' own checks say, one rule a check, one row an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from conformance.checks import CHECKS, applicable
from conformance.evidence import Evidence
from conformance.model import Case, Finding, Level, Tier
from conformance.rule import Rule
from conformance.setting import Setting
from conformance.worth import weighed
from contracts import Operation

AREA: Final = "generated"
# Every operation gets these; the others look at requests that are not generated for each.
_ALWAYS: Final = frozenset(
    {"not_a_server_error", "status_code_conformance", "response_schema_conformance"}
)
_ON_REQUESTS: Final = frozenset({"negative_data_rejection"})


def _needs(operation: Operation) -> frozenset[str]:
    """Return what a row needs: made-up ids are deleted on an understudy only."""
    return frozenset({"understudy"} if operation.method == "DELETE" else ())


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield one rule per check of the generator."""
    for name in applicable(setting.contract, setting.profile):
        sentence = CHECKS[name]
        rows = tuple(
            Case(each.id, required=name in _ALWAYS, operation=each.id, needs=_needs(each))
            for each in setting.contract.operations
        )
        yield Rule(
            f"{setting.profile.name}.generated.{name.replace('_', '-')}",
            sentence,
            f"contract, as Schemathesis checks it ({name})",
            AREA,
            check=weighed(
                _noted(name), "request" if name in _ON_REQUESTS else "reply", setting.profile
            ),
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
