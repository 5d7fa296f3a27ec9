"""Recoup's operations, one short handler each, named as in the contract.

Reads the call, asks the desk, and leaves words to `wire.py` and `errors.py`. What a scenario's
outcome carries as `data` is taken as the upstream's answer.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from simulator.core import ids, pictures
from simulator.core.assets import MediaSpec
from simulator.core.desk import Desk
from simulator.core.errors import (
    InputUnreachable,
    NotFound,
    RateLimited,
    RuleBroken,
    RunNotFound,
    ServerError,
    Unavailable,
    UpstreamFailed,
)
from simulator.core.order import Order
from simulator.core.runs import Amendment, Outcome, Run, status_at
from simulator.provider import Call, Handler, Reply
from simulator.providers.recoup import catalog, modes, records, wire
from simulator.providers.recoup.accounts import is_account_id
from simulator.providers.recoup.errors import failure_of
from simulator.providers.recoup.records import ARTISTS, Artist, Membership


def run_id(source: bytes, _now_ms: int) -> str:
    """An id like the job queue's: `run_` and 25 characters."""
    return f"run_{ids.base36_text(source, 25)}"


# Generators that block until they are done


async def create_video(call: Call, desk: Desk) -> Reply:
    """Generate a video and wait for it."""
    body = call.body
    mode = modes.infer(body)
    if modes.lacks_image(mode, body):  # live only: row 4, inferred
        raise UpstreamFailed("image_required", "Unprocessable Entity")
    prompt = modes.motion_prompt(body, modes.drawing(body))
    model = modes.video_model(mode, body)
    shape, picture = await _start_of(body, modes.VIDEO_INPUTS, desk)
    spec = replace(modes.video_spec(body, shape), picture=picture)
    run, _ = await _made(call, desk, prompt, mode, model, (spec,))
    return Reply(200, {"videoUrl": desk.asset_url(run), "mode": mode})


async def create_image(call: Call, desk: Desk) -> Reply:
    """Generate images and wait for them; `imageUrl` is the first."""
    body = call.body
    shape, picture = await _start_of(body, modes.IMAGE_INPUTS, desk)
    spec = replace(modes.image_spec(body, shape), picture=picture)
    outputs = (spec,) * int(body["num_images"])
    prompt, model = modes.image_prompt(body), modes.image_model(body)
    run, _ = await _made(call, desk, prompt, "image", model, outputs)
    urls = [desk.asset_url(run, index) for index in range(len(outputs))]
    return Reply(200, {"imageUrl": urls[0], "images": urls})


async def create_caption(call: Call, desk: Desk) -> Reply:
    """Write a caption; quotes around the generated text are taken off [impl]."""
    body = call.body
    _, told = await _made(call, desk, body["topic"], "caption", catalog.CAPTION_MODEL)
    lines = catalog.CAPTIONS[body["length"]]
    text = lines[modes.drawing(body)(len(lines))].replace("{topic}", body["topic"])
    text = str(told.get("text", text)).strip().strip("\"'").strip()
    if not text:
        raise UpstreamFailed("no_output")
    return Reply(200, wire.caption(text))


async def transcribe_audio(call: Call, desk: Desk) -> Reply:
    """Transcribe the first of the songs [impl]."""
    body = call.body
    await desk.fetch(modes.links({"audio_urls": body["audio_urls"][:1]}, {"audio_urls": "audio"}))
    _, told = await _made(call, desk, "", "transcribe", body["model"])
    verses = catalog.LYRICS[modes.drawing(body["audio_urls"][0])(len(catalog.LYRICS))]
    text = str(told.get("text", " ".join(verses)))
    chunks = told.get("chunks", modes.chunks(verses, body["chunk_level"]))
    return Reply(200, wire.transcript(body["audio_urls"][0].strip(), text, chunks))


