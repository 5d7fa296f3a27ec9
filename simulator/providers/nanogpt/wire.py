"""Core records in NanoGPT's JSON: submissions, the four vocabularies of status, catalogue, balance.

A body of a good reply never carries a top-level `error` that is not null: a client takes any other
for a failure [client: n8n-nodes-nano-gpt].
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from simulator.core.accounts import Account
from simulator.core.clock import utc_text
from simulator.core.runs import Outcome, Run, Stage, State, Status
from simulator.providers.nanogpt import accounts
from simulator.providers.nanogpt.catalog import (
    CREATED_S,
    MODE_NAMES,
    MODELS,
    TEXT_MODELS,
    USD,
    Model,
)

Json = dict[str, Any]
UrlOf = Callable[[int], str]
"""The URL of a run's file by its index."""

DATA_STATUS: Final[Mapping[State, str]] = {
    "queued": "IN_QUEUE",
    "working": "IN_PROGRESS",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "CANCELED",
}
"""[docs: video-status-unified]"""

FLAT_STATUS: Final[Mapping[State, str]] = {
    "queued": "queued",
    "working": "processing",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}
"""[openapi]"""

STORY_STATUS: Final[Mapping[State, str]] = {
    "queued": "PENDING",
    "working": "PROCESSING",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "FAILED",
}
"""[openapi]; it has no word for a cancelled job."""

RECOVERED_STATUS: Final[Mapping[State, str]] = {**FLAT_STATUS, "queued": "pending"}
"""Lower case [docs: video-recover]; the words other than `completed` are assumed."""

DETAILS: Final[Mapping[str, str]] = {
    "processing": "Video is being processed",
    "generating": "Video is being generated",
    "delivering": "Video is being delivered",
}
"""[docs: video-status-unified] prints the second."""

_POLICY: Final = (
    "Content policy violation",
    True,
    "Content flagged as inappropriate. Please modify your prompt and try again.",
)
"""[docs: video-status-unified]"""

_FAILED: Final = "Video generation failed"
_ADVICE: Final = "The video could not be generated and was refunded. Please try again."


def submitted(run: Run, account: Account) -> Json:
    """The reply to a submission; `account` as it is after the charge."""
    model = MODELS[run.model]
    body: Json = {
        "runId": run.id,
        "id": run.id,
        "status": "pending",
        "model": run.model,
        "cost": run.cost_nanos / USD,
        "paymentSource": accounts.payment_source(account),
        "remainingBalance": account.available_nanos / USD,
        "prechargeLabel": model.owner,
    }
    if model.is_story:
        body["projectId"] = project_id(run)
    return body


def extended(run: Run, account: Account, index: int) -> Json:
    """The reply to an extension: both documented forms at once."""
    return {
        "success": True,
        **submitted(run, account),
        "taskId": run.id,
        "message": f"Extending video {index + 1} by 5 seconds...",
        "eta": 60,
    }


def project_id(run: Run) -> str:
    """The LongStories project of a run: the one it was given, else one of its own."""
    given = (run.details or {}).get("projectId")
    return given if isinstance(given, str) and given else f"proj_{run.id.rpartition('_')[2]}"


def unified(run: Run, status: Status, url_of: UrlOf, switches: Mapping[str, str]) -> Json:
    """The unified status: nested, and the flat form beside it if switched on."""
    data: Json = {"status": DATA_STATUS[status.state], "requestId": run.id}
    _tell(data, run, status, url_of, switches)
    body: Json = {"requestId": run.id, "model": run.model, "data": data}
    if switches.get("status-shape") == "both":
        body |= _flat(run, status, url_of)
    return body


def legacy(run: Run, status: Status, url_of: UrlOf, switches: Mapping[str, str]) -> Json:
    """The deprecated status: the same, with `request_id` and nothing outside `data`."""
    data: Json = {"status": DATA_STATUS[status.state], "request_id": run.id}
    _tell(data, run, status, url_of, switches)
    if (output := data.get("output")) is not None:
        output.pop("videos", None)
    return {"data": data}


def _tell(data: Json, run: Run, status: Status, url_of: UrlOf, switches: Mapping[str, str]) -> None:
    state = status.state
    if state == "completed":
        data["output"] = _output(run, url_of)
        data["cost"] = run.cost_nanos / USD
    elif state == "failed":
        error, is_unsafe, advice = failure(status.outcome)
        as_object = switches.get("failed-error") == "object"
        data["error"] = {"message": error} if as_object else error
        data["isNSFWError"] = is_unsafe
        data["userFriendlyError"] = advice
    elif state != "cancelled":
        if state == "working":
            data["details"] = DETAILS.get(status.stage, DETAILS["generating"])
        if switches.get("progress-words") == "stages":
            data["status"] = status.stage if status.stage in _STAGE_WORDS else "processing"


