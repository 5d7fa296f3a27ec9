"""Recoup's ended runs: their task, what came of them, and the lists that they are in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.journal import Journal
from conformance.model import Case, Finding, Tier
from conformance.profiles import recoup_stories as stories
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.recoup_runs import is_listed, rows


def rules() -> Iterator[Rule]:
    """Yield the rules of runs that have ended."""
    common: dict[str, Any] = {
        "operation": "listRuns", "tier": Tier.PAID, "drivers": ("lifecycle",),
    }  # fmt: skip
    start = "recoup.listRuns"
    yield Rule(
        f"{start}.task",
        "A run names its task: create-content for what create started, ffmpeg-edit for an edit.",
        "docs, TaskRun",
        "runs",
        _task,
        cases=tuple(Case(name) for name in _TASKS),
        **common,
    )
    yield Rule(
        f"{start}.output-echo",
        "The output of a create run names the template that was asked for, and lipsync if it "
        "tells it.",
        "docs, output of create-content",
        "runs",
        _output_echo,
        **common,
    )
    yield Rule(
        f"{start}.agrees",
        "An ended run that is in a list stands there once, with the status, task and time that "
        "it has alone.",
        "docs, tasks/runs",
        "runs",
        _agrees,
        cases=(Case("", required=False),),
        **common,
    )
    yield Rule(
        f"{start}.own-list",
        "A run is in no list of another account.",
        "docs, tasks/runs (account-scoped); impl, lists by account",
        "ownership",
        _foreign_list,
        needs=frozenset({"second-key"}),
        **common,
    )
    yield from _story_rules()


def _story_rules() -> Iterator[Rule]:
    """Yield the rules of runs that are to fail, and of a batch's runs."""
    common: dict[str, Any] = {
        "area": "runs", "tier": Tier.FUZZ, "drivers": ("lifecycle",),
    }  # fmt: skip
    failing = {**common, "operation": "listRuns", "needs": frozenset({"failure-trigger"})}
    yield Rule(
        "recoup.listRuns.end-kept",
        "A run that has ended stays as it is, a failed one too: status, error, output and end.",
        "docs, TaskRun: ended statuses",
        check=_end_kept,
        **failing,
    )
    yield Rule(
        "recoup.listRuns.listed-ends",
        "A list tells of a failed run what a look-up tells; where completed runs are listed, "
        "failed ones are.",
        "docs, tasks/runs: the account's runs",
        check=_listed_ends,
        **failing,
    )
    yield Rule(
        "recoup.listRuns.failed-error",
        "A failed run that is looked up tells why: an error with a message.",
        "docs, TaskRun: error",
        check=_failed_error,
        **failing,
    )
    yield Rule(
        "recoup.createContent.batch-runs",
        "Every run of a batch can be read by its id.",
        "seed 002, runIds: each is polled",
        check=_batch_runs,
        operation="createContent",
        **common,
    )
    yield Rule(
        "recoup.createContent.batch-ends",
        "Every run of a batch ends within --wait.",
        "seed 002, runIds: each is polled; docs, TaskRun: ended statuses",
        check=_batch_ends,
        operation="createContent",
        **common,
    )


_TASKS: Final = {"create": "create-content", "edit": "ffmpeg-edit"}
_SAME: Final = ("status", "taskIdentifier", "createdAt")


def _ended(evidence: Evidence) -> Iterator[tuple[str, Journal, Reading, dict[str, Any]]]:
    """Yield each run as it was read last, with its journey."""
    for name in _TASKS:
        for journal in evidence.journeys(name):
            for reading in journal.steps("poll", "after")[-1:]:
                run = stories.run_of(reading.reply.value)
                if reading.is_success and run:
                    yield name, journal, reading, run


def _task(evidence: Evidence) -> Iterator[Finding]:
    for name, _, reading, run in _ended(evidence):
        task = run.get("taskIdentifier")
        words = f"the task of {name} is {task!r}, not {_TASKS[name]}"
        yield check(task == _TASKS[name], reading, words, name)


def _output_echo(evidence: Evidence) -> Iterator[Finding]:
    for name, journal, reading, run in _ended(evidence):
        output, made = run.get("output"), journal.created
        if name != "create" or made is None or not isinstance(output, dict):
            continue
        asked = {each: made.body[each] for each in ("template", "lipsync") if each in made.body}
        wrong = [f"{n} is {output[n]!r}" for n in asked if n in output and output[n] != asked[n]]
        if asked:
            yield check(not wrong, reading, f"{', '.join(wrong)}; asked was {asked}", "", made)


