"""A slip that a backend developer makes, thought of from the facts, ends conformance.

Each is put around or into a provider that is otherwise right; only the rules named beside it run,
and those pass on the provider without the slip.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from conformance import check
from conformance.model import Level, Tier, Verdict
from conformance.result import Result
from tests.conformance.independent import leonardo, nanogpt, recoup
from tests.conformance.independent.tampering import After, App, Asked, Before, Json, Said, tampered

CONTENT = "/api/content"
REST = "/api/rest/v1"


@dataclass(frozen=True)
class Slip:
    """One bug: the provider that has it, how its app is made, and the rule that tells."""

    provider: str
    name: str
    rule: str
    app: Callable[[], App]


def judged(provider: str, app: App, rules: tuple[str, ...]) -> Result:
    keys, trigger = {
        "recoup": ((recoup.ALICE, recoup.BOB), "a cursed puppet"),
        "leonardo": ((leonardo.ALICE, leonardo.BOB), "a cursed puppet"),
        "nanogpt": (nanogpt.KEYS, nanogpt.FAIL_WORD),
    }[provider]
    return check(
        provider=provider, app=app, keys=keys, base_url="http://slips.test", tier=Tier.FUZZ,
        generator=False, trigger=("", trigger), wait_seconds=3.0, seed=7, shrink=False, only=rules,
    )  # fmt: skip


WHOLE: dict[str, Callable[[], App]] = {
    "recoup": lambda: recoup.Label().app(),
    "leonardo": lambda: leonardo.Atelier().app(),
    "nanogpt": lambda: nanogpt.Provider(seconds=0.2).app,
}
SLIPS: list[Slip] = []


def reply(rule: str, path: str, name: str, change: Callable[[Json, Asked], object]) -> None:
    """Add a slip that changes the JSON object of each good reply of a path (a pattern)."""

    def after(asked: Asked, said: Said) -> None:
        told = said.told
        if re.fullmatch(path, asked.path) and said.status < 300 and told:
            change(told, asked)
            said.put(told)

    _add(rule, name, after=after)


def request(rule: str, path: str, name: str, change: Callable[[Json], object]) -> None:
    """Add a slip that reads the JSON body of a path's requests too kindly, or too strictly."""

    def before(asked: Asked) -> None:
        given = asked.given
        if asked.path == path and given:
            change(given)
            asked.put(given)

    _add(rule, name, before=before)


def query(rule: str, path: str, name: str, pattern: str, instead: str) -> None:
    """Add a slip that reads a path's query as if it had said something else."""

    def before(asked: Asked) -> None:
        if asked.path == path:
            asked.query = re.sub(pattern, instead, asked.query)

    _add(rule, name, before=before)


def remembered(rule: str, name: str, make: Callable[[], After]) -> None:
    """Add a slip with a memory; each app gets its own."""
    provider = rule.partition(".")[0]
    SLIPS.append(Slip(provider, name, rule, lambda: tampered(WHOLE[provider](), after=make())))


def _add(rule: str, name: str, *, before: Before | None = None, after: After | None = None) -> None:
    provider = rule.partition(".")[0]
    SLIPS.append(Slip(provider, name, rule, lambda: tampered(WHOLE[provider](), before, after)))


def page_for_file(ending: str) -> After:
    """Return a bug that serves a page under a file's own type."""

    def after(asked: Asked, said: Said) -> None:
        if asked.path.endswith(ending) and said.status == 200:
            said.body = b"<!DOCTYPE html><title>Come back later</title>"

    return after


def relapse(rows: Callable[[Json], Json | None], done: str, earlier: Json) -> After:
    """Return a bug that shows a finished run, at the second look after its end, as unfinished."""
    looks: dict[str, int] = {}

    def after(asked: Asked, said: Said) -> None:
        told = said.told
        row = rows(told)
        if row is None or row.get("status") != done:
            return
        looks[asked.path + asked.query] = looks.get(asked.path + asked.query, 0) + 1
        if looks[asked.path + asked.query] == 2:
            row |= earlier
            said.put(told)

    return after


def same_answer_for_same_body(path: str) -> After:
    """Return a bug that answers an equal submission with the run that exists already."""
    known: dict[bytes, Json] = {}

    def after(asked: Asked, said: Said) -> None:
        if asked.path == path and said.status < 300:
            said.put(known.setdefault(asked.body, said.told))

    return after


# Recoup ------------------------------------------------------------------------------------------