_STAGE_WORDS: Final = frozenset({"queued", "processing", "generating", "delivering"})


def failure(outcome: Outcome | None) -> tuple[str, bool, str]:
    """What is said of a failed run: the error, whether it was unsafe, and what to do."""
    if outcome is None:
        return _FAILED, False, _ADVICE
    if outcome.reason == "content_policy":
        return _POLICY
    return outcome.message or _FAILED, False, _ADVICE


def _output(run: Run, url_of: UrlOf) -> Json:
    output: Json = {"video": {"url": video_url(run, url_of)}}
    if len(run.outputs) > 1 and not MODELS[run.model].is_proxied:
        output["videos"] = [{"url": url_of(index)} for index in range(len(run.outputs))]
    return output


def video_url(run: Run, url_of: UrlOf) -> str:
    """Where the video is; relative for a model seen answering so [client: Kairo]."""
    if MODELS[run.model].is_relative:
        query = f"model={quote(run.model, safe='')}&runId={quote(run.id, safe='')}&variant=video"
        return f"/api/generate-video/content?{query}"
    return url_of(0)


def _flat(run: Run, status: Status, url_of: UrlOf) -> Json:
    is_complete = status.state == "completed"
    return {
        "status": FLAT_STATUS[status.state],
        "videoUrl": url_of(0) if is_complete else None,
        "error": None,
        "createdAt": utc_text(run.created_at_ms),
        "completedAt": None if status.ended_at_ms is None else utc_text(status.ended_at_ms),
        "progress": round(status.progress * 100),
        "estimatedTimeRemaining": _seconds_left(run.plan.stages, status),
    }


