"""Recoup's faults by hand: modes, batches, runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from conformance.profiles import recoup_probes as asked
from conformance.profiles import recoup_stories as stories
from conformance.reading import Reading
from conformance.rules.recoup import expected_mode
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Memory, Reply
from conformance.selftest.hand import common, recoup_others, recoup_stories

_VIDEO: Final = c.success("createVideo")
_CREATE: Final = c.success("createContent")
_RUNS: Final = c.success("listRuns")
_RUN: Final = "runs.[]"
_OTHER: Final = "99999999-9999-4999-8999-999999999999"
_Rows = tuple[tuple[str, str, Change], ...]


def _given(*names: str) -> c.When:
    """Touch video requests that have these media and no mode."""
    return c.both(_VIDEO, lambda r: "mode" not in r.body and all(name in r.body for name in names))


def _mode(when: c.When, mode: Any) -> Change:
    return c.put(when, "mode", mode)


def _inferred_anyway(document: Any, reading: Reading) -> Any:
    return {**document, "mode": expected_mode(reading.body)}


_VIDEO_ROWS: Final[_Rows] = (
    ("status-201", "answers 201 Created", c.change(_VIDEO, c.status(201))),
    ("no-url", "has no videoUrl", c.drop(_VIDEO, "videoUrl")),
    ("url-relative", "has a relative videoUrl", c.put(_VIDEO, "videoUrl", "/v/1.mp4")),
    ("url-list", "has a list of URLs", c.put(_VIDEO, "videoUrl", lambda url: [url])),
    ("error-too", "has an error beside its video", c.put(_VIDEO, "error", "quota exceeded")),
    ("mode-upper", "writes its mode in capitals", _mode(_VIDEO, lambda mode: str(mode).upper())),
    ("mode-missing", "does not name the mode", c.drop(_VIDEO, "mode")),
    ("mode-unknown", "says image-to-video for animate",
     _mode(c.both(_VIDEO, lambda r: r.answer.get("mode") == "animate"), "image-to-video")),
    ("mode-never-inferred", "takes prompt where no mode is given", _mode(_given(), "prompt")),
    ("extend-before-lipsync", "takes a video before a song",
     _mode(_given("audio_url", "image_url", "video_url"), "extend")),
    ("animate-before-first-last", "forgets the end image",
     _mode(_given("image_url", "end_image_url"), "animate")),
    ("image-before-video", "takes an image before a video",
     _mode(_given("image_url", "video_url"), "animate")),
    ("first-last-before-video", "takes an end image before a video",
     _mode(_given("end_image_url", "video_url"), "first-last")),
    ("lipsync-of-any-song", "makes lipsync only of what has no video",
     _mode(_given("audio_url", "video_url"), "animate")),
    ("mode-overridden", "infers the mode though one is given",
     c.edited(c.both(_VIDEO, lambda r: "mode" in r.body), _inferred_anyway)),
    ("reference-unknown", "makes animate of reference",
     _mode(c.both(_VIDEO, lambda r: r.body.get("mode") == "reference"), "animate")),
    ("job-instead", "answers with a job to be polled",
     c.answered(_VIDEO, lambda r, m: Reply(202, r.exchange.reply_headers, b'{"runId":"run_1"}'))),
)  # fmt: skip


def _ids(change: Any) -> Change:
    return c.put(_CREATE, "runIds", change)


def _same_again(reading: Reading, memory: Memory) -> Reply | None:
    """Answer every request with the first reply."""
    if not _CREATE(reading):
        return None
    first: Reply = memory.notes.setdefault("first", Reply.of(reading.exchange))
    return first


def _asked(name: str) -> c.When:
    return c.both(_CREATE, lambda r: name in r.body)


def _refused_body(name: str, value: str) -> c.When:
    return c.both(c.refused("createContent"), lambda r: r.body.get(name) == value)


_CREATE_ROWS: Final[_Rows] = (
    ("status-200", "answers 200 before the work is done", c.change(_CREATE, c.status(200))),
    ("batch-ignored", "starts one run whatever the batch", _ids(lambda ids: ids[:1])),
    ("batch-one-more", "starts a run too many", _ids(lambda ids: [*ids, "run_toomany0001"])),
    ("batch-repeated", "names one run as often as the batch",
     _ids(lambda ids: ids[:1] * len(ids))),
    ("ids-none", "starts nothing", _ids([])),
    ("ids-one-text", "gives the ids as one text", _ids(",".join)),
    ("ids-again", "gives every request the same runs", _same_again),
    ("artist-other", "names another artist", c.put(_CREATE, "artist_account_id", _OTHER)),
    ("template-default", "names its default template",
     c.put(_asked("template"), "template", "artist-caption-bedroom")),
    ("lipsync-flipped", "turns lipsync around",
     c.put(_asked("lipsync"), "lipsync", lambda value: not value)),
    ("unknown-template", "takes a template it does not have",
     c.answered(_refused_body("template", "neon-alley"), c.as_success("createContent"))),
    ("unknown-artist", "takes an artist nobody knows",
     c.answered(_refused_body("artist_account_id", asked.UNKNOWN_UUID),
                c.as_success("createContent"))),
    ("unknown-artist-403", "answers 403 for an artist nobody knows",
     c.change(_refused_body("artist_account_id", asked.UNKNOWN_UUID), c.status(403))),
    ("started-word", "says that the run has started",
     c.put(_CREATE, "status", lambda word: "STARTED" if word != "STARTED" else "started")),
)  # fmt: skip


def _run(name: str, value: Any, when: c.When = _RUNS) -> Change:
    return c.put(when, f"{_RUN}.{name}", value)


def _ended(reading: Reading) -> bool:
    return stories.run_of(reading.reply.value).get("status") in stories.COMPLETED


_DONE: Final = c.both(_RUNS, _ended)
_UNDER_WAY: Final = c.both(_RUNS, lambda r: bool(r.query.get("runId")) and not _ended(r))


def _query(name: str, *values: str) -> c.When:
    return lambda r: (
        r.operation is not None and r.operation.id == "listRuns" and r.query.get(name) in values
    )


def _new_ids(reading: Reading, memory: Memory) -> Reply | None:
    """Name the run anew at each read."""
    count = memory.notes["reads"] = memory.notes.get("reads", 0) + 1
    return _run("id", f"run_{count:020d}")(reading, memory)


def _times_turned(document: Any, reading: Reading) -> Any:
    for run in document.get("runs", ()):
        if run.get("finishedAt"):
            run["createdAt"], run["finishedAt"] = run["finishedAt"], run["createdAt"]
    return document


def _template_lost(document: Any, reading: Reading) -> Any:
    for run in document["runs"]:
        if isinstance(run.get("output"), dict) and "template" in run["output"]:
            run["output"]["template"] = "artist-caption-bedroom"
    return document


_LIST: Final = c.both(_RUNS, lambda r: not r.query.get("runId"))


def _foreign(reading: Reading) -> bool:
    return any(each.label == "second" for each in reading.credentials)


def _noted(reading: Reading, memory: Memory) -> Reply | None:
    """Remember the first account's longest list."""
    best: Reply | None = memory.notes.get("list")
    is_longer = best is None or len(reading.exchange.reply_body) > len(best.body)
    if _LIST(reading) and not _foreign(reading) and is_longer:
        memory.notes["list"] = Reply.of(reading.exchange)
    return None


