"""Recoup's accounts: a second one is served as the first, and each for itself alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Finding, Tier
from conformance.profiles.recoup_stories import run_of
from conformance.rule import Rule
from conformance.rules.recoup_common import refused_as
from conformance.rules.recoup_runs import is_listed

_STORY: Final = "second"


def rules() -> Iterator[Rule]:
    """Yield the rules of accounts."""
    yield Rule(
        "recoup.listArtists.foreign-account",
        "Another account's artists are refused with 403.",
        "docs, artists: account_id, who has access",
        "ownership",
        refused_as("artists.foreign-account", 403),
        operation="listArtists",
        drivers=("modes",),
    )
    common: dict[str, Any] = {
        "area": "ownership", "tier": Tier.FUZZ, "needs": frozenset({"second-key"}),
        "drivers": ("lifecycle",),
    }  # fmt: skip
    yield Rule(
        "recoup.editContent.second-account",
        "A second account starts a run as the first one does.",
        "docs, content: any account's key",
        check=_starts,
        operation="editContent",
        **common,
    )
    yield Rule(
        "recoup.listRuns.own",
        "The account that started a run reads it, whichever account it is; its list is there too.",
        "docs, tasks/runs (account-scoped)",
        check=_reads_its_own,
        operation="listRuns",
        **common,
    )
    yield Rule(
        "recoup.listRuns.listed-alike",
        "If one account's list has the run that it started, the other's list has its own.",
        "docs, tasks/runs: the account's runs; impl, whether runs are listed is the worker's doing",
        check=_listed_alike,
        operation="listRuns",
        **common,
    )


def _starts(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys(_STORY):
        for reading in journal.steps("second:start"):
            words = f"the second account's edit got {reading.status}"
            yield check(reading.is_success, reading, words)


def _reads_its_own(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys(_STORY):
        for reading in journal.steps("second:poll"):
            got = run_of(reading.reply.value).get("id")
            good = reading.is_success and got == reading.exchange.subject
            words = f"its own run {reading.exchange.subject} got {reading.status}, {got!r}"
            yield check(good, reading, words)
        for reading in journal.steps("second:list"):
            words = f"the second account's list got {reading.status}"
            yield check(reading.is_success, reading, words)


def _listed_alike(evidence: Evidence) -> Iterator[Finding]:
    edits = [journal.steps("then:runs.after") for journal in evidence.journeys("edit")]
    first = next((reading for steps in edits for reading in steps), None)
    for journal in evidence.journeys(_STORY):
        for reading in journal.steps("second:list"):
            mine, other = is_listed(reading), None if first is None else is_listed(first)
            if first is not None and mine is not None and other is not None:
                words = f"the first account's run is listed: {other}, the second's: {mine}"
                yield check(mine is other, reading, words, "", first)
