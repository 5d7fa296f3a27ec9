"""Recoup's own rules: modes of videos, creations with their echoes and batches.

Written from the seed, the vendor's documents and the observed behaviour (`contracts/recoup/`), as
the model for other providers: each rule is a sentence, a source and a small pure function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.evidence import Evidence, broken, check, held
from conformance.model import Case, Finding, Tier
from conformance.profiles import recoup_probes as asked
from conformance.reading import Reading
from conformance.rule import Rule
from conformance.rules import (
    lifecycle,
    recoup_accounts,
    recoup_catalogue,
    recoup_endings,
    recoup_media,
    recoup_names,
    recoup_results,
    recoup_runs,
)
from conformance.rules.recoup_common import MODES, echo, refused_as
from conformance.setting import Setting


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield Recoup's rules."""
    yield from lifecycle.rules(setting)
    yield from _video_rules()
    yield from _create_rules()
    yield from recoup_runs.rules(setting)
    yield from recoup_endings.rules()
    yield from recoup_results.rules()
    yield from recoup_catalogue.rules()
    yield from recoup_names.rules()
    yield from recoup_accounts.rules()
    yield from recoup_media.rules()


def _video_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"operation": "createVideo", "tier": Tier.FUZZ, "drivers": MODES}
    yield Rule(
        "recoup.createVideo.mode.explicit",
        "A mode that is given is the mode of the reply, whatever the inputs.",
        "seed 000 and 001, mode",
        "modes",
        _explicit_mode,
        cases=tuple(Case(mode) for mode in asked.MODES),
        **common,
    )
    yield Rule(
        "recoup.createVideo.mode.precedence",
        "Without a mode it is inferred from the inputs, first match: audio and "
        "image lipsync, video "
        "extend, image and end image first-last, image animate, else prompt.",
        "impl, mode resolution; the documents name no order",
        "modes",
        _inferred_mode,
        provenance="observed",
        cases=tuple(_presence_rows()),
        **common,
    )
    yield Rule(
        "recoup.createVideo.mode.declared",
        "The mode of a reply is one of the six.",
        "seed 001, VideoMode",
        "modes",
        _declared_mode,
        **common,
    )
    yield Rule(
        "recoup.createVideo.url",
        "A finished video has an absolute http(s) URL.",
        "seed 000, videoUrl",
        "create",
        _video_url,
        **common,
    )


def _presence_rows() -> Iterator[Case]:
    """Yield one row per presence of inputs that the documents allow: with an image, documented."""
    for number in range(2 ** len(asked.MEDIA_FIELDS)):
        names = [n for i, n in enumerate(asked.MEDIA_FIELDS) if number >> i & 1]
        row = "+".join(names) or "nothing"
        yield Case(row, required="image_url" in names)


def expected_mode(body: dict[str, Any]) -> str:
    """Return the mode that inputs stand for [impl, mode resolution]."""
    if "audio_url" in body and "image_url" in body:
        return "lipsync"
    if "video_url" in body:
        return "extend"
    if "image_url" in body:
        return "first-last" if "end_image_url" in body else "animate"
    return "prompt"


def _explicit_mode(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createVideo"):
        given = reading.body.get("mode")
        if isinstance(given, str) and reading.is_valid:
            got = reading.answer.get("mode")
            yield check(got == given, reading, f"mode {given} was given, {got} came back", given)


def _inferred_mode(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createVideo"):
        if "mode" in reading.body or not reading.body:
            continue
        names = [name for name in asked.MEDIA_FIELDS if name in reading.body]
        expected, got = expected_mode(reading.body), reading.answer.get("mode")
        row = "+".join(names) or "nothing"
        yield check(got == expected, reading, f"{row} is {expected}, {got} came back", row)


def _declared_mode(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createVideo"):
        got = reading.answer.get("mode")
        yield check(got in asked.MODES, reading, f"{got!r} is no mode")


def _video_url(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createVideo"):
        url = reading.answer.get("videoUrl")
        is_absolute = isinstance(url, str) and url.startswith(("http://", "https://"))
        yield check(is_absolute, reading, f"videoUrl is {url!r}")


def _create_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "operation": "createContent",
        "tier": Tier.PAID,
        "drivers": ("lifecycle", "modes", "positive", "generator"),
    }
    start = "recoup.createContent"
    yield Rule(
        f"{start}.batch",
        "A request starts as many runs as its batch says, one if it says nothing; "
        "refused ones are counted in failed.",
        "seed 002, batch; docs, failed",
        "create",
        _batch,
        cases=(Case("1"), Case("3", Tier.FUZZ), Case("30", Tier.FUZZ)),
        **common,
    )
    yield Rule(
        f"{start}.ids-unique",
        "Every run id is given once only, in all replies together.",
        "seed 002, runIds",
        "create",
        _unique_ids,
        **common,
    )
    yield Rule(
        f"{start}.artist-echo",
        "The reply names the artist of the request.",
        "seed 002, artist_account_id",
        "create",
        echo("createContent", "artist_account_id"),
        **common,
    )
    yield Rule(
        f"{start}.template-echo",
        "The reply names the template of the request, if it has one.",
        "seed 002, template",
        "create",
        echo("createContent", "template"),
        **{**common, "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{start}.lipsync-echo",
        "The reply repeats lipsync, if the request has it.",
        "seed 002, lipsync",
        "create",
        echo("createContent", "lipsync", is_optional=True),
        **{**common, "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{start}.template-default",
        "A request without a template is made with artist-caption-bedroom, or with none of them, "
        "as the reply tells.",
        "seed 002, template: default artist-caption-bedroom; docs, create: null",
        "create",
        _default_template,
        **{**common, "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{start}.unknown-template",
        "An unknown template is refused with 400.",
        "docs, create; impl, Unsupported template",
        "create",
        refused_as("create.unknown-template", 400),
        **{**common, "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{start}.unknown-artist",
        "An unknown artist is answered with 404.",
        "docs, create",
        "create",
        refused_as("create.unknown-artist", 404),
        **{**common, "tier": Tier.FUZZ},
    )


def _default_template(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createContent"):
        if reading.is_valid and reading.body.get("template") is None:
            told = reading.answer.get("template")
            good = told in (None, "artist-caption-bedroom")
            yield check(good, reading, f"no template was asked for, and {told!r} is told")


def _batch(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createContent"):
        ids, failed = reading.answer.get("runIds"), reading.answer.get("failed", 0)
        if not isinstance(ids, list) or not reading.is_valid:
            continue
        asked = reading.body.get("batch", 1)
        there = len(ids) + (failed if isinstance(failed, int) else 0)
        yield check(there == asked, reading, f"batch {asked} gave {len(ids)} run(s)", f"{asked}")


def _unique_ids(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[str, Reading] = {}
    for operation, name in (("createContent", "runIds"), ("editContent", "runId")):
        for reading in evidence.successes(operation):
            given = reading.answer.get(name)
            for identity in given if isinstance(given, list) else [given]:
                if not isinstance(identity, str):
                    continue
                if identity in seen:
                    yield broken(reading, f"{identity} was given before", "", seen[identity])
                else:
                    seen[identity] = reading
                    yield held(reading)
