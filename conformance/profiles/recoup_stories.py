"""What Recoup is asked one after the other: its catalogue, and lists after a run has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import FIRST, Probe
from conformance.profile import Ask, Json

_TEMPLATES: Final = "/api/content/templates"
_MOST: Final = 20


def template_ids(answer: Any) -> list[str]:
    """Return the ids of a list of templates."""
    rows = answer.get("templates") if isinstance(answer, dict) else None
    listed = [each.get("id") for each in rows if isinstance(each, dict)] if rows else []
    return [each for each in listed if isinstance(each, str)]


def catalogue(ask: Ask) -> Json:
    """Read the list of templates, each of them, and the list once more; costs nothing."""
    found = ask(_read("listTemplates", _TEMPLATES))
    for name in template_ids(found.answer)[:_MOST] if found is not None else ():
        if name.isascii() and name.replace("-", "").replace("_", "").isalnum():
            ask(_read("getTemplate", f"{_TEMPLATES}/{name}"))
    ask(_read("listTemplates", _TEMPLATES))
    return None


def _read(operation: str, path: str) -> Probe:
    return Probe("GET", path, "", "catalogue", operation, step="catalogue")


def lists_after(identity: str, answer: Json) -> Iterator[Probe]:
    """Yield the lists of both accounts once a run has ended."""
    for probe, label in (("runs.after", FIRST[1]), ("runs.after-foreign", "second")):
        yield Probe(
            "GET", "/api/tasks/runs", "modes", probe, "listRuns", query={"limit": "100"},
            subject=identity, credentials=((FIRST[0], label),), tier=Tier.FREE,
        )  # fmt: skip
