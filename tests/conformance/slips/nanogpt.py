"""Slips in NanoGPT's operations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.conformance.independent import nanogpt
from tests.conformance.independent.tampering import App, Asked, Json, Said
from tests.conformance.slips.adding import (
    SLIPS,
    Slip,
    add,
    no_charset,
    query,
    remembered,
    reply,
    request,
    same_answer_for_same_body,
)


class ListsEverybody(nanogpt.Provider):
    """Recovers the jobs of every account."""

    async def recover(self, request: Request) -> Response:
        """Answer the list of all jobs."""
        owner = self.caller(request)
        for job in self.jobs.values():
            job.owner = owner
        return await super().recover(request)


class ReadsForAnybody(nanogpt.Provider):
    """Forgets on the deprecated path whose job it is."""

    async def old_status(self, request: Request) -> Response:
        """Answer the deprecated status of any job."""
        self.caller(request)
        job = self.jobs.get(request.query_params.get("runId", ""))
        if job is None:
            return await super().old_status(request)
        return JSONResponse({"data": self.data(request, job) | {"request_id": job.id}})


def put() -> None:
    create, unified = "/api/generate-video", "/api/video/status"
    recover, legacy = "/api/generate-video/recover", "/api/generate-video/status"

    def data(word: str, change: Callable[[Json], object]) -> Callable[[Json, Asked], object]:
        def changed(told: Json, asked: Asked) -> None:
            if told["data"]["status"] == word:
                change(told["data"])

        return changed

    def bearer_forgotten(asked: Asked) -> None:
        if asked.path == unified and asked.headers.get("authorization"):
            asked.headers["authorization"] = "Basic x"

    def shift(told: Json, asked: Asked) -> None:
        told["status"] = "processing"

    reply("nanogpt.createVideo.pending", create, "accepted-as-processing", shift)
    reply(
        "nanogpt.createVideo.model-echo", create, "model-in-upper-case",
        lambda told, asked: told.update(model=told["model"].upper()),
    )  # fmt: skip
    reply(
        "nanogpt.jobs.error-form", unified, "failure-without-words",
        data("FAILED", lambda found: found.pop("error")),
    )  # fmt: skip
    reply(
        "nanogpt.jobs.cost", unified, "final-cost-missing",
        data("COMPLETED", lambda found: found.pop("cost")),
    )  # fmt: skip
    reply(
        "nanogpt.getVideoStatusDeprecated.body", legacy, "id-in-camel-case",
        lambda told, asked: told["data"].update(requestId=told["data"].pop("request_id")),
    )  # fmt: skip
    reply(
        "nanogpt.recoverVideos.same-ids", recover, "two-ids-in-the-list",
        lambda told, asked: [job.update(id="vid_0") for job in told["data"]],
    )  # fmt: skip
    reply(
        "nanogpt.recoverVideos.full", recover, "last-job-left-out",
        lambda told, asked: told.update(data=told["data"][:-1]),
    )  # fmt: skip
    reply(
        "nanogpt.money.remaining", create, "balance-before-the-job",
        lambda told, asked: told.update(remainingBalance=told["remainingBalance"] + told["cost"]),
    )  # fmt: skip
    reply(
        "nanogpt.money.spellings", create, "number-not-read-as-length",
        lambda told, asked: told.update(cost=told["cost"] / len(str(asked.given["duration"])))
        if isinstance(asked.given.get("duration"), int) else None,
    )  # fmt: skip
    reply(
        "nanogpt.lifecycle.extension.finishes", f"{create}/extend", "extension-nobody-knows",
        lambda told, asked: told.update(runId="vid_lost0", id="vid_lost0"),
    )  # fmt: skip
    request(
        "nanogpt.createVideo.model-values", create, "upright-forgotten",
        lambda given: given.update(aspect_ratio="upright")
        if given.get("aspect_ratio") == "9:16" else None,
    )  # fmt: skip
    reply(
        "nanogpt.recoverVideos.ended", recover, "pending-for-ever",
        lambda told, asked: [job.update(status="pending") for job in told["data"]],
    )  # fmt: skip
    _careless_nanogpt(create, unified, recover)
    query("nanogpt.recoverVideos.limit", recover, "limit-ignored", r"limit=[1-9]\b", "limit=50")
    query("nanogpt.getVideoStatus.run-id", unified, "run-id-unknown", r"\brunId=", "id=")
    add("nanogpt.createVideo.accepts", "no-charset", after=no_charset)
    add("nanogpt.getVideoStatus.credential.alone", "bearer-forgotten", before=bearer_forgotten)
    remembered(
        "nanogpt.createVideo.ids-unique", "same-job-for-same-request",
        lambda: same_answer_for_same_body(create),
    )  # fmt: skip
    for rule, kind in (
        ("recoverVideos.ownership", ListsEverybody),
        ("jobs.ownership", ReadsForAnybody),
    ):
        SLIPS.append(Slip("nanogpt", kind.__name__, f"nanogpt.{rule}", _reseller(kind)))


def _careless_nanogpt(create: str, unified: str, recover: str) -> None:
    """Add slips about whose job is meant, and which."""
    second = nanogpt.KEYS[1]
    known: list[str] = []

    def one_account(asked: Asked) -> None:
        if asked.path == recover and asked.headers.get("x-api-key") == second:
            asked.headers["x-api-key"] = "sk-nano-nobody"

    def bearer_of_first(asked: Asked) -> None:
        if asked.headers.get("authorization") == f"Bearer {second}":
            asked.headers["authorization"] = f"Bearer {nanogpt.KEYS[0]}"

    def any_letter_case(asked: Asked) -> None:
        asked.query = re.sub(r"VID_\w+", lambda found: found[0].lower(), asked.query)

    def newest_job(asked: Asked) -> None:
        if asked.path == f"{create}/extend":
            known.append(str(asked.given.get("runId", "")))
            if not known[-1] and "taskId" not in asked.given:
                asked.put({"index": 0, "runId": next((run for run in known[::-1] if run), "")})

    def newest_read(asked: Asked) -> None:
        if asked.path == unified and asked.query.startswith("requestId=vid"):
            known.append(asked.query)
        elif asked.path == unified and asked.query == "requestId=" and known:
            asked.query = known[-1]

    def late_filter(asked: Asked, said: Said) -> None:
        if asked.path == recover and "limit=1" in asked.query.split("&") and said.told:
            said.put({"data": []} if re.search("conversation|model", asked.query) else said.told)

    def paid_reads(asked: Asked, said: Said) -> None:
        if asked.path == unified:
            reads.append(asked.query)
        if asked.path == "/api/check-balance" and said.status == 200:
            left = float(said.told["usd_balance"]) - 0.01 * len(reads)
            said.put({**said.told, "usd_balance": str(round(left, 4))})

    reads: list[str] = []
    add("nanogpt.recoverVideos.full", "filter-after-the-limit", after=late_filter)
    add("nanogpt.money.refusals", "reads-that-cost", after=paid_reads)
    query(
        "nanogpt.recoverVideos.model", recover, "filter-by-beginning",
        r"model=kling-video-v(?!2)[^&]*&?", "",
    )  # fmt: skip
    reply(
        "nanogpt.recoverVideos.created", recover, "created-when-listed",
        lambda told, asked: [job.update(createdAt=datetime.now(UTC).isoformat())
                             for job in told["data"]],
    )  # fmt: skip
    add("nanogpt.recoverVideos.ownership", "list-of-one-account", before=one_account)
    add("nanogpt.getVideoStatus.ownership", "bearer-of-the-first", before=bearer_of_first)
    add("nanogpt.jobs.unknown-id", "ids-in-any-letter-case", before=any_letter_case)
    add("nanogpt.extendVideo.no-job-named", "newest-job-extended", before=newest_job)
    add("nanogpt.getVideoStatus.missing-id", "newest-job-read", before=newest_read)


def _reseller(kind: type[nanogpt.Provider]) -> Callable[[], App]:
    return lambda: kind(seconds=0.2).app