def _first_run(told: Json) -> Json | None:
    runs = told.get("runs")
    return runs[0] if runs else None


def _recoup() -> None:
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
    _add("recoup.estimateContent.one-json", "two-documents", after=doubled)

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
    _add("recoup.editContent.credential.alone", "bearer-forgotten-once", before=bearer_forgotten)
    _add("recoup.lifecycle.video.media", "page-as-film", after=page_for_file(".mp4"))
    remembered(
        "recoup.createContent.ids-unique", "same-run-for-same-request",
        lambda: same_answer_for_same_body(create),
    )  # fmt: skip
    earlier = {"status": "EXECUTING", "isCompleted": False, "isSuccess": False, "output": None}
    remembered(
        "recoup.lifecycle.create.sticky", "status-flaps-once",
        lambda: relapse(_first_run, "COMPLETED", earlier),
    )  # fmt: skip


# Leonardo ----------------------------------------------------------------------------------------


def _shown_one(told: Json) -> Json | None:
    row = told.get("generations_by_pk")
    return row if isinstance(row, dict) else None


class KeepsDeleted(leonardo.Atelier):
    """Says that a job is deleted, and keeps it."""

    def _delete(self, request: Request, user: str, body: Json) -> Json:
        wanted = request.path_params["id"]
        is_own = wanted in self.jobs and self.jobs[wanted]["user"] == user
        return {"delete_generations_by_pk": {"id": wanted} if is_own else None}


class ShowsUploadsToAll(leonardo.Atelier):
    """Looks an uploaded image up without asking whose it is."""

    def _read_image(self, request: Request, user: str, body: Json) -> Json:
        found = self.images.get(request.path_params["id"])
        return super()._read_image(request, found["user"] if found else user, body)


class TakesAnyImage(leonardo.Atelier):
    """Looks a start frame up without asking whose it is."""

    def _image(self, user: str, wanted: str) -> None:
        found = self.images.get(wanted)
        super()._image(found["user"] if found else user, wanted)


class TakesNoImage(leonardo.Atelier):
    """Starts a video from an image that it has not looked up."""

    def _image(self, user: str, wanted: str) -> None:
        return None


class KeepsThumbnails(leonardo.Atelier):
    """Cuts what is uploaded."""

    async def fetch(self, request: Request) -> Response:
        """Give out the first part of an upload."""
        answer = await super().fetch(request)
        if "initImages" in request.path_params["name"]:
            return Response(bytes(answer.body)[:50], media_type="image/png")
        return answer


class StoresForKeys(leonardo.Atelier):
    """Does not mind a key at the storage."""

    async def store(self, request: Request) -> Response:
        """Take an upload with or without a key."""
        headers = [pair for pair in request.scope["headers"] if pair[0] != b"authorization"]
        return await super().store(Request({**request.scope, "headers": headers}, request.receive))


class StoresJson(leonardo.Atelier):
    """Takes an upload as JSON too."""

    async def store(self, request: Request) -> Response:
        """Take an upload in either form."""
        if request.headers.get("content-type") == "application/json":
            return Response(status_code=204)
        return await super().store(request)


class ListsTwenty(leonardo.Atelier):
    """Shows twenty generations where no limit is given."""

    def _listing(self, request: Request, user: str, body: Json) -> Json:
        if "limit" in request.query_params:
            return super()._listing(request, user, body)
        scope = {**request.scope, "query_string": b"limit=20"}
        return super()._listing(Request(scope), user, body)


class StoresWith200(leonardo.Atelier):
    """Says 200 after an upload."""

    async def store(self, request: Request) -> Response:
        """Take an upload."""
        answer = await super().store(request)
        return Response("stored") if answer.status_code == 204 else answer


