"""Core records as Recoup's JSON, in both dialects; its status words and flags as tables.

Where a dialect matters, a function takes it and names the row of contracts/recoup/SOURCE.md.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from simulator.core.clock import utc_text
from simulator.core.runs import Run, Status
from simulator.providers.recoup import catalog
from simulator.providers.recoup.catalog import Requirement, Template
from simulator.providers.recoup.records import Artist, Social

Json = dict[str, Any]
Sample = Callable[[str, str], str]
"""The URL of a picture of the provider's own, from its name and extension."""

STATUSES: Final[Mapping[str, Mapping[str, str]]] = {  # by dialect and stage or end; row 33
    "documented": {
        "queued": "QUEUED",
        "dequeued": "QUEUED",
        "executing": "EXECUTING",
        "upscaling": "EXECUTING",
        "completed": "COMPLETED",
        "failed": "FAILED",
        "cancelled": "CANCELED",
    },
    "live": {
        "queued": "QUEUED",
        "dequeued": "DEQUEUED",
        "executing": "EXECUTING",
        "upscaling": "EXECUTING",
        "completed": "COMPLETED",
        "failed": "FAILED",
        "cancelled": "CANCELED",
    },
}
BY_STATE: Final = {"queued": "QUEUED", "working": "EXECUTING"}
"""For stages that are not this provider's own (a scenario's)."""

FLAGS: Final[Mapping[str, frozenset[str]]] = {  # [impl] the client library's mapping
    "isQueued": frozenset({"PENDING_VERSION", "QUEUED", "DELAYED"}),
    "isExecuting": frozenset({"DEQUEUED", "EXECUTING"}),
    "isWaiting": frozenset({"WAITING"}),
    "isCompleted": frozenset(
        {"COMPLETED", "FAILED", "CRASHED", "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT"}
    ),
    "isSuccess": frozenset({"COMPLETED"}),
    "isFailed": frozenset({"FAILED", "CRASHED", "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT"}),
    "isCancelled": frozenset({"CANCELED"}),
}


def status_word(status: Status, dialect: str) -> str:
    """The job queue's word for a status; a failure may bring its own (`CRASHED`, `TIMED_OUT`)."""
    words = STATUSES[dialect]
    if status.outcome is not None and status.state == "failed":
        given = str(status.outcome.data.get("status", "")).upper()
        known = FLAGS["isFailed"] if dialect == "live" else _DOCUMENTED_FAILURES
        return given if given in known else words["failed"]
    return words.get(status.stage) or BY_STATE.get(status.state, words.get(status.state, "QUEUED"))


_DOCUMENTED_FAILURES: Final = frozenset({"FAILED", "CRASHED", "INTERRUPTED", "SYSTEM_FAILURE"})


def triggered(run_ids: Sequence[str], failed: int, body: Mapping[str, Any], lipsync: bool) -> Json:
    """The reply to create; `template` and `failed` only if there are some (row 11)."""
    reply: Json = {
        "runIds": list(run_ids),
        "status": "triggered",
        "artist_account_id": body["artist_account_id"],
    }
    if body.get("template"):
        reply["template"] = body["template"]
    reply["lipsync"] = lipsync
    if failed:
        reply["failed"] = failed
    return reply


def runs(items: Sequence[Json]) -> Json:
    """The envelope of every list of runs, of one run too."""
    return {"status": "success", "runs": list(items)}


def listed_run(run: Run, status: Status, now_ms: int, dialect: str) -> Json:
    """A run as lists show it."""
    return {**_run(run, status, now_ms, dialect), "env": catalog.TASK_ENVIRONMENT}


