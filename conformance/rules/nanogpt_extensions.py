"""Extending one of the four videos of a Midjourney job, and what is no such job."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]
_START: Final = "nanogpt.extendVideo"
_REFUSED: Final = frozenset({400, 422})


def rules() -> Iterator[Rule]:
    """Yield the rules of extensions; their evidence follows a Midjourney job that has ended."""
    common: dict[str, Any] = {
        "area": "extend",
        "operation": "extendVideo",
        "tier": Tier.PAID,
        "drivers": ("lifecycle",),
    }
    yield Rule(
        f"{_START}.takes",
        "A finished Midjourney job is extended by runId or by taskId, from the first video to "
        "the fourth.",
        "[seed] extend: runId, taskId, index 0 to 3",
        check=_answers("extend", {200, 201, 202}),
        cases=(Case("runId"), Case("taskId"), Case("both", Tier.FUZZ, required=False)),
        **common,
    )
    yield Rule(
        f"{_START}.index",
        "An index below 0 or above 3 is refused with 400, for a job that could be extended.",
        "[seed] extend: index 0 to 3; [openapi]",
        check=_answers("extend-index", _REFUSED),
        cases=(Case("-1"), Case("4")),
        **common,
    )
    yield Rule(
        f"{_START}.model",
        "The reply to an extension names midjourney-video.",
        "[docs: video-extend] example",
        check=_says("model", lambda value, _: value == "midjourney-video"),
        **common,
    )
    yield Rule(
        f"{_START}.ids",
        "A taskId in the reply equals its runId.",
        "[docs: video-extend] example",
        check=_task_id,
        **{**common, "cases": (Case("", required=False),)},
    )
    yield Rule(
        f"{_START}.message",
        "A message counts the videos from 1: index 0 is video 1.",
        "[docs: video-extend] example",
        check=_says("message", lambda value, index: f"video {index + 1} " in f"{value} "),
        **{**common, "level": Level.SHOULD, "cases": (Case("", required=False),)},
    )
    yield from _refusals(common)


def _refusals(common: dict[str, Any]) -> Iterator[Rule]:
    yield Rule(
        f"{_START}.no-source-video",
        "A source video is not accepted: the request is refused with 400.",
        "[seed] extend: not accepted; that it is refused and not ignored is assumed",
        check=_answers("extend-video", _REFUSED),
        cases=tuple(
            Case(name) for name in ("video", "videoUrl", "videoDataUrl", "videoAttachmentId")
        ),
        **{**common, "provenance": "assumed"},
    )
    yield Rule(
        f"{_START}.midjourney-only",
        "A job of another model is not extended.",
        "[seed] extend: jobs made with midjourney-video only",
        check=_answers("extend-other-model", {*_REFUSED, 403, 404, 409}),
        **common,
    )
    yield Rule(
        f"{_START}.unknown-job",
        "An id of no job is not extended, also one that is nearly a job's: cut short, longer, in "
        "capitals, without its beginning.",
        "[docs: error-handling]; the status is assumed",
        check=_answers("unknown", {*_REFUSED, 404}),
        cases=(Case(""), Case("near runId"), Case("near taskId")),
        **{**common, "drivers": ("modes", "lifecycle"), "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{_START}.no-job-named",
        "A request that names no job, or is no JSON, extends none, though there is one to extend.",
        "[seed] extend: runId or taskId, plus index; [docs: error-handling] invalid_json",
        check=_answers("extend-nothing", _REFUSED),
        cases=(Case("no id"), Case("broken JSON")),
        **common,
    )
    yield Rule(
        f"{_START}.ownership",
        "Another account's job is not extended: 403.",
        "[docs: video-extend]",
        check=_answers("extend-foreign", {403}),
        **{**common, "area": "ownership", "needs": frozenset({"second-key"})},
    )


def _answers(probe: str, statuses: Collection[int]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed(probe):
            is_told = reading.status not in (402, 429, 503)
            if is_told and reading.operation and reading.operation.id == "extendVideo":
                words = " or ".join(str(status) for status in sorted(statuses))
                text = f"got {reading.status}, not {words}"
                case = reading.exchange.subject
                yield check(reading.status in statuses, reading, text, case)

    return run


def _says(name: str, fits: Callable[[object, int], bool]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.successes("extendVideo"):
            index, value = reading.body.get("index"), reading.answer.get(name)
            if isinstance(index, int) and value is not None:
                yield check(fits(value, index), reading, f"{name} is {value!r} for index {index}")

    return run


def _task_id(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("extendVideo"):
        task, run = reading.answer.get("taskId"), reading.answer.get("runId")
        if task is not None:
            yield check(task == run, reading, f"taskId is {task!r}, runId is {run!r}")
