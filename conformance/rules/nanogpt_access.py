"""Which jobs NanoGPT tells of, and to whom; and the files of a job that has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_follow as follow
from conformance.profiles import nanogpt_purse as purse
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.nanogpt_jobs import journals

Check = Callable[[Evidence], Iterator[Finding]]
_UNIFIED, _LEGACY, _STORY = "getVideoStatus", "getVideoStatusDeprecated", "getStoryStatus"
_STATUSES: Final = (_UNIFIED, _LEGACY, _STORY)


def rules() -> Iterator[Rule]:
    """Yield the rules of unknown and foreign jobs, and of files."""
    yield from _misses()
    yield from _files({"area": "media", "tier": Tier.PAID, "drivers": ("lifecycle",)})


def _misses() -> Iterator[Rule]:
    free: dict[str, Any] = {"area": "errors", "drivers": ("modes",)}
    yield Rule(
        "nanogpt.getVideoStatus.missing-id",
        "The unified status without requestId and runId is refused with 400, with an empty one "
        "with 400 or 404, also while there is a job that could be meant.",
        "[openapi] 400 of video/status",
        check=_missing_id,
        operation=_UNIFIED,
        **{**free, "drivers": ("modes", "lifecycle")},
    )
    yield Rule(
        "nanogpt.jobs.unknown-id",
        "An id of no job is answered with 404, also one that is nearly a job's: cut short, longer, "
        "in capitals, without its beginning; by LongStories status and content with 400 or 404.",
        "[openapi] 404 of both statuses; else assumed",
        check=_unknown_id,
        cases=tuple(Case(each) for each in (_UNIFIED, _LEGACY, _STORY, "getVideoContent")),
        **{**free, "drivers": ("modes", "lifecycle")},
    )
    owned: dict[str, Any] = {
        "area": "ownership",
        "tier": Tier.PAID,
        "needs": frozenset({"second-key"}),
        "drivers": ("lifecycle",),
    }
    yield Rule(
        "nanogpt.getVideoStatus.ownership",
        "Another account's job is not told of: 403.",
        "[docs: video-status-unified]",
        check=_foreign({_UNIFIED: frozenset({403})}),
        operation=_UNIFIED,
        **owned,
    )
    yield Rule(
        "nanogpt.getVideoStatus.second-own",
        "A job of the second account is that account's: its key is told of it, the first is not.",
        "[docs: video-status-unified] a job belongs to its account",
        check=_second_own,
        operation=_UNIFIED,
        **{
            **owned,
            "tier": Tier.FUZZ,
            "cases": (Case("second", required=False), Case("first", required=False)),
        },
    )
    others = dict.fromkeys((_LEGACY, _STORY, "getVideoContent"), frozenset({400, 403, 404}))
    yield Rule(
        "nanogpt.jobs.ownership",
        "Another account's job is not shown by any other operation either.",
        "[docs: video-status-unified] a job belongs to its account",
        check=_foreign(others),
        cases=tuple(Case(each) for each in others),
        **owned,
    )


def _files(common: dict[str, Any]) -> Iterator[Rule]:
    yield Rule(
        "nanogpt.getVideoContent.variants",
        "The content of a finished Sora job is answered for every variant, and for none: with "
        "JSON, with the file itself, or with a redirect to it.",
        "[docs: video-content]; [openapi]; [client: Kairo]",
        check=_content,
        cases=tuple(Case(each) for each in (*follow.VARIANTS, "default")),
        operation="getVideoContent",
        **common,
    )
    yield Rule(
        "nanogpt.getVideoContent.kinds",
        "Where the content is the file itself, the video is a film, thumbnail and spritesheet are "
        "pictures.",
        "[docs: video-content] variants",
        check=_kinds,
        operation="getVideoContent",
        **{**common, "cases": (Case("", required=False),)},
    )
    yield Rule(
        "nanogpt.midjourney.videos",
        "A Midjourney job that lists its videos lists four, the first of them in output.video.",
        "[docs: video-generation] four videos; where they stand is assumed",
        check=_four_videos,
        **{**common, "provenance": "assumed", "cases": (Case("", required=False),)},
    )


def _missing_id(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("missing-id"):
        if reading.status != 429:
            right = (400, 404, 422) if reading.query else (400, 422)
            yield check(reading.status in right, reading, f"without an id {reading.status}")


def _unknown_id(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("unknown"):
        operation = reading.operation.id if reading.operation else ""
        if operation in (*_STATUSES, "getVideoContent") and reading.status != 429:
            exact = operation in (_UNIFIED, _LEGACY)
            good = reading.status == 404 or (not exact and reading.status in (400, 422))
            asked = reading.query.get("requestId", reading.query.get("runId"))
            words = f"{asked} got {reading.status}"
            yield check(good, reading, words, operation)


def _foreign(allowed: dict[str, frozenset[int]]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in journals(evidence):
            for reading in journal.steps("foreign", "then:content-foreign", "then:status-foreign"):
                operation = reading.operation.id if reading.operation else ""
                if operation in allowed and reading.status != 429:
                    words = f"another account's key got {reading.status}"
                    good = reading.status in allowed[operation]
                    yield check(good, reading, words, "" if len(allowed) == 1 else operation)

    return run


def _second_own(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed(purse.OWN):
        label = reading.exchange.probe.rpartition(".")[2]
        if label in ("first", "second") and reading.status != 429:
            good = reading.is_success if label == "second" else reading.status in (403, 404)
            yield check(good, reading, f"the {label} account's key got {reading.status}", label)


def _content(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("sora"):
        for reading in journal.steps("then:content"):
            good, words = _is_content(reading)
            yield check(good, reading, words, reading.exchange.subject)


def _is_content(reading: Reading) -> tuple[bool, str]:
    if 300 <= reading.status < 400:
        there = bool(reading.exchange.reply_header("location"))
        return there, f"{reading.status} without a Location"
    if reading.is_json_reply:
        good = reading.status == 200 and bool(reading.answer)
        return good, f"{reading.status} with JSON that is no object with members"
    kind = containers.kind_of(reading.exchange.reply_body)
    fits = bool(kind) and reading.content_type.startswith(kind.partition("/")[0])
    said = reading.content_type or "no content type"
    return reading.status == 200 and fits, f"{reading.status}, {said}, {kind or 'no known media'}"


def _kinds(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("sora"):
        for reading in journal.steps("then:content"):
            kind = containers.kind_of(reading.exchange.reply_body) if reading.is_success else ""
            variant = reading.exchange.subject
            if kind and variant in follow.VARIANTS:
                wanted = "video/" if variant == "video" else "image/"
                yield check(kind.startswith(wanted), reading, f"the {variant} is {kind}")


def _four_videos(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("midjourney"):
        for reading in journal.steps("poll", "after"):
            output = answers.data_of(reading.reply.value).get("output")
            videos = output.get("videos") if isinstance(output, dict) else None
            if isinstance(videos, list):
                urls = [each.get("url") if isinstance(each, dict) else each for each in videos]
                good = len(set(urls)) == 4 and urls[0] == answers.video_url(reading.reply.value)
                yield check(good, reading, f"{len(urls)} videos, or another first one")