def single_run(run: Run, status: Status, now_ms: int, dialect: str, output: Any) -> Json:
    """A run as it is retrieved, with its input and what came of it; `output` None before."""
    details = run.details or {}
    has_attempt = status.started_at_ms is not None
    body: Json = {
        **_run(run, status, now_ms, dialect),
        "depth": 0,
        "triggerFunction": "trigger",
        "payload": details.get("payload", {}),
        "attemptCount": int(has_attempt),
        "relatedRuns": {},
    }
    if output is not None:
        body["output"] = output
    if status.state == "failed" and status.outcome is not None:
        body["error"] = {"message": status.outcome.message or "Task failed", "name": "Error"}
    if dialect == "documented":  # row 34
        body["attempts"] = [{"status": body["status"]}] if has_attempt else []
    return body


def _run(run: Run, status: Status, now_ms: int, dialect: str) -> Json:
    word = status_word(status, dialect)
    started, ended = status.started_at_ms, status.ended_at_ms
    last_change = ended or started or run.created_at_ms
    duration_ms = 0 if started is None else (now_ms if ended is None else ended) - started
    body: Json = {
        "id": run.id,
        "status": word,
        "taskIdentifier": catalog.TASKS[run.operation],
        "createdAt": utc_text(run.created_at_ms),
        "updatedAt": utc_text(last_change),
    }
    times = {"startedAt": started, "finishedAt": ended, "delayedUntil": None, "expiredAt": None}
    for name, at_ms in times.items():
        if at_ms is not None:
            body[name] = utc_text(at_ms)
        elif dialect == "documented":  # row 34
            body[name] = None
    body.update({flag: word in words for flag, words in FLAGS.items()})
    body["isTest"] = False
    body["tags"] = [f"account:{run.account_id}"]
    body["durationMs"] = max(0, duration_ms)
    body["costInCents"] = 0
    body["baseCostInCents"] = 0
    return body


def content_output(
    video_url: str, image_url: str, details: Mapping[str, Any], duration_ms: int
) -> Json:
    """What a completed content-creation run leaves behind [docs]."""
    output: Json = {
        "videoSourceUrl": video_url,
        "imageUrl": image_url,
        "captionText": details["caption"],
        "template": details["template"],
        "lipsync": details["lipsync"],
    }
    if song := details.get("song"):
        slug = song.rsplit("/", 1)[-1].removesuffix(".mp3")
        output["audio"] = {
            "songTitle": slug.replace("-", " "),
            "songFilename": f"{slug}.mp3",
            "startSeconds": 0,
            "durationSeconds": duration_ms // 1000,
        }
    return output


def caption(text: str) -> Json:
    """A caption with its constant styling [impl]."""
    return {"content": text, **catalog.CAPTION_STYLE}


def transcript(audio_url: str, text: str, chunks: Sequence[Mapping[str, Any]]) -> Json:
    """A transcript; segment texts are trimmed, missing times become 0 [impl]."""
    segments = [
        {
            "start": chunk.get("start") or 0,
            "end": chunk.get("end") or 0,
            "text": str(chunk.get("text", "")).strip(),
        }
        for chunk in chunks
    ]
    return {
        "audioUrl": audio_url,
        "fullLyrics": text,
        "segments": segments,
        "segmentCount": len(segments),
    }


def listed_template(template: Template) -> Json:
    """A template as the list shows it."""
    return {"id": template.id, "description": template.description}


def template_detail(template: Template, sample: Sample) -> Json:
    """A template in full."""
    pictures = (f"{template.id}-{number + 1:02}" for number in range(template.references))
    return {
        **listed_template(template),
        "image": {
            "prompt": template.prompt,
            "reference_images": [sample(picture, "png") for picture in pictures],
            "style_rules": template.style_rules,
        },
        "video": {"moods": list(template.moods), "movements": list(template.movements)},
        "caption": {
            "guide": {
                "templateStyle": template.style,
                "captionRole": template.role,
                "tone": template.tone,
                "rules": list(template.rules),
                "formats": list(template.formats),
            },
            "examples": list(template.examples),
        },
        "edit": {"operations": [dict(operation) for operation in catalog.EDIT_OPERATIONS]},
    }


def issue(requirement: Requirement, dialect: str) -> Json:
    """A file that is missing; the documented dialect describes it as well (row 28)."""
    body = {
        "file": requirement.file,
        "severity": requirement.severity,
        "fix": requirement.fix,
    }
    return {**body, "description": requirement.description} if dialect == "documented" else body


