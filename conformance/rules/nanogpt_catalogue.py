"""NanoGPT's catalogues: open to everybody, two forms that agree, and video models in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.nanogpt_models import entries, models

Check = Callable[[Evidence], Iterator[Finding]]
_LISTS: Final = ("listModels", "listVideoModels")
_BRIEF: Final = {"id", "object", "created", "owned_by"}
_DETAILS: Final = ("pricing", "architecture")


def rules() -> Iterator[Rule]:
    """Yield the rules of the catalogues; reading them needs no credential and costs nothing."""
    common: dict[str, Any] = {"area": "catalogue", "drivers": ("modes", "positive")}
    lists = tuple(Case(each) for each in _LISTS)
    yield Rule(
        "nanogpt.models.open",
        "A model list needs no credential, and a wrong one is no error.",
        "[docs: models]; [docs: video-models]",
        check=_open,
        cases=tuple(
            Case(f"{operation}, {key}")
            for operation in _LISTS
            for key in ("no key", "unknown x-api-key", "unknown bearer")
        ),
        **{**common, "area": "credentials"},
    )
    yield Rule(
        "nanogpt.models.list",
        "A model list is an object list of models, each with an id of its own.",
        "[docs: models]; [docs: video-models]",
        check=_is_list,
        cases=lists,
        **common,
    )
    yield Rule(
        "nanogpt.models.detail-agrees",
        "The brief list names no model that the detailed one does not know.",
        "[docs: models] and [docs: video-models] detailed",
        check=_agrees,
        cases=lists,
        **common,
    )
    yield Rule(
        "nanogpt.models.same-entry",
        "A model that stands in both detailed lists has the same price and name in them.",
        "[seed] and [docs: video-models] on one catalogue; that it is one is assumed",
        check=_same_entry,
        provenance="assumed",
        **{**common, "cases": (Case("", required=False),)},
    )
    yield Rule(
        "nanogpt.models.video",
        "The catalogue has a video model.",
        "[seed] discover video models; [docs: video-models]",
        check=_has_video,
        operation="listVideoModels",
        **common,
    )
    yield from _video_list(common)
    yield Rule(
        "nanogpt.listModels.sort",
        "A sort that is not known is ignored.",
        "[docs: models] sort",
        check=_sort,
        operation="listModels",
        **{**common, "drivers": ("modes",)},
    )
    yield Rule(
        "nanogpt.listModelsByKind.agrees",
        "The older catalogue knows the models of the video list.",
        "assumed: one catalogue behind both",
        check=_kinds_agree,
        operation="listModelsByKind",
        level=Level.SHOULD,
        provenance="assumed",
        **common,
    )


def _video_list(common: dict[str, Any]) -> Iterator[Rule]:
    start = "nanogpt.listVideoModels"
    given: dict[str, Any] = {**common, "operation": "listVideoModels"}
    yield Rule(
        f"{start}.detailed-by-default",
        "The video list is detailed if nothing is said.",
        "[docs: video-models] detailed defaults to true",
        check=_default,
        **given,
    )
    yield Rule(
        "nanogpt.listModels.brief-by-default",
        "The general list is brief if nothing is said: its entries have no price and no "
        "architecture.",
        "[docs: models] detailed defaults to false, and adds pricing and architecture",
        check=_brief_by_default,
        **{**common, "operation": "listModels"},
    )
    yield Rule(
        f"{start}.count",
        "meta.count of the video list counts its models.",
        "[docs: video-models]",
        check=_count,
        **given,
    )
    yield Rule(
        f"{start}.capabilities",
        "A detailed video model makes videos, by its capabilities and its output modalities.",
        "[docs: video-models] capabilities, architecture",
        check=_makes_videos,
        **given,
    )
    yield Rule(
        f"{start}.brief",
        "An entry of the brief list has id, object, created and owned_by, and no more.",
        "[docs-history: 2026-01-28]",
        check=_brief,
        **{**given, "level": Level.SHOULD},
    )


def _open(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("open"):
        if reading.operation is not None and reading.status != 429:
            case = f"{reading.operation.id}, {reading.exchange.subject}"
            good = reading.status == 200
            yield check(good, reading, f"{case} got {reading.status}", case)


def _is_list(evidence: Evidence) -> Iterator[Finding]:
    for operation in _LISTS:
        for reading in evidence.successes(operation):
            found = entries(reading)
            ids = [entry.get("id") for entry in found]
            good = reading.answer.get("object") == "list" and bool(found)
            good = good and all(isinstance(each, str) and each for each in ids)
            good = good and len(set(map(str, ids))) == len(ids)
            good = good and all(entry.get("object") == "model" for entry in found)
            words = "no list of models, an empty one, or an id twice"
            yield check(good, reading, words, operation)


def _detailed(reading: Reading) -> bool:
    default = "true" if reading.operation and reading.operation.id == "listVideoModels" else "false"
    return reading.query.get("detailed", default) == "true"


def _agrees(evidence: Evidence) -> Iterator[Finding]:
    for operation in _LISTS:
        lists = list(evidence.successes(operation))
        full = next((reading for reading in lists if _detailed(reading)), None)
        for reading in lists:
            if full is not None and reading.query.get("detailed", "") in ("", "false"):
                unknown = _ids(reading) - _ids(full)
                # Both list video models; general lists may leave them to the detailed form.
                if operation == "listVideoModels":
                    unknown |= _ids(full) - _ids(reading)
                words = f"only in one list: {', '.join(sorted(unknown)[:5])}"
                yield check(not unknown, reading, words, operation, full)


def _same_entry(evidence: Evidence) -> Iterator[Finding]:
    general, video = (
        next(filter(_detailed, evidence.successes(operation)), None) for operation in _LISTS
    )
    if general is None or video is None:
        return
    known = {str(entry.get("id")): entry for entry in entries(video)}
    for entry in entries(general):
        other = known.get(str(entry.get("id")))
        if other is not None:
            names = [n for n in ("name", "pricing") if n in entry and n in other]
            apart = [name for name in names if entry[name] != other[name]]
            words = f"{entry['id']} has another {' and '.join(apart)} in the video list"
            yield check(not apart, general, words, "", video)


def _ids(reading: Reading) -> set[str]:
    return {str(entry.get("id")) for entry in entries(reading)}


def _is_video(entry: dict[str, Any]) -> bool:
    """Whether a detailed entry says that its model makes videos."""
    return "video" in _outputs(entry)


def _outputs(entry: dict[str, Any]) -> set[str]:
    architecture = entry.get("architecture")
    given = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    return {str(each) for each in given} if isinstance(given, list) else set()


def _capability(entry: dict[str, Any]) -> object:
    given = entry.get("capabilities")
    return given.get("video_generation") if isinstance(given, dict) else None


def _has_video(evidence: Evidence) -> Iterator[Finding]:
    lists = [reading for each in _LISTS for reading in evidence.successes(each)]
    detailed = [reading for reading in lists if _detailed(reading)]
    if detailed:
        holders = [r for r in detailed if any(_is_video(entry) for entry in entries(r))]
        yield check(bool(holders), (holders or detailed)[0], "no model says that it makes videos")


def _default(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listVideoModels"):
        if "detailed" not in reading.query:
            good = any(set(entry) - _BRIEF for entry in entries(reading))
            yield check(good, reading, "the entries have no details")


def _brief_by_default(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listModels"):
        if "detailed" not in reading.query:
            more = {name for entry in entries(reading) for name in _DETAILS if name in entry}
            yield check(not more, reading, f"the entries have {', '.join(sorted(more))}")


def _count(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listVideoModels"):
        meta = reading.answer.get("meta")
        count = meta.get("count") if isinstance(meta, dict) else None
        there = len(entries(reading))
        yield check(count == there, reading, f"meta.count is {count!r} for {there} models")


def _makes_videos(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listVideoModels"):
        if _detailed(reading):
            wrong = [
                str(entry.get("id"))
                for entry in entries(reading)
                if not _is_video(entry) or _capability(entry) is not True
            ]
            yield check(not wrong, reading, f"no video models: {', '.join(wrong[:5])}")


def _brief(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listVideoModels"):
        if not _detailed(reading):
            good = all(set(entry) == _BRIEF for entry in entries(reading))
            yield check(good, reading, "entries have other members")


def _sort(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("sort"):
        if reading.status != 429:
            yield check(reading.status == 200, reading, f"an unknown sort got {reading.status}")


def _kinds_agree(evidence: Evidence) -> Iterator[Finding]:
    known = models(evidence)
    for reading in evidence.successes("listModelsByKind"):
        given = reading.answer.get("models")
        video = given.get("video", {}) if isinstance(given, dict) else given
        if known and isinstance(video, dict | list):
            missing = known - {str(each) for each in video}
            words = f"the older catalogue lacks {', '.join(sorted(missing)[:5])}"
            yield check(not missing, reading, words)
