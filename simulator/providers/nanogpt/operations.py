"""NanoGPT's operations, one short handler each, named as in the contract.

Reads the call, asks the desk, and leaves words to `wire.py` and `errors.py`.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from simulator.core import ids, runs
from simulator.core.desk import Desk
from simulator.core.errors import (
    RateLimited,
    RuleBroken,
    RunNotFound,
    Unavailable,
)
from simulator.core.order import Order
from simulator.core.runs import Run
from simulator.provider import Call, Handler, Reply
from simulator.providers.nanogpt import modes, wire
from simulator.providers.nanogpt.catalog import (
    DAY_MS,
    DEFAULT_MODERATION,
    IMAGE_FIELDS,
    MIDJOURNEY,
    MODELS,
    STAGES,
    USD_PER_DAY,
)
from simulator.providers.nanogpt.records import MODERATIONS, SOURCES


def job_id(source: bytes, now_ms: int) -> str:
    """An id like the live ones: the time in base 36, then nine characters of it."""
    return f"vid_{ids.base36(now_ms, 8)}{ids.base36_text(source, 9)}"


# Submissions


async def create_video(call: Call, desk: Desk) -> Reply:
    """Submit a video job."""
    given = call.given_body
    model = MODELS.get(given["model"])
    if model is None:
        raise RuleBroken("model_not_found", "/model", given["model"])
    source_ms = None
    if (source_url := modes.source_url(model, given)) is not None:
        source = await desk.find(SOURCES, source_url)
        source_ms = None if source is None else source.duration_ms
    job = modes.read(model, given, source_ms)
    headers: tuple[tuple[str, str], ...] = ()
    if "moderation" in call.headers:
        headers = await _moderated(call.headers, given, desk)
    if desk.account.attributes:
        await _check_day_cap(desk, job.cost_nanos)
    start = modes.start_picture(given)
    if desk.fetches:
        known = None if source_ms is None else source_url
        links = modes.links(model, given)
        fetched = await desk.fetch(link for link in links if link.url != known)
        start = start or fetched
        job = modes.read(model, given, source_ms, fetched)
    outputs = job.outputs
    if start is not None and (picture := await desk.keep_picture(start)):
        outputs = tuple(msgspec.structs.replace(spec, picture=picture) for spec in outputs)
    run = await desk.start(
        Order(
            operation="createVideo",
            request=job.request,
            shape=job_id,
            stages=STAGES,
            prompt=_text(given),
            mode=job.mode,
            model=model.id,
            cost_nanos=job.cost_nanos,
            outputs=outputs,
            details=_details(given),
        )
    )
    return Reply(202, wire.submitted(run, desk.account), headers)


async def extend_video(call: Call, desk: Desk) -> Reply:
    """Extend one video of a finished Midjourney job."""
    given = call.given_body
    run = await desk.run(given.get("runId") or given["taskId"])
    index = int(given["index"])
    if run.model != MIDJOURNEY.id:
        raise RuleBroken("not_midjourney", "/runId", run.model, (MIDJOURNEY.id,))
    if desk.status(run).state != "completed":
        raise RuleBroken("not_completed", "/runId", run.id)
    if index >= len(run.outputs):
        raise RuleBroken("no_such_video", "/index", index, tuple(range(len(run.outputs))))
    cost_nanos = MIDJOURNEY.price.nanos
    if desk.account.attributes:
        await _check_day_cap(desk, cost_nanos)
    before = run.outputs[index]
    longer = msgspec.structs.replace(before, duration_ms=before.duration_ms + 5000)
    started = await desk.start(
        Order(
            operation="extendVideo",
            request={"runId": run.id, "index": index},
            shape=job_id,
            stages=STAGES,
            mode="extend",
            model=MIDJOURNEY.id,
            cost_nanos=cost_nanos,
            outputs=(longer,),
            details=run.details,
        )
    )
    return Reply(202, wire.extended(started, desk.account, index))


def _text(given: Mapping[str, Any]) -> str:
    """What a person wrote: the prompt, and the script of a story."""
    return " ".join(given[name] for name in ("prompt", "script") if given.get(name))


def _details(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """What must be remembered of a request beside itself, if anything."""
    kept = {name: value for name in ("conversationUUID", "projectId") if (value := given.get(name))}
    return kept or None


async def _check_day_cap(desk: Desk, cost_nanos: int) -> None:
    """Refuse what goes over the key's daily USD cap, by the estimate [docs: rate-limits]."""
    cap_nanos = desk.account.attributes.get("usd_per_day_nanos")
    if not isinstance(cap_nanos, int):
        return
    now_ms = await desk.now_ms()
    midnight_ms = now_ms - now_ms % DAY_MS
    today = await desk.runs(where=lambda run: run.created_at_ms >= midnight_ms)
    if sum(run.cost_nanos for run in today) + cost_nanos > cap_nanos:
        raise RateLimited(USD_PER_DAY, midnight_ms + DAY_MS - now_ms)


# Inline moderation [docs: inline-moderation]

_ON: Final = frozenset({"true", "1", "yes", "on"})
_OFF: Final = frozenset({"", "false", "0", "no", "off"})
_MODERATED_IMAGES: Final = (
    *(name for name in IMAGE_FIELDS if name != "imageAttachmentId"),
    "reference_image",
    "referenceImages",
    "swapImage",
)