def readiness(
    artist: Artist,
    missing: Sequence[Requirement],
    warnings: Sequence[Requirement],
    dialect: str,
) -> Json:
    """Whether an artist is ready; documented and observed form differ (row 28)."""
    issues = [issue(item, dialect) for item in missing]
    body: Json = {"status": "success", "artist_account_id": artist.id, "ready": not missing}
    if dialect == "documented":
        body["songs"] = len(artist.songs)
        body["templates"] = list(catalog.TEMPLATES)
        if not missing:
            body["checks"] = _checks(warnings)
    body["missing"] = issues
    body["warnings"] = [issue(item, dialect) for item in warnings]
    return body


def _checks(warnings: Sequence[Requirement]) -> Json:
    wanting = {item.file for item in warnings}
    files = {
        "face_guide": catalog.FACE_GUIDE,
        "artist_context": catalog.ARTIST_CONTEXT,
        "audience_context": catalog.AUDIENCE_CONTEXT,
        "songs": catalog.SONGS,
    }
    return {
        name: {"status": "warning" if file in wanting else "ok"} for name, file in files.items()
    }


def estimate(lipsync: bool, batch: int, compare: bool, dialect: str) -> Json:
    """What a batch costs; the documented form is nested, the observed one flat (row 30)."""
    costs = {
        "budget": catalog.COST_CENTS["budget"],
        "mid": catalog.COST_CENTS["mid"],
        "current": catalog.COST_CENTS["current-lipsync" if lipsync else "current"],
    }
    cents = {name: sum(steps.values()) for name, steps in costs.items()}
    body: Json = {
        "status": "success",
        "lipsync": lipsync,
        "batch": batch,
        "per_video_estimate_usd": _usd(cents["current"]),
        "total_estimate_usd": _usd(cents["current"] * batch),
    }
    if compare:
        body["profiles"] = {name: _usd(total) for name, total in cents.items()}
    if dialect == "live":
        return body
    shown = list(costs) if compare else ["current"]
    del body["batch"]
    body["workflows"] = [
        {
            "name": name,
            "perVideo": _usd(cents[name]),
            "steps": list(costs[name]),
            "costBreakdown": {step: _usd(price) for step, price in costs[name].items()},
        }
        for name in shown
    ]
    if compare:
        body["comparison"] = {name: _usd(cents[name]) for name in shown}
    if batch > 1:
        totals = [cents[name] * batch for name in shown]
        body["batch"] = {
            "count": batch,
            "cheapestTotal": _usd(min(totals)),
            "mostExpensiveTotal": _usd(max(totals)),
        }
    return body


def artist(record: Artist, sample: Sample, dialect: str) -> Json:
    """An artist as the list shows it; workspaces alone say that they are [impl]."""
    body: Json = {
        "id": record.id,
        "account_id": record.id,
        "name": record.name,
        "image": sample(record.picture, "png") if record.picture else "",
        "instruction": record.instruction,
        "knowledges": list(record.knowledges),
        "label": record.label,
        "pinned": record.is_pinned,
        "account_socials": [_social(item, dialect) for item in record.socials],
    }
    return {**body, "isWorkspace": True} if record.is_workspace else body


def _social(record: Social, dialect: str) -> Json:
    body: Json = {
        "id": record.id,
        "username": record.username,
        "profile_url": record.profile_url,
        "avatar": record.avatar,
        "bio": record.bio,
        "region": record.region,
        "followerCount": record.followers,
        "followingCount": record.following,
        "updated_at": utc_text(record.updated_at_ms),
        "link": record.profile_url,
        "type": record.type,
    }
    if dialect == "documented":  # row 39
        body["platform"] = record.type.lower()
    return body


def _usd(cents: int) -> int | float:
    """Cents as dollars, whole amounts without a fraction as JavaScript writes them."""
    return cents // 100 if cents % 100 == 0 else cents / 100
