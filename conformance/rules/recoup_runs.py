"""Recoup's runs: single look-ups and lists, whose they are, flags, times and outputs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from conformance.evidence import Evidence, broken, check
from conformance.journal import Journal
from conformance.model import Case, Finding, Level, Tier
from conformance.profiles import recoup_stories as stories
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.recoup_common import Check, refused_as
from conformance.setting import Setting


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield the rules of runs."""
    yield from _run_rules()
    yield from _ownership_rules(setting)


def _run_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "runs",
        "operation": "listRuns",
        "drivers": ("modes", "lifecycle"),
    }
    start = "recoup.listRuns"
    yield Rule(
        f"{start}.one",
        "With a run id the list has exactly that run.",
        "docs, tasks/runs",
        check=_single_run,
        **{**common, "tier": Tier.PAID},
    )
    yield Rule(
        f"{start}.unknown",
        "An unknown run id is no success: 404, or observed 500.",
        "docs, 404; impl, 500",
        check=refused_as("runs.unknown", 404, 500),
        **common,
    )
    yield Rule(
        f"{start}.list",
        "Whoever may ask gets a list of runs, be it an empty one.",
        "docs, tasks/runs: 200 with runs",
        check=_lists,
        **{**common, "drivers": ("credentials", *common["drivers"])},
    )
    yield Rule(
        f"{start}.limit",
        "In a list, limit is 1 to 100, and bounds the number of runs: 20 if it is not given.",
        "docs, limit",
        check=_limit,
        cases=(Case("0"), Case("101"), Case("1"), Case("100"), Case("none")),
        **common,
    )
    yield Rule(
        f"{start}.foreign-account",
        "Another account's runs are refused with 403.",
        "docs, account_id",
        check=refused_as("runs.foreign-account", 403),
        **common,
    )
    yield Rule(
        f"{start}.newest-first",
        "A list has its newest run first.",
        "docs, tasks/runs",
        check=_newest_first,
        **{**common, "tier": Tier.PAID, "level": Level.SHOULD},
    )
    yield Rule(
        f"{start}.flags",
        "The flags of a run agree with its status.",
        "impl, flag mapping",
        check=_flags,
        provenance="observed",
        **{**common, "tier": Tier.PAID},
    )
    yield Rule(
        f"{start}.times",
        "A run's times are in order: created, started, finished, none changed before it was "
        "created; a finished time stands in ended runs only.",
        "docs, TaskRun",
        check=_times,
        **{**common, "tier": Tier.PAID},
    )
    yield Rule(
        f"{start}.output",
        "The output of a completed create run has videoSourceUrl, imageUrl, "
        "captionText and template, the first two as texts; a run under way has no video yet.",
        "docs, output of create-content",
        check=_output,
        **{**common, "tier": Tier.PAID},
    )


def _ownership_rules(setting: Setting) -> Iterator[Rule]:
    """Yield who may read a run: the documents scope it to the account, the server does not."""
    only_documented = [judge.contract.dialect for judge in setting.judges] == ["documented"]
    yield Rule(
        "recoup.listRuns.ownership",
        "Another account's run is a 404, as if it did not exist."
        if only_documented
        else "Another account's run is a 404, or observed readable, and nothing else.",
        "docs, tasks/runs (account-scoped); impl, not scoped",
        "ownership",
        _foreign_run(frozenset({404} if only_documented else {404, 200, 500})),
        operation="listRuns",
        tier=Tier.PAID,
        needs=frozenset({"second-key"}),
        drivers=("lifecycle",),
    )


