"""Recoup's ended runs: their task, what came of them, and the lists that they are in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, Journal, check
from conformance.model import Case, Finding, Rule, Tier
from conformance.profiles import recoup as profile
from conformance.reading import Reading
from conformance.rules.recoup_runs import rows


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


_TASKS: Final = {"create": "create-content", "edit": "ffmpeg-edit"}
_SAME: Final = ("status", "taskIdentifier", "createdAt")


def _ended(evidence: Evidence) -> Iterator[tuple[str, Journal, Reading, dict[str, Any]]]:
    """Yield each run as it was read last, with its journey."""
    for name in _TASKS:
        for journal in evidence.journeys(name):
            for reading in journal.steps("poll", "after")[-1:]:
                run = profile.run_of(reading.reply.value)
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
        if reading.is_success:
            ids = [each.get("id") for each in rows(reading)]
            good = reading.exchange.subject not in ids
            yield check(good, reading, "another account's list has the run")