async def upscale_media(call: Call, desk: Desk) -> Reply:
    """Upscale an image or a video and wait for it."""
    body = call.body
    source = await desk.file_at(body["url"])
    shape, picture = await _start_of(body, {"url": body["type"]}, desk)
    if source is not None:
        shape, picture = (source.width, source.height), source.picture
    outputs = (replace(modes.upscaled_spec(body, shape, modes.film_of(source)), picture=picture),)
    run, _ = await _made(call, desk, "", "upscale", catalog.UPSCALE_MODEL, outputs)
    return Reply(200, {"url": desk.asset_url(run)})


async def analyze_video(call: Call, desk: Desk) -> Reply:
    """Answer a question about a video; `max_tokens` cuts the answer off."""
    body = call.body
    await desk.fetch(modes.links(body, {"video_url": "video"}))
    _, told = await _made(call, desk, body["prompt"], "analyze", catalog.ANALYZE_MODEL)
    seen = catalog.ANALYSES[modes.drawing(body)(len(catalog.ANALYSES))]
    answer = modes.answer(seen, body.get("max_tokens"))
    answer.update({name: told[name] for name in answer if name in told})
    if not answer["text"]:
        raise UpstreamFailed("no_output")
    return Reply(200, answer)


# Background runs


async def create_content(call: Call, desk: Desk) -> Reply:
    """Start `batch` content-creation runs for an artist; refused ones are counted."""
    body = dict(call.body)
    if call.dialect == "documented":  # row 11
        body["template"] = body["template"] or catalog.DEFAULT_TEMPLATE
    offered = (*catalog.TEMPLATES, *catalog.CREATE_ONLY)
    template = body.get("template")
    if template is not None and template not in offered:
        raise RuleBroken("unsupported_template", "/template", template, offered)
    artist = await records.known_artist(desk, body["artist_account_id"])
    owner = await records.membership_of(desk, desk.account.id)
    if not owner.repository:
        raise RuleBroken("no_repository")
    if call.dialect == "documented":  # row 15
        _require_readiness(artist)
    body["lipsync"] = body.get("lipsync", False)
    unreachable = await _unreachable(body, {"images": "image"}, desk)
    started: list[Run] = []
    failed = 0
    for number in range(int(body["batch"])):
        try:
            started.append(await desk.start(_content_order(call, body, artist, owner, number)))
        except (UpstreamFailed, Unavailable):
            failed += 1
        except RateLimited:  # too many at once: those that began are not taken back
            if not started:
                raise
            failed += 1
    for run in started if unreachable else ():
        await desk.amend(run, Amendment(await desk.now_ms(), "fail", unreachable))
    reply = wire.triggered([run.id for run in started], failed, body, body["lipsync"])
    return Reply(202, reply)


async def edit_content(call: Call, desk: Desk) -> Reply:
    """Start an edit of a video."""
    body = call.body
    operations = [dict(operation) for operation in modes.edit_operations(body)]
    payload = {
        "accountId": desk.account.id,
        "videoUrl": body["video_url"],
        "operations": operations,
        "outputFormat": body["output_format"],
    }
    texts = (str(operation.get("content", "")) for operation in operations)
    order = Order(
        operation=call.operation.id,
        request=body,
        shape=run_id,
        stages=catalog.TASK_STAGES,
        prompt=" ".join(texts),
        mode="edit",
        outputs=(modes.edited_spec(body, modes.film_of(await desk.file_at(body["video_url"]))),),
        details={"payload": payload},
    )
    unreachable = await _unreachable(body, {"video_url": "video"}, desk)
    try:
        run = await desk.start(order)
    except Unavailable as error:
        raise UpstreamFailed("queue", "unavailable") from error
    if unreachable:
        await desk.amend(run, Amendment(await desk.now_ms(), "fail", unreachable))
    return Reply(202, {"runId": run.id, "status": "triggered"})


