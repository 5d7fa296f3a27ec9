"""Recoup's faults by hand beside videos and runs: images, texts, prices, templates, artists."""

from __future__ import annotations

from typing import Any, Final

from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Memory, Reply, refusal
from conformance.selftest.hand import common

_OTHER: Final = "99999999-9999-4999-8999-999999999999"


def _estimate(name: str, value: Any) -> Change:
    return c.put(c.success("estimateContent"), name, value)


_FLOWS: Final = c.both(
    c.success("estimateContent"), lambda r: isinstance(r.answer.get("batch"), dict)
)


def _cheap(reading: Reading, memory: Memory) -> Reply | None:
    """Take the plain price for lipsync."""
    each, total = "per_video_estimate_usd", "total_estimate_usd"
    if not c.success("estimateContent")(reading) or reading.query.get("lipsync") != "true":
        return None
    count = int(reading.query.get("batch", "1"))
    told = {**reading.answer, each: 0.82, total: round(0.82 * count, 2)}
    return Reply.of(reading.exchange).json(told)


ROWS: Final[tuple[tuple[str, str, str, Change], ...]] = (
    ("createImage", "one-image", "makes one image whatever is asked",
     c.put(c.success("createImage"), "images", lambda images: images[:1])),
    ("createImage", "other-first", "names another image first",
     c.put(c.success("createImage"), "imageUrl", "https://cdn.example.com/other.png")),
    ("transcribeAudio", "count", "counts one segment too many",
     c.put(c.success("transcribeAudio"), "segmentCount", lambda count: count + 1)),
    ("transcribeAudio", "other-audio", "names another audio",
     c.put(c.success("transcribeAudio"), "audioUrl", "https://example.com/other.mp3")),
    ("estimateContent", "batch-ignored", "forgets the batch in its total",
     c.edited(c.success("estimateContent"),
              lambda d, r: {**d, "total_estimate_usd": d["per_video_estimate_usd"]})),
    ("estimateContent", "negative", "has a price below nothing",
     _estimate("total_estimate_usd", -0.82)),
    ("estimateContent", "text", "writes its price with a dollar sign",
     _estimate("per_video_estimate_usd", common.number_as_text)),
    ("estimateContent", "workflows-of-one", "forgets the batch in its workflows",
     c.put(_FLOWS, "batch.cheapestTotal", lambda total: total + 5)),
    ("estimateContent", "count-one", "counts a batch of one whatever is asked",
     c.put(_FLOWS, "batch.count", lambda count: 3 - 2 * (count == 3))),
    ("estimateContent", "lipsync-free", "takes nothing for lipsync",
     _cheap),
    ("estimateContent", "lipsync-flipped", "repeats lipsync turned around",
     _estimate("lipsync", lambda value: not value)),
    ("createImage", "last-first", "names the last image first",
     c.edited(c.success("createImage"), lambda d, r: {**d, "imageUrl": d["images"][-1]})),
    ("createCaption", "quoted", "puts captions between quotes",
     c.put(c.success("createCaption"), "content", lambda text: f'"{text}"')),
    ("createCaption", "yellow", "writes in yellow",
     c.put(c.success("createCaption"), "color", "yellow")),
    ("createCaption", "blank", "has a caption of blanks",
     c.put(c.success("createCaption"), "content", "  ")),
    ("getTemplate", "other-words", "describes a template otherwise than its list",
     c.put(c.success("getTemplate"), "description", "A template")),
    ("listTemplates", "twice", "lists a template twice",
     c.put(c.success("listTemplates"), "templates", lambda rows: [*rows, rows[0]])),
    ("listTemplates", "one-more", "lists a template that cannot be read",
     c.put(c.success("listTemplates"), "templates",
           lambda rows: [*rows, {"id": "no-such-template", "description": "x"}])),
    ("listArtists", "other-id", "has an id beside the account's",
     c.put(c.success("listArtists"), "artists.[].id", _OTHER)),
    ("getTemplate", "letter-case", "finds a template in other letters",
     c.answered(c.both(c.refused("getTemplate", 404), lambda r: "Artist" in r.path),
                c.as_success("getTemplate"))),
    ("getTemplate", "always-first", "answers any template with one",
     c.answered(c.success("getTemplate"), c.as_success("getTemplate"))),
    ("getTemplate", "detail-missing", "does not find what it lists",
     c.answered(c.success("getTemplate"), lambda r, m: refusal(404))),
    ("listTemplates", "empty-id", "lists a template without id",
     c.drop(c.success("listTemplates"), "templates.[].id")),
    ("validateContent", "other-artist", "checks another artist",
     c.put(c.success("validateContent"), "artist_account_id", _OTHER)),
    ("validateContent", "ready-with-gaps", "is ready with gaps",
     c.edited(c.success("validateContent"), lambda d, r: {
         **d, "ready": True,
         "missing": [{"file": "x.md", "severity": "required", "description": "x", "fix": "x"}]})),
    ("listArtists", "bare-list", "lists artists without a status",
     c.edited(c.success("listArtists"), lambda d, r: d.get("artists", d))),
    ("listArtists", "csv", "answers with CSV",
     c.change(c.success("listArtists"), c.body(b"id,name\n1,a\n", "text/csv"))),
)  # fmt: skip
