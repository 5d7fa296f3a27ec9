"""Recoup's names and ids are taken as they are: templates, runs and artists that nearly exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import recoup_probes as asked
from conformance.profiles.recoup_stories import near_ids, run_of, template_ids
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules.recoup_common import refused_as
from conformance.rules.validation import REFUSALS

Check = Callable[[Evidence], Iterator[Finding]]
_MODES: Final = ("modes",)


def rules() -> Iterator[Rule]:
    """Yield the rules of what is looked up by a name or an id."""
    yield from _template_rules()
    yield from (_template_name(operation) for operation in asked.NAMING)
    yield Rule(
        "recoup.listRuns.near-miss",
        "An id that is not a run's own finds no run: one cut short or made longer, in other "
        "letters. Around it there may be blanks.",
        "docs, tasks/runs: unknown run, 404; impl, the id is trimmed",
        "runs",
        _near_runs,
        operation="listRuns",
        tier=Tier.PAID,
        drivers=("lifecycle",),
        cases=tuple(Case(word) for word in near_ids("run_abc")),
    )
    yield Rule(
        "recoup.validateContent.unknown",
        "An artist that nobody knows is a 404.",
        "docs, content/validate",
        "catalogue",
        refused_as("validate.unknown", 404),
        operation="validateContent",
        drivers=_MODES,
    )
    yield Rule(
        "recoup.editContent.mux-audio",
        "What templates do with the sound is no operation that a caller may ask for.",
        "impl, content: operations of callers",
        "validation",
        refused_as("edit.mux-audio", *sorted(REFUSALS)),
        operation="editContent",
        provenance="observed",
        tier=Tier.VALIDATION,
        drivers=_MODES,
    )


def _template_rules() -> Iterator[Rule]:
    yield Rule(
        "recoup.getTemplate.exact",
        "A template id in other letters, with blanks, in part, or of no template, is a 404.",
        "docs, 404; impl, exact match, and 500 for names of every JavaScript object",
        "catalogue",
        _misses,
        operation="getTemplate",
        drivers=_MODES,
        cases=tuple(Case(name) for name in _MISSED),
    )
    common: dict[str, Any] = {
        "area": "create", "operation": "createContent", "tier": Tier.FUZZ, "drivers": _MODES,
    }  # fmt: skip
    yield Rule(
        "recoup.createContent.template-exact",
        "A template that is named in other letters, with blanks or in part is unknown: 400.",
        "docs, create: unknown template",
        check=_near_templates,
        cases=tuple(Case(name) for name in asked.NEAR_TEMPLATES),
        **common,
    )
    yield Rule(
        "recoup.createContent.listed-template",
        "Every listed template can be asked for.",
        "docs, content/templates; seed 002, template",
        check=_listed_templates,
        **{**common, "drivers": ("modes", "lifecycle")},
    )


_MISSED: Final = (*asked.NEAR_TEMPLATES, asked.NO_TEMPLATE, asked.INHERITED)


def _listed(evidence: Evidence) -> set[str]:
    """Return the names of every list of templates that came."""
    return {
        name for reading in evidence.of("listTemplates") for name in template_ids(reading.answer)
    }


def _misses(evidence: Evidence) -> Iterator[Finding]:
    listed = _listed(evidence)
    for reading in evidence.probed("template"):
        name = reading.exchange.subject
        if name in _MISSED and name not in listed:
            allowed = (404, 500) if name == asked.INHERITED else (404,)
            yield check(reading.status in allowed, reading, f"{name!r} got {reading.status}", name)


def _near_templates(evidence: Evidence) -> Iterator[Finding]:
    listed = _listed(evidence)
    for reading in evidence.probed("create.near-template"):
        name = reading.exchange.subject
        if reading.body.get("template") == name and name not in listed:
            yield check(reading.status == 400, reading, f"{name!r} got {reading.status}", name)


def _listed_templates(evidence: Evidence) -> Iterator[Finding]:
    listed = _listed(evidence)
    # What another reason refuses whatever the template says nothing of it.
    can = any(evidence.successes("createContent"))
    for reading in evidence.probed("create.listed-template"):
        name = reading.exchange.subject
        if can and name in listed and reading.body.get("template") == name:
            words = f"the listed template {name} got {reading.status}"
            yield check(reading.status not in REFUSALS, reading, words)


def _template_name(operation: str) -> Rule:
    return Rule(
        f"recoup.{operation}.template-name",
        "The name of a template is any text, or one of those that there are and exactly so: who "
        "refuses an unknown name refuses a near one.",
        "seed and docs, template: any text; impl: one of four",
        "validation",
        _all_or_exact(operation),
        operation=operation,
        tier=Tier.FUZZ,
        drivers=_MODES,
    )


def _all_or_exact(operation: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        found = [r for r in evidence.probed("template-name") if _is_of(r, operation)]
        unknown = [r for r in found if r.body.get("template") == asked.NO_TEMPLATE]
        for reading in found:
            name = reading.body.get("template")
            if unknown and name in asked.NEAR_TEMPLATES:
                strict = unknown[0].status in REFUSALS
                words = f"{name!r} got {reading.status}, an unknown name {unknown[0].status}"
                fits = (reading.status in REFUSALS) is strict
                yield check(fits, reading, words, "", unknown[0])

    return run


def _is_of(reading: Reading, operation: str) -> bool:
    return reading.operation is not None and reading.operation.id == operation


def _near_runs(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("runs.near"):
        wanted, word = reading.query.get("runId"), reading.exchange.probe.rpartition(".")[2]
        own = reading.exchange.subject
        if wanted is None or reading.status == 429:
            continue
        got = run_of(reading.reply.value).get("id")
        # What is cut off may leave the id of another run, which may be read.
        fine = {own} if word == "blank" else {wanted} - {own}
        good = not reading.is_success or str(got) in fine
        yield check(good, reading, f"{wanted!r} found {got!r}", word)