def _leonardo() -> None:
    text = f"{REST}/generations-text-to-video"
    one = f"{REST}/generations/[^/]+"

    def row(change: Callable[[Json], object]) -> Callable[[Json, Asked], object]:
        return lambda told, asked: change(told["generations_by_pk"] or {})

    def cut(row: Json) -> None:
        row["prompt"] = row.get("prompt", "")[:10]

    def loosely(given: Json) -> None:
        if isinstance(given.get("extension"), str):
            given["extension"] = given["extension"].lower().lstrip(".")

    def off_by_one(given: Json) -> None:
        if given.get("seed") == 2147483637:
            given["seed"] += 1

    def renumbered() -> After:
        looks = [0]

        def after(asked: Asked, said: Said) -> None:
            told = said.told
            for image in (_shown_one(told) or {}).get("generated_images", ()):
                looks[0] += 1
                image["id"] = f"00000000-0000-4000-8000-{looks[0]:012d}"
                said.put(told)

        return after

    def one_place(told: Json, asked: Asked) -> None:
        told["uploadInitImage"]["key"] = "users/1/initImages/frame.png"

    reply("leonardo.getGenerationById.echo", one, "prompt-is-cut", row(cut))
    reply("leonardo.uploadInitImage.unique", f"{REST}/init-image", "one-place-for-all", one_place)
    request("leonardo.uploadInitImage.enum", f"{REST}/init-image", "extension-is-loose", loosely)
    request("leonardo.createTextToVideoGeneration.offered", text, "last-seed-refused", off_by_one)
    remembered("leonardo.getGenerationsByUserId.agrees", "image-id-changes", renumbered)
    remembered(
        "leonardo.create.unique", "same-job-for-same-request",
        lambda: same_answer_for_same_body(text),
    )  # fmt: skip
    pending = {"status": "PENDING", "generated_images": []}
    remembered(
        "leonardo.lifecycle.text-to-video.sticky", "status-flaps-once",
        lambda: relapse(_shown_one, "COMPLETE", pending),
    )  # fmt: skip
    remembered(
        "leonardo.lifecycle.text-to-video-fails.sticky", "failed-then-complete",
        lambda: relapse(_shown_one, "FAILED", {"status": "COMPLETE"}),
    )  # fmt: skip
    for rule, kind in (
        ("deleteGenerationById.gone", KeepsDeleted),
        ("getInitImageById.ownership", ShowsUploadsToAll),
        ("uploadInitImage.stores", StoresWith200),
        ("uploadInitImage.no-key", StoresForKeys),
        ("uploadInitImage.no-json", StoresJson),
        ("getInitImageById.file", KeepsThumbnails),
        ("createImageToVideoGeneration.frames", TakesAnyImage),
        ("createImageToVideoGeneration.frames", TakesNoImage),
        ("getGenerationsByUserId.limit", ListsTwenty),
    ):
        SLIPS.append(Slip("leonardo", kind.__name__, f"leonardo.{rule}", _atelier(kind)))


def _atelier(kind: type[leonardo.Atelier]) -> Callable[[], App]:
    return lambda: kind().app()


# NanoGPT -----------------------------------------------------------------------------------------


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


def _nanogpt() -> None:
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
    _add("nanogpt.getVideoStatus.credential.alone", "bearer-forgotten", before=bearer_forgotten)
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
    _add("nanogpt.recoverVideos.full", "filter-after-the-limit", after=late_filter)
    _add("nanogpt.money.refusals", "reads-that-cost", after=paid_reads)
    query(
        "nanogpt.recoverVideos.model", recover, "filter-by-beginning",
        r"model=kling-video-v(?!2)[^&]*&?", "",
    )  # fmt: skip
    reply(
        "nanogpt.recoverVideos.created", recover, "created-when-listed",
        lambda told, asked: [job.update(createdAt=datetime.now(UTC).isoformat())
                             for job in told["data"]],
    )  # fmt: skip
    _add("nanogpt.recoverVideos.ownership", "list-of-one-account", before=one_account)
    _add("nanogpt.getVideoStatus.ownership", "bearer-of-the-first", before=bearer_of_first)
    _add("nanogpt.jobs.unknown-id", "ids-in-any-letter-case", before=any_letter_case)
    _add("nanogpt.extendVideo.no-job-named", "newest-job-extended", before=newest_job)
    _add("nanogpt.getVideoStatus.missing-id", "newest-job-read", before=newest_read)


def _reseller(kind: type[nanogpt.Provider]) -> Callable[[], App]:
    return lambda: kind(seconds=0.2).app


_recoup()
_leonardo()
_nanogpt()


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{each.provider}-{each.name}" for each in SLIPS])
def test_slip_is_seen(slip: Slip) -> None:
    result = judged(slip.provider, slip.app(), (slip.rule,))
    assert result.exit_code == 1
    assert any(each.rule.level is Level.MUST for each in result.failed)


@pytest.mark.parametrize("provider", WHOLE)
def test_same_rules_pass_without_the_slip(provider: str) -> None:
    rules = tuple(dict.fromkeys(each.rule for each in SLIPS if each.provider == provider))
    result = judged(provider, WHOLE[provider](), rules)
    assert [result.verdict(rule) for rule in rules] == [Verdict.PASS] * len(rules)
