"""Recoup's faults by hand around accounts, names that nearly exist, ends of runs, and files."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from conformance import containers
from conformance.media import png
from conformance.profiles import recoup_probes as asked
from conformance.profiles import recoup_stories as stories
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Memory, Reply, refusal

_RUNS: Final = c.success("listRuns")
_LIST: Final = c.both(_RUNS, lambda r: not r.query.get("runId"))
_SINGLE: Final = c.both(_RUNS, lambda r: bool(r.query.get("runId")))
_LOST: Final = refusal(404, "Task run not found")


def _status(reading: Reading) -> Any:
    return stories.run_of(reading.reply.value).get("status")


def _found_by(is_near: Callable[[str, str], bool]) -> Change:
    """Find a run by an id near its own."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if reading.operation is None or reading.operation.id != "listRuns":
            return None
        wanted, known = reading.query.get("runId", ""), memory.notes.setdefault("runs", {})
        if reading.is_success and wanted == stories.run_of(reading.reply.value).get("id"):
            known[wanted] = Reply.of(reading.exchange)
        elif wanted and not reading.is_success:
            return next((known[own] for own in known if is_near(wanted, own)), None)
        return None

    return run


def _kept_first(reading: Reading, memory: Memory) -> Reply | None:
    """Forget every run of a batch but the first."""
    later = memory.notes.setdefault("later", set())
    if c.success("createContent")(reading):
        later.update(reading.answer.get("runIds", ())[1:])
    is_lost = _SINGLE(reading) and reading.query["runId"] in later
    return _LOST if is_lost else None


def _stuck(reading: Reading, memory: Memory) -> Reply | None:
    """Leave every run of a batch queued but the first."""
    later = memory.notes.setdefault("queued", set())
    if c.success("createContent")(reading):
        later.update(reading.answer.get("runIds", ())[1:])
    if not _SINGLE(reading) or reading.query["runId"] not in later:
        return None
    return c.put(_SINGLE, "runs.[].status", "QUEUED")(reading, memory)


def _mended(reading: Reading, memory: Memory) -> Reply | None:
    """Complete a failed run once its end was seen."""
    if not _SINGLE(reading) or _status(reading) != "FAILED":
        return None
    seen = memory.notes.setdefault("failed", set())
    if reading.query["runId"] in seen:
        return c.put(_SINGLE, "runs.[].status", "COMPLETED")(reading, memory)
    seen.add(reading.query["runId"])
    return None


def _without_failed(rows: Any) -> Any:
    return [row for row in rows if row.get("status") != "FAILED"]


def _all_completed(rows: Any) -> Any:
    return [
        {**row, "status": "COMPLETED"} if row.get("status") == "FAILED" else row for row in rows
    ]


def _named(name: str, *names: str) -> c.When:
    return lambda r: r.body.get(name) in names


def _of(operation: str) -> c.When:
    return lambda r: r.operation is not None and r.operation.id == operation


def _near_template(is_taken: Callable[[str], bool]) -> Change:
    when = c.both(c.refused("getTemplate", 404), lambda r: is_taken(r.path_values.get("id", "")))
    return c.answered(when, c.as_success("getTemplate"))


def _half_strict(operation: str) -> Change:
    """Refuse an unknown template, and take one that is near to a known one."""
    unknown = c.both(c.success(operation), _named("template", asked.NO_TEMPLATE))
    near = c.both(c.refused(operation, 400), _named("template", *asked.NEAR_TEMPLATES))
    return c.first_of(
        c.answered(unknown, lambda r, m: refusal(400)),
        c.answered(near, c.as_success(operation)),
    )


def _create_near(is_taken: Callable[[str], bool]) -> Change:
    when = c.both(
        c.refused("createContent", 400),
        lambda r: isinstance(r.body.get("template"), str) and is_taken(r.body["template"]),
    )
    return c.answered(when, c.as_success("createContent"))


def _has_mux(reading: Reading) -> bool:
    return b"mux_audio" in reading.exchange.request_body


_FILM: Final = b"".join(
    struct.pack(">I4s", 8 + len(content), name) + content
    for name, content in ((b"ftyp", b"isom\0\0\0\0isom"), (b"mdat", b"\0" * 64))
)


def _is_a(kind: str) -> c.When:
    return c.both(c.media("GET"), lambda r: r.content_type.startswith(f"{kind}/"))


def _longer(film: bytes) -> bytes:
    """Return a film whose header says that it lasts three times as long."""
    at = film.find(b"mvhd") + 20
    if at < 20 or len(film) < at + 4:
        return film
    (length,) = struct.unpack(">I", film[at : at + 4])
    return film[:at] + struct.pack(">I", min(length * 3, 2**32 - 1)) + film[at + 4 :]


def _turned(picture: bytes) -> bytes:
    """Return a PNG with width and height exchanged."""
    width, height = containers.size_pixels(picture) or (1, 1)
    return png(height, width)


