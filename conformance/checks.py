"""The checks of Schemathesis that become rules: what each says, and each asked of one exchange."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.judge import fits_header
from conformance.profile import Profile
from conformance.reading import Reading
from contracts import Contract

CHECKS: Final = {
    "not_a_server_error": "No generated request ends in a server error.",
    "status_code_conformance": "Generated requests get declared statuses only.",
    "content_type_conformance": "Replies to generated requests have a declared content type.",
    "response_headers_conformance": "Replies to generated requests have the declared headers.",
    "response_schema_conformance": "Replies to generated requests fit their schema.",
    "negative_data_rejection": "Generated requests that break the schema are refused.",
    "positive_data_acceptance": "Generated requests that fit the schema are not refused.",
    "ignored_auth": "Generated requests without a credential, or with a made-up one, are refused.",
    "unsupported_method": "Methods that are not declared are refused.",
}


def applicable(contract: Contract, profile: Profile) -> tuple[str, ...]:
    """Return the checks that can find anything: what declares headers has them judged.

    The checks on created and deleted resources are left to the lifecycles: they want a read below
    the creation's path, linked to a deletion, which no provider has.
    """
    idle = set(profile.skipped_checks)
    replies = [spec for operation in contract.operations for spec in operation.replies.values()]
    if not any(spec.headers for spec in replies):
        idle.add("response_headers_conformance")
    return tuple(name for name in CHECKS if name not in idle)


def judged_again(check: str, reading: Reading, profile: Profile) -> tuple[bool, str]:
    """Return whether a generated exchange that was sent again holds a check, and what it said.

    The generator's own check needs its case, which is gone; this asks the same of the exchange.
    """
    operation = reading.operation.id if reading.operation else ""
    status, excused = reading.status, profile.refuses_valid.get(operation, ())
    declared = bool(reading.specs())
    said = f"{status}, again"
    if check == "not_a_server_error":
        return status < 500 or status in excused, said
    if check == "status_code_conformance":
        return declared, said
    if check == "content_type_conformance":
        kinds = {kind for spec in reading.specs() for kind in spec.content}
        return not kinds or reading.content_type in kinds, f"{reading.content_type}, again"
    if check == "response_headers_conformance":
        return all(_headers_fit(reading)), said
    if check == "response_schema_conformance":
        faults = reading.reply_faults
        if not faults and reading.is_json_reply:
            return not reading.reply.fault, said
        return not faults, faults[0].message if faults else said
    if check == "negative_data_rejection":
        return not reading.is_invalid or not reading.is_success, said
    if check == "positive_data_acceptance":
        return not reading.is_valid or reading.is_success or status in excused, said
    if check == "ignored_auth":
        return reading.is_authorized or status in profile.refused, said
    return status in (404, 405), said


def _headers_fit(reading: Reading) -> Iterator[bool]:
    """Yield of each declared header whether it is there if it must be, and fits its schema."""
    for spec in reading.specs()[:1]:
        for name, header in spec.headers.items():
            value = reading.exchange.reply_header(name)
            yield (
                not header.get("required")
                if value is None
                else fits_header(value, header.get("schema", {}))
            )
