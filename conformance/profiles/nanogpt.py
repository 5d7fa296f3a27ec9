"""NanoGPT: what costs money. Every operation that writes and is not listed bills."""

from __future__ import annotations

from typing import Any, Final

from conformance.profile import Creation, Profile


def _ids(answer: Any) -> tuple[str, ...]:
    given = answer.get("runId") if isinstance(answer, dict) else None
    return (given,) if isinstance(given, str) else ()


PROFILE: Final = Profile(
    name="nanogpt",
    creations=(Creation("createVideo", ids=_ids), Creation("extendVideo", ids=_ids)),
    harmless=frozenset({"checkBalance"}),
    # These read or continue a run, so they succeed in a lifecycle only.
    hard_to_succeed=frozenset(
        {
            "extendVideo",
            "getVideoStatus",
            "getVideoStatusDeprecated",
            "getStoryStatus",
            "getVideoContent",
        }
    ),
    unknown_path="/api/no-such-operation",
)
