"""What NanoGPT's models take and refuse: kinds, needs, other names of fields, bounds, sizes.

Rows about a model that the target does not list are not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_inputs as inputs
from conformance.profiles import nanogpt_offers as offers
from conformance.reading import Reading
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]
_START: Final = "nanogpt.createVideo"
_TAKEN: Final = frozenset({200, 201, 202})
_REFUSED: Final = frozenset({400, 422})
_ELSE: Final = frozenset({402, 429, 503})


def rules() -> Iterator[Rule]:
    """Yield the rules of what a request may hold, one a table of probes."""
    yield from _taken()
    yield from _refused()


def _rule(
    name: str,
    sentence: str,
    source: str,
    probe: str,
    statuses: Collection[int],
    rows: Collection[str] = ("",),
    **changes: Any,
) -> Rule:
    given: dict[str, Any] = {
        "area": "models",
        "operation": "createVideo",
        "tier": Tier.FUZZ,
        "drivers": ("modes",),
        "cases": tuple(Case(row) for row in rows),
    }
    answers = _answers(probe, statuses)
    return Rule(f"{_START}.{name}", sentence, source, check=answers, **{**given, **changes})


def _taken() -> Iterator[Rule]:
    yield _rule(
        "kinds",
        "Every kind of model takes the inputs that its documentation shows, without a mode.",
        "[docs: video-generation] samples; [seed] fields by kind",
        "kinds",
        _TAKEN,
        bodies.KINDS,
    )
    yield _rule(
        "image-names",
        "A source image may be given by any of its four names, as a link or a data URL.",
        "[seed] imageDataUrl, imageUrl, image_data_url, image",
        "aliases",
        _TAKEN,
        inputs.ALIASES,
    )
    yield _rule(
        "media-names",
        "A source video or a sound may be given inline or as a link, in video where the model says "
        "so; a picture beats an attachment that is named beside it.",
        "[seed] videoDataUrl, video, audioDataUrl, imageAttachmentId",
        "media-names",
        _TAKEN,
        cases=tuple(Case(row, required=False) for row in inputs.MEDIA_NAMES),
    )
    yield _rule(
        "spellings",
        "A duration may be a text, a number, or for Veo 2 a text with its unit; a seed a number or "
        "a text.",
        "[seed] duration, seed; [openapi] duration; [docs: video-extend] example",
        "spellings",
        _TAKEN,
        inputs.SPELLINGS,
    )
    yield _rule(
        "unknown-keys",
        "Keys that it does not know are ignored, other spellings of known ones too.",
        "[seed] unknown keys; [client: n8n-nodes-nano-gpt]",
        "foreign-words",
        _TAKEN,
        inputs.FOREIGN_WORDS,
    )
    yield _rule(
        "bounds",
        "A value at the end of its range is taken.",
        "[seed] cfg_scale, num_inference_steps, frames_per_second, voice_speed",
        "edges",
        _TAKEN,
        inputs.EDGES,
    )
    yield _rule(
        "pro",
        "A resolution for pro mode is taken with pro mode, by both its names.",
        "[seed] pro_mode / pro; [docs: video-generation] Sora 2",
        "pro",
        _TAKEN,
        inputs.PRO,
    )
    yield _rule(
        "inline",
        "An inline image of two megabytes is taken.",
        "[docs: video-generation] inline uploads up to 4 MB",
        "inline-small",
        _TAKEN,
        area="validation",
    )


def _refused() -> Iterator[Rule]:
    yield _rule(
        "needs",
        "A request without what its model needs is refused with 400.",
        "[seed] prompt, media, voice_id, script; [docs: video-extend]; [docs-history: 2025-08-24]",
        "missing",
        _REFUSED,
        cases=(
            *(Case(row) for row in inputs.MISSING),
            *(Case(row, required=False) for row in offers.lacking()),
        ),
    )
    yield _rule(
        "extra-media",
        "Media that the model does not take are refused with 400.",
        "[seed] extra media often give a validation error",
        "extra-media",
        _REFUSED,
        inputs.EXTRA_MEDIA,
        level=Level.SHOULD,
    )
    yield _rule(
        "offers",
        "A value that the model does not offer is refused with 400.",
        "[docs: video-generation] values by model; that others are refused is assumed",
        "not-offered",
        _REFUSED,
        inputs.NOT_OFFERED,
        provenance="assumed",
    )
    yield _rule(
        "unknown-model",
        "An unknown model is refused with 400 or 404.",
        "[docs: error-handling] model_not_found",
        "no-model",
        {*_REFUSED, 404},
    )
    yield _rule(
        "pro-required",
        "A resolution for pro mode is refused without pro mode.",
        "[docs: video-generation] PRO_REQUIRED, Sora 2",
        "pro-refused",
        {*_REFUSED, 402, 403},
    )
    yield _rule(
        "inline-limit",
        "An inline image over four megabytes is refused: with 413, 400 or another of the 4xx.",
        "[docs: video-generation] inline uploads up to 4 MB; which status is not said",
        "inline-large",
        set(range(400, 500)),
        area="validation",
    )
    yield Rule(
        f"{_START}.pro-required-type",
        "A refusal for want of pro mode has the type PRO_REQUIRED.",
        "[docs: video-generation] error types",
        "errors",
        _pro_type,
        level=Level.SHOULD,
        operation="createVideo",
        tier=Tier.FUZZ,
        drivers=("modes",),
    )


def _answers(probe: str, statuses: Collection[int]) -> Check:
    words = " or ".join(str(status) for status in sorted(statuses))
    words = "2xx" if set(statuses) == _TAKEN else words

    def run(evidence: Evidence) -> Iterator[Finding]:
        offered = models(evidence)
        for reading in evidence.probed(probe):
            model = reading.body.get("model")
            is_told = reading.status in statuses or reading.status not in _ELSE
            if is_told and (not offered or model in (*offered, bodies.NO_MODEL)):
                case = reading.exchange.subject
                text = f"{case or 'the request'} got {reading.status}, not {words}"
                yield check(reading.status in statuses, reading, text, case)

    return run


def models(evidence: Evidence) -> frozenset[str]:
    """Return the ids of the video models that the target lists, none if it lists nothing."""
    return frozenset(
        str(entry.get("id"))
        for reading in evidence.successes("listVideoModels")
        for entry in entries(reading)
    )


def entries(reading: Reading) -> list[dict[str, Any]]:
    """Return the entries of a list, which stand in `data`."""
    data = reading.answer.get("data")
    return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []


def _pro_type(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("pro-refused"):
        error = reading.answer.get("error")
        if 400 <= reading.status < 500 and reading.status != 429:
            found = error.get("type") if isinstance(error, dict) else None
            yield check(found == "PRO_REQUIRED", reading, f"the type is {found!r}")