async def list_runs(call: Call, desk: Desk) -> Reply:
    """Fetch one run by id, which is a poll of it, or list an account's runs, newest first."""
    wanted = call.query.get("runId", "").strip()
    if wanted:
        run = await desk.poll(wanted, any_account=call.dialect == "live")  # row 36
        if run.operation not in catalog.TASKS:
            raise RunNotFound(wanted)
        now_ms = await desk.now_ms()
        status = status_at(run, now_ms)
        output = _output(run, desk) if status.state == "completed" else None
        item = wire.single_run(run, status, now_ms, call.dialect, output)
        return Reply(200, wire.runs([item]))
    limit = _page(call.query["limit"])
    account_id = await records.permitted_account(desk, call.query.get("account_id"))
    found = await desk.runs(tuple(catalog.TASKS), account_id=account_id, limit=limit)
    now_ms = await desk.now_ms()
    items = [wire.listed_run(run, status_at(run, now_ms), now_ms, call.dialect) for run in found]
    return Reply(200, wire.runs(items))


# Reading


async def list_templates(_call: Call, _desk: Desk) -> Reply:
    """List the templates."""
    listed = [wire.listed_template(template) for template in catalog.TEMPLATES.values()]
    return Reply(200, {"status": "success", "templates": listed})


async def get_template(call: Call, desk: Desk) -> Reply:
    """Show one template in full."""
    template_id = call.path["id"]
    template = catalog.TEMPLATES.get(template_id)
    if template is None:
        if call.dialect == "live" and template_id in catalog.INHERITED_NAMES:
            raise ServerError("uncaught")
        raise NotFound("template", template_id)
    return Reply(200, wire.template_detail(template, desk.sample_url))


async def validate_content(call: Call, desk: Desk) -> Reply:
    """Say whether an artist's folder has what content creation needs."""
    artist_id = call.query["artist_account_id"]
    if not is_account_id(artist_id):  # live only: row 29
        raise ServerError("uncaught")
    artist = await records.known_artist(desk, artist_id)
    if not (await records.membership_of(desk, desk.account.id)).repository:
        raise ServerError("no_repository")
    missing, warnings = modes.lacking(artist.files)
    return Reply(200, wire.readiness(artist, missing, warnings, call.dialect))


async def estimate_content(call: Call, _desk: Desk) -> Reply:
    """Say what a batch of videos costs."""
    query = call.query
    lipsync, compare = query["lipsync"], query["compare"]
    return Reply(200, wire.estimate(lipsync, query["batch"], compare, call.dialect))


async def list_artists(call: Call, desk: Desk) -> Reply:
    """List the artists of an account: the personal ones, or those of one organization."""
    account_id = await records.permitted_account(desk, call.query.get("account_id"))
    organization_id = call.query.get("org_id", "")
    if organization_id:
        shown = [
            artist
            for artist in await desk.all(ARTISTS)
            if artist.organization_id == organization_id.lower()
        ]
    else:
        shown = [
            artist
            for artist in await desk.all(ARTISTS)
            if artist.owner_id == account_id and not artist.organization_id
        ]
    items = [wire.artist(artist, desk.sample_url, call.dialect) for artist in shown]
    return Reply(200, {"status": "success", "artists": items})


# Below: what the handlers share


async def _made(
    call: Call,
    desk: Desk,
    prompt: str,
    mode: str,
    model: str,
    outputs: tuple[MediaSpec, ...] = (),
) -> tuple[Run, Mapping[str, Any]]:
    """Run a synchronous operation to its end; answers it and what a scenario had upstream say."""
    operation = call.operation.id
    order = Order(
        operation=operation,
        request=call.body,
        shape=run_id,
        stages=catalog.SYNCHRONOUS_STAGES[operation],
        prompt=prompt,
        mode=mode,
        model=model,
        outputs=outputs,
    )
    run = await desk.wait(await desk.start(order))
    outcome = desk.status(run).outcome or Outcome()
    if outcome.state != "completed":
        raise failure_of(outcome)
    return run, outcome.data


