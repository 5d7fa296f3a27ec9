"""Slips in Recoup's operations."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.independent.tampering import Asked, Json, Said
from tests.conformance.slips.adding import (
    add,
    no_charset,
    page_for_file,
    query,
    relapse,
    remembered,
    reply,
    request,
    same_answer_for_same_body,
)

CONTENT = "/api/content"


def _first_run(told: Json) -> Json | None:
    runs = told.get("runs")
    return runs[0] if runs else None


def put() -> None:
    video, create, runs = f"{CONTENT}/video", f"{CONTENT}/create", "/api/tasks/runs"

    def without_reference(given: Json) -> None:
        if given.get("mode") == "reference":
            del given["mode"]

    def clamped(given: Json) -> None:
        factor = given.get("upscale_factor")
        if isinstance(factor, int | float) and factor > 4:
            given["upscale_factor"] = 4

    def each(change: Callable[[Json], object]) -> Callable[[Json, Asked], object]:
        return lambda told, asked: [change(run) for run in told["runs"]]

    def never_began(run: Json) -> None:
        if "finishedAt" in run:
            run["finishedAt"] = "2026-07-01T09:14:40.429Z"

    def doubled(asked: Asked, said: Said) -> None:
        if asked.path == f"{CONTENT}/estimate" and said.status == 200:
            said.body += b"\n" + said.body

    def another(told: Json, asked: Asked) -> None:
        told["id"] = "album-record-store"

    def bearer_forgotten(asked: Asked) -> None:
        if asked.path == CONTENT and asked.headers.get("authorization"):
            asked.headers["authorization"] = "Bearer x"

    request("recoup.createVideo.mode.explicit", video, "reference-is-animate", without_reference)
    request("recoup.upscaleMedia.range", f"{CONTENT}/upscale", "factor-clamped", clamped)
    reply(
        "recoup.createContent.batch", create, "big-batch-is-cut",
        lambda told, asked: told.update(runIds=told["runIds"][:10]),
    )  # fmt: skip
    reply(
        "recoup.listRuns.one", runs, "run-of-another-id",
        each(lambda run: run.update(id=run["id"].upper())),
    )  # fmt: skip
    reply("recoup.listRuns.times", runs, "finished-before-it-began", each(never_began))
    reply(
        "recoup.transcribeAudio.count", f"{CONTENT}/transcribe", "segments-counted-from-zero",
        lambda told, asked: told.update(segmentCount=told["segmentCount"] - 1),
    )  # fmt: skip
    query("recoup.listRuns.limit", runs, "limit-zero-is-one", r"\blimit=0\b", "limit=1")
    query("recoup.listRuns.limit", runs, "limit-100-is-too-much", r"\blimit=100\b", "limit=101")
    query("recoup.listRuns.foreign-account", runs, "foreign-is-mine", r"account_id=[^&]*", "")
    add("recoup.createVideo.accepts", "no-charset", after=no_charset)
    add("recoup.estimateContent.one-json", "two-documents", after=doubled)

    def unreadable(told: Json, asked: Asked) -> None:
        told["templates"].append({"id": "artist-release-editorial", "description": "A gallery"})

    def in_words_of_its_own(told: Json, asked: Asked) -> None:
        told["description"] = "A template"

    def in_default_template(run: Json) -> None:
        if "template" in (run.get("output") or {}):
            run["output"]["template"] = "artist-caption-bedroom"

    def in_one_task(run: Json) -> None:
        run["taskIdentifier"] = "create-content"

    templates = f"{CONTENT}/templates"
    reply("recoup.getTemplate.listed", f"{templates}/.+", "one-page-for-all", another)
    reply("recoup.getTemplate.listed", templates, "lists-what-is-not-there", unreadable)
    reply("recoup.getTemplate.agrees", f"{templates}/.+", "other-words", in_words_of_its_own)
    reply("recoup.listRuns.output-echo", runs, "default-template", each(in_default_template))
    reply("recoup.listRuns.task", runs, "one-task-for-all", each(in_one_task))
    reply(
        "recoup.createImage.count", f"{CONTENT}/image", "last-image-first",
        lambda told, asked: told.update(imageUrl=told["images"][-1]),
    )  # fmt: skip
    add(
        "recoup.editContent.credential.alone", "bearer-forgotten-once",
        "recoup.listRuns.credential.alone", before=bearer_forgotten,
    )  # fmt: skip
    add("recoup.lifecycle.video.media", "page-as-film", after=page_for_file(".mp4"))
    remembered(
        "recoup.createContent.ids-unique", "same-run-for-same-request",
        lambda: same_answer_for_same_body(create),
    )  # fmt: skip
    earlier = {"status": "EXECUTING", "isCompleted": False, "isSuccess": False, "output": None}
    remembered(
        "recoup.lifecycle.create.sticky", "status-flaps-once",
        lambda: relapse(_first_run, "COMPLETED", earlier),
    )  # fmt: skip