async def _moderated(
    headers: Mapping[str, str], given: Mapping[str, Any], desk: Desk
) -> tuple[tuple[str, str], ...]:
    """Check the prompt and the images if the request asks for it; answers the reply's headers."""
    wanted = headers["moderation"].strip()
    if wanted.lower() in _OFF:
        return ()
    named = headers.get("moderation-model", "").strip()
    is_plain = wanted.lower() in _ON
    model = (named or DEFAULT_MODERATION) if is_plain else wanted
    if named and named != model:
        raise RuleBroken("conflicting_moderation_model", "", named, (wanted,))
    text = _text(given)
    images = list(_images(given))
    if not all(image.startswith(("http://", "https://", "data:image/")) for image in images):
        raise RuleBroken("unsupported_moderation_input")
    if not text and not images:
        raise RuleBroken("empty_moderation_input")
    record = await desk.find(MODERATIONS, "")
    verdict = "pass" if record is None else record.verdict
    if verdict == "unavailable":
        raise Unavailable
    is_flagged = verdict == "flag" or "[understudy:policy]" in text
    shown = (
        ("x-nanogpt-inline-moderation-model", model),
        ("x-nanogpt-inline-moderation-flagged", "true" if is_flagged else "false"),
        ("x-nanogpt-inline-moderation-cost-usd", "0"),
    )
    if is_flagged:
        moderation_id = await desk.new_id("moderation", [model, text], _moderation_id)
        tokens = max(1, len(text) // 4)
        data = {"id": moderation_id, "model": model, "tokens": tokens, "headers": shown}
        raise RuleBroken("moderation_flagged", data=data)
    return shown


def _images(given: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name in _MODERATED_IMAGES:
        value = given.get(name) or []
        items = value if isinstance(value, list) else [value]
        found += [item["url"] if isinstance(item, dict) else item for item in items]
    return found


def _moderation_id(source: bytes, _now_ms: int) -> str:
    return f"modr-{ids.base36(int.from_bytes(source[:8]), 13)}"


# Status


async def get_video_status(call: Call, desk: Desk) -> Reply:
    """How a job goes, for every model."""
    run_id = call.query.get("requestId") or call.query.get("runId")
    if not run_id:
        raise RuleBroken("missing_id", "/requestId", location="query")
    run = await desk.poll(run_id)
    status = desk.status(run)
    return Reply(200, wire.unified(run, status, _urls(desk, run), call.switches))


async def get_video_status_deprecated(call: Call, desk: Desk) -> Reply:
    """How a job goes, in the older form."""
    run = await desk.poll(call.query["runId"])
    status = desk.status(run)
    return Reply(200, wire.legacy(run, status, _urls(desk, run), call.switches))


async def get_story_status(call: Call, desk: Desk) -> Reply:
    """How a LongStories job goes; another job or project than its own is not found."""
    run = await desk.poll(call.query["runId"])
    is_story = MODELS[run.model].is_story
    if not is_story or wire.project_id(run) != call.query["projectId"]:
        raise RunNotFound(run.id)
    return Reply(200, wire.story(desk.status(run), _urls(desk, run)))


async def recover_videos(call: Call, desk: Desk) -> Reply:
    """The account's jobs, newest first."""
    model = call.query.get("model")
    conversation = call.query.get("conversationUUID")

    def is_wanted(run: Run) -> bool:
        if model and run.model != model:
            return False
        return not conversation or (run.details or {}).get("conversationUUID") == conversation

    where = is_wanted if model or conversation else None
    found = await desk.runs(where=where, limit=int(call.query["limit"]))
    now_ms = await desk.now_ms()
    data = [wire.recovered(run, runs.status_at(run, now_ms)) for run in found]
    return Reply(200, {"data": data})


async def get_video_content(call: Call, desk: Desk) -> Reply:
    """A file of a finished job: where it is, or a redirect to it."""
    name, variant = call.query["model"], call.query["variant"]
    run = await desk.run(call.query["runId"])
    if run.model != name:
        raise RuleBroken("not_the_model", "/model", name, (run.model,), location="query")
    if desk.status(run).state != "completed":
        raise RuleBroken("not_completed", "/runId", run.id, location="query")
    url = desk.asset_url(run, _VARIANTS.index(variant))
    form = call.switches.get("content", "documented")
    if form == "redirect" or (form == "documented" and not MODELS[name].is_documented):
        return Reply(302, None, (("Location", url),))
    return Reply(200, wire.content(run, variant, url))


_VARIANTS: Final = ("video", "thumbnail", "spritesheet")


def _urls(desk: Desk, run: Run) -> wire.UrlOf:
    return lambda index: desk.asset_url(run, index)


# Catalogue and account


async def list_models(call: Call, _desk: Desk) -> Reply:
    """Models, text and video."""
    return Reply(200, wire.model_list(is_detailed=call.query["detailed"]))


async def list_video_models(call: Call, desk: Desk) -> Reply:
    """Video models and what they take."""
    body = wire.video_list(is_detailed=call.query["detailed"], now_ms=await desk.now_ms())
    return Reply(200, body)


async def list_models_by_kind(call: Call, _desk: Desk) -> Reply:
    """The older catalogue."""
    is_names = call.switches.get("models-shape") == "names"
    return Reply(200, wire.models_by_kind(is_names=is_names))


async def check_balance(_call: Call, desk: Desk) -> Reply:
    """What the account has left, runs that have ended settled."""
    return Reply(200, wire.balance(await desk.refreshed_account()))


HANDLERS: Final[Mapping[str, Handler]] = {
    "createVideo": create_video,
    "extendVideo": extend_video,
    "getVideoStatus": get_video_status,
    "getVideoStatusDeprecated": get_video_status_deprecated,
    "getStoryStatus": get_story_status,
    "recoverVideos": recover_videos,
    "getVideoContent": get_video_content,
    "listModels": list_models,
    "listVideoModels": list_video_models,
    "listModelsByKind": list_models_by_kind,
    "checkBalance": check_balance,
}
