"""Submissions of NanoGPT with moderation headers: what they switch on, off, and contradict.

Source: [docs: inline-moderation].
"""

from __future__ import annotations

from typing import Final

from conformance.profiles import nanogpt_bodies as bodies

Headers = tuple[tuple[str, str], ...]

ON: Final = frozenset({"true", "1", "yes", "on"})
OFF: Final = frozenset({"", "false", "0", "no", "off"})
CODES: Final = frozenset(
    {
        "conflicting_moderation_model",
        "unsupported_moderation_input",
        "empty_moderation_input",
        "content_policy_violation",
    }
)
_DEFAULT: Final = "omni-moderation-latest"
_OTHER: Final = "meta-llama/llama-guard-4-12b"

TAKEN: Final[dict[str, Headers]] = {
    **{f"moderation {word}": (("moderation", word),) for word in sorted((ON | OFF) - {""})},
    "a model id": (("moderation", _DEFAULT),),
    "a model twice": (("moderation", _DEFAULT), ("moderation-model", _DEFAULT)),
    "a model beside true": (("moderation", "true"), ("moderation-model", _DEFAULT)),
    "moderation-model alone": (("moderation-model", _OTHER),),
}

REFUSED: Final[dict[str, tuple[bodies.Body, Headers, str]]] = {
    "conflict": (
        bodies.TEXT,
        (("moderation", _OTHER), ("moderation-model", _DEFAULT)),
        "conflicting_moderation_model",
    ),
    "image": (
        {**bodies.STILL, "image": "iVBORw0KGgo="},
        (("moderation", "true"),),
        "unsupported_moderation_input",
    ),
    "nothing": (
        bodies.KINDS["upscale"],
        (("moderation", "true"),),
        "empty_moderation_input",
    ),
}
"""Request, headers, and the code of the refusal."""

WORDS: Final = {
    "content_policy_violation": "Your request was blocked by content moderation.",
    "conflicting_moderation_model": "Conflicting moderation headers.",
    "unsupported_moderation_input": "Inline moderation does not support one or more submitted "
    "image inputs. Use an HTTP(S) image URL or data:image URL instead.",
}
"""The message of a refusal by its code, where the document gives one."""