def _agrees(evidence: Evidence) -> Iterator[Finding]:
    for _, _, reading, run in _ended(evidence):
        for listing in evidence.probed("runs.after"):
            found = [each for each in rows(listing) if each.get("id") == run.get("id")]
            if listing.exchange.subject == run.get("id") and found:
                wrong = [n for n in _SAME if n in found[0] and found[0][n] != run.get(n)]
                words = f"the list has it {len(found)} time(s), and differs in {', '.join(wrong)}"
                yield check(len(found) == 1 and not wrong, listing, words, "", reading)


def _foreign_list(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("runs.after-foreign"):
        if reading.status != 429:
            ids = [each.get("id") for each in rows(reading)]
            good = reading.is_success and reading.exchange.subject not in ids
            words = f"another account's list got {reading.status}, with {len(ids)} run(s)"
            yield check(good, reading, words)
    for journal in evidence.journeys("second"):
        for reading in journal.steps("second:list-first"):
            if reading.is_success:
                ids = [each.get("id") for each in rows(reading)]
                good = reading.exchange.subject not in ids
                yield check(good, reading, "the first account's list has the second's run")


_KEPT: Final = ("status", "error", "output", "finishedAt")


def _failing(evidence: Evidence, *steps: str) -> Iterator[tuple[Reading, dict[str, Any], Reading]]:
    """Yield each run that was to fail, as it was read at its end, and each later reading of it."""
    for journal in evidence.journeys("failing"):
        ends = {r.exchange.subject: r for r in journal.steps("failing:poll")}
        for reading in journal.steps(*steps):
            end = ends.get(reading.exchange.subject)
            run = stories.run_of(end.reply.value) if end is not None else {}
            if end is not None and str(run.get("status")) in stories.ENDED:
                yield end, run, reading


def _end_kept(evidence: Evidence) -> Iterator[Finding]:
    for end, run, reading in _failing(evidence, "failing:after"):
        now = stories.run_of(reading.reply.value)
        wrong = [name for name in _KEPT if _path(now.get(name)) != _path(run.get(name))]
        words = f"{run.get('status')} was its end; later {', '.join(wrong)} differ"
        yield check(reading.is_success and not wrong, reading, words, "", end)


def _path(value: Any) -> Any:
    """Return a value without what may be signed anew in its links."""
    if isinstance(value, dict):
        return {name: _path(each) for name, each in value.items()}
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return value.partition("?")[0]
    return value


def _listed_ends(evidence: Evidence) -> Iterator[Finding]:
    whole = [is_listed(each) for each in evidence.probed("runs.after")]
    for end, run, reading in _failing(evidence, "failing:list"):
        found = [each for each in rows(reading) if each.get("id") == run.get("id")]
        if found:
            wrong = [n for n in _SAME if n in found[0] and found[0][n] != run.get(n)]
            words = f"the list differs from the run in {', '.join(wrong)}"
            yield check(not wrong and len(found) == 1, reading, words, "", end)
        elif is_listed(reading) is not None:
            words = f"the list has completed runs, and not the one that ended {run.get('status')}"
            yield check(True not in whole, reading, words, "", end)


def _failed_error(evidence: Evidence) -> Iterator[Finding]:
    for end, run, _ in _failing(evidence, "failing:poll"):
        if run.get("status") in stories.FAILED - {"CANCELED"}:
            error = run.get("error")
            message = error.get("message") if isinstance(error, dict) else None
            good = isinstance(message, str) and bool(message.strip())
            yield check(good, end, f"a run {run.get('status')} has the error {error!r}")


def _batch_runs(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("batch"):
        for reading in journal.steps("batch:read"):
            got, wanted = stories.run_of(reading.reply.value).get("id"), reading.exchange.subject
            good = reading.is_success and got == wanted
            words = f"{wanted} of a batch got {reading.status}, {got!r}"
            yield check(good, reading, words)


def _batch_ends(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("batch"):
        last = {each.exchange.subject: each for each in journal.steps("batch:poll")}
        for identity, reading in last.items():
            status = str(stories.run_of(reading.reply.value).get("status"))
            words = f"{identity} of a batch was {status} in the end ({reading.status})"
            yield check(status in stories.ENDED, reading, words)
