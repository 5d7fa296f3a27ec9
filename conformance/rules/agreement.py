"""Two judges read every reply, jsonschema and openapi-core; where they differ, somebody must look.

The verdict on a reply is the first judge's, so that a peculiarity of the second fails nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.contract import AREA, DRIVERS, breaks_header
from conformance.setting import Setting

FIRST: Final = "jsonschema"
SECOND: Final = "openapi-core"


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the provider's one rule, with a row for every operation."""
    yield Rule(
        f"{setting.profile.name}.replies.second-opinion",
        f"{FIRST} and {SECOND} say the same of every declared JSON reply: that it fits its schema "
        "and headers, or that it does not.",
        "suite: two readers of one contract; where they differ, one has a bug",
        AREA,
        check=_agree,
        level=Level.SHOULD,
        provenance="assumed",
        # The second judge is slow to import, and tier free is to be quick.
        tier=Tier.VALIDATION,
        drivers=DRIVERS,
        cases=tuple(
            Case(each.id, Tier.VALIDATION, required=False, operation=each.id)
            for each in setting.contract.operations
        ),
    )


def _agree(evidence: Evidence) -> Iterator[Finding]:
    for operation in evidence.contract.operations:
        for reading in evidence.of(operation.id):
            if _is_for_both(reading):
                words = _difference(evidence, reading)
                yield check(not words, reading, words, operation.id)


def _is_for_both(reading: Reading) -> bool:
    """Whether a reply is one JSON document, of a status and content type that are declared."""
    if reading.reply.fault or not reading.is_json_reply:
        return False
    return any(reading.content_type in spec.content for spec in reading.specs())


def _difference(evidence: Evidence, reading: Reading) -> str:
    """Return in what the two differ, empty if they agree."""
    first, second = _first_says(reading), evidence.second.fault(reading)
    if bool(first) == bool(second):
        return ""
    if first:
        return f"{FIRST} refuses what {SECOND} takes: {first}"
    return f"{SECOND} refuses what {FIRST} takes: {second}"


def _first_says(reading: Reading) -> str:
    if reading.reply_faults:
        return f"{reading.reply_faults[0].subject or 'the body'}: {reading.reply_faults[0].message}"
    return breaks_header(reading)
