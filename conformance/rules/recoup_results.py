"""What Recoup's other operations answer: counts, echoes, captions, words of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.evidence import Evidence, check
from conformance.judge import dotted
from conformance.model import Case, Finding, Tier
from conformance.rule import Rule
from conformance.rules.recoup_catalogue import is_number


def rules() -> Iterator[Rule]:
    """Yield the rules of images, texts and errors."""
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
        "recoup.createCaption.form",
        "A caption is a text without quotes around it, in the one style that there is: no font, "
        "white on black, at most 42.",
        "impl, content/caption",
        "create",
        _caption,
        operation="createCaption",
        tier=Tier.FUZZ,
        provenance="observed",
        drivers=("positive", "generator"),
    )
    yield Rule(
        "recoup.errors.field",
        "A refused body's error names the field that is wrong, or what it stands in.",
        "impl, error bodies",
        "errors",
        _error_field,
        provenance="observed",
        cases=(Case("", Tier.VALIDATION, required=False),),
        tier=Tier.VALIDATION,
        drivers=("validation",),
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
            ordered = all(is_number(a) and is_number(b) and a <= b for a, b in times)
            yield check(
                count == len(segments) and ordered,
                reading,
                f"segmentCount {count} for {len(segments)} segments, or times out of order",
            )


def _first_audio(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("transcribeAudio"):
        urls = reading.body.get("audio_urls")
        if isinstance(urls, list) and urls:
            got, asked = reading.answer.get("audioUrl"), str(urls[0]).strip()
            # A URL parser may trim what stands around it [impl].
            same = isinstance(got, str) and got.strip() == asked
            yield check(same, reading, f"audioUrl is {got!r}, asked was {asked!r}")


_STYLE: Final = {"font": None, "color": "white", "borderColor": "black", "maxFontSize": 42}


def _caption(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createCaption"):
        text = str(reading.answer.get("content") or "")
        style = {name: reading.answer[name] for name in _STYLE if name in reading.answer}
        is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
        wrong = {name: value for name, value in style.items() if value != _STYLE[name]}
        good = bool(text.strip()) and not is_quoted and not wrong
        yield check(good, reading, f"the caption is {text!r}, its style differs in {wrong}")


def _error_field(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("validation"):
        field, wrong = reading.answer.get("field"), reading.exchange.subject
        named = dotted(field) if isinstance(field, list) else ""
        fault = reading.sole_fault()
        # A whole that lacks one of several members is named by no field.
        is_whole = fault is None or fault.subject != wrong
        if isinstance(field, list) and reading.status == 400 and not (is_whole and not field):
            good = bool(named) and (wrong + ".").startswith((f"{named}.", f"{named}["))
            yield check(good, reading, f"{wrong} was wrong, the error names {named or 'nothing'}")


def _error_words(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        is_error = reading.operation is not None and 400 <= reading.status < 500
        if is_error and reading.is_json_reply:
            texts = [reading.answer.get(name) for name in ("error", "message")]
            has_words = any(isinstance(text, str) and text.strip() for text in texts)
            yield check(has_words, reading, "the error has no words")
