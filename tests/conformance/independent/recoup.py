"""A label that speaks Recoup's content API: tables of fields, a list of runs, no clock.

Written from the published facts alone. A run is done when it has been looked at a few times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ALICE, BOB = "recoup_sk_alice_a1b2c3d4", "recoup_sk_bob_d4c3b2a1"
Json = dict[str, Any]
Twist = Callable[[str, Any], Any]
_SAMPLES: Final = Path(__file__).parents[3] / "fixtures" / "media"
_UUID: Final = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
    r"|0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12}"
)
_URL: Final = re.compile(r"(?!https?:/*$)[a-zA-Z][a-zA-Z0-9+.-]*:\S+")
_ACCOUNTS: Final = {
    ALICE: "11111111-1111-4111-8111-111111111111",
    BOB: "22222222-2222-4222-8222-222222222222",
}
_ARTIST: Final = "33333333-3333-4333-8333-333333333333"
_TEMPLATES: Final = (
    "artist-caption-bedroom", "artist-caption-outside", "artist-caption-stage",
    "album-record-store",
)  # fmt: skip
_AT: Final = "2026-08-01T09:14:40.429Z"

# A field's kind: a type, a tuple of options, a range (type, least, most), a word, or [kind].
_TEMPLATE: Final = ("template", _TEMPLATES)
_RATIOS: Final = "auto 21:9 16:9 3:2 4:3 5:4 1:1 4:5 3:4 2:3 9:16 4:1 1:4 8:1 1:8"
_FORMS: Final[dict[str, tuple[list[tuple[str, Any]], tuple[str, ...]]]] = {
    "video": (
        [
            _TEMPLATE,
            ("mode", ("prompt", "animate", "reference", "extend", "first-last", "lipsync")),
            ("prompt", str), ("image_url", "url"), ("end_image_url", "url"), ("video_url", "url"),
            ("audio_url", "url"), ("aspect_ratio", ("auto", "16:9", "9:16")),
            ("duration", ("4s", "6s", "7s", "8s")), ("resolution", ("720p", "1080p", "4k")),
            ("negative_prompt", str), ("generate_audio", bool), ("model", str),
        ],
        (),
    ),
    "create": (
        [
            ("artist_account_id", "uuid"), ("template", "some"), ("lipsync", bool),
            ("caption_length", ("none", "short", "medium", "long")), ("upscale", bool),
            ("batch", (int, 1, 30)), ("songs", ["some"]), ("images", ["url"]),
        ],
        ("artist_account_id",),
    ),
    "image": (
        [
            _TEMPLATE, ("prompt", str), ("reference_image_url", "url"), ("images", ["url"]),
            ("num_images", (int, 1, 4)), ("aspect_ratio", tuple(_RATIOS.split())),
            ("resolution", ("0.5K", "1K", "2K", "4K")), ("model", str),
        ],
        (),
    ),
    "caption": (
        [_TEMPLATE, ("topic", "some"), ("length", ("short", "medium", "long"))], ("topic",)
    ),
    "transcribe": (
        [
            ("audio_urls", ["url"]), ("language", str),
            ("chunk_level", ("none", "segment", "word")), ("diarize", bool), ("model", str),
        ],
        ("audio_urls",),
    ),
    "upscale": (
        [
            ("url", "url"), ("type", ("image", "video")), ("upscale_factor", (float, 1, 4)),
            ("target_resolution", ("720p", "1080p", "1440p", "2160p")),
        ],
        ("url", "type"),
    ),
    "analyze": (
        [
            ("video_url", "url"), ("prompt", "some"), ("temperature", (float, 0, 1)),
            ("max_tokens", (int, 1, 4096)),
        ],
        ("video_url", "prompt"),
    ),
    "": (
        [
            ("video_url", "url"), _TEMPLATE, ("operations", [dict]),
            ("output_format", ("mp4", "webm", "mov")),
        ],
        ("video_url",),
    ),
}  # fmt: skip
_ABOVE_ZERO: Final = 5e-324
_OPERATIONS: Final[dict[str, tuple[list[tuple[str, Any]], tuple[str, ...]]]] = {
    "trim": (
        [("start", (float, 0, 1e99)), ("duration", (float, _ABOVE_ZERO, 1e99))],
        ("start", "duration"),
    ),
    "crop": ([("aspect", str), ("width", (int, 1, 1e15)), ("height", (int, 1, 1e15))], ()),
    "resize": ([("width", (int, 1, 1e15)), ("height", (int, 1, 1e15))], ()),
    "overlay_text": (
        [
            ("content", "some"), ("font", str), ("color", str), ("stroke_color", str),
            ("max_font_size", (float, _ABOVE_ZERO, 1e99)),
            ("position", ("top", "center", "bottom")),
        ],
        ("content",),
    ),
}  # fmt: skip


def _fits(kind: Any, value: Any) -> bool:
    if isinstance(kind, list):
        return isinstance(value, list) and all(_fits(kind[0], each) for each in value)
    if isinstance(kind, tuple) and isinstance(kind[0], str):
        return isinstance(value, str) and value in kind
    if isinstance(kind, tuple):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        whole = kind[0] is float or (is_number and float(value).is_integer())
        return bool(is_number and whole and kind[1] <= value <= kind[2])
    if isinstance(kind, type):
        return isinstance(value, kind)
    texts = {"url": _URL, "uuid": _UUID, "some": re.compile(r"(?s).+")}
    return isinstance(value, str) and texts[kind].fullmatch(value) is not None


def _first_fault(form: tuple[list[tuple[str, Any]], tuple[str, ...]], body: Json) -> str:
    """Return the first field that is missing or wrong, in the order of the table."""
    fields, required = form
    for name, kind in fields:
        if name in body and not _fits(kind, body[name]):
            return name
        if name not in body and name in required:
            return name
    return ""


@dataclass
class Label:
    """The whole provider; `twist` changes what a path answers.

    `lists` has an account's list of runs show them, which depends on the worker.
    """

    twist: Twist = lambda path, answer: answer
    validates: bool = True
    forgets_keys: bool = False
    lists: bool = False
    runs: dict[str, Json] = field(default_factory=dict)
    media: Json = field(default_factory=dict)

    def app(self) -> Starlette:
        """Return the ASGI app."""
        content = "/api/content"
        posts = [f"{content}/{name}" for name in _FORMS if name not in ("", "create")]
        routes = [Route(path, self._primitive, methods=["POST"]) for path in posts]
        routes += [
            Route(f"{content}/create", self._create, methods=["POST"]),
            Route(content, self._edit, methods=["PATCH"]),
            Route(f"{content}/templates", self._templates, methods=["GET"]),
            Route(f"{content}/templates/{{id}}", self._template, methods=["GET"]),
            Route(f"{content}/validate", self._readiness, methods=["GET"]),
            Route(f"{content}/estimate", self._estimate, methods=["GET"]),
            Route("/api/tasks/runs", self._runs, methods=["GET"]),
            Route("/api/artists", self._artists, methods=["GET"]),
        ]
        routes = [self._with_options(route) for route in routes]
        routes.append(Route("/cdn/{name}", self._file, methods=["GET"]))
        return Starlette(routes=routes, exception_handlers={404: _lost, 405: _wrong_method})

    def _with_options(self, route: Route) -> Route:
        status = 204 if route.path.startswith("/api/content") else 200

        async def answer(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=status)
            return await route.endpoint(request)  # type: ignore[no-any-return]  # by its routes

        return Route(route.path, answer, methods=[*(route.methods or ()), "OPTIONS"])

    def _say(self, request: Request, answer: Any, status: int = 200) -> Response:
        return JSONResponse(self.twist(request.url.path, answer), status)

    def _account(self, request: Request) -> str:
        """Return the caller's account, empty if the credential is refused."""
        key, bearer = (request.headers.get(n) or "" for n in ("x-api-key", "authorization"))
        if self.forgets_keys:
            return _ACCOUNTS[ALICE]
        if bool(key) is bool(bearer):
            return ""
        if bearer:
            word, _, key = bearer.partition(" ")
            if word not in ("Bearer", "bearer"):
                return ""
        return _ACCOUNTS.get(key, "")

    async def _primitive(self, request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        if not self._account(request):
            return _unauthorized()
        body = await _body(request)
        if fault := self._fault(name, body):
            return _refused(fault)
        made = getattr(self, f"_{name}")(request, body)
        return self._say(request, made) if isinstance(made, dict) else made

    def _fault(self, name: str, body: Any) -> str:
        if not self.validates:
            return ""
        return _first_fault(_FORMS[name], body) if isinstance(body, dict) else "body"

    def _video(self, request: Request, body: Json) -> Any:
        if "cursed" in body.get("prompt", ""):
            return JSONResponse({"status": "error", "error": "The model gave up"}, 500)
        has = {name: bool(body.get(f"{name}_url")) for name in ("audio", "image", "video")}
        mode = (
            "lipsync" if has["audio"] and has["image"]
            else "extend" if has["video"]
            else "first-last" if has["image"] and body.get("end_image_url")
            else "animate" if has["image"]
            else "prompt"
        )  # fmt: skip
        return {"videoUrl": _file_url(request, "sample.mp4"), "mode": body.get("mode", mode)}

    def _image(self, request: Request, body: Json) -> Json:
        urls = [
            _file_url(request, "sample.png") + f"?n={n}" for n in range(body.get("num_images", 1))
        ]
        return {"imageUrl": urls[0], "images": urls}

    def _caption(self, request: Request, body: Json) -> Json:
        return {
            "content": f"thinking about {body['topic']}", "font": None, "color": "white",
            "borderColor": "black", "maxFontSize": 42,
        }  # fmt: skip

    def _transcribe(self, request: Request, body: Json) -> Any:
        if not body["audio_urls"]:
            return _refused("audio_urls")
        segments = [{"start": 0, "end": 1.5, "text": "la la"}]
        return {
            "audioUrl": body["audio_urls"][0], "fullLyrics": " la la", "segments": segments,
            "segmentCount": 1,
        }  # fmt: skip

    def _upscale(self, request: Request, body: Json) -> Json:
        return {"url": _file_url(request, f"sample.{'png' if body['type'] == 'image' else 'mp4'}")}

    def _analyze(self, request: Request, body: Json) -> Any:
        if len(body["prompt"]) > 2000:
            return _refused("prompt")
        return {"text": "A cat sings.", "finish_reason": "stop", "usage": {"output_tokens": 4}}

    async def _create(self, request: Request) -> Response:
        body = await _body(request)
        if fault := self._fault("create", body):
            return _refused(fault)
        if not self._account(request):
            return _unauthorized()
        template = body.get("template")
        if template not in (None, *_TEMPLATES, "artist-release-editorial"):
            return _error(400, f"Unsupported template: {template}")
        if body["artist_account_id"] != _ARTIST:
            return _error(404, "Artist not found for the provided artist_account_id")
        output = {
            "videoSourceUrl": _file_url(request, "sample.mp4"),
            "imageUrl": _file_url(request, "sample.png"),
            "captionText": "la la", "template": template or _TEMPLATES[0],
        }  # fmt: skip
        count, cursed = int(body.get("batch", 1)), "cursed" in str(body.get("songs"))
        owner = self._account(request)
        ids = [self._run(owner, "create-content", output, cursed) for _ in range(count)]
        answer = {
            "runIds": ids, "status": "triggered", "artist_account_id": body["artist_account_id"],
            "lipsync": body.get("lipsync", False),
        }  # fmt: skip
        return self._say(request, answer | ({"template": template} if template else {}), 202)

    def _run(self, owner: str, task: str, output: Json, cursed: bool) -> str:
        identity = f"run_{len(self.runs):04d}x{abs(hash(task)) % 997:03d}"
        end = "FAILED" if cursed else "COMPLETED"
        self.runs[identity] = {
            "owner": owner, "task": task, "looks": 0, "output": output, "end": end,
        }  # fmt: skip
        return identity

    async def _edit(self, request: Request) -> Response:
        if not self._account(request):
            return _unauthorized()
        body = await _body(request)
        fault = self._fault("", body)
        for each in body.get("operations", ()) if isinstance(body, dict) and not fault else ():
            form = _OPERATIONS.get(each["type"]) if isinstance(each.get("type"), str) else None
            fault = fault or ("operations" if form is None or _first_fault(form, each) else "")
        if fault:
            return _refused(fault)
        if "template" not in body and not body.get("operations"):
            return _refused("")
        cursed = "cursed" in str(body.get("operations"))
        identity = self._run(self._account(request), "ffmpeg-edit", {}, cursed)
        return self._say(request, {"runId": identity, "status": "triggered"}, 202)

    async def _runs(self, request: Request) -> Response:
        mine = self._account(request)
        if not mine:
            return _unauthorized()
        limit, identity = request.query_params.get("limit", "20"), request.query_params.get("runId")
        if not limit.isdecimal() or not 1 <= int(limit) <= 100:
            return _error(400, "limit must be between 1 and 100")
        if identity is not None and identity.strip():
            if identity.strip() not in self.runs:
                return _error(404, "Task run not found")
            return self._say(request, {"status": "success", "runs": [self._look(identity.strip())]})
        account = request.query_params.get("account_id", mine)
        if not account:
            return _error(400, "account_id must not be empty")
        if account != mine:
            return _error(403, "Access denied to specified account_id")
        own = [each for each, run in self.runs.items() if run["owner"] == mine and self.lists]
        shown = [self._look(each, 0) for each in reversed(own[-int(limit) :])]
        return self._say(request, {"status": "success", "runs": shown})

    def _look(self, identity: str, looks: int = 1) -> Json:
        run = self.runs[identity]
        run["looks"] += looks
        status = ("QUEUED", "EXECUTING", run["end"])[min(run["looks"] // 2, 2)]
        has_ended, has_failed = status in ("COMPLETED", "FAILED"), status == "FAILED"
        found: Json = {
            "id": identity, "status": status, "taskIdentifier": run["task"], "createdAt": _AT,
            "updatedAt": _AT, "isQueued": status == "QUEUED", "isExecuting": status == "EXECUTING",
            "isWaiting": False, "isCompleted": has_ended,
            "isSuccess": status == "COMPLETED", "isFailed": has_failed, "isCancelled": False,
            "isTest": False, "tags": [], "durationMs": 10, "costInCents": 0, "baseCostInCents": 0,
            "depth": 0, "triggerFunction": "trigger", "relatedRuns": {}, "attemptCount": 1,
        }  # fmt: skip
        if status != "QUEUED":
            found["startedAt"] = _AT
        if status == "COMPLETED":
            found["output"] = run["output"]
        if has_failed:
            found["error"] = {"message": "The queue gave up"}
        if has_ended:
            found["finishedAt"] = _AT
        return found

    async def _templates(self, request: Request) -> Response:
        if not self._account(request):
            return _unauthorized()
        rows = [{"id": name, "description": name.replace("-", " ")} for name in _TEMPLATES]
        return self._say(request, {"status": "success", "templates": rows})

    async def _template(self, request: Request) -> Response:
        if not self._account(request):
            return _unauthorized()
        name = request.path_params["id"]
        if name not in _TEMPLATES:
            return _error(404, "Template not found")
        crop = {"type": "crop", "aspect": "9:16"}
        answer = {
            "id": name, "description": name.replace("-", " "),
            "video": {"moods": ["calm"], "movements": ["slow push in"]},
            "edit": {"operations": [crop, {"type": "mux_audio", "replace": True}]},
        }  # fmt: skip
        return self._say(request, answer)

    async def _readiness(self, request: Request) -> Response:
        if not self._account(request):
            return _unauthorized()
        artist = request.query_params.get("artist_account_id")
        if not artist or not _UUID.fullmatch(artist):
            return _error(400, "artist_account_id query parameter is required")
        if artist != _ARTIST:
            return _error(404, "Artist not found for the provided artist_account_id")
        answer = {"artist_account_id": artist, "ready": True, "missing": [], "warnings": []}
        return self._say(request, {"status": "success", **answer})

    async def _estimate(self, request: Request) -> Response:
        if not self._account(request):
            return _unauthorized()
        asked = request.query_params
        for name in ("lipsync", "compare"):
            if asked.get(name, "false") not in ("true", "false"):
                return _error(400, f"{name} is neither true nor false")
        batch = asked.get("batch", "1")
        if not batch.isdecimal() or not 1 <= int(batch) <= 100:
            return _error(400, "batch is out of range")
        lipsync = asked.get("lipsync") == "true"
        each = 0.95 if lipsync else 0.82
        answer: Json = {
            "status": "success", "lipsync": lipsync, "batch": int(batch),
            "per_video_estimate_usd": each, "total_estimate_usd": round(each * int(batch), 2),
        }  # fmt: skip
        if asked.get("compare") == "true":
            answer["profiles"] = {"budget": 0.18, "mid": 0.62, "current": each}
        return self._say(request, answer)

    async def _artists(self, request: Request) -> Response:
        asked = request.query_params
        for name in ("account_id", "org_id"):
            if name in asked and not _UUID.fullmatch(asked[name]):
                return _error(400, f"{name} must be a valid UUID")
        mine = self._account(request)
        if not mine:
            return _unauthorized()
        if asked.get("account_id", mine) != mine:
            return _error(403, "Access denied to specified account_id")
        artist = {
            "id": _ARTIST, "account_id": _ARTIST, "name": "Jay", "image": "", "instruction": "",
            "knowledges": [], "label": "", "pinned": False, "account_socials": [],
        }  # fmt: skip
        return self._say(request, {"status": "success", "artists": [artist]})

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        kinds = {"mp4": "video/mp4", "png": "image/png"}
        content = (_SAMPLES / name).read_bytes()
        kind = self.media.get(name, kinds[name.rpartition(".")[2]])
        return Response(content, media_type=kind)


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return {}


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _file_url(request: Request, name: str) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/cdn/{name}"


def _unauthorized() -> Response:
    return JSONResponse(
        {"status": "error", "error": "Unauthorized", "message": "Unauthorized"}, 401
    )


def _refused(name: str) -> Response:
    field_path = [name] if name and name != "body" else []
    return JSONResponse({"status": "error", "field": field_path, "error": "Invalid input"}, 400)


def _error(status: int, words: str) -> Response:
    return JSONResponse({"status": "error", "error": words, "message": words}, status)


async def _lost(request: Request, error: Exception) -> Response:
    if request.url.path != "/" and request.url.path.endswith("/"):
        return RedirectResponse(request.url.path.rstrip("/"), 308)
    return Response("<!DOCTYPE html><title>404</title>", 404, media_type="text/html")


async def _wrong_method(request: Request, error: Exception) -> Response:
    return Response(status_code=405)