def _mine(reading: Reading, memory: Memory) -> Reply | None:
    found: Reply | None = memory.notes.get("list")
    return found


_RUN_ROWS: Final[_Rows] = (
    ("done-for-completed", "says DONE for COMPLETED", _run("status", "DONE", _DONE)),
    ("completed-lower", "says completed for COMPLETED", _run("status", "completed", _DONE)),
    ("never-ends", "is EXECUTING for ever", _run("status", "EXECUTING", _DONE)),
    ("fails-all", "fails every run", _run("status", "FAILED", _DONE)),
    ("new-ids", "names a run anew at each read", _new_ids),
    ("run-twice", "has a run twice",
     c.put(_RUNS, "runs", lambda runs: runs * 2)),
    ("run-missing", "finds no run", c.put(_RUNS, "runs", [])),
    ("runs-object", "gives one run without a list",
     c.put(_DONE, "runs", lambda runs: runs[0])),
    ("limit-0", "takes a limit of 0",
     c.answered(_query("limit", "0"), c.as_success("listRuns"))),
    ("limit-101", "takes a limit of 101",
     c.answered(_query("limit", "101"), c.as_success("listRuns"))),
    ("limit-100", "refuses a limit of 100",
     c.change(c.both(_RUNS, _query("limit", "100")), c.status(400))),
    ("limit-ignored", "lists more than the limit",
     c.put(c.both(_RUNS, _query("limit", "1")), "runs", lambda runs: runs * 3)),
    ("foreign-account", "lists another account's runs",
     c.answered(c.refused("listRuns", 403), c.as_success("listRuns"))),
    ("foreign-account-404", "answers 404 for another account's runs",
     c.change(c.refused("listRuns", 403), c.status(404))),
    ("unknown-run-empty", "answers an unknown run with an empty list",
     c.answered(c.both(c.refused("listRuns", 404, 500), _query("runId", "run_nosuchrun000000")),
                lambda r, m: Reply(200, r.exchange.reply_headers,
                                   b'{"status":"success","runs":[]}'))),
    ("leak", "shows a run to every account",
     c.remembered("run", c.both(_RUNS, lambda r: bool(r.query.get("runId"))),
                  c.refused("listRuns", 404))),
    ("flag-success", "is COMPLETED and no success", _run("isSuccess", False, _DONE)),
    ("flag-executing", "is COMPLETED and still executing", _run("isExecuting", True, _DONE)),
    ("flag-completed", "is COMPLETED and not completed", _run("isCompleted", False, _DONE)),
    ("flag-failed", "is under way and has failed", _run("isFailed", True, _UNDER_WAY)),
    ("task-other", "names every task alike", _run("taskIdentifier", "create-content", _DONE)),
    ("task-renamed", "has names of its own for tasks", _run("taskIdentifier", "content.create")),
    ("output-template", "makes every video in its default template",
     c.edited(_DONE, _template_lost)),
    ("list-stale", "lists what is complete as executing", _run("status", "EXECUTING", _LIST)),
    ("list-twice", "lists every run twice", c.put(_LIST, "runs", lambda runs: runs * 2)),
    ("list-of-all", "lists the runs of every account",
     c.first_of(c.answered(c.both(_LIST, _foreign), _mine), _noted)),
    ("times-turned", "ends before it began", c.edited(_RUNS, _times_turned)),
    ("finished-early", "has an end while it runs",
     _run("finishedAt", "2099-01-01T00:00:00.000Z", _UNDER_WAY)),
    ("early-media", "has a video while it runs",
     _run("output", {"videoSourceUrl": "https://cdn.example.com/1.mp4"}, _UNDER_WAY)),
    ("times-in-seconds", "counts its times in seconds", _run("createdAt", 1750000000)),
    ("output-missing", "completes without output", _run("output", None, _DONE)),
    ("output-no-caption", "has no captionText", c.drop(_DONE, f"{_RUN}.output.captionText")),
    ("output-text", "has its output as text", _run("output", "see videoUrl", _DONE)),
)  # fmt: skip


def _all() -> list[Fault]:
    rows = {"createVideo": _VIDEO_ROWS, "createContent": _CREATE_ROWS, "listRuns": _RUN_ROWS}
    found = [
        Fault(f"{operation}.hand.{name}", operation, sentence, change)
        for operation, table in rows.items()
        for name, sentence, change in table
    ]
    found += [
        Fault(f"{op}.hand.{name}", op, said, change)
        for op, name, said, change in (*recoup_others.ROWS, *recoup_stories.ROWS)
    ]
    found += recoup_stories.WHOLE
    found += common.whole_server("/api/content/no-such-operation")
    found += common.scripts("createVideo", "createImage")
    found += common.media()
    # The observed server lets any key look up any run.
    documented = {"listRuns.hand.leak": frozenset({"documented"})}
    found = [replace(each, dialects=documented.get(each.name, frozenset())) for each in found]
    return [
        *found,
        *common.generated(
            common.Generated("recoup", "estimateContent", "estimateContent", limited=True)
        ),
    ]


FAULTS: Final = tuple(_all())
