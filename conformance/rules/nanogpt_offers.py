"""Whether NanoGPT's models take the lengths, shapes and sizes that they offer, and no others.

A model that the target does not list is not judged. Models change: where a target's own catalogue
contradicts the documents about a value, what it does is held against it as an assumption only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.nanogpt_models import entries

_FLAT: Final = {
    "duration": "durations",
    "seconds": "durations",
    "aspect_ratio": "aspect_ratios",
    "resolution": "resolutions",
}
_REFUSED: Final = frozenset({400, 422})
_ELSE: Final = frozenset({0, 402, 429, 503})


def rules() -> Iterator[Rule]:
    """Yield the rules of what models offer."""
    common: dict[str, Any] = {
        "area": "models",
        "operation": "createVideo",
        "tier": Tier.FUZZ,
        "drivers": ("modes",),
        "cases": (Case("", required=False),),
    }
    yield Rule(
        "nanogpt.createVideo.model-values",
        "Every length, shape and size that the documents, or the target's own catalogue, give a "
        "model is taken.",
        "[docs: video-generation]; [docs: video-extend]; [docs-history: 2026-01-17]; "
        "[docs: video-models]",
        check=_offered,
        **{**common, "drivers": ("modes", "lifecycle")},
    )
    yield Rule(
        "nanogpt.createVideo.model-limits",
        "A length, shape or size that a model does not offer is refused with 400.",
        "[seed] limits vary by model; [docs: video-generation]; that others are refused is assumed",
        check=_others,
        provenance="assumed",
        **common,
    )


def _offered(evidence: Evidence) -> Iterator[Finding]:
    listed = _listed(evidence)
    for reading in _sent(evidence, "model-values", listed):
        lists = _lists(listed[str(reading.body["model"])])
        contradicted = [
            name
            for name, known in lists.items()
            if name in reading.body and str(reading.body[name]) not in known
        ]
        words = f"{reading.exchange.subject} got {reading.status}, not 2xx"
        found = check(reading.is_success, reading, words)
        yield replace(found, provenance="assumed") if contradicted else found


def _others(evidence: Evidence) -> Iterator[Finding]:
    listed = _listed(evidence)
    for reading in _sent(evidence, "model-limits", listed):
        name, _, value = reading.exchange.subject.partition(": ")[2].partition(" ")
        if value not in _lists(listed[str(reading.body["model"])]).get(name, ()):
            words = f"{reading.exchange.subject} got {reading.status}, not 400"
            yield check(reading.status in _REFUSED, reading, words)


def _sent(evidence: Evidence, probe: str, listed: dict[str, Any]) -> Iterator[Reading]:
    for reading in evidence.probed(probe):
        if reading.status not in _ELSE and reading.body.get("model") in listed:
            yield reading


def _listed(evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Return the target's own models by id, detailed where it has details."""
    found: dict[str, dict[str, Any]] = {}
    for reading in evidence.successes("listVideoModels"):
        for entry in entries(reading):
            known = found.setdefault(str(entry.get("id")), entry)
            if len(entry) > len(known):
                found[str(entry.get("id"))] = entry
    return found


def _lists(entry: dict[str, Any]) -> dict[str, set[str]]:
    """Return the values that a catalogue's entry lists, by field, in either form of clients."""
    told = entry.get("supported_parameters")
    given: dict[str, Any] = told if isinstance(told, dict) else {}
    found: dict[str, set[str]] = {}
    forms = given.get("parameters")
    for name, form in forms.items() if isinstance(forms, dict) else ():
        options = form.get("options") if isinstance(form, dict) else None
        if isinstance(options, list):
            values = {str(each.get("value")) for each in options if isinstance(each, dict)}
            found[name] = values | {f"{value}s" for value in values if value.isdecimal()}
    for name, flat in _FLAT.items():
        plain = given.get(flat)
        if name not in found and isinstance(plain, list) and plain:
            found[name] = {str(each) for each in plain}
            found[name] |= {f"{value}s" for value in found[name] if value.isdecimal()}
    return found
