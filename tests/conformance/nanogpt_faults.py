"""One planted bug for each of NanoGPT's own rules, laid over a correct provider's replies."""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
SUBMIT, EXTEND = "/api/generate-video", "/api/generate-video/extend"
STATUS, OLD, STORY = "/api/video/status", "/api/generate-video/status", "/api/v1/video/status"
RECOVER, CONTENT = "/api/generate-video/recover", "/api/generate-video/content"
MODELS, VIDEOS, KINDS = "/api/v1/models", "/api/v1/video-models", "/api/models"
BALANCE = "/api/check-balance"


@dataclass
class Seen:
    """One request and its reply; a change works on it in place.

    `body` is None unless it is JSON; `file` is a picture to answer instead.
    """

    path: str
    query: dict[str, str]
    sent: dict[str, Any]
    size: int
    headers: dict[str, str]
    status: int
    body: Any
    extra: dict[str, str] = field(default_factory=dict)
    file: bytes = b""

    @property
    def data(self) -> Any:
        """What stands in `data`."""
        return self.body.get("data", {})

    def refuse(self, status: int = 400) -> None:
        """Turn the reply into a refusal."""
        error = {"message": "No.", "type": "invalid_request_error"}
        self.status, self.body = status, {"error": error}

    def accept(self) -> None:
        """Turn the reply into a submission's."""
        body = {"runId": "vid_0", "id": "vid_0", "status": "pending"}
        self.status, self.body = 202, {**body, "model": self.sent.get("model", "midjourney-video")}


Change = Callable[[Seen], object]


