"""Recoup's catalogue: templates, artists, prices, readiness."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding
from conformance.profiles.recoup_probes import TEMPLATES
from conformance.profiles.recoup_stories import template_ids
from conformance.reading import Reading
from conformance.rule import Rule

_USD: Final = {"true": 0.95, "false": 0.82}
_PROFILES: Final = {"budget": 0.18, "mid": 0.62}
_NEAR_USD: Final = 0.011


def rules() -> Iterator[Rule]:
    """Yield the rules of the catalogue."""
    yield from _template_rules()
    yield from _price_rules()
    yield Rule(
        "recoup.validateContent.echo",
        "Readiness names the artist that was asked for; nothing required is missing "
        "if it is ready.",
        "docs, content/validate",
        "catalogue",
        _readiness,
        operation="validateContent",
        drivers=("modes", "positive"),
    )
    yield Rule(
        "recoup.listArtists.ids",
        "An artist's id is its account's, and no two artists have the same.",
        "impl, artists",
        "catalogue",
        _artists,
        operation="listArtists",
        provenance="observed",
        drivers=("positive", "generator"),
    )


def _template_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "catalogue", "operation": "getTemplate", "drivers": ("lifecycle", "modes"),
    }  # fmt: skip
    yield Rule(
        "recoup.getTemplate.listed",
        "Every listed template can be read, and has the id it was asked for.",
        "docs, content/templates",
        check=_listed,
        **common,
    )
    yield Rule(
        "recoup.getTemplate.agrees",
        "A template says of itself what the list says of it.",
        "docs, content/templates: id, description",
        check=_agrees,
        **common,
    )
    yield Rule(
        "recoup.listTemplates.ids",
        "No two templates of the list have the same id.",
        "docs, content/templates",
        check=_template_ids,
        **{**common, "operation": "listTemplates", "drivers": ("positive",)},
    )
    yield Rule(
        "recoup.listTemplates.known",
        "The list has the four templates that are known, in their order.",
        "impl, content/templates",
        check=_known,
        provenance="observed",
        **{**common, "operation": "listTemplates", "drivers": ("positive",)},
    )


def _price_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "catalogue", "operation": "estimateContent", "drivers": ("modes", "positive"),
    }  # fmt: skip
    yield Rule(
        "recoup.estimateContent.total",
        "An estimate's total is its price per video times the batch.",
        "impl, content/estimate; docs, batch",
        check=_total,
        provenance="observed",
        cases=(Case("", required=False),),
        **common,
    )
    yield Rule(
        "recoup.estimateContent.batch",
        "An estimate of workflows counts the batch that was asked for, and multiplies the cheapest "
        "and the dearest of them by it.",
        "docs, content/estimate: workflows, batch",
        check=_workflows,
        cases=(Case("", required=False),),
        **common,
    )
    yield Rule(
        "recoup.estimateContent.echo",
        "An estimate repeats lipsync and batch, the defaults where they were not given.",
        "impl, content/estimate",
        check=_estimate_echo,
        provenance="observed",
        cases=(Case("", required=False),),
        **common,
    )
    yield Rule(
        "recoup.estimateContent.profiles",
        "An estimate that is to compare has the profiles budget, mid and current, the last of "
        "them its own price; any other has none.",
        "impl, content/estimate",
        check=_profiles,
        provenance="observed",
        **{**common, "drivers": ("modes",)},
    )
    yield Rule(
        "recoup.estimateContent.price",
        "A video costs 0.82 USD, with lipsync 0.95.",
        "impl, content/estimate",
        check=_price,
        provenance="observed",
        cases=tuple(Case(f"lipsync {word}", required=False) for word in _USD),
        **common,
    )


def _around(evidence: Evidence) -> Iterator[tuple[Reading, str, list[Reading]]]:
    """Yield reads of templates that the list had before, and has after if it was read again.

    What came into a catalogue meanwhile, or left it, is judged by nobody.
    """
    lists = [r for r in evidence.successes("listTemplates") if template_ids(r.answer)]
    for reading in evidence.of("getTemplate"):
        asked = reading.path_values.get("id", "")
        if not reading.is_authorized or reading.exchange.method != "GET" or reading.status == 429:
            continue
        earlier = [each for each in lists if each.index < reading.index][-1:]
        later = [each for each in lists if each.index > reading.index][:1]
        around = earlier + later
        if earlier and all(asked in template_ids(each.answer) for each in around):
            yield reading, asked, around


def _listed(evidence: Evidence) -> Iterator[Finding]:
    judged = set()
    for reading, asked, around in _around(evidence):
        judged.add(reading.index)
        good = reading.is_success and reading.answer.get("id") == asked
        words = f"the listed template {asked} got {reading.status}, {reading.answer.get('id')!r}"
        yield check(good, reading, words, "", *around)
    for reading in evidence.successes("getTemplate"):
        if reading.index not in judged:
            asked = reading.path_values.get("id", "")
            yield check(reading.answer.get("id") == asked, reading, f"{asked} is another template")


def _agrees(evidence: Evidence) -> Iterator[Finding]:
    for reading, asked, around in _around(evidence):
        told = {_description(each, asked) for each in around}
        if reading.is_success and len(told) == 1:
            wanted, got = told.pop(), reading.answer.get("description")
            words = f"{asked} is described as {got!r}, in the list as {wanted!r}"
            yield check(got == wanted, reading, words, "", *around)


def _description(reading: Reading, name: str) -> str:
    rows = [each for each in reading.answer["templates"] if isinstance(each, dict)]
    return str(next((row.get("description") for row in rows if row.get("id") == name), ""))


def _template_ids(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listTemplates"):
        ids = template_ids(reading.answer)
        if ids:
            yield check(len(set(ids)) == len(ids), reading, f"an id stands twice in {ids}")


def _known(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listTemplates"):
        ids = template_ids(reading.answer)
        yield check(ids == list(TEMPLATES), reading, f"listed are {', '.join(ids)}")


def _estimates(evidence: Evidence) -> Iterator[tuple[Reading, str, int]]:
    """Yield estimates of what can be read in one way only: reading, lipsync, batch."""
    for reading in evidence.successes("estimateContent"):
        lipsync, batch = (
            reading.query.get(n, d) for n, d in (("lipsync", "false"), ("batch", "1"))
        )
        if lipsync in _USD and batch.isascii() and batch.isdecimal():
            yield reading, lipsync, int(batch)


def _total(evidence: Evidence) -> Iterator[Finding]:
    for reading, _, batch in _estimates(evidence):
        names = ("per_video_estimate_usd", "total_estimate_usd")
        each, total = (reading.answer.get(name) for name in names)
        if is_number(each) and is_number(total):
            expected = round(each * batch, 2)
            good = _is_near(total, expected)
            yield check(good, reading, f"total {total}, not {expected}")


def _workflows(evidence: Evidence) -> Iterator[Finding]:
    for reading, _, batch in _estimates(evidence):
        told, flows = reading.answer.get("batch"), reading.answer.get("workflows")
        if not isinstance(told, dict) or not isinstance(flows, list):
            continue
        prices = [each.get("perVideo") for each in flows if isinstance(each, dict)]
        known = [each for each in prices if is_number(each)]
        wrong = [f"count {told.get('count')}"] if told.get("count") != batch else []
        for name, price in (("cheapestTotal", min), ("mostExpensiveTotal", max)):
            total = told.get(name)
            if known and is_number(total) and not _is_near(total, price(known) * batch):
                wrong.append(f"{name} {total}")
        yield check(not wrong, reading, f"{', '.join(wrong)} for {batch} of {known}")


def _estimate_echo(evidence: Evidence) -> Iterator[Finding]:
    for reading, lipsync, batch in _estimates(evidence):
        told = reading.answer
        pairs: list[tuple[str, Any, Any]] = []
        if "lipsync" in told:
            pairs.append(("lipsync", told["lipsync"], lipsync == "true"))
        if is_number(told.get("batch")):
            pairs.append(("batch", told["batch"], batch))
        wrong = [f"{name} is {got!r}" for name, got, wanted in pairs if got != wanted]
        if pairs:
            words = f"{', '.join(wrong)}; asked were lipsync {lipsync}, batch {batch}"
            yield check(not wrong, reading, words)


def _profiles(evidence: Evidence) -> Iterator[Finding]:
    for reading, _, _ in _estimates(evidence):
        compare, told = reading.query.get("compare", "false"), reading.answer.get("profiles")
        # The documented form of an estimate compares elsewhere.
        is_nested = told is None and "workflows" in reading.answer
        if compare in _USD and not (is_nested and compare == "true"):
            each = reading.answer.get("per_video_estimate_usd")
            wanted = {**_PROFILES, "current": each} if compare == "true" else None
            yield check(told == wanted, reading, f"compare={compare} gave {told}, not {wanted}")


def _price(evidence: Evidence) -> Iterator[Finding]:
    for reading, lipsync, _ in _estimates(evidence):
        each = reading.answer.get("per_video_estimate_usd")
        if is_number(each):
            words = f"a video costs {each}, not {_USD[lipsync]}"
            yield check(abs(each - _USD[lipsync]) < 1e-9, reading, words, f"lipsync {lipsync}")


def _is_near(price: float, expected: float) -> bool:
    """Whether two sums of USD are the same but for a cent, or for what a float cannot hold."""
    return math.isclose(price, expected, rel_tol=1e-15, abs_tol=_NEAR_USD)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a JSON value is a number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _readiness(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("validateContent"):
        same = reading.answer.get("artist_account_id") == reading.query.get("artist_account_id")
        missing = reading.answer.get("missing")
        contradicts = reading.answer.get("ready") is True and bool(missing)
        yield check(same and not contradicts, reading, "another artist, or ready with gaps")


def _artists(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listArtists"):
        rows = reading.answer.get("artists")
        listed = [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []
        if listed:
            ids = [each.get("id") for each in listed]
            wrong = [each.get("id") for each in listed if each.get("id") != each.get("account_id")]
            good = not wrong and len(set(ids)) == len(ids)
            yield check(good, reading, f"ids {ids}, {wrong} not the account's")
