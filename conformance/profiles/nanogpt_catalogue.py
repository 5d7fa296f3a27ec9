"""What NanoGPT's own catalogue offers beside the documents, asked for model by model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Ask
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_offers as offers
from conformance.profiles import nanogpt_probes as probes

_MODEL: Final = 2
_ALL: Final = 40
_FORMS: Final = {
    "duration": "durations",
    "aspect_ratio": "aspect_ratios",
    "resolution": "resolutions",
}
WORST: Final = (bodies.TEXT,) * _ALL
"""As many jobs as this starts at worst."""


def story(ask: Ask) -> Any:
    """Ask for values that the target's catalogue lists and the documents do not."""
    listed = ask(Probe("GET", probes.PATHS["listVideoModels"], "", "own-offers", "listVideoModels",
                       credentials=(), tier=Tier.FUZZ))  # fmt: skip
    data = listed.answer.get("data") if listed is not None else None
    sent = 0
    for entry in data if isinstance(data, list) else ():
        for subject, body in _own(entry):
            if sent < _ALL:
                ask(probes.create("model-values", subject, body))
                sent += 1
    return None


def _own(entry: Any) -> Iterator[tuple[str, bodies.Body]]:
    """Yield requests with a model's own values: the last ones, for bounds are missed first."""
    name = str(entry.get("id")) if isinstance(entry, dict) else ""
    model = offers.MODELS.get(name)
    if model is None:
        return
    for field, form in _FORMS.items():
        known = {str(each).removesuffix("s") for each in model.offers.get(field, ())}
        known |= {str(each).removesuffix("s") for each in model.others.get(field, ())}
        own = [each for each in _values(entry, field, form) if each.removesuffix("s") not in known]
        first = {f: values[0] for f, values in model.offers.items() if f != field}
        for value in own[-_MODEL:] if field in model.offers else ():
            yield f"{name}: {field} {value}", {"model": name, **model.body, **first, field: value}


def _values(entry: dict[str, Any], field: str, form: str) -> list[str]:
    told = entry.get("supported_parameters")
    given: dict[str, Any] = told if isinstance(told, dict) else {}
    plain = given.get(form)
    if isinstance(plain, list) and plain:
        return [str(each) for each in plain]
    forms = given.get("parameters")
    options = forms.get(field) if isinstance(forms, dict) else None
    rows = options.get("options") if isinstance(options, dict) else None
    return [str(r["value"]) for r in rows or () if isinstance(r, dict) and "value" in r]