ROWS: Final[tuple[tuple[str, str, str, Change], ...]] = (
    ("createContent", "batch-stuck", "ends the first run of a batch alone", _stuck),
    ("createContent", "default-template", "makes everything with another template by default",
     c.put(c.both(c.success("createContent"), lambda r: not r.body.get("template")), "template",
           "artist-caption-stage")),
    ("listRuns", "default-10", "lists ten runs without a limit",
     c.put(c.both(_LIST, lambda r: "limit" not in r.query), "runs", lambda runs: runs[:10])),
    ("listRuns", "no-error", "does not say why a run failed",
     c.put(c.both(_SINGLE, lambda r: _status(r) == "FAILED"), "runs.[].error", None)),
    ("listRuns", "updated-before", "changes runs before they are created",
     c.put(_SINGLE, "runs.[].updatedAt", "2001-01-01T00:00:00.000Z")),
    ("listRuns", "none-404", "finds no list where there is no run",
     c.answered(c.both(_LIST, lambda r: r.answer.get("runs") == []), lambda r, m: _LOST)),
    ("listArtists", "foreign-account", "lists another account's artists",
     c.answered(c.refused("listArtists", 403), c.as_success("listArtists"))),
    ("editContent", "second-refused", "does not let a second account edit",
     c.answered(c.both(c.success("editContent"), c.by_second), lambda r, m: refusal(403))),
    ("listRuns", "second-blind", "does not find the second account's runs",
     c.answered(c.both(_SINGLE, c.by_second), lambda r, m: _LOST)),
    ("listRuns", "second-unlisted", "lists the first account's runs only",
     c.put(c.both(_LIST, c.by_second), "runs", [])),
    ("listRuns", "id-begins", "finds a run by the beginning of its id",
     _found_by(lambda wanted, own: own.startswith(wanted))),
    ("listRuns", "id-goes-on", "finds a run by what begins with its id",
     _found_by(lambda wanted, own: wanted.startswith(own))),
    ("listRuns", "id-any-letters", "minds no letter case in a run's id",
     _found_by(lambda wanted, own: wanted.casefold() == own.casefold())),
    ("listRuns", "no-usual-limit", "lists all there is without a limit",
     c.put(c.both(_LIST, lambda r: not r.query), "runs", lambda runs: runs * 21)),
    ("listRuns", "failed-mended", "completes what had failed", _mended),
    ("listRuns", "failed-unlisted", "lists no failed run", c.put(_LIST, "runs", _without_failed)),
    ("listRuns", "failed-done", "lists a failed run as completed",
     c.put(_LIST, "runs", _all_completed)),
    ("createContent", "batch-forgotten", "keeps the first run of a batch only", _kept_first),
    ("createContent", "template-trimmed", "takes blanks from a template's name",
     _create_near(lambda name: name.strip() != name)),
    ("createContent", "template-lower", "minds no letter case in a template's name",
     _create_near(lambda name: name.lower() != name)),
    ("createContent", "template-part", "takes the beginning of a template's name",
     _create_near(asked.BEDROOM.startswith)),
    ("createContent", "listed-refused", "refuses a template that it lists",
     c.answered(c.both(_of("createContent"), _named("template", asked.TEMPLATES[1])),
                lambda r, m: refusal(400))),
    ("getTemplate", "trimmed", "takes blanks from a template's id",
     _near_template(lambda name: name.strip() != name)),
    ("getTemplate", "part", "finds a template by the beginning of its id",
     _near_template(asked.BEDROOM.startswith)),
    ("getTemplate", "inherited", "finds what every object has",
     _near_template(lambda name: name == asked.INHERITED)),
    *((each, "template-near", "refuses unknown templates, and takes what is near to one",
       _half_strict(each)) for each in asked.NAMING),
    ("validateContent", "unknown-ready", "has every artist ready",
     c.answered(c.refused("validateContent", 404), c.as_success("validateContent"))),
    ("estimateContent", "profiles-always", "compares unasked",
     c.put(c.both(c.success("estimateContent"), lambda r: r.query.get("compare") == "false"),
           "profiles", {"budget": 0.18, "mid": 0.62, "current": 0.82})),
    ("listTemplates", "backwards", "lists its templates in another order",
     c.put(c.success("listTemplates"), "templates", lambda rows: rows[::-1])),
    ("createCaption", "first-field", "names its first field whichever is wrong",
     c.put(c.both(c.refused("createCaption", 400), lambda r: "field" in r.answer),
           "field", ["template"])),
    ("editContent", "mux-audio", "takes an operation of templates",
     c.answered(c.both(c.refused("editContent"), _has_mux), c.as_success("editContent"))),
)  # fmt: skip

WHOLE: Final = (
    Fault("media.pictures-for-films", "", "gives a picture for every film",
          c.change(_is_a("video"), c.body(png(), "image/png"))),
    Fault("media.films-for-pictures", "", "gives a film for every picture",
          c.change(_is_a("image"), c.body(_FILM, "video/mp4"))),
    Fault("media.films-too-long", "", "makes films three times as long",
          c.change(_is_a("video"), c.rewritten(_longer))),
    Fault("media.pictures-turned", "", "makes pictures lie that should stand",
          c.change(_is_a("image"), c.rewritten(_turned))),
)  # fmt: skip
"""Faults of files, whatever gave their links."""