class Changed:
    """An ASGI app in front of another: says that it is an understudy, and changes JSON replies."""

    def __init__(self, app: Any, change: Change | None = None) -> None:
        self._app, self._change = app, change

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Scope]],
        send: Callable[[Scope], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == "/_understudy/health":
            health = {"understudy": "0", "status": "ok", "providers": ["nanogpt"]}
            await _reply(send, 200, {**health, "dialect": "documented"}, {})
            return
        sent, kept = await _whole(receive), list[Scope]()
        messages = iter([{"type": "http.request", "body": sent, "more_body": False}])

        async def again() -> Scope:
            return next(messages)

        async def keep(message: Scope) -> None:
            kept.append(message)

        await self._app(scope, again, keep)
        seen = _seen(scope, sent, kept)
        if self._change is not None and scope["method"] != "HEAD":
            self._change(seen)
        if seen.file:
            await _send(send, seen.status, seen.file, {"content-type": "image/jpeg"})
            return
        if seen.body is None or scope["method"] == "HEAD":
            for message in kept:
                await send(message)
            return
        await _reply(send, seen.status, seen.body, seen.extra)


async def _whole(receive: Callable[[], Awaitable[Scope]]) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _object(text: bytes) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _seen(scope: Scope, sent: bytes, kept: list[Scope]) -> Seen:
    body = _object(b"".join(message.get("body", b"") for message in kept))
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    asked = _object(sent) or {}
    return Seen(scope["path"], query, asked, len(sent), headers, kept[0]["status"], body)


async def _reply(
    send: Callable[[Scope], Awaitable[None]], status: int, body: Any, extra: dict[str, str]
) -> None:
    about = {"content-type": "application/json", **extra}
    await _send(send, status, json.dumps(body).encode(), about)


async def _send(
    send: Callable[[Scope], Awaitable[None]], status: int, body: bytes, about: dict[str, str]
) -> None:
    headers = [(name.encode(), value.encode()) for name, value in about.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def on(path: str, change: Change, *, when: Callable[[Seen], object] | None = None) -> Change:
    """Return a change of the good replies of a path, or of those for which `when` says so."""

    def run(seen: Seen) -> None:
        is_meant = when(seen) if when is not None else seen.status < 300
        if seen.path == path and is_meant:
            change(seen)

    return run


def put(**members: Any) -> Change:
    """Return a change that sets members of the body."""
    return lambda seen: seen.body.update(members)


def inside(**members: Any) -> Change:
    """Return a change that sets members of `data`."""
    return lambda seen: seen.data.update(members)


def refused(path: str, when: Callable[[Seen], object]) -> Change:
    """Return a change that refuses what is taken."""
    return on(path, lambda s: s.refuse(), when=lambda s: s.status < 300 and when(s))


def taken(path: str, when: Callable[[Seen], object]) -> Change:
    """Return a change that takes what is refused."""
    return on(path, lambda s: s.accept(), when=lambda s: s.status >= 400 and when(s))


def status(path: str, was: int, now: int) -> Change:
    """Return a change of one status into another."""

    def change(seen: Seen) -> None:
        seen.status = now

    return on(path, change, when=lambda s: s.status == was)


def each_entry(path: str, change: Callable[[Any], object]) -> Change:
    """Return a change of every entry of a list."""
    return on(path, lambda s: [change(entry) for entry in s.data])


def _renamed(turn: Callable[[str], str]) -> Change:
    return on(SUBMIT, lambda s: s.body.update(dict.fromkeys(("runId", "id"), turn(s.body["id"]))))


def _counted(name: str, turn: Callable[[int], Any]) -> Change:
    numbers = itertools.count(1)
    return on(SUBMIT, lambda s: s.body.update({name: turn(next(numbers))}))


def _leaky_list() -> Change:
    """Put the first job that anybody submitted into every list."""
    ids: list[str] = []

    def change(seen: Seen) -> None:
        if seen.path == SUBMIT and seen.status == 202:
            ids.append(seen.body["runId"])
        if seen.path == RECOVER and seen.status == 200 and ids:
            seen.body["data"] = [*seen.data, _listed(ids[0])][-50:]

    return change


def _sinking() -> Change:
    """Let every balance fall at each look."""
    numbers = itertools.count(1)
    return on(BALANCE, lambda s: s.body.update(usd_balance=f"{9000 - next(numbers) / 3:.8f}"))


def _fees() -> Change:
    """Charge a dollar for every refused submission."""
    fees: list[float] = []

    def change(seen: Seen) -> None:
        if seen.path == SUBMIT and seen.status == 400:
            fees.append(1.0)
        if seen.path == BALANCE and seen.status == 200:
            usd = float(seen.body["usd_balance"]) - sum(fees)
            seen.body.update(usd_balance=f"{usd:.8f}")

    return change


def _restamped() -> Change:
    """Return a change that gives every listed job a time of its own, at every call."""
    ticks = itertools.count()

    def change(entry: dict[str, Any]) -> None:
        entry.update(createdAt=f"2026-01-01T00:{next(ticks) // 60 % 60:02}:{next(ticks) % 60:02}Z")

    return each_entry(RECOVER, change)


def _listed(run: str, **members: Any) -> dict[str, Any]:
    entry = {"runId": run, "id": run, "model": "kling-video-v2", "status": "completed"}
    now = {"createdAt": "2026-01-01T00:00:00Z", "conversationUUID": None}
    return {**entry, **now, **members}


def _is_done(seen: Seen) -> bool:
    return seen.status == 200 and seen.data.get("status") == "COMPLETED"


def _is_failed(seen: Seen) -> bool:
    return seen.status == 200 and seen.data.get("status") == "FAILED"


def _model(name: str, **members: Any) -> Callable[[Seen], bool]:
    def says(seen: Seen) -> bool:
        sent = {key: seen.sent.get(key) for key in members}
        return seen.sent.get("model") == name and sent == members

    return says


def _has(name: str) -> Callable[[Seen], bool]:
    return lambda seen: name in seen.sent


def _slow_down(seen: Seen) -> None:
    seen.refuse(429)
    seen.extra["retry-after"] = "soon"


def _picture(seen: Seen) -> None:
    seen.file = b"\xff\xd8\xff\xe0" + bytes(16) + b"\xff\xd9"


def _lost_film(seen: Seen) -> None:
    """Show a film that nobody asked for: a second long, wide, of 720p and silent."""
    video = seen.data["output"]["video"]
    video["url"] = f"{video['url'].rpartition('/')[0]}/none.mp4"


def _asks_for(**members: Any) -> Callable[[Seen], bool]:
    """Remember which jobs were asked for with some members; say of a status whether it is one."""
    ids: set[str] = set()

    def says(seen: Seen) -> bool:
        is_meant = all(seen.sent.get(name) == value for name, value in members.items())
        if seen.path == SUBMIT and seen.status == 202 and is_meant:
            ids.add(seen.body["runId"])
        return seen.path == STATUS and _is_done(seen) and seen.query.get("requestId") in ids

    return says


def _film(**members: Any) -> Change:
    asked = _asks_for(**members)

    def change(seen: Seen) -> None:
        if asked(seen):
            _lost_film(seen)

    return change


def _moderates(seen: Seen) -> None:
    seen.extra["x-nanogpt-inline-moderation-flagged"] = "false"


def _poor(**members: Any) -> Change:
    """Return a change that refuses the longest stories with 402, and says so in some way."""

    def change(seen: Seen) -> None:
        seen.status, seen.body = 402, members

    return on(SUBMIT, change, when=lambda s: s.sent.get("duration") == "600")


def _cheaper() -> Change:
    """Charge nothing for an extension that says it costs something."""
    free: list[float] = []

    def change(seen: Seen) -> None:
        if seen.path == EXTEND and seen.status == 202:
            free.append(float(seen.body["cost"]))
        if seen.path == BALANCE and seen.status == 200:
            usd = float(seen.body["usd_balance"]) + sum(free)
            seen.body.update(usd_balance=f"{usd:.8f}")

    return change


def _no_modes(entry: dict[str, Any]) -> None:
    entry.get("architecture", {}).update(output_modalities=["text"])


FAULTS: dict[str, Change] = {
    "createVideo.id-equals-run-id": on(SUBMIT, put(id="vid_other")),
    "createVideo.ids-unique": _renamed(lambda run: "vid_same"),
    "createVideo.id-form": _renamed(lambda run: f"job/{run}"),
    "createVideo.id-letters": _renamed(lambda run: f"vid_{run[4:]}Z"),
    "createVideo.pending": on(SUBMIT, put(status="processing")),
    "createVideo.model-echo": on(SUBMIT, put(model="Some Model")),
    "createVideo.money": on(SUBMIT, put(cost="0.21")),
    "createVideo.payment-source": _counted("paymentSource", lambda n: ("USD", "XNO")[n % 2]),
    "createVideo.same-price": _counted("cost", lambda n: n / 100),
    "createVideo.pro-price": on(SUBMIT, put(cost=0.21)),
    "createVideo.kinds": refused(SUBMIT, _model("video-upscaler")),
    "createVideo.image-names": refused(SUBMIT, _has("image_data_url")),
    "createVideo.media-names": refused(SUBMIT, _has("videoDataUrl")),
    "createVideo.model-values": refused(SUBMIT, lambda s: s.sent.get("resolution") == "1080p"),
    "createVideo.model-limits": taken(SUBMIT, _model("sora-2", seconds="5")),
    "createVideo.spellings": refused(SUBMIT, lambda s: s.sent.get("duration") == 5),
    "createVideo.unknown-keys": refused(SUBMIT, _has("negativePrompt")),
    "createVideo.bounds": refused(SUBMIT, lambda s: s.sent.get("num_inference_steps") == 40),
    "createVideo.pro": refused(SUBMIT, _has("pro")),
    "createVideo.inline": refused(SUBMIT, lambda s: s.size > 2_000_000),
    "createVideo.needs": taken(SUBMIT, _model("kling-lipsync-t2v", voice_id=None)),
    "createVideo.extra-media": taken(SUBMIT, _has("audioUrl")),
    "createVideo.offers": taken(SUBMIT, lambda s: s.sent.get("duration") == "7"),
    "createVideo.unknown-model": taken(SUBMIT, _model("no-such-model")),
    "createVideo.pro-required": taken(SUBMIT, _model("sora-2")),
    "createVideo.pro-required-type": on(
        SUBMIT, lambda s: s.body["error"].update(type="permission_error"),
        when=lambda s: s.status == 400,
    ),
    "createVideo.inline-limit": taken(SUBMIT, lambda s: s.status == 413),
    "extendVideo.takes": refused(EXTEND, _has("taskId")),
    "extendVideo.index": taken(EXTEND, lambda s: s.sent.get("index") == 4),
    "extendVideo.model": on(EXTEND, put(model="veo2-video")),
    "extendVideo.ids": on(EXTEND, put(taskId="vid_other")),
    "extendVideo.message": on(EXTEND, lambda s: s.body.update(message="Extending video 7 now")),
    "extendVideo.no-source-video": taken(EXTEND, _has("videoUrl")),
    "extendVideo.midjourney-only": taken(EXTEND, lambda s: "Midjourney" in str(s.body)),
    "extendVideo.unknown-job": taken(EXTEND, lambda s: s.status == 404),
    "extendVideo.no-job-named": taken(EXTEND, lambda s: s.sent == {"index": 0}),
    "extendVideo.ownership": status(EXTEND, 403, 404),
    "getVideoStatus.request-id": on(STATUS, inside(requestId="vid_other")),
    "getVideoStatus.model": on(STATUS, put(model="sora-1")),
    "getVideoStatus.run-id": refused(STATUS, lambda s: "runId" in s.query),
    "getVideoStatusDeprecated.request-id": on(OLD, inside(request_id="vid_other")),
    "jobs.cost": on(OLD, inside(cost=99), when=_is_done),
    "jobs.cost-at-end": on(OLD, lambda s: s.data.setdefault("cost", 0.1)),
    "jobs.urls-agree": on(
        OLD, inside(output={"video": {"url": "https://example.com/other.mp4"}}), when=_is_done
    ),
    "jobs.no-error": on(STATUS, inside(error="none"), when=_is_done),
    "jobs.error-form": on(STATUS, inside(error={"text": "broken"}), when=_is_failed),
    "jobs.error-words": on(STATUS, inside(isNSFWError="no"), when=_is_failed),
    "getStoryStatus.flags": on(STORY, inside(isSuccess=False)),
    "jobs.kinds-end": on(STATUS, inside(status="FAILED"), when=_is_done),
    "getVideoStatus.second-own": status(STATUS, 403, 200),
    "getVideoStatus.flat-agrees": on(STATUS, put(status="failed"), when=_is_done),
    "getVideoStatus.missing-id": on(STATUS, lambda s: s.refuse(404), when=lambda s: not s.query),
    "jobs.unknown-id": status(STATUS, 404, 400),
    "getVideoStatus.ownership": status(STATUS, 403, 404),
    "jobs.ownership": status(OLD, 403, 200),
    "getVideoContent.variants": refused(CONTENT, lambda s: True),
    "getVideoContent.kinds": on(CONTENT, _picture),
    "midjourney.videos": on(
        STATUS, lambda s: s.data["output"].update(videos=[s.data["output"]["video"]]), when=_is_done
    ),
    "recoverVideos.limit": on(
        RECOVER, put(data=[_listed(f"vid_{n}") for n in range(20)]), when=lambda s: not s.query
    ),
    "recoverVideos.model": on(RECOVER, put(data=[_listed("vid_1", model="other")])),
    "recoverVideos.conversation": each_entry(RECOVER, lambda e: e.update(conversationUUID="x")),
    "recoverVideos.own-conversation": each_entry(
        RECOVER, lambda e: e.update(conversationUUID="x")
    ),
    "recoverVideos.same-ids": each_entry(RECOVER, lambda e: e.update(id="vid_other")),
    "recoverVideos.finds": each_entry(RECOVER, lambda e: e.update(status="COMPLETED")),
    "recoverVideos.failed": each_entry(
        RECOVER, lambda e: e.update(status=e["status"].replace("failed", "completed"))
    ),
    "recoverVideos.ended": each_entry(RECOVER, lambda e: e.update(status="processing")),
    "recoverVideos.created": _restamped(),
    "recoverVideos.full": on(RECOVER, lambda s: s.data[:] and s.data.pop()),
    "recoverVideos.newest-first": on(
        RECOVER, lambda s: [e.update(createdAt=f"2026-01-01T00:00:{i:02}Z")
                            for i, e in enumerate(s.data)],
    ),
    "recoverVideos.ownership": _leaky_list(),
    "models.open": on(
        VIDEOS, lambda s: s.refuse(401), when=lambda s: "authorization" in s.headers
    ),
    "models.list": on(MODELS, put(object="models")),
    "models.detail-agrees": on(
        VIDEOS, lambda s: s.data.pop(), when=lambda s: s.query.get("detailed") == "false"
    ),
    "models.same-entry": on(
        MODELS, lambda s: s.data.append({"id": "sora-2", "object": "model", "name": "Sora, new"}),
        when=lambda s: s.query.get("detailed") == "true",
    ),
    "models.video": each_entry(VIDEOS, _no_modes),
    "listVideoModels.detailed-by-default": on(
        VIDEOS, lambda s: [[e.pop(k) for k in [*e][4:]] for e in s.data], when=lambda s: not s.query
    ),
    "listModels.brief-by-default": on(
        MODELS, lambda s: [e.update(pricing={}) for e in s.data],
        when=lambda s: "detailed" not in s.query,
    ),
    "listVideoModels.count": on(VIDEOS, put(meta={"count": 0})),
    "listVideoModels.capabilities": on(VIDEOS, lambda s: s.data[0].pop("capabilities", None)),
    "listVideoModels.brief": on(VIDEOS, lambda s: s.data[0].update(name="A name")),
    "listModels.sort": refused(MODELS, lambda s: "sort" in s.query),
    "listModelsByKind.agrees": on(KINDS, lambda s: s.body["models"].pop()),
    "credentials.both": on(
        BALANCE, lambda s: s.refuse(401),
        when=lambda s: {"authorization", "x-api-key"} <= s.headers.keys(),
    ),
    "credentials.codes": on(
        RECOVER, lambda s: s.body["error"].update(type="denied"), when=lambda s: s.status == 401
    ),
    "checkBalance.texts": on(BALANCE, put(usd_balance=12.5)),
    "checkBalance.one-account": on(
        BALANCE, lambda s: s.body.update(nanoDepositAddress="nano_" + "x-api-key" * len(s.headers)),
        when=lambda s: "authorization" in s.headers and s.status == 200,
    ),
    "checkBalance.ownership": on(BALANCE, put(nanoDepositAddress="nano_1" + "3" * 59)),
    "money.charged": on(BALANCE, put(usd_balance="12.50")),
    "money.refunded": _sinking(),
    "money.remaining": on(SUBMIT, put(remainingBalance=12.5)),
    "money.refusals": _fees(),
    "money.refusal-is-free": _fees(),
    "money.covered": on(SUBMIT, put(remainingBalance=-3.5)),
    "money.enough": _poor(error="Insufficient balance", requiredBalance=0.1, status=402),
    "money.extension": _cheaper(),
    "errors.balance": _poor(error={"message": "No.", "type": "oops"}),
    "errors.required-balance": _poor(
        error={"message": "No.", "type": "INSUFFICIENT_BALANCE"}, status=402
    ),
    "media.length": _film(seconds="4"),
    "media.shape": _film(aspect_ratio="9:16"),
    "media.size": _film(resolution="480p"),
    "media.sound": _film(generateAudio=True),
    "moderation.taken": refused(SUBMIT, lambda s: s.headers.get("moderation") == "off"),
    "moderation.conflict": on(SUBMIT, _moderates),
    "moderation.image": on(SUBMIT, _moderates),
    "moderation.nothing": on(SUBMIT, _moderates),
    "moderation.headers": on(SUBMIT, _moderates),
    "moderation.words": on(
        SUBMIT, put(error={"message": "No.", "code": "content_policy_violation"}),
        when=lambda s: "moderation" in s.headers,
    ),
    "moderation.flagged": on(
        SUBMIT, put(error={"message": "No.", "code": "content_policy_violation"}),
        when=lambda s: "moderation" in s.headers,
    ),
    "money.other-account": _sinking(),
    "money.estimate": on(SUBMIT, put(cost=0.3)),
    "money.spellings": on(SUBMIT, put(cost=0.1), when=lambda s: s.sent.get("duration") == 10),
    "money.catalogue": on(SUBMIT, put(cost=0.3)),
    "errors.words": on(
        STATUS, lambda s: s.body["error"].pop("message"), when=lambda s: s.status == 404
    ),
    "errors.envelope": on(STATUS, put(error="Not found"), when=lambda s: s.status == 404),
    "errors.types": on(
        STATUS, lambda s: s.body["error"].update(type="oops"), when=lambda s: s.status == 404
    ),
    "errors.retry-after": on(RECOVER, _slow_down, when=lambda s: s.query.get("limit") == "1"),
}  # fmt: skip
