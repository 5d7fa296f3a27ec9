"""Where Schemathesis expects less than a provider documents: which statuses, and why.

A row belongs to one operation and one check of Schemathesis, whose expected statuses grow by
`statuses`. Nothing here turns a check off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts import Dialect

ACCEPTED: Final = "positive_data_acceptance"
REJECTED: Final = "negative_data_rejection"
NO_SERVER_ERROR: Final = "not_a_server_error"

_DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    ACCEPTED: ("2xx", "3xx", "401", "403", "404", "409", "429", "5xx"),
    REJECTED: ("400", "401", "403", "404", "405", "406", "409", "415", "422", "428", "429", "5xx"),
    NO_SERVER_ERROR: ("2xx", "3xx", "4xx"),
}
"""What Schemathesis expects by itself; a configuration replaces it, so it stands here again."""


@dataclass(frozen=True, slots=True)
class Widening:
    """One operation, one check, more statuses, and the reason."""

    provider: str
    dialects: tuple[Dialect, ...]
    operation: str
    check: str
    statuses: tuple[str, ...]
    reason: str


def _refuses(provider: str, operation: str, reason: str, *more: Dialect) -> Widening:
    return Widening(provider, ("documented", *more), operation, ACCEPTED, ("400",), reason)


_MODEL: Final = (
    "what a model takes (durations, sizes, frames, elements, seeds) depends on the model"
)
_IMAGE: Final = "the image named must be one of the account's"

WIDENINGS: Final = (
    _refuses("recoup", "createContent", "a template must be one of the list", "live"),
    _refuses("recoup", "listRuns", "`limit` is 1 to 100 in a list, and free beside `runId`"),
    _refuses("nanogpt", "createVideo", _MODEL),
    _refuses("nanogpt", "getVideoStatus", "one of the two names of the id is required"),
    _refuses("leonardo", "createImageToVideoGeneration", f"{_MODEL}; {_IMAGE}"),
    _refuses("leonardo", "createTextToVideoGeneration", _MODEL),
    _refuses("leonardo", "createSVDMotionGeneration", _IMAGE),
    _refuses("leonardo", "createVideoUpscale", "the video named must be one of the account's"),
    _refuses("leonardo", "createGeneration", f"an unknown model, too many large images; {_IMAGE}"),
    _refuses("leonardo", "createVariationUpscale", _IMAGE),
    _refuses("leonardo", "createVariationUnzoom", _IMAGE),
    _refuses("leonardo", "createVariationNoBG", _IMAGE),
    _refuses("leonardo", "CreateUniversalUpscalerJob", f"exactly one of three ids; {_IMAGE}"),
    Widening(
        "recoup",
        ("live",),
        "createImage",
        REJECTED,
        ("200",),
        "a body that is no JSON text counts as {}, and no field is required",
    ),
    Widening(
        "recoup",
        ("live",),
        "createVideo",
        NO_SERVER_ERROR,
        ("500",),
        "without an image the model provider fails, and its message is passed on",
    ),
    Widening(
        "recoup",
        ("live",),
        "listRuns",
        NO_SERVER_ERROR,
        ("500",),
        "the job queue's own message for an unknown run is passed on",
    ),
    Widening(
        "recoup",
        ("live",),
        "validateContent",
        NO_SERVER_ERROR,
        ("500",),
        "an artist's id that is no UUID makes the database fail",
    ),
)


def of(provider: str, dialect: Dialect) -> list[Widening]:
    """The rows of one contract in one dialect."""
    return [row for row in WIDENINGS if row.provider == provider and dialect in row.dialects]


def configuration(provider: str, dialect: Dialect) -> list[dict[str, Any]]:
    """The rows of one contract as Schemathesis' configuration has them: one entry an operation."""
    checks: dict[str, dict[str, Any]] = {}
    for row in of(provider, dialect):
        expected = [*_DEFAULTS[row.check], *row.statuses]
        checks.setdefault(row.operation, {})[row.check] = {"expected-statuses": expected}
    return [{"include-operation-id": name, "checks": held} for name, held in checks.items()]
