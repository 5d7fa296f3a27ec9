"""Leonardo's lists of generations, whose they are, and how they are deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import leonardo_answers as profile
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.leonardo_videos import ended

_READ, _LIST, _DELETE = "getGenerationById", "getGenerationsByUserId", "deleteGenerationById"
_SECOND: Final = frozenset({"second-key"})
_SHOWN: Final = 10
"""How long a list is at most that has no limit [openapi: image-generation]."""

_AGREE: Final = (
    "status", "prompt", "createdAt", "seed", "imageWidth", "imageHeight", "public",
    "negativePrompt",
)  # fmt: skip


def rules() -> Iterator[Rule]:
    """Yield the rules of lists, ownership and deletion."""
    yield from _list_rules()
    yield from _ownership_rules()


def _list_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "lists", "operation": _LIST, "tier": Tier.PAID, "drivers": ("lifecycle",),
    }  # fmt: skip
    source = "[openapi: image-generation] offset, limit"
    yield Rule(
        f"leonardo.{_LIST}.agrees",
        "The list has the caller's finished video, and tells of it what its own reply tells.",
        source,
        check=_agrees,
        **common,
    )
    yield Rule(
        f"leonardo.{_LIST}.limit",
        "No list is longer than its limit; without one, a longer list shows ten.",
        source,
        check=_limit,
        cases=(Case("1"), Case("10"), Case("100"), Case("none", Tier.FUZZ)),
        **common,
    )
    yield Rule(
        f"leonardo.{_LIST}.offset",
        "offset leaves out that many of the same list; beyond its end there is nothing.",
        source,
        check=_offset,
        cases=(Case("beyond"), Case("window", Tier.FUZZ)),
        **common,
    )
    yield Rule(
        f"leonardo.{_LIST}.every-status",
        "The list has the caller's generations in every status: also while one is pending, and "
        "when it has failed, as it says.",
        "[openapi: image-generation] status PENDING, COMPLETE, FAILED",
        check=_every_status,
        cases=(
            Case("new"),
            Case("COMPLETE"),
            Case("FAILED", needs=frozenset({"failure-trigger"})),
        ),
        **{**common, "tier": Tier.FUZZ, "needs": _SECOND},
    )
    yield Rule(
        f"leonardo.{_LIST}.newest-first",
        "A list has its newest generation first.",
        "no source states an order",
        check=_newest_first,
        level=Level.SHOULD,
        provenance="assumed",
        **common,
    )


def _listed(reading: Reading) -> list[dict[str, Any]]:
    found = reading.answer.get("generations")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _agrees(evidence: Evidence) -> Iterator[Finding]:
    for name, reading, generation, image in ended(evidence):
        if name != "text-to-video":
            continue
        for listing in evidence.probed("list.own"):
            row = next((r for r in _listed(listing) if r.get("id") == generation.get("id")), None)
            if row is None:
                yield check(False, listing, "the list lacks the finished video", "", reading)
                continue
            wrong = [n for n in _AGREE if row.get(n) != generation.get(n)]
            listed = next(iter(profile.images_of(row)), {})
            for which in ("id", "url", "motionMP4URL"):
                ours, theirs = (str(each.get(which)).split("?")[0] for each in (image, listed))
                wrong += [] if ours == theirs else [which]
            words = f"the list tells otherwise: {', '.join(wrong)}"
            yield check(not wrong, listing, words, "", reading)


def _limit(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes(_LIST):
        names = [name for name, _ in parse_qsl(urlsplit(reading.exchange.url).query)]
        limit = reading.query.get("limit", "")
        # Which of two limits counts, no source says.
        if limit.isascii() and limit.isdecimal() and names.count("limit") == 1:
            count = len(_listed(reading))
            words = f"{count} generations for a limit of {limit}"
            found = check(count <= int(limit), reading, words, limit)
            # Nothing is published on a limit of nothing.
            yield replace(found, provenance="assumed") if limit == "0" else found
    yield from _limit_by_default(evidence)


def _limit_by_default(evidence: Evidence) -> Iterator[Finding]:
    """Judge a list without a limit once it is known to be longer than what that shows."""
    for journal in evidence.journeys("pages"):
        made = sum(each.is_success for each in journal.steps("page"))
        for reading in journal.readings:
            if reading.exchange.probe == "list.default" and reading.is_success and made > _SHOWN:
                count = len(_listed(reading))
                words = f"{count} of {made} or more generations without a limit, not {_SHOWN}"
                yield check(count == _SHOWN, reading, words, "none")


def _offset(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("list.beyond"):
        count = len(_listed(reading))
        good = reading.status == 200 and count == 0
        yield check(good, reading, f"{reading.status}, {count} beyond the end", "beyond")
    turns: dict[str, dict[str, Reading]] = {}
    for reading in evidence.probed("list.window-before", "list.window-inside", "list.window-after"):
        name = reading.exchange.probe.rpartition("-")[2]
        turns.setdefault(reading.exchange.subject, {})[name] = reading
    for turn in turns.values():
        if len(turn) < 3:
            continue
        before, inside, after = (
            [row.get("id") for row in _listed(turn[name])] for name in ("before", "inside", "after")
        )
        first, count = (int(turn["inside"].query[name]) for name in ("offset", "limit"))
        # Others may create or delete between two reads: only a still list is judged.
        if before == after and len(before) > first:
            words = f"the list is {before}, after the first {first} it is {inside}"
            good = inside == before[first : first + count]
            yield check(good, turn["inside"], words, "window", turn["before"])


def _every_status(evidence: Evidence) -> Iterator[Finding]:
    ends = evidence.probed("account.end")
    made = {str(profile.generation_of(each.answer).get("id")): each for each in ends}
    for when in ("new", "ended"):
        seen: dict[str, list[Reading]] = {}
        for reading in evidence.probed(f"account.list-{when}"):
            seen.setdefault(reading.exchange.subject, []).append(reading)
        for identity, pages in seen.items():
            rows = [row for page in pages for row in _listed(page) if row.get("id") == identity]
            is_whole = len(_listed(pages[-1])) < int(pages[-1].query.get("limit", "0"))
            end = made.get(identity)
            status = profile.generation_of(end.answer).get("status") if end else None
            if not (rows or is_whole) or (when == "ended" and status in (None, "PENDING")):
                continue
            good = bool(rows) and (when == "new" or rows[0].get("status") == status)
            case = "new" if when == "new" else str(status)
            shown = rows[0].get("status") if rows else "not there"
            words = f"the {case} generation is {shown} in its owner's list"
            yield check(good, pages[-1], words, case, *([end] if end else []))


def _newest_first(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes(_LIST):
        times = [str(row.get("createdAt")) for row in _listed(reading)]
        if len(times) > 1:
            yield check(times == sorted(times, reverse=True), reading, "not newest first")


def _ownership_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"tier": Tier.PAID, "drivers": ("lifecycle",)}
    source = "[openapi: video-generation] isPublic; [docs: API FAQ] a key acts for its account"
    foreign: dict[str, Any] = {**common, "area": "ownership", "needs": _SECOND}
    yield Rule(
        f"leonardo.{_READ}.ownership",
        "Another account's key cannot read a private generation.",
        source,
        check=_foreign_read,
        operation=_READ,
        **foreign,
    )
    yield Rule(
        f"leonardo.{_LIST}.ownership",
        "Another account's key does not find a private generation in its owner's list.",
        source,
        check=_foreign_list,
        operation=_LIST,
        **foreign,
    )
    yield Rule(
        f"leonardo.{_LIST}.user",
        "The list of a user who does not exist has nothing of the caller's.",
        "[openapi: image-generation] userId; of foreign users, no source",
        check=_list_of_nobody,
        operation=_LIST,
        provenance="assumed",
        **{**common, "area": "lists"},
    )
    yield Rule(
        f"leonardo.{_DELETE}.ownership",
        "Another account's key cannot delete a generation: it is there as before.",
        source,
        check=_foreign_delete,
        operation=_DELETE,
        **foreign,
    )
    yield Rule(
        f"leonardo.{_DELETE}.names",
        "A deletion names the generation that it deleted.",
        "[openapi: image-generation]",
        "generations",
        check=_deletion_names,
        operation=_DELETE,
        **common,
    )
    yield Rule(
        f"leonardo.{_DELETE}.gone",
        "A deleted generation is null or 404, is in no list, and cannot be deleted again.",
        "[openapi: image-generation]; unknown ids: null in the document, 404 in the catalogue",
        "generations",
        check=_gone,
        operation=_DELETE,
        cases=(Case("read"), Case("again"), Case("list")),
        **common,
    )


def _foreign_read(evidence: Evidence) -> Iterator[Finding]:
    for name in ("text-to-video", "image-to-video"):
        for journal in evidence.journeys(name):
            for reading in journal.steps("foreign"):
                found = profile.generation_of(reading.answer)
                yield check(not found, reading, "another account's key read it")


def _foreign_list(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("list.foreign"):
        ids = [row.get("id") for row in _listed(reading)]
        good = reading.exchange.subject not in ids
        yield check(good, reading, "another account's key found it in the list")


def _list_of_nobody(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("list.stranger"):
        ids = [row.get("id") for row in _listed(reading)]
        good = reading.exchange.subject not in ids
        yield check(good, reading, "the caller's own generation is in a stranger's list")


def _foreign_delete(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("delete.foreign"):
        named = reading.answer.get("delete_generations_by_pk")
        yield check(named is None, reading, f"another account's key deleted {named!r}")
    for reading in evidence.probed("delete.survives"):
        there = profile.generation_of(reading.answer).get("status") == "COMPLETE"
        yield check(there, reading, "it is gone after another account's deletion")


def _deletion_names(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("delete.own"):
        named = reading.answer.get("delete_generations_by_pk")
        good = isinstance(named, dict) and named.get("id") == reading.path_values.get("id")
        yield check(good, reading, f"the deletion says {named!r} ({reading.status})")


def _gone(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("delete.read"):
        there = profile.generation_of(reading.answer)
        good = reading.status in (200, 404) and not there
        yield check(good, reading, f"it still reads {reading.status}", "read")
    for reading in evidence.probed("delete.again"):
        named = reading.answer.get("delete_generations_by_pk")
        good = reading.status in (200, 404) and named is None
        yield check(good, reading, f"a second deletion says {named!r}", "again")
    for reading in evidence.probed("delete.list"):
        ids = [row.get("id") for row in _listed(reading)]
        good = reading.status == 200 and reading.exchange.subject not in ids
        yield check(good, reading, "a deleted generation is listed", "list")
