"""The recover list: an account's own jobs, by model and conversation, as many as asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from conformance.evidence import Evidence, broken, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_bodies as bodies
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.nanogpt_models import entries

_START: Final = "nanogpt.recoverVideos"
_DEFAULT_LIMIT: Final = 10
_LONGEST: Final = 50


def rules() -> Iterator[Rule]:
    """Yield the rules of the recover list."""
    common: dict[str, Any] = {
        "area": "recover",
        "operation": "recoverVideos",
        "drivers": ("modes", "lifecycle", "positive"),
    }
    yield Rule(
        f"{_START}.limit",
        "A limit of 1 to 50 is taken, and the list has at most so many jobs, ten without one.",
        "[docs: video-recover]; [openapi] limit, default 10",
        check=_bounded,
        cases=tuple(Case(each) for each in ("default", "1", "50")),
        **common,
    )
    yield Rule(
        f"{_START}.model",
        "With a model the list has jobs of that model only, and none for an unknown one.",
        "[docs: video-recover]",
        check=_by_model,
        cases=(Case("unknown"), Case("known", Tier.PAID)),
        **common,
    )
    yield Rule(
        f"{_START}.full",
        "The list is not shorter than limit while the account has more jobs of that kind.",
        "[docs: video-recover] limit",
        check=_full,
        **{**common, "tier": Tier.PAID},
    )
    paid: dict[str, Any] = {**common, "tier": Tier.PAID}
    yield Rule(
        f"{_START}.conversation",
        "With a conversation the list has jobs of that conversation only.",
        "[docs: video-recover]; [seed] conversationUUID",
        check=_by_conversation,
        **paid,
    )
    yield Rule(
        f"{_START}.own-conversation",
        "A job is listed with the conversation that its submission named, and with no other.",
        "[docs: video-recover] example; [seed] conversationUUID",
        check=_own_conversation,
        **paid,
    )
    yield Rule(
        f"{_START}.same-ids",
        "The id of a listed job equals its runId, and no job is listed twice.",
        "[docs: video-recover] example",
        check=_ids,
        **paid,
    )
    yield Rule(
        f"{_START}.finds",
        "A finished job is found by its conversation and by its model, an extension too: its id, "
        "its model, completed in lower case.",
        "[docs: video-recover] example",
        check=_finds,
        **paid,
    )
    yield Rule(
        f"{_START}.failed",
        "A failed job is found by its conversation, as failed.",
        "[docs: video-recover] example of a completed one; [openapi] words of submissions",
        check=_finds_failed,
        **{**paid, "provenance": "assumed", "needs": frozenset({"failure-trigger"})},
    )
    yield Rule(
        f"{_START}.ended",
        "A job that was seen completed is listed as completed from then on, a failed one never is.",
        "[docs: video-recover] example; [docs: video-status-unified] an ended job stays ended",
        check=_ended,
        **paid,
    )
    yield Rule(
        f"{_START}.created",
        "createdAt of a job is the same in every list.",
        "[docs: video-recover] createdAt",
        check=_created,
        **paid,
    )
    yield Rule(
        f"{_START}.newest-first",
        "The list has its newest job first.",
        "assumed: no document names an order",
        check=_newest_first,
        **{**paid, "provenance": "assumed"},
    )
    yield Rule(
        f"{_START}.ownership",
        "The list never has another account's job, and every key that other operations know has "
        "a list.",
        "[docs: video-recover] jobs of this account",
        check=_own_only,
        **{
            **paid,
            "area": "ownership",
            "drivers": ("lifecycle",),
            "needs": frozenset({"second-key"}),
        },
    )


def _bounded(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("recover"):
        if reading.is_valid and not reading.is_success and reading.status not in (429, 500):
            asked = reading.query.get("limit", "default")
            yield broken(reading, f"a limit of {asked} got {reading.status}", asked)
    for reading in evidence.successes("recoverVideos"):
        asked = reading.query.get("limit", "")
        limit = int(asked) if asked.isdecimal() else _DEFAULT_LIMIT
        if reading.is_valid and (asked.isdecimal() or not asked):
            count = len(entries(reading))
            case = asked or "default"
            yield check(count <= limit, reading, f"{count} jobs for a limit of {limit}", case)


def _by_model(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("recoverVideos"):
        asked, jobs = reading.query.get("model"), entries(reading)
        others = {str(job.get("model")) for job in jobs} - {asked}
        if asked == bodies.NO_MODEL:
            yield check(not jobs, reading, f"{len(jobs)} jobs of no model", "unknown")
        elif asked and jobs:
            yield check(not others, reading, f"{asked} was asked for, got {others}", "known")


def _by_conversation(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("recoverVideos"):
        asked, jobs = reading.query.get("conversationUUID"), entries(reading)
        others = {str(job.get("conversationUUID")) for job in jobs} - {asked}
        if asked and jobs:
            yield check(not others, reading, f"{asked} was asked for, got {others}")


def _own_conversation(evidence: Evidence) -> Iterator[Finding]:
    made = {str(r.answer.get("runId")): r for r in evidence.successes("createVideo") if r.is_valid}
    for reading in evidence.successes("recoverVideos"):
        for job in entries(reading):
            created = made.get(str(job.get("runId")))
            if created is not None:
                asked, told = created.body.get("conversationUUID"), job.get("conversationUUID")
                good = (told or None) == (asked or None)
                words = f"a job of the conversation {asked!r} is listed with {told!r}"
                yield check(good, reading, words, "", created)


def _ids(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("recoverVideos"):
        jobs = entries(reading)
        runs = [job.get("runId") for job in jobs]
        if jobs:
            same = all(job.get("id") == job.get("runId") for job in jobs)
            good = same and len({str(run) for run in runs}) == len(runs)
            yield check(good, reading, "an id differs from its runId, or a job is listed twice")


def _finds(evidence: Evidence) -> Iterator[Finding]:
    for journal in (*evidence.journeys("text"), *evidence.journeys("extension")):
        created = journal.created
        for reading in journal.steps("then:recovered"):
            if created is None or reading.status == 429:
                continue
            run = created.answer.get("runId")
            model = created.body.get("model", bodies.MIDJOURNEY["model"])
            found = next((job for job in entries(reading) if job.get("runId") == run), None)
            is_cut = len(entries(reading)) >= _LONGEST
            if found is None and is_cut and reading.exchange.subject != "conversation":
                continue
            got = None if found is None else (found.get("model"), found.get("status"))
            words = f"{run} is listed as {got} ({reading.status})"
            yield check(got == (model, "completed"), reading, words, "", created)


def _finds_failed(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("fails"):
        created = journal.created
        run = created.answer.get("runId") if created else None
        for reading in journal.steps("then:recovered"):
            found = [job.get("status") for job in entries(reading) if job.get("runId") == run]
            if created is not None and reading.status != 429:
                words = f"{run} is listed as {found} ({reading.status})"
                yield check(found == ["failed"], reading, words, "", created)


def _ended(evidence: Evidence) -> Iterator[Finding]:
    """Hold the lists against every end that was seen before they were asked for.

    A run that went on under its id when it was extended has no end that counts.
    """
    ends: dict[str, Reading] = {}
    extended = _runs(evidence, "createVideo") & _runs(evidence, "extendVideo")
    for reading in evidence.successes("getVideoStatus"):
        told = answers.data_of(reading.reply.value)
        if told.get("status") in ("COMPLETED", "FAILED"):
            ends.setdefault(str(told.get("requestId")), reading)
    for reading in evidence.successes("recoverVideos"):
        for job in entries(reading):
            end = ends.get(str(job.get("runId")))
            if str(job.get("runId")) in extended:
                continue
            if end is not None and end.is_over_before(reading):
                is_completed = answers.data_of(end.reply.value)["status"] == "COMPLETED"
                good = (job.get("status") == "completed") is is_completed
                words = f"{job.get('runId')} has ended, and is listed as {job.get('status')}"
                yield check(good, reading, words, "", end)


def _runs(evidence: Evidence, operation: str) -> set[str]:
    return {str(each.answer.get("runId")) for each in evidence.successes(operation)}


def _created(evidence: Evidence) -> Iterator[Finding]:
    known: dict[str, tuple[Reading, str]] = {}
    for reading in evidence.successes("recoverVideos"):
        for job in entries(reading):
            first, was = known.setdefault(
                str(job.get("runId")), (reading, str(job.get("createdAt")))
            )
            if first is not reading:
                words = f"{job.get('runId')} is of {job.get('createdAt')}, and was of {was}"
                yield check(str(job.get("createdAt")) == was, reading, words, "", first)


def _full(evidence: Evidence) -> Iterator[Finding]:
    """Compare each list with what one of the same jobs had before: an account only gains jobs."""
    most: dict[tuple[str | None, ...], Reading] = {}
    for reading in evidence.successes("recoverVideos"):
        asked = reading.query.get("limit", str(_DEFAULT_LIMIT))
        if not reading.is_valid or not asked.isdecimal():
            continue
        key = reading.credentials[0].label, *map(reading.query.get, ("model", "conversationUUID"))
        had, has = most.get(key), len(entries(reading))
        if had is not None and entries(had) and had.is_over_before(reading):
            due = min(int(asked), len(entries(had)))
            words = f"{has} jobs for a limit of {asked}, where {len(entries(had))} were known"
            yield check(has >= due, reading, words, "", had)
        if had is None or has > len(entries(had)):
            most[key] = reading


def _newest_first(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("recoverVideos"):
        times = [_time(job.get("createdAt")) for job in entries(reading)]
        known = [time for time in times if time is not None]
        if len(times) > 1 and len(known) == len(times):
            in_order = known == sorted(known, reverse=True)
            yield check(in_order, reading, "not newest first")


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _own_only(evidence: Evidence) -> Iterator[Finding]:
    mine = {run for run in map(_run, evidence.successes("createVideo")) if run}
    for reading in evidence.probed("recovered-foreign"):
        if reading.is_success:
            shown = {str(job.get("runId")) for job in entries(reading)} & mine
            words = f"the other account's list has {', '.join(sorted(shown))}"
            yield check(not shown, reading, words)
        elif reading.status in (401, 403) and _is_known_elsewhere(evidence):
            yield broken(reading, f"the other account's key got {reading.status}")


def _is_known_elsewhere(evidence: Evidence) -> bool:
    """Whether the second key is taken by the status of jobs, for it is no unknown one there."""
    return any(
        each.label == "second" and reading.status not in (0, 401, 429)
        for reading in evidence.of("getVideoStatus")
        for each in reading.credentials
    )


def _run(reading: Reading) -> str:
    """Return the run id that the first account's key was given."""
    is_first = all(each.label == "first" for each in reading.credentials)
    return str(reading.answer.get("runId", "")) if is_first else ""
