"""One NanoGPT job of every kind of model, followed to its end, and a story that fails."""

from __future__ import annotations

from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Ask
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_probes as probes
from conformance.reading import Reading

STATUS: Final = "kind.status"
_ENDS: Final = frozenset({"COMPLETED", "FAILED", "CANCELED"})
WORST: Final = (*bodies.KINDS.values(), bodies.STORY)


def story(ask: Ask) -> Any:
    """Make one job of every kind, then wait for the end of each; creates nothing besides."""
    made = {name: ask(probes.create("kind", name, body)) for name, body in bodies.KINDS.items()}
    failing = None
    if ask.trigger is not None:
        text = ask.trigger[1]
        body = {**bodies.STORY, "script": text, "prompt": text}
        failing = ask(probes.create("kind", "failing story", body))
    is_late = False
    for name, reading in made.items():
        # All are at work side by side: once one has had its time, so have those made after it.
        is_late = not _followed(ask, name, reading, once=is_late) or is_late
    if _id(failing) and _followed(ask, "failing story", failing, once=is_late):
        answer = failing.answer if failing is not None else {}
        told = {"runId": _id(failing), "projectId": answers.project_of(answer)}
        ask(_read("getStoryStatus", "kind.failed", told, "failing story"))
    return None


def _followed(ask: Ask, name: str, made: Reading | None, *, once: bool) -> bool:
    """Wait for a job's end, or look `once`; returns false if it had its time, and has not come."""
    identity = _id(made)
    if not identity:
        return True
    read = _read("getVideoStatus", STATUS, {"requestId": identity}, name)
    end = ask(read) if once else ask.follow(read, _has_ended)
    return end is not None and _has_ended(end)


def _has_ended(reading: Reading) -> bool:
    return answers.status_of(reading.answer) in _ENDS


def _id(made: Reading | None) -> str:
    identity = made.answer.get("runId") if made is not None and made.is_success else None
    return identity if isinstance(identity, str) else ""


def _read(operation: str, probe: str, query: dict[str, str], subject: str) -> Probe:
    return Probe(
        "GET", probes.PATHS[operation], "", probe, operation, query=query, subject=subject,
        tier=Tier.FUZZ,
    )  # fmt: skip