def _seconds_left(stages: tuple[Stage, ...], status: Status) -> int | None:
    if status.is_terminal:
        return None
    length_ms = sum(stage.duration_ms for stage in stages)
    return -(-int(length_ms * (1 - status.progress)) // 1000)


def story(status: Status, url_of: UrlOf) -> Json:
    """The status that LongStories clients poll."""
    is_success = status.state == "completed"
    data: Json = {"isCompleted": status.is_terminal, "isSuccess": is_success}
    if is_success:
        data["output"] = {"url": url_of(0)}
    return {"status": STORY_STATUS[status.state], "data": data}


def recovered(run: Run, status: Status) -> Json:
    """One job of the recover list."""
    return {
        "runId": run.id,
        "id": run.id,
        "model": run.model,
        "status": RECOVERED_STATUS[status.state],
        "createdAt": utc_text(run.created_at_ms),
        "conversationUUID": (run.details or {}).get("conversationUUID"),
    }


def content(run: Run, variant: str, url: str) -> Json:
    """Where a file of a finished run is; the keys are assumed."""
    kind = "video/mp4" if variant == "video" else "image/jpeg"
    return {
        "runId": run.id,
        "model": run.model,
        "variant": variant,
        "contentType": kind,
        "url": url,
    }


def balance(account: Account) -> Json:
    """Both balances as decimal texts, and where to send Nano [openapi]."""
    nano = account.attributes.get("nano_nanos")
    return {
        "usd_balance": decimal(account.available_nanos),
        "nano_balance": decimal(nano if isinstance(nano, int) else 0),
        "nanoDepositAddress": accounts.deposit_address(account.id),
    }


def decimal(nanos: int) -> str:
    """An amount with eight places, rounded down, as the printed example has it."""
    whole, rest = divmod(max(0, nanos), USD)
    return f"{whole}.{rest // 10:08d}"


# The catalogue


def brief_model(model_id: str, owner: str) -> Json:
    """What every list says of a model."""
    return {"id": model_id, "object": "model", "created": CREATED_S, "owned_by": owner}


def text_model(entry: tuple[str, str, str, int]) -> Json:
    """A text model in the detailed list [docs: models]."""
    model_id, name, owner, context = entry
    return {
        **brief_model(model_id, owner),
        "name": name,
        "description": f"{name}, a text model.",
        "context_length": context,
        "category": "text",
        "capabilities": {"vision": False, "video_generation": False},
        "architecture": _architecture(("text",), "text"),
    }


def video_model(model: Model) -> Json:
    """A video model in the detailed list [docs: video-models; docs-history: 2026-01-28]."""
    inputs = _input_modalities(model)
    modes = [MODE_NAMES.get(mode, mode) for mode in model.modes]
    return {
        **brief_model(model.id, model.owner),
        "name": model.name,
        "description": f"{model.name}: {', '.join(modes)}.",
        "category": "video",
        "architecture": _architecture(inputs, "video"),
        "pricing": pricing(model),
        "capabilities": {
            "video_generation": True,
            "text_to_video": "text" in model.modes or model.is_story,
            "image_to_video": "image" in model.modes or "avatar" in model.modes,
            "video_to_video": "video" in inputs,
            "audio_input": "audio" in inputs,
            "audio_generation": model.sound != "never",
        },
        "supported_parameters": supported_parameters(model),
    }


def _architecture(inputs: tuple[str, ...], output: str) -> Json:
    return {
        "modality": f"{'+'.join(inputs)}->{output}",
        "input_modalities": list(inputs),
        "output_modalities": [output],
    }


_MODALITIES: Final = {
    "image": "image",
    "references": "image",
    "reference_image": "image",
    "swap_image": "image",
    "video": "video",
    "reference_videos": "video",
    "target_video": "video",
    "audio": "audio",
}


def _input_modalities(model: Model) -> tuple[str, ...]:
    taken = {_MODALITIES[noun] for noun in model.takes}
    if "prompt" in model.needs or "story" in model.needs or not model.takes:
        taken.add("text")
    return tuple(kind for kind in ("text", "image", "video", "audio") if kind in taken)


def pricing(model: Model) -> Json:
    """The price, a video or a second, by resolution where it depends on it."""
    price = model.price
    steps = {name: nanos / USD for name, nanos in price.by_resolution.items()}
    return {"currency": "USD", f"per_{price.unit}": steps or price.nanos / USD}


def supported_parameters(model: Model) -> Json:
    """What clients build their forms from, in both forms that they read."""
    durations = [str(seconds) for seconds in model.durations]
    named = {"seconds" if model.id == "sora-2" else "duration": durations}
    named |= {name: list(values) for name, values in model.choices.items()}
    parameters: Json = {
        name: {
            "type": "select",
            "default": str(model.default_s) if values is durations else values[0],
            "options": [{"value": value, "label": value} for value in values],
        }
        for name, values in named.items()
        if values
    }
    for name, (low, high) in model.ranges.items():
        parameters[name] = {"type": "number", "min": low, "max": high}
    return {
        "parameters": parameters,
        "durations": durations,
        "aspect_ratios": list(model.choices.get("aspect_ratio", ())),
        "resolutions": list(model.choices.get("resolution", ())),
        "sizes": [],
        "supported_modes": [MODE_NAMES.get(mode, mode) for mode in model.modes],
        "max_reference_images": model.max_references,
    }


@lru_cache(maxsize=4)
def model_list(*, is_detailed: bool) -> Json:
    """The general list: text models, and all video models once it is detailed [seed]."""
    if not is_detailed:
        data = [brief_model(entry[0], entry[2]) for entry in TEXT_MODELS]
    else:
        data = [text_model(entry) for entry in TEXT_MODELS]
        data += [video_model(model) for model in MODELS.values()]
    return {"object": "list", "data": data}


@lru_cache(maxsize=4)
def video_entries(*, is_detailed: bool) -> tuple[Json, ...]:
    """The entries of the video catalogue."""
    if is_detailed:
        return tuple(video_model(model) for model in MODELS.values())
    return tuple(brief_model(model.id, model.owner) for model in MODELS.values())


def video_list(*, is_detailed: bool, now_ms: int) -> Json:
    """The video catalogue [docs: video-models]."""
    entries = video_entries(is_detailed=is_detailed)
    meta = {"count": len(entries), "generated_at": utc_text(now_ms)}
    return {"object": "list", "data": entries, "meta": meta}


@lru_cache(maxsize=2)
def models_by_kind(*, is_names: bool) -> Json:
    """The older list: by kind as a client reads it, or names alone [openapi]."""
    if is_names:
        return {"models": [*(entry[0] for entry in TEXT_MODELS), *MODELS]}
    text = {entry[0]: {"name": entry[1]} for entry in TEXT_MODELS}
    video = {model.id: {"name": model.name} for model in MODELS.values()}
    return {"models": {"text": text, "video": video}}
