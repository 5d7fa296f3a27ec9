"""What Recoup's other operations answer: counts, echoes, prices, templates, words of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Rule, Tier


def rules() -> Iterator[Rule]:
    """Yield the rules of images, texts, prices, templates, readiness and errors."""
    yield Rule(
        "recoup.createImage.count",
        "An image request gets num_images images, and imageUrl is the first.",
        "docs, content/image",
        "create",
        _images,
        operation="createImage",
        tier=Tier.PAID,
        drivers=("lifecycle", "modes", "positive", "generator"),
    )
    yield Rule(
        "recoup.transcribeAudio.count",
        "A transcript's segmentCount counts its segments, whose times are in order.",
        "docs, content/transcribe",
        "create",
        _segments,
        operation="transcribeAudio",
        tier=Tier.FUZZ,
        drivers=("positive", "generator"),
    )
    yield Rule(
        "recoup.transcribeAudio.echo",
        "A transcript names the first audio URL of the request.",
        "docs and impl, content/transcribe",
        "create",
        _first_audio,
        operation="transcribeAudio",
        tier=Tier.FUZZ,
        drivers=("positive", "generator"),
    )
    yield Rule(
        "recoup.estimateContent.total",
        "An estimate's total is its price per video times the batch.",
        "impl, content/estimate; docs, batch",
        "catalogue",
        _estimate,
        operation="estimateContent",
        drivers=("modes", "positive"),
        provenance="observed",
    )
    yield Rule(
        "recoup.getTemplate.listed",
        "Every listed template can be read, and has the id it was asked for.",
        "docs, content/templates",
        "catalogue",
        _templates,
        operation="getTemplate",
        drivers=("modes", "positive", "generator"),
    )
    yield Rule(
        "recoup.getTemplate.exact",
        "A template id in other letters, or of no template, is a 404.",
        "docs, 404; impl, exact match",
        "catalogue",
        _template_misses,
        operation="getTemplate",
        drivers=("modes",),
        cases=(Case("Artist-Caption-Bedroom"), Case("no-such-template")),
    )
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
        "recoup.errors.words",
        "An error tells a person what is wrong, in error or message.",
        "seed 001, Error; impl, message of a refused key",
        "errors",
        _error_words,
    )


def _images(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createImage"):
        images, asked = reading.answer.get("images"), reading.body.get("num_images", 1)
        if isinstance(images, list) and reading.is_valid and reading.request.value is not None:
            first = images[0] if images else None
            is_right = len(images) == asked and reading.answer.get("imageUrl") == first
            yield check(is_right, reading, f"{len(images)} image(s) for {asked}, or another first")


def _segments(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("transcribeAudio"):
        segments = reading.answer.get("segments")
        if isinstance(segments, list) and all(isinstance(each, dict) for each in segments):
            count = reading.answer.get("segmentCount")
            times = [(each.get("start", 0), each.get("end", 0)) for each in segments]
            ordered = all(_is_number(a) and _is_number(b) and a <= b for a, b in times)
            yield check(
                count == len(segments) and ordered,
                reading,
                f"segmentCount {count} for {len(segments)} segments, or times out of order",
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _first_audio(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("transcribeAudio"):
        urls = reading.body.get("audio_urls")
        if isinstance(urls, list) and urls:
            got, asked = reading.answer.get("audioUrl"), str(urls[0]).strip()
            # A URL parser may trim what stands around it [impl].
            same = isinstance(got, str) and got.strip() == asked
            yield check(same, reading, f"audioUrl is {got!r}, asked was {asked!r}")


def _estimate(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("estimateContent"):
        each, total = (
            reading.answer.get(name) for name in ("per_video_estimate_usd", "total_estimate_usd")
        )
        batch = reading.query.get("batch", "1")
        if isinstance(each, int | float) and isinstance(total, int | float) and batch.isdecimal():
            expected = round(each * int(batch), 2)
            # A number of JSON has 53 bits: of a total beyond all money, the cents are lost.
            near = abs(total - expected) < max(0.011, expected * 1e-15)
            yield check(near, reading, f"total {total}, not {expected}")


def _templates(evidence: Evidence) -> Iterator[Finding]:
    listed = {
        each.get("id"): reading
        for reading in evidence.successes("listTemplates")
        for each in reading.answer.get("templates") or ()
        if isinstance(each, dict)
    }
    for reading in evidence.of("getTemplate"):
        asked = reading.path_values.get("id")
        if asked in listed and reading.is_authorized:
            yield check(
                reading.is_success and reading.answer.get("id") == asked,
                reading,
                f"the listed template {asked} got {reading.status}",
                "",
                listed[asked],
            )
        elif reading.is_success:
            yield check(reading.answer.get("id") == asked, reading, f"{asked} is another template")


def _template_misses(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("template"):
        asked = reading.exchange.subject
        if asked in ("Artist-Caption-Bedroom", "no-such-template"):
            yield check(reading.status == 404, reading, f"{asked} got {reading.status}", asked)


def _readiness(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("validateContent"):
        same = reading.answer.get("artist_account_id") == reading.query.get("artist_account_id")
        missing = reading.answer.get("missing")
        contradicts = reading.answer.get("ready") is True and bool(missing)
        yield check(same and not contradicts, reading, "another artist, or ready with gaps")


def _error_words(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        is_error = reading.operation is not None and 400 <= reading.status < 500
        if is_error and reading.is_json_reply:
            texts = [reading.answer.get(name) for name in ("error", "message")]
            has_words = any(isinstance(text, str) and text.strip() for text in texts)
            yield check(has_words, reading, "the error has no words")
