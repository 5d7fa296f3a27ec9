"""Leonardo's storage: which forms it takes, and which it must refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.evidence import Evidence, check
from conformance.model import Case, Finding, Tier
from conformance.profiles import leonardo as profile
from conformance.profiles import leonardo_uploads as uploads
from conformance.reading import Reading
from conformance.rule import Rule

Check = Callable[[Evidence], Iterator[Finding]]
_UPLOAD: Final = "uploadInitImage"
_GUIDE: Final = "[docs: presigned URL guide]"


def rules() -> Iterator[Rule]:
    """Yield the rules of the storage."""
    common: dict[str, Any] = {
        "area": "uploads", "drivers": ("lifecycle",), "tier": Tier.PAID, "operation": _UPLOAD,
    }  # fmt: skip
    yield Rule(
        f"leonardo.{_UPLOAD}.stores",
        "The storage takes the form with the file, without an API key, and answers an empty 204.",
        f"[openapi: init-images] {_GUIDE}",
        check=_stored,
        **common,
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.no-key",
        "The storage answers 403 to an upload that carries the API key.",
        "[docs: API Error Messages]",
        check=_upload_with_key,
        # The key is not shown to a storage of another origin.
        cases=(Case("", required=False),),
        **common,
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.no-json",
        "The storage takes a form with a file, and no JSON with the file as base64.",
        _GUIDE,
        check=_upload_as_json,
        **common,
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.signed",
        "The storage refuses a form whose signature, policy or key is not the one that it was "
        "given with, or that has no signature.",
        f"{_GUIDE} every pair of the form; what of a changed one, no document says",
        check=_upload_tampered,
        provenance="assumed",
        cases=tuple(Case(name, required=False) for name in uploads.TAMPERED),
        **common,
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.pairs",
        "The storage refuses a form that lacks a pair, has another value in one, or one more.",
        f"{_GUIDE} every pair of the form; what of a changed one, no document says",
        check=_refused("upload-changed"),
        provenance="assumed",
        **common,
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.part",
        "The storage refuses a form without a part named file.",
        f"{_GUIDE} the binary part is named file; what of another name, no document says",
        check=_refused("upload-unmade"),
        provenance="assumed",
        cases=tuple(Case(name) for name in uploads.UNMADE),
        **common,
    )
    yield Rule(
        f"leonardo.{_UPLOAD}.two-minutes",
        "Where a form's policy says when it ends, that is two minutes after it was signed.",
        f"{_GUIDE} valid for 2 minutes; [client: upload capture] Policy, X-Amz-Date",
        check=_two_minutes,
        provenance="observed",
        cases=(Case("", required=False),),
        **{**common, "drivers": ("positive", "lifecycle"), "tier": Tier.FREE},
    )
    yield Rule(
        "leonardo.uploadMedia.stores",
        "The storage takes the form of a video file with the file, and answers an empty 204.",
        "[openapi: media]; that it goes as with images is assumed",
        check=_media_stored,
        provenance="assumed",
        **{**common, "operation": "uploadMedia"},
    )


def steps(evidence: Evidence, *steps: str) -> Iterator[Reading]:
    """Yield the readings of some steps of every journey that uploads."""
    for journey in profile.PROFILE.journeys:
        for journal in evidence.journeys(journey.name):
            yield from journal.steps(*steps)


def _stored(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "upload"):
        good = reading.status == 204 and not reading.exchange.reply_body
        yield check(good, reading, f"the upload got {reading.status}, not an empty 204")


def _upload_with_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "upload-authorized"):
        if reading.exchange.request_header("authorization") is not None:
            yield check(reading.status == 403, reading, f"got {reading.status}, not 403")


def _upload_as_json(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "upload-as-json"):
        good = 400 <= reading.status < 500
        yield check(good, reading, f"JSON in place of a form got {reading.status}, no refusal")


def _upload_tampered(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "upload-tampered"):
        name, good = reading.exchange.subject, 400 <= reading.status < 500
        words = f"a form with a wrong {name} got {reading.status}, no refusal"
        yield check(good, reading, words, name)


def _refused(step: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in steps(evidence, step):
            name, good = reading.exchange.subject, 400 <= reading.status < 500
            words = f"a form with {name} got {reading.status}, no refusal"
            yield check(good, reading, words, name if name in uploads.UNMADE else "")

    return run


def _two_minutes(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes(_UPLOAD):
        lasts = uploads.lifetime_seconds(uploads.upload_of(reading))
        if lasts is not None:
            yield check(100 <= lasts <= 180, reading, f"the form is good for {lasts:.0f} s")


def _media_stored(evidence: Evidence) -> Iterator[Finding]:
    for reading in steps(evidence, "upload-media"):
        good = reading.status == 204 and not reading.exchange.reply_body
        yield check(good, reading, f"the upload got {reading.status}, not an empty 204")
