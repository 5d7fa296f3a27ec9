"""Another NanoGPT, written from the vendor's documents alone: one file, own ids, words and media.

It takes the other side wherever documents disagree: lower-case progress words, an error object in
failed jobs, flat fields beside `data`, a plain list in the older catalogue, files as bytes. It
serves the models of the documents' samples. A prompt with `FAIL_WORD` makes a job fail.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.conformance.independent.nanogpt_fields import FIELDS, fits

KEYS = (
    "sk-nano-0c9c9f0e-58a1-4b7e-9d53-5b6c2f2f7d10",
    "sk-nano-9a1e6f33-0d4c-4f7c-8b0e-d2c4aa7b6e21",
)
FAIL_WORD = "please break"
Json = dict[str, Any]

IMAGES = ("imageDataUrl", "imageUrl", "image_data_url", "image", "imageAttachmentId")
VIDEOS = ("videoUrl", "videoDataUrl", "videoAttachmentId", "video")
SOUNDS = ("audioDataUrl", "audioUrl", "audio")
TEXT, STORY = ("prompt",), ("prompt", "script", "storyConfig")
MODELS: dict[str, tuple[list[tuple[str, ...]], tuple[str, ...]]] = {
    "veo2-video": ([TEXT], IMAGES),
    "veo3-video": ([TEXT], IMAGES),
    "sora-2": ([TEXT], IMAGES),
    "kling-video-v2": ([TEXT], IMAGES),
    "kling-video-o1": ([TEXT], (*IMAGES, *VIDEOS, "referenceImages", "referenceVideos")),
    "kling-v21-standard": ([IMAGES], IMAGES),
    "kling-v25-turbo-pro": ([TEXT], IMAGES),
    "hunyuan-video": ([TEXT], ()),
    "wan-video-image-to-video": ([IMAGES], IMAGES),
    "wan-wavespeed-22-spicy-extend": ([TEXT, VIDEOS[:3]], VIDEOS[:3]),
    "wan-wavespeed-25-extend": ([TEXT, VIDEOS], VIDEOS),
    "wan-wavespeed-video-edit": ([TEXT, VIDEOS], VIDEOS),
    "wan-wavespeed-22-animate": ([IMAGES, VIDEOS], (*IMAGES, *VIDEOS)),
    "runwayml-gen4-aleph": ([TEXT, VIDEOS], (*VIDEOS, "reference_image")),
    "kling-lipsync-t2v": ([TEXT, VIDEOS, ("voice_id",)], VIDEOS),
    "veed-fabric-1.0": ([IMAGES, SOUNDS], (*IMAGES, *SOUNDS)),
    "video-upscaler": ([VIDEOS], VIDEOS),
    "magicapi-video-face-swap": ([("swapImage",), ("targetVideo",)], ("swapImage", "targetVideo")),
    "midjourney-video": ([IMAGES], IMAGES),
    "longstories-movie": ([STORY], ()),
}
MEDIA = {
    *IMAGES,
    *VIDEOS,
    *SOUNDS,
    "referenceImages",
    "referenceVideos",
    "swapImage",
    "targetVideo",
    "reference_image",
}
SMALL, LARGE = ("480p", "720p"), ("480p", "720p", "1080p")
OFFERED: dict[tuple[str, str], tuple[str, ...]] = {
    ("veo2-video", "duration"): tuple(str(seconds) for seconds in range(5, 31)),
    ("veo3-video", "resolution"): ("720p", "1080p"),
    ("sora-2", "seconds"): ("4", "8", "12"),
    ("kling-video-v2", "duration"): ("5", "10"),
    ("kling-v21-standard", "duration"): ("5",),
    ("kling-v25-turbo-pro", "duration"): ("5", "10"),
    ("kling-v25-turbo-pro", "aspect_ratio"): ("16:9", "9:16", "1:1"),
    ("hunyuan-video", "resolution"): LARGE,
    ("hunyuan-video", "num_frames"): ("65", "97", "129"),
    ("wan-video-image-to-video", "resolution"): SMALL,
    ("wan-video-image-to-video", "num_frames"): tuple(str(count) for count in range(81, 101)),
    ("wan-wavespeed-25-extend", "duration"): ("5", "8"),
    ("wan-wavespeed-25-extend", "resolution"): SMALL,
    ("wan-wavespeed-22-spicy-extend", "duration"): ("5", "8"),
    ("wan-wavespeed-22-spicy-extend", "resolution"): SMALL,
    ("wan-wavespeed-video-edit", "resolution"): SMALL,
    ("wan-wavespeed-22-animate", "resolution"): SMALL,
    ("veed-fabric-1.0", "resolution"): SMALL,
    ("midjourney-video", "motion"): ("low", "high"),
    ("kling-lipsync-t2v", "voice_language"): ("en", "zh"),
    ("video-upscaler", "target_resolution"): ("720p", "1080p", "2k", "4k"),
    ("longstories-movie", "duration"): ("30", "60", "180", "300", "600"),
    ("longstories-movie", "aspectRatio"): ("9:16", "16:9"),
}


@dataclass
class Job:
    """One job; its state follows from the time since it was taken."""

    id: str
    owner: str
    model: str
    cost: float
    fails: bool
    project: str
    conversation: str | None
    given: Json
    born: float = field(default_factory=time.time)
    is_refunded: bool = False

    def phase(self, seconds: float) -> str:
        """Return queued, generating, delivering, COMPLETED or FAILED."""
        age = time.time() - self.born
        for share, word in ((0.2, "queued"), (0.7, "generating"), (1.0, "delivering")):
            if age < share * seconds:
                return word
        return "FAILED" if self.fails else "COMPLETED"


class Problem(Exception):
    """A refusal: status, type and words."""

    def __init__(self, status: int, kind: str, words: str) -> None:
        self.status, self.kind, self.words = status, kind, words


def bad(words: str) -> Problem:
    return Problem(400, "invalid_request_error", words)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def track(kind: bytes, width: int, height: int) -> bytes:
    head = box(b"tkhd", bytes(76) + struct.pack(">II", width << 16, height << 16))
    return box(b"trak", head + box(b"mdia", box(b"hdlr", bytes(8) + kind + bytes(13))))


def movie(given: Json) -> bytes:
    """Return an empty movie as long and large as was asked for: ftyp, moov with tracks, mdat."""
    asked = str(given.get("seconds", given.get("duration", 1))).removesuffix("s")
    short = {"480p": 480, "1080p": 1080}.get(str(given.get("resolution")), 720)
    is_story = str(given.get("model")).startswith("longstories")
    shape = given.get("aspectRatio", "9:16") if is_story else given.get("aspect_ratio")
    is_tall = shape == "9:16" or given.get("orientation") == "portrait"
    size = (short, short * 16 // 9) if is_tall else (short * 16 // 9, short)
    matrix = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    head = struct.pack(">5I", 0, 0, 0, 1000, int(asked or 1) * 1000)
    head += struct.pack(">IH10x", 1 << 16, 256)
    header = box(b"mvhd", head + matrix + bytes(24) + struct.pack(">I", 1))
    tracks = track(b"vide", *size) + (track(b"soun", 0, 0) if given.get("generateAudio") else b"")
    brand = box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isommp41")
    return brand + box(b"moov", header + tracks) + box(b"mdat", bytes(64))


def checked(given: Any) -> Json:
    """Return a submission whose fields have their types, bounds and options."""
    if not isinstance(given, dict):
        raise bad("Send a JSON object.")
    if not isinstance(given.get("model"), str):
        raise bad("Say which model to use.")
    for name, kind in FIELDS.items():
        if name in given and not fits(given[name], kind):
            raise bad(f"{name} is not what it has to be.")
    return given


def fitting(given: Json) -> None:
    """Refuse what the model needs and has not, does not take, or does not offer."""
    if given["model"] not in MODELS:
        raise Problem(400, "invalid_request_error", "There is no such model.")
    needs, takes = MODELS[given["model"]]
    for names in needs:
        if not any(given.get(name) for name in names):
            raise bad(f"This model needs {names[0]}.")
    for name in MEDIA & set(given):
        if given[name] and name not in takes:
            raise bad(f"This model takes no {name}.")
        if isinstance(given[name], str) and decoded_size(given[name]) > 4 * 1024 * 1024:
            raise Problem(413, "invalid_request_error", "Inline media end at 4 MB.")
    for (model, name), options in OFFERED.items():
        value = str(given.get(name, options[0])).removesuffix("s")
        if model == given["model"] and value not in options:
            raise bad(f"{name} is one of {', '.join(options)}.")
    is_pro = given.get("pro") or given.get("pro_mode")
    if given["model"] == "sora-2" and given.get("resolution") == "1792x1024" and not is_pro:
        raise Problem(400, "PRO_REQUIRED", "This size is for pro mode.")


def decoded_size(url: str) -> int:
    """Return how many bytes a data URL carries, 0 for anything else."""
    if not url.startswith("data:"):
        return 0
    try:
        return len(base64.b64decode(url.partition(",")[2]))
    except (binascii.Error, ValueError):
        return 0


class Provider:
    """The service and its routes; `app` is the ASGI app."""

    def __init__(self, seconds: float = 0.4) -> None:
        self.seconds = seconds
        self.jobs: dict[str, Job] = {}
        self.balances = dict.fromkeys(KEYS, 9000.0)
        endpoints: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("POST", "/api/generate-video", self.submit),
            ("POST", "/api/generate-video/extend", self.extend),
            ("GET", "/api/video/status", self.status),
            ("GET", "/api/generate-video/status", self.old_status),
            ("GET", "/api/v1/video/status", self.story_status),
            ("GET", "/api/generate-video/recover", self.recover),
            ("GET", "/api/generate-video/content", self.content),
            ("GET", "/api/v1/models", self.texts),
            ("GET", "/api/v1/video-models", self.videos),
            ("GET", "/api/models", self.names),
            ("POST", "/api/check-balance", self.balance),
            ("GET", "/clips/{name}", self.clip),
        ]
        routes = [Route(path, self.guarded(call), methods=[verb]) for verb, path, call in endpoints]
        self.app = Starlette(routes=routes)

    def guarded(self, call: Callable[[Request], Awaitable[Response]]) -> Any:
        """Return an endpoint whose refusals are replies, and whose HEAD has no body."""

        async def answer(request: Request) -> Response:
            try:
                response = await call(request)
            except Problem as problem:
                error = {"message": problem.words, "type": problem.kind}
                response = JSONResponse({"error": error}, problem.status)
            if request.method == "HEAD":
                response.body = b""
            return response

        return answer

    def settle(self) -> None:
        """Give back what failed jobs have cost."""
        for job in self.jobs.values():
            if not job.is_refunded and job.phase(self.seconds) == "FAILED":
                job.is_refunded = True
                self.balances[job.owner] += job.cost

    def caller(self, request: Request) -> str:
        """Return the key of the request, from either header."""
        self.settle()
        key = request.headers.get("x-api-key")
        word, _, token = request.headers.get("authorization", "").partition(" ")
        given = key if key is not None else token.strip() if word.lower() == "bearer" else ""
        if not given:
            raise Problem(401, "missing_api_key", "Where is your key?")
        if given not in self.balances:
            raise Problem(401, "invalid_api_key", "This key opens nothing.")
        return given

    def job(self, request_key: str, identity: str | None) -> Job:
        """Return an account's own job."""
        if not identity:
            raise bad("Name a job.")
        job = self.jobs.get(identity)
        if job is None:
            raise Problem(404, "not_found_error", "Nobody knows this job.")
        if job.owner != request_key:
            raise Problem(403, "permission_error", "This job is somebody else's.")
        return job

    async def body(self, request: Request) -> Any:
        """Return the JSON of a request."""
        try:
            return json.loads((await request.body()).decode(), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Problem(400, "invalid_request_error", "This is no JSON.") from error

    def start(self, key: str, given: Json, cost: float) -> Job:
        """Charge for a job and take it."""
        if self.balances[key] < cost:
            raise Problem(402, "INSUFFICIENT_BALANCE", "Insufficient balance")
        self.balances[key] -= cost
        words = f"{given.get('prompt')} {given.get('script')}"
        project = given.get("projectId") or "prj-" + secrets.token_hex(4)
        job = Job(
            "vid_" + secrets.token_hex(9),
            key,
            given["model"],
            cost,
            FAIL_WORD in words,
            project,
            given.get("conversationUUID"),
            given,
        )
        self.jobs[job.id] = job
        return job

    def receipt(self, job: Job) -> Json:
        """Return what a submission answers."""
        found = {
            "runId": job.id,
            "id": job.id,
            "status": "pending",
            "model": job.model,
            "cost": job.cost,
            "paymentSource": "USD",
            "remainingBalance": round(self.balances[job.owner], 4),
        }
        return found | ({"projectId": job.project} if job.model.startswith("longstories") else {})

    async def submit(self, request: Request) -> Response:
        """Answer a submission."""
        key = self.caller(request)
        given = checked(await self.body(request))
        fitting(given)
        is_pro = given.get("pro") or given.get("pro_mode")
        return JSONResponse(self.receipt(self.start(key, given, 0.42 if is_pro else 0.21)), 202)

    async def extend(self, request: Request) -> Response:
        """Answer an extension."""
        key, given = self.caller(request), await self.body(request)
        if not isinstance(given, dict):
            raise bad("Send a JSON object.")
        index = given.get("index")
        whole = isinstance(index, int | float) and not isinstance(index, bool) and index % 1 == 0
        if not isinstance(index, int | float) or not whole or not 0 <= index <= 3:
            raise bad("index goes from 0 to 3.")
        if any(name in given for name in VIDEOS):
            raise bad("A source video is not taken here.")
        for name in {"runId", "taskId"} & set(given):
            if not isinstance(given[name], str) or not given[name]:
                raise bad(f"{name} is a text.")
        job = self.job(key, given.get("runId", given.get("taskId")))
        if job.model != "midjourney-video":
            raise bad("Only Midjourney videos grow.")
        longer = self.start(key, {"model": job.model}, 0.1)
        words = f"Adding to video {int(index) + 1} now"
        return JSONResponse(self.receipt(longer) | {"taskId": longer.id, "message": words}, 202)

    def data(self, request: Request, job: Job) -> Json:
        """Return what both newer status forms say inside `data`."""
        phase = job.phase(self.seconds)
        found: Json = {"status": phase}
        if phase == "COMPLETED":
            found |= {"output": {"video": {"url": self.url(request, job)}}, "cost": job.cost}
        if phase == "FAILED":
            found |= {
                "error": {"message": "The model gave up."},
                "isNSFWError": False,
                "userFriendlyError": "No luck this time; you were refunded.",
            }
        return found

    def url(self, request: Request, job: Job) -> str:
        """Return where the clip of a job is."""
        return str(request.url.replace(path=f"/clips/{job.id}.mp4", query=""))

    async def status(self, request: Request) -> Response:
        """Answer the unified status."""
        key, query = self.caller(request), request.query_params
        job = self.job(key, query.get("requestId") or query.get("runId"))
        data = self.data(request, job) | {"requestId": job.id}
        flat = {"queued": "queued", "COMPLETED": "completed", "FAILED": "failed"}
        url = data["output"]["video"]["url"] if "output" in data else None
        beside = {"status": flat.get(data["status"], "processing"), "videoUrl": url, "error": None}
        return JSONResponse({"requestId": job.id, "model": job.model, "data": data, **beside})

    async def old_status(self, request: Request) -> Response:
        """Answer the deprecated status."""
        job = self.job(self.caller(request), request.query_params.get("runId"))
        return JSONResponse({"data": self.data(request, job) | {"request_id": job.id}})

    async def story_status(self, request: Request) -> Response:
        """Answer the LongStories status."""
        key, query = self.caller(request), request.query_params
        if "projectId" not in query:
            raise bad("Name the project.")
        job = self.job(key, query.get("runId"))
        phase = job.phase(self.seconds)
        done, good = phase in ("COMPLETED", "FAILED"), phase == "COMPLETED"
        data: Json = {"isCompleted": done, "isSuccess": good}
        if good:
            data["output"] = {"url": self.url(request, job)}
        word = phase if done else "PENDING" if phase == "queued" else "PROCESSING"
        return JSONResponse({"status": word, "data": data})

    async def recover(self, request: Request) -> Response:
        """Answer the list of jobs, the newest first."""
        key, query = self.caller(request), request.query_params
        limit = query.get("limit", "10")
        if not limit.isdecimal() or not 1 <= int(limit) <= 50:
            raise bad("limit goes from 1 to 50.")
        mine = [job for job in reversed(self.jobs.values()) if job.owner == key]
        if query.get("model"):
            mine = [job for job in mine if job.model == query["model"]]
        if query.get("conversationUUID"):
            mine = [job for job in mine if job.conversation == query["conversationUUID"]]
        return JSONResponse({"data": [self.listed(job) for job in mine[: int(limit)]]})

    def listed(self, job: Job) -> Json:
        """Return one job of the list."""
        words = {"queued": "pending", "COMPLETED": "completed", "FAILED": "failed"}
        born = datetime.fromtimestamp(job.born, UTC).isoformat(timespec="milliseconds")
        return {
            "runId": job.id,
            "id": job.id,
            "model": job.model,
            "createdAt": born,
            "status": words.get(job.phase(self.seconds), "processing"),
            "conversationUUID": job.conversation,
        }

    async def content(self, request: Request) -> Response:
        """Answer with a file of a Sora job."""
        key, query = self.caller(request), request.query_params
        if query.get("model") != "sora-2":
            raise bad("model is sora-2.")
        if query.get("variant", "video") not in ("video", "thumbnail", "spritesheet"):
            raise bad("variant is video, thumbnail or spritesheet.")
        job = self.job(key, query.get("runId"))
        if job.model != "sora-2" or job.phase(self.seconds) != "COMPLETED":
            raise bad("This job has no files here.")
        if query.get("variant", "video") == "video":
            return Response(movie(job.given), media_type="video/mp4")
        return Response(b"\xff\xd8\xff\xe0" + bytes(16) + b"\xff\xd9", media_type="image/jpeg")

    async def clip(self, request: Request) -> Response:
        """Answer with a clip, or a range of it."""
        job = self.jobs.get(request.path_params["name"].removesuffix(".mp4"))
        whole, asked = movie(job.given if job else {}), request.headers.get("range", "")
        if not asked.startswith("bytes="):
            return Response(whole, media_type="video/mp4")
        first, _, last = asked[6:].partition("-")
        part = whole[int(first) : int(last) + 1]
        said = f"bytes {first}-{int(first) + len(part) - 1}/{len(whole)}"
        return Response(part, 206, {"content-range": said}, media_type="video/mp4")

    async def texts(self, request: Request) -> Response:
        """Answer the text catalogue."""
        is_detailed(request, "false")
        entry = {"id": "opus-magnum", "object": "model", "created": 1, "owned_by": "somebody"}
        return JSONResponse({"object": "list", "data": [entry]})

    async def videos(self, request: Request) -> Response:
        """Answer the video catalogue."""
        more = is_detailed(request, "true")
        data = [described(name) if more else brief(name) for name in MODELS]
        now = datetime.now(UTC).isoformat()
        meta = {"count": len(data), "generated_at": now}
        return JSONResponse({"object": "list", "data": data, "meta": meta})

    async def names(self, request: Request) -> Response:
        """Answer the older catalogue."""
        return JSONResponse({"models": list(MODELS)})

    async def balance(self, request: Request) -> Response:
        """Answer the balance."""
        key = self.caller(request)
        letters = "13456789abcdefghijkmnopqrstuwxyz"
        address = "nano_1" + "".join(letters[byte % 32] for byte in (key * 2).encode()[-59:])
        return JSONResponse(
            {
                "usd_balance": f"{self.balances[key]:.8f}",
                "nano_balance": "0.5",
                "nanoDepositAddress": address,
            }
        )


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def is_detailed(request: Request, default: str) -> bool:
    given = request.query_params.get("detailed", default)
    if given not in ("true", "false"):
        raise bad("detailed is true or false.")
    return given == "true"


def brief(name: str) -> Json:
    return {"id": name, "object": "model", "created": 1735689600, "owned_by": name.split("-")[0]}


def described(name: str) -> Json:
    needs, takes = MODELS[name]
    has_image, has_text = "imageUrl" in takes, TEXT in needs or STORY in needs
    inputs = [word for word, there in (("text", has_text), ("image", has_image)) if there]
    return brief(name) | {
        "name": name.replace("-", " ").title(),
        "description": "Makes videos.",
        "architecture": {
            "modality": "any->video",
            "input_modalities": inputs or ["video"],
            "output_modalities": ["video"],
        },
        "pricing": {"currency": "USD", "per_video": 0.21},
        "capabilities": {
            "video_generation": True,
            "text_to_video": has_text,
            "image_to_video": has_image,
            "audio_generation": False,
        },
        "supported_parameters": {},
    }