def _foreign_run(allowed: frozenset[int]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in _journals(evidence):
            yield from map(_look, journal.steps("foreign"))
        for journal in evidence.journeys("second"):
            yield from map(_look, journal.steps("second:foreign"))

    def _look(reading: Reading) -> Finding:
        words = f"another account's key got {reading.status}"
        return check(reading.status in allowed, reading, words)

    return run


def _single_run(evidence: Evidence) -> Iterator[Finding]:
    for journal in _journals(evidence):
        for reading in journal.steps("poll", "after"):
            if reading.is_success:
                runs, asked = reading.answer.get("runs"), reading.query.get("runId")
                is_one = isinstance(runs, list) and len(runs) == 1
                is_it = is_one and stories.run_of(reading.reply.value).get("id") == asked
                yield check(is_it, reading, f"the list for {asked} is not that one run")


def _journals(evidence: Evidence) -> list[Journal]:
    return [*evidence.journeys("create"), *evidence.journeys("edit")]


_REFUSED: Final = ("runs.limit-low", "runs.limit-high")


def _limit(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed(*_REFUSED, "runs.limit-one", "runs.limit-most"):
        limit, runs = reading.query.get("limit"), reading.answer.get("runs")
        if limit is None:  # left out to make a failing request smaller
            continue
        if reading.exchange.probe in _REFUSED:
            yield check(reading.status == 400, reading, f"got {reading.status}, not 400", limit)
        else:
            is_short = reading.is_success and isinstance(runs, list) and len(runs) <= int(limit)
            yield check(is_short, reading, f"a limit of {limit} gave something else", limit)
    for reading in evidence.probed("runs.list"):
        rows_there = rows(reading)
        words = f"without a limit, {len(rows_there)} run(s) came with {reading.status}"
        yield check(reading.is_success and len(rows_there) <= _USUAL, reading, words, "none")
    yield from _usual_limit(evidence)


def _usual_limit(evidence: Evidence) -> Iterator[Finding]:
    """Judge lists without a limit that come after one with more runs than they show."""
    longest: Reading | None = None
    for reading in evidence.successes("listRuns"):
        if reading.query.keys() - {"limit"} or reading.credentials[0].label != "first":
            continue
        if "limit" in reading.query:
            longest = reading if longest is None or _more(reading, longest) else longest
        elif (
            longest is not None and len(rows(longest)) >= _USUAL and longest.is_over_before(reading)
        ):
            count = len(rows(reading))
            words = f"without a limit, {count} of {len(rows(longest))} or more runs came"
            yield check(count == _USUAL, reading, words, "none", longest)


def _more(reading: Reading, other: Reading) -> bool:
    return len(rows(reading)) > len(rows(other))


_PLAIN: Final = ("credentials", "modes", "lifecycle")


def _lists(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.valid("listRuns"):
        is_plain = reading.exchange.method == "GET" and reading.exchange.driver in _PLAIN
        is_list = not reading.query.keys() - {"limit"}
        is_refused = reading.exchange.probe in _REFUSED
        is_busy = reading.status == 429 or reading.status >= 500
        if is_plain and is_list and not is_refused and not is_busy:
            yield check(reading.status == 200, reading, f"the list got {reading.status}")


_USUAL: Final = 20


def _newest_first(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listRuns"):
        runs = reading.answer.get("runs")
        if "runId" not in reading.query and isinstance(runs, list) and len(runs) > 1:
            times = [str(run.get("createdAt")) for run in runs if isinstance(run, dict)]
            yield check(times == sorted(times, reverse=True), reading, "not newest first")


_QUEUED: Final = ("PENDING_VERSION", "QUEUED", "DELAYED")
_BROKEN: Final = ("FAILED", "CRASHED", "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT")
_FLAGS: Final[dict[str, tuple[str, ...]]] = {
    "isQueued": _QUEUED,
    "isExecuting": ("DEQUEUED", "EXECUTING"),
    "isWaiting": ("WAITING",),
    "isCompleted": ("COMPLETED", *_BROKEN),
    "isSuccess": ("COMPLETED",),
    "isFailed": _BROKEN,
    "isCancelled": ("CANCELED",),
}
"""The statuses of which a flag is true [impl, flag mapping]."""

_MAPPED: Final = frozenset(status for held in _FLAGS.values() for status in held)
_OF_CANCELED: Final = ("isCompleted", "isFailed")
"""What the queue says of a run that was canceled, is not known [impl, not verified]."""


def _flags(evidence: Evidence) -> Iterator[Finding]:
    for reading, run in _runs(evidence):
        status = str(run.get("status"))
        doubtful = _OF_CANCELED if status == "CANCELED" else ()
        there = [name for name in _FLAGS if name in run and name not in doubtful]
        wrong = [name for name in there if run[name] is not (status in _FLAGS[name])]
        if there and status in _MAPPED:
            yield check(not wrong, reading, f"{', '.join(wrong)} contradict {status}")


def _runs(evidence: Evidence) -> Iterator[tuple[Reading, dict[str, Any]]]:
    for reading in evidence.successes("listRuns"):
        for run in rows(reading):
            yield reading, run


def rows(reading: Reading) -> list[dict[str, Any]]:
    """Return the runs of a reply."""
    runs = reading.answer.get("runs")
    return [each for each in runs if isinstance(each, dict)] if isinstance(runs, list) else []


def is_listed(reading: Reading) -> bool | None:
    """Whether a list has the run that it is about; None where a longer list might."""
    if not reading.is_success:
        return None
    found = rows(reading)
    if any(each.get("id") == reading.exchange.subject for each in found):
        return True
    return None if len(found) >= stories.FULL else False


_LINKS: Final = ("videoSourceUrl", "imageUrl")
_AT_WORK: Final = frozenset({*_QUEUED, "DEQUEUED", "EXECUTING", "WAITING"})


def _times(evidence: Evidence) -> Iterator[Finding]:
    ended = stories.ENDED
    for reading, run in _runs(evidence):
        given = [run.get(name) for name in ("createdAt", "startedAt", "finishedAt")]
        times = [_time(each) for each in given if each is not None]
        in_order = None not in times and times == sorted(t for t in times if t is not None)
        too_early = run.get("finishedAt") is not None and str(run.get("status")) not in ended
        words = "finishedAt stands in a run under way" if too_early else f"times are {given}"
        created, updated = _time(run.get("createdAt")), _time(run.get("updatedAt"))
        if in_order and created is not None and updated is not None and updated < created:
            in_order, words = False, f"updatedAt {updated} is before createdAt {created}"
        yield check(in_order and not too_early, reading, words)


def _time(text: Any) -> datetime | None:
    """Return a time, UTC where it has no zone; None if it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _output(evidence: Evidence) -> Iterator[Finding]:
    wanted = ("videoSourceUrl", "imageUrl", "captionText", "template")
    for reading, run in _runs(evidence):
        output, status = run.get("output"), str(run.get("status"))
        if isinstance(output, dict) and output.get("videoSourceUrl") and status in _AT_WORK:
            yield broken(reading, f"a run that is {status} has a video")
    for journal in evidence.journeys("create"):
        for reading in journal.steps("poll", "after"):
            run = stories.run_of(reading.reply.value)
            if str(run.get("status")) in stories.COMPLETED:
                output = run.get("output")
                told = output if isinstance(output, dict) else {}
                missing = [name for name in wanted if name not in told]
                missing += [n for n in _LINKS if n in told and not isinstance(told[n], str)]
                words = f"the output lacks {', '.join(missing)}, or has no link there"
                yield check(not missing, reading, words)
