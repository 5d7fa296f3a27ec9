"""How NanoGPT tells of a job: the spelling of its id, its cost and error, four vocabularies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.journal import Journal
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import nanogpt as profile
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_kinds as kinds
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.nanogpt_submissions import is_amount

Check = Callable[[Evidence], Iterator[Finding]]
_UNIFIED, _LEGACY, _STORY = "getVideoStatus", "getVideoStatusDeprecated", "getStoryStatus"
_JOURNEYS: Final = ("text", "legacy", "midjourney", "extension", "sora", "story", "fails")
_NEEDS_TRIGGER: Final = frozenset({"failure-trigger"})


def rules() -> Iterator[Rule]:
    """Yield the rules of status replies."""
    common: dict[str, Any] = {"area": "jobs", "tier": Tier.PAID, "drivers": ("lifecycle",)}
    yield from _ids(common)
    yield from _ends(common)
    yield from _flat(common)


def _ids(common: dict[str, Any]) -> Iterator[Rule]:
    yield Rule(
        "nanogpt.getVideoStatus.request-id",
        "The unified status names the job it was asked for in requestId, inside data and outside.",
        "[docs: video-status-unified]",
        check=_names_job,
        operation=_UNIFIED,
        **common,
    )
    yield Rule(
        "nanogpt.getVideoStatus.model",
        "The unified status names the model of the job's submission.",
        "[docs: video-status-unified]",
        check=_model,
        operation=_UNIFIED,
        **common,
    )
    yield Rule(
        "nanogpt.getVideoStatus.run-id",
        "The unified status takes runId as well as requestId, and tells the same.",
        "[seed] poll by requestId or runId",
        check=_by_run_id,
        operation=_UNIFIED,
        **common,
    )
    yield Rule(
        "nanogpt.getVideoStatusDeprecated.request-id",
        "The older status names the job it was asked for in data.request_id.",
        "[docs: video-status]; [openapi]",
        check=_names_legacy_job,
        operation=_LEGACY,
        **common,
    )


def _ends(common: dict[str, Any]) -> Iterator[Rule]:
    yield Rule(
        "nanogpt.jobs.cost",
        "A completed job tells its final cost, a number that is not negative, in both status forms "
        "alike.",
        "[docs: video-status-unified]; [docs: video-status]",
        check=_final_cost,
        cases=(Case(_UNIFIED), Case(_LEGACY)),
        **common,
    )
    yield Rule(
        "nanogpt.jobs.cost-at-end",
        "The older status has no cost before the job is complete.",
        "[docs: video-status]",
        check=_no_early_cost,
        **{**common, "operation": _LEGACY, "cases": (Case("", required=False),)},
    )
    yield Rule(
        "nanogpt.jobs.urls-agree",
        "Every status form gives a completed job the same video.",
        "[docs: video-status-unified]; [docs: video-status]",
        check=_same_video,
        provenance="assumed",
        **common,
    )
    yield Rule(
        "nanogpt.jobs.kinds-end",
        "A job of every kind of model comes to its end within --wait, completed and with a video.",
        "[docs: video-generation]; [docs: video-status-unified]",
        check=_kinds_end,
        # Which models there are, differs.
        **{
            **common,
            "tier": Tier.FUZZ,
            "cases": tuple(Case(name, required=False) for name in bodies.KINDS),
        },
    )
    yield Rule(
        "nanogpt.jobs.no-error",
        "The data of a completed job has no error.",
        "[docs: video-status-unified] error of a failed job",
        check=_no_error,
        **common,
    )
    yield Rule(
        "nanogpt.jobs.error-form",
        "The error of a failed job is a text, or an object with a message.",
        "[seed] failed jobs: an object; [docs: video-status-unified]: a text",
        check=_error_form,
        **{**common, "needs": _NEEDS_TRIGGER},
    )
    yield Rule(
        "nanogpt.jobs.error-words",
        "A failed job has words for the user, and tells whether it was unsafe as true or false.",
        "[docs: video-status-unified] userFriendlyError, isNSFWError",
        check=_error_words,
        level=Level.SHOULD,
        **{**common, "needs": _NEEDS_TRIGGER},
    )
    yield Rule(
        "nanogpt.getStoryStatus.flags",
        "isCompleted and isSuccess agree with the status of a LongStories job.",
        "[openapi] v1/video/status; [docs: fulltext]",
        check=_story_flags,
        operation=_STORY,
        **common,
    )


def _flat(common: dict[str, Any]) -> Iterator[Rule]:
    met = (Case("", required=False),)
    yield Rule(
        "nanogpt.getVideoStatus.flat-agrees",
        "Flat fields beside data tell of the same status and video.",
        "[openapi] and [docs: video-status-unified] together",
        check=_flat_agrees,
        operation=_UNIFIED,
        **{**common, "cases": met},
    )


def journals(evidence: Evidence) -> Iterator[Journal]:
    """Yield every followed job."""
    for name in _JOURNEYS:
        yield from evidence.journeys(name)


def _told(evidence: Evidence, operation: str) -> Iterator[tuple[Journal, Reading]]:
    """Yield the good status replies of one operation, with the job that each belongs to."""
    for journal in journals(evidence):
        for reading in journal.readings:
            if reading.operation and reading.operation.id == operation and reading.is_success:
                yield journal, reading


def _names_job(evidence: Evidence) -> Iterator[Finding]:
    for _, reading in _told(evidence, _UNIFIED):
        asked = reading.query.get("requestId") or reading.query.get("runId")
        data = answers.data_of(reading.reply.value)
        got = (reading.answer.get("requestId"), data.get("requestId"))
        yield check(got == (asked, asked), reading, f"asked for {asked}, the reply names {got}")


def _names_legacy_job(evidence: Evidence) -> Iterator[Finding]:
    for _, reading in _told(evidence, _LEGACY):
        asked = reading.query.get("runId")
        got = answers.data_of(reading.reply.value).get("request_id")
        yield check(got == asked, reading, f"asked for {asked}, data.request_id is {got!r}")


def _model(evidence: Evidence) -> Iterator[Finding]:
    for journal, reading in _told(evidence, _UNIFIED):
        created = journal.created
        if created is not None:
            asked, got = created.body.get("model"), reading.answer.get("model")
            if journal.series == "extension":
                asked = created.answer.get("model")
            yield check(got == asked, reading, f"model is {got!r}, not {asked!r}", "", created)


def _by_run_id(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("text"):
        polls = journal.steps("poll")
        for reading in journal.steps("then:by-run-id"):
            same = reading.is_success and _core(reading) == _core(polls[-1])
            words = f"by runId {reading.status}, {_core(reading)}; by requestId {_core(polls[-1])}"
            yield check(same, reading, words, "", polls[-1])


def _core(reading: Reading) -> tuple[object, object]:
    data = answers.data_of(reading.reply.value)
    return data.get("status"), data.get("requestId")


def _final_cost(evidence: Evidence) -> Iterator[Finding]:
    for journal in journals(evidence):
        costs: dict[str, tuple[Reading, object]] = {}
        for reading in journal.steps("poll", "after", "alias"):
            data = answers.data_of(reading.reply.value)
            operation = reading.operation.id if reading.operation else ""
            if operation in (_UNIFIED, _LEGACY) and data.get("status") in profile.COMPLETED:
                cost = data.get("cost")
                other = next((seen for o, seen in costs.items() if o != operation), None)
                is_right = is_amount(cost) and str(cost)[:1] != "-"
                is_right = is_right and (other is None or other[1] == cost)
                words = f"the final cost is {cost!r}" + (f", or {other[1]!r}" if other else "")
                yield check(is_right, reading, words, operation)
                costs[operation] = (reading, cost)


def _no_early_cost(evidence: Evidence) -> Iterator[Finding]:
    for _, reading in _told(evidence, _LEGACY):
        data = answers.data_of(reading.reply.value)
        if data.get("status") in profile.WORKING:
            early = data.get("cost") is not None
            yield check(not early, reading, f"cost stands in a job that is {data['status']}")


def _same_video(evidence: Evidence) -> Iterator[Finding]:
    for journal in journals(evidence):
        seen: dict[str, Reading] = {}
        for reading in journal.steps("poll", "after", "alias"):
            url = _url(reading)
            if isinstance(url, str):
                path = url.partition("?")[0]
                first = next(iter(seen.values()), reading)
                same = not seen or path in seen
                yield check(same, reading, f"another video: {path}", "", first)
                seen.setdefault(path, reading)


def _url(reading: Reading) -> object:
    value = reading.reply.value
    if reading.operation and reading.operation.id == _STORY:
        return answers.story_url(value)
    return answers.video_url(value)


def _failed(evidence: Evidence) -> Iterator[tuple[Reading, dict[str, Any]]]:
    for journal in evidence.journeys("fails"):
        for reading in journal.steps("poll", "after", "alias"):
            data = answers.data_of(reading.reply.value)
            if data.get("status") == "FAILED":
                yield reading, data


def _error_form(evidence: Evidence) -> Iterator[Finding]:
    for reading, data in _failed(evidence):
        error = data.get("error")
        words = error.get("message") if isinstance(error, dict) else error
        is_right = isinstance(words, str) and bool(words.strip())
        yield check(is_right, reading, f"data.error is {error!r}")


def _no_error(evidence: Evidence) -> Iterator[Finding]:
    for operation in (_UNIFIED, _LEGACY):
        for reading in evidence.successes(operation):
            data = answers.data_of(reading.reply.value)
            if data.get("status") in profile.COMPLETED:
                error = data.get("error")
                yield check(not error, reading, f"a completed job has the error {error!r}")


def _error_words(evidence: Evidence) -> Iterator[Finding]:
    for reading, data in _failed(evidence):
        words, unsafe = data.get("userFriendlyError"), data.get("isNSFWError")
        is_right = isinstance(words, str) and bool(words.strip()) and isinstance(unsafe, bool)
        yield check(is_right, reading, f"userFriendlyError {words!r}, isNSFWError {unsafe!r}")


def _kinds_end(evidence: Evidence) -> Iterator[Finding]:
    last = {each.exchange.subject: each for each in evidence.probed(kinds.STATUS)}
    for name, reading in last.items():
        if name in bodies.KINDS and reading.status != 429:
            status, url = answers.status_of(reading.answer), answers.video_url(reading.answer)
            words = f"{name} was {status or reading.status} in the end, its video {url!r}"
            yield check(status == "COMPLETED" and bool(url), reading, words, name)


_FLAGS: Final = {
    "PENDING": (False, False),
    "PROCESSING": (False, False),
    "COMPLETED": (True, True),
}


def _story_flags(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes(_STORY):
        data, status = answers.data_of(reading.reply.value), str(reading.answer.get("status"))
        got = (data.get("isCompleted"), data.get("isSuccess"))
        if status == "FAILED":
            yield check(got[1] is False, reading, f"a failed job has isSuccess {got[1]}")
        elif status in _FLAGS:
            yield check(got == _FLAGS[status], reading, f"{status} with flags {got}")


_FLAT: Final = {
    "queued": {"IN_QUEUE", "queued"},
    "processing": {"IN_PROGRESS", "processing", "generating", "delivering"},
    "completed": {"COMPLETED"},
    "failed": {"FAILED"},
    "cancelled": {"CANCELED"},
}


def _flat_agrees(evidence: Evidence) -> Iterator[Finding]:
    for _, reading in _told(evidence, _UNIFIED):
        flat, data = reading.answer.get("status"), answers.data_of(reading.reply.value)
        if isinstance(flat, str) and data:
            nested = data.get("status")
            agree = nested in _FLAT.get(flat, set()) or flat == "unknown"
            yield check(agree, reading, f"the flat status is {flat}, data.status is {nested}")
        if reading.answer.get("videoUrl") is not None:
            same = reading.answer["videoUrl"] == answers.video_url(reading.reply.value)
            yield check(same, reading, "videoUrl and data.output.video.url differ")