async def _start_of(
    body: modes.Body, kinds: Mapping[str, str], desk: Desk
) -> tuple[modes.Size | None, str]:
    """The size and the kept id of the picture to begin with, everything linked to being fetched."""
    links = list(modes.links(body, kinds))
    fetched = await desk.fetch(links)
    if content := modes.start_picture(links) or fetched:
        return pictures.size_of(content), await desk.keep_picture(content)
    images = [link.url for link in links if link.kind == "image"]
    source = await desk.file_at(images[0]) if images else None
    return (None, "") if source is None else ((source.width, source.height), source.picture)


async def _unreachable(body: modes.Body, kinds: Mapping[str, str], desk: Desk) -> Outcome | None:
    """How a background run ends whose inputs cannot be had; its call has been answered by then."""
    try:
        await desk.fetch(modes.links(body, kinds))
    except InputUnreachable as error:
        message = f"{error.pointer.removeprefix('/')}: {error.reason}"  # words assumed
        return Outcome("failed", error.name, message)
    return None


def _content_order(
    call: Call, body: Mapping[str, Any], artist: Artist, owner: Membership, number: int
) -> Order:
    """One run of a batch: each draws a caption and a song of its own [seed 002]."""
    draw = modes.drawing([body, number])
    template = catalog.TEMPLATES.get(body.get("template", ""))
    captions = (template or catalog.BEDROOM).examples
    songs = body.get("songs") or artist.songs
    payload = {
        "accountId": owner.account_id,
        "artistSlug": artist.slug,
        "template": body.get("template"),
        "lipsync": body["lipsync"],
        "captionLength": body["caption_length"],
        "upscale": body["upscale"],
        "githubRepo": owner.repository,
        "songs": body.get("songs"),
        "images": body.get("images"),
    }
    details = {
        "payload": {name: value for name, value in payload.items() if value is not None},
        "caption": "" if body["caption_length"] == "none" else captions[draw(len(captions))],
        "template": body.get("template", catalog.DEFAULT_TEMPLATE),
        "lipsync": body["lipsync"],
        "song": songs[draw(len(songs))] if songs else "",
    }
    stages = (*catalog.TASK_STAGES, *((catalog.UPSCALE_STAGE,) if body["upscale"] else ()))
    return Order(
        operation=call.operation.id,
        request={"body": body, "number": number},
        shape=run_id,
        stages=stages,
        prompt=" ".join(body.get("songs", ())),
        mode="lipsync" if body["lipsync"] else "animate",
        outputs=modes.content_specs(body),
        details=details,
    )


def _output(run: Run, desk: Desk) -> Any:
    """What a completed background run left behind."""
    if run.operation == "editContent":
        return {"videoUrl": desk.asset_url(run)}  # assumed: no document says
    urls = desk.asset_url(run, 0), desk.asset_url(run, 1)
    return wire.content_output(*urls, run.details or {}, run.outputs[0].duration_ms)


def _page(limit: float) -> int:
    """The length of a list; beside a `runId` the documents ignore it (row 35)."""
    largest = catalog.LARGEST_PAGE
    if limit < 1:
        raise RuleBroken("page_too_small", "/limit", limit, (1,), location="query")
    if limit > largest:
        raise RuleBroken("page_too_large", "/limit", limit, (largest,), location="query")
    return int(limit)


def _require_readiness(artist: Artist) -> None:
    missing, _ = modes.lacking(artist.files)
    if missing:
        issues = [wire.issue(item, "documented") for item in missing]
        raise RuleBroken("artist_not_ready", "/artist_account_id", data={"missing": issues})


HANDLERS: Final[Mapping[str, Handler]] = {
    "createVideo": create_video,
    "createContent": create_content,
    "editContent": edit_content,
    "createImage": create_image,
    "createCaption": create_caption,
    "transcribeAudio": transcribe_audio,
    "upscaleMedia": upscale_media,
    "analyzeVideo": analyze_video,
    "listTemplates": list_templates,
    "getTemplate": get_template,
    "validateContent": validate_content,
    "estimateContent": estimate_content,
    "listRuns": list_runs,
    "listArtists": list_artists,
}
