"""An atelier that speaks Leonardo's API: a few tables, a dictionary of jobs, no clock.

Written from the published facts alone. A job is done when it has been looked at a few times.
"""

from __future__ import annotations

import json
import re
import struct
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ALICE, BOB = "c0ffee00-1234-4abc-9def-0123456789ab", "decade00-4321-4cba-8fed-ba9876543210"
Json = dict[str, Any]
_BASE: Final = "/api/rest/v1"
_SAMPLES: Final = Path(__file__).parents[3] / "fixtures" / "media"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SIZES: Final = ["RESOLUTION_480", "RESOLUTION_720", "RESOLUTION_1080"]
_MODELS: Final = ["MOTION2", "VEO3", "MOTION2FAST", "VEO3FAST", "KLING2_1", "KLING2_5"]
_DURATIONS: Final = {
    "VEO3": (4, 6, 8),
    "VEO3FAST": (4, 6, 8),
    "KLING2_1": (5, 10),
    "KLING2_5": (5, 10),
}
_SEEDS: Final = {"MOTION2": 2147483637, "VEO3": 4294967293, "VEO3FAST": 4294967293}
_PRICE: Final = 25
_BEGINNINGS: Final = {"png": b"\x89PNG", "jpg": b"\xff\xd8", "jpeg": b"\xff\xd8", "webp": b"RIFF"}
_SOURCES: Final = ["GENERATED", "UPLOADED"]

# A field is (kind, may be null, must be there); a list is an enumeration, a dict an object.
_ELEMENTS: Final = ([{"akUUID": (str, False, True), "weight": (float, True, False)}], True, False)
_TEXT: Final[Json] = {
    "prompt": (str, False, True),
    "resolution": (_SIZES, True, False),
    "model": (_MODELS, True, False),
    **dict.fromkeys(("frameInterpolation", "isPublic", "promptEnhance"), (bool, True, False)),
    **dict.fromkeys(("seed", "duration", "width", "height"), (int, True, False)),
    **dict.fromkeys(("negativePrompt", "promptEnhanceInstruction"), (str, True, False)),
    "styleIds": ([str], True, False),
    "elements": _ELEMENTS,
}
_IMAGE: Final[Json] = {
    **_TEXT,
    "imageId": (str, False, True),
    "imageType": (_SOURCES, False, True),
    "endFrameImage": ({"id": (str, False, True), "type": (_SOURCES, False, True)}, True, False),
}
_FORMS: Final[Mapping[str, Json]] = {
    "generations-text-to-video": _TEXT,
    "generations-image-to-video": _IMAGE,
    "generations-motion-svd": {
        "imageId": (str, False, True),
        "motionStrength": (int, True, False),
        **dict.fromkeys(("isPublic", "isInitImage", "isVariation"), (bool, True, False)),
    },
    "init-image": {"extension": (str, False, True)},
}


class Refusal(Exception):
    """What the gateway or a handler does not do: status, text, code, and where."""

    def __init__(self, status: int, error: str, code: str = "unexpected", path: str = "$") -> None:
        self.reply = JSONResponse({"error": error, "path": path, "code": code}, status)


@dataclass
class Atelier:
    """The state behind one app; `twist` may change any reply, for the tests of broken ones."""

    twist: Callable[[str, Json], Json] = lambda path, answer: answer
    forgets_owner: bool = False
    jobs: dict[str, Json] = field(default_factory=dict)
    images: dict[str, Json] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Return the ASGI app."""
        creations = {
            "generations-text-to-video": self._from_text,
            "generations-image-to-video": self._from_image,
            "generations-motion-svd": self._from_motion,
            "init-image": self._place,
        }
        routes = [
            *(self._route("POST", f"/{name}", act) for name, act in creations.items()),
            self._route("GET", "/generations/{id}", self._read),
            self._route("DELETE", "/generations/{id}", self._delete),
            self._route("GET", "/generations/user/{id}", self._listing),
            self._route("GET", "/init-image/{id}", self._read_image),
            self._route("DELETE", "/init-image/{id}", self._delete_image),
            self._route("GET", "/me", self._me),
            self._route("GET", "/platformModels", lambda r, u, b: {"custom_models": [_MODEL]}),
            self._route("GET", "/elements", lambda r, u, b: {"loras": [_LORA]}),
            Route("/bucket/", self.store, methods=["POST"]),
            Route("/cdn/{name:path}", self.fetch, methods=["GET", "HEAD"]),
        ]
        return Starlette(routes=_merged(routes), exception_handlers={404: _lost})

    def _route(self, method: str, path: str, act: Callable[[Request, str, Json], Json]) -> Route:
        async def answer(request: Request) -> Response:
            try:
                user = _caller(request.headers.get("authorization"))
                given = await _given(request, _FORMS.get(path[1:]))
                _check_id(request.path_params.get("id", ALICE))
                return JSONResponse(self.twist(path, act(request, user, given)))
            except Refusal as refusal:
                return refusal.reply

        return Route(_BASE + path, answer, methods=[method])

    def _from_text(self, request: Request, user: str, body: Json) -> Json:
        _check_model(body)
        if (body.get("model") or "MOTION2") == "KLING2_1":
            raise Refusal(400, "a start frame is needed")
        return {"motionVideoGenerationJob": self._start(request, user, body)}

    def _from_image(self, request: Request, user: str, body: Json) -> Json:
        _check_model(body)
        end = body.get("endFrameImage")
        if end and body.get("model") != "KLING2_1":
            raise Refusal(400, "no end frame with this model")
        for wanted in (body["imageId"], *([end["id"]] if end else [])):
            self._image(user, wanted)
        return {"motionVideoGenerationJob": self._start(request, user, body)}

    def _from_motion(self, request: Request, user: str, body: Json) -> Json:
        if body["imageId"] in self.jobs:
            raise Refusal(500, "Service Error")
        self._image(user, body["imageId"])
        return {"motionSvdGenerationJob": self._start(request, user, body)}

    def _place(self, request: Request, user: str, body: Json) -> Json:
        extension = body["extension"]
        if extension not in ("png", "jpg", "jpeg", "webp"):
            raise Refusal(400, "invalid file extension")
        made = str(uuid.uuid4())
        key = f"users/{user}/initImages/{made}.{extension}"
        self.images[made] = {"user": user, "key": key, "at": _now(), "kind": "UPLOADED"}
        pairs = {"key": key, "Policy": "cG9saWN5", "X-Amz-Signature": "5161"}
        self.images[made]["pairs"], fields = pairs, json.dumps(pairs)
        url = f"{request.base_url}bucket/"
        return {"uploadInitImage": {"id": made, "fields": fields, "key": key, "url": url}}

    def _read(self, request: Request, user: str, body: Json) -> Json:
        job = self.jobs.get(request.path_params["id"])
        if job is None or (job["user"] != user and not self.forgets_owner):
            return {"generations_by_pk": None}
        job["looks"] += 1
        return {"generations_by_pk": self._shown(job, request)}

    def _delete(self, request: Request, user: str, body: Json) -> Json:
        wanted = request.path_params["id"]
        is_own = wanted in self.jobs and self.jobs[wanted]["user"] == user
        return {"delete_generations_by_pk": {"id": self.jobs.pop(wanted)["id"]} if is_own else None}

    def _listing(self, request: Request, user: str, body: Json) -> Json:
        try:
            offset, limit = (
                int(request.query_params.get(n, d)) for n, d in (("offset", 0), ("limit", 10))
            )
        except ValueError:
            raise Refusal(400, "invalid input for type Int", "data-exception") from None
        if not (0 <= offset < 2**31 and 0 <= limit < 2**31):
            raise Refusal(400, "unexpected negative or large value", "validation-failed")
        own = [j for j in self.jobs.values() if j["user"] == user == request.path_params["id"]]
        shown = [self._shown(job, request) for job in own[::-1][offset : offset + limit]]
        return {"generations": shown}

    def _read_image(self, request: Request, user: str, body: Json) -> Json:
        found = self.images.get(request.path_params["id"])
        if found is None or found["user"] != user or found["key"] not in self.pictures:
            return {"init_images_by_pk": None}
        url = f"{request.base_url}cdn/{found['key']}"
        row = {"id": request.path_params["id"], "url": url, "createdAt": found["at"]}
        return {"init_images_by_pk": row}

    def _delete_image(self, request: Request, user: str, body: Json) -> Json:
        wanted = request.path_params["id"]
        is_own = wanted in self.images and self.images[wanted]["user"] == user
        if is_own:
            self.pictures.pop(self.images.pop(wanted)["key"], None)
        return {"delete_init_images_by_pk": {"id": wanted} if is_own else None}

    def _me(self, request: Request, user: str, body: Json) -> Json:
        row: Json = {"user": {"id": user, "username": f"painter {user[:4]}"}, "paidTokens": None}
        names = ("subscriptionTokens", "subscriptionGptTokens", "subscriptionModelTokens")
        tokens = dict.fromkeys((*names, "apiConcurrencySlots", "apiSubscriptionTokens"), 150)
        tokens["apiPaidTokens"] = 100_000 - self.spent.get(user, 0)
        return {"user_details": [{**row, **tokens, "tokenRenewalDate": None}]}

    async def store(self, request: Request) -> Response:
        """Take a presigned upload, as the storage does: no API key, the file last."""
        if "authorization" in request.headers:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="text/xml")
        async with request.form() as form:
            key, file = str(form.get("key")), form.get("file")
            given = {name: value for name, value in form.items() if name != "file"}
            signed = any(image["pairs"] == given for image in self.images.values())
            content = await file.read() if isinstance(file, UploadFile) else b""
            if not signed or not content.startswith(_BEGINNINGS[key.rpartition(".")[2]]):
                return Response("<Error/>", 403, media_type="text/xml")
            self.pictures[key] = content
        return Response(status_code=204)

    async def fetch(self, request: Request) -> Response:
        """Give out a file; everything that was generated looks like the samples."""
        name = request.path_params["name"]
        is_video = name.endswith(".mp4")
        sample = _SAMPLES / ("sample.mp4" if is_video else "sample.jpg")
        if "initImages" in name and name not in self.pictures:
            return Response(status_code=403)
        kinds = {"mp4": "video/mp4", "png": "image/png", "webp": "image/webp"}
        content = self.pictures.get(name) or sample.read_bytes()
        if is_video and name.split("/")[3:4]:
            content = _as_asked(content, self.jobs.get(name.split("/")[3], {}).get("body", {}))
        return Response(content, media_type=kinds.get(name.rpartition(".")[2], "image/jpeg"))

    def _start(self, request: Request, user: str, body: Json) -> Json:
        made = str(uuid.uuid1())
        self.spent[user] = self.spent.get(user, 0) + _PRICE
        self.jobs[made] = {
            "id": made,
            "user": user,
            "body": body,
            "at": _now(),
            "looks": 0,
            "image": str(uuid.uuid4()),
        }
        return {
            "generationId": made,
            "apiCreditCost": _PRICE,
            "cost": {"amount": str(_PRICE), "unit": "CREDITS"},
        }

    def _image(self, user: str, wanted: str) -> None:
        found = self.images.get(wanted)
        stored = found is not None and found["user"] == user and found["key"] in self.pictures
        drawn = any(job["user"] == user and job["image"] == wanted for job in self.jobs.values())
        if not stored and not drawn:
            raise Refusal(400, "invalid init image id")

    def _shown(self, job: Json, request: Request) -> Json:
        body, fails = job["body"], "cursed" in job["body"].get("prompt", "")
        done = job["looks"] > 3
        status = "PENDING" if not done else "FAILED" if fails else "COMPLETE"
        place = f"{request.base_url}cdn/users/{job['user']}/generations/{job['id']}/take"
        motion = {"motion": True, "imageToVideo": "imageId" in body, "motionModel": "WAN21"}
        picture = {
            "id": job["image"],
            "url": f"{place}.jpg",
            "motionMP4URL": f"{place}.mp4",
            "nsfw": False,
            "likeCount": 0,
            "generated_image_variation_generics": [],
            **motion,
        }
        return {
            "id": job["id"],
            "status": status,
            "createdAt": job["at"],
            "prompt": body.get("prompt", ""),
            "negativePrompt": body.get("negativePrompt"),
            "imageWidth": _size(body)[0],
            "imageHeight": _size(body)[1],
            "seed": body["seed"] if body.get("seed") is not None else 4711,
            "public": bool(body.get("isPublic")),
            "generation_elements": [],
            "generated_images": [picture] if done and not fails else [],
            **motion,
        }


def _size(body: Json) -> tuple[int, int]:
    return body.get("width") or 832, body.get("height") or 480


def _as_asked(film: bytes, body: Json) -> bytes:
    """Let a sample's headers say the length and the size that were asked for."""
    model = str(body.get("model"))
    usual = 8 if model.startswith("VEO3") else 5
    seconds = (body.get("duration") or usual) if model in _DURATIONS else 5
    movie, track = film.index(b"mvhd") + 4, film.index(b"tkhd")
    (scale,) = struct.unpack(">I", film[movie + 12 : movie + 16])
    film = film[: movie + 16] + struct.pack(">I", seconds * scale) + film[movie + 20 :]
    end = track - 4 + int(struct.unpack(">I", film[track - 4 : track])[0])
    width, height = _size(body)
    return film[: end - 8] + struct.pack(">II", width << 16, height << 16) + film[end:]


def _check_id(wanted: str) -> None:
    if not _UUID.fullmatch(wanted):
        text = f'invalid input syntax for type uuid: "{wanted}"'
        raise Refusal(400, text, "data-exception")


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


_SAMPLE_ID: Final = "11111111-2222-4333-8444-555555555555"
_MODEL: Final = {
    "id": _SAMPLE_ID,
    "name": "Oil",
    "description": "Paints",
    "featured": True,
    "nsfw": False,
    "generated_image": None,
}
_LORA: Final = {
    "akUUID": _SAMPLE_ID,
    "baseModel": "PHOENIX",
    "creatorName": "A",
    "description": "Dolly",
    "name": "Dolly",
    "urlImage": "http://cdn.invalid/x.jpg",
    "weightDefault": 100,
    "weightMax": 200,
    "weightMin": -100,
}


def _merged(routes: list[Route]) -> list[Route]:
    """Let a path with a method that it does not have say so in the gateway's words."""
    paths: dict[str, list[str]] = {}
    for route in routes:
        paths.setdefault(route.path, []).extend(sorted(set(route.methods or ()) - {"HEAD"}))

    def refuse(methods: list[str]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            error = f"Allowed methods: {', '.join(methods)}"
            body = {"error": error, "path": "$", "code": "method-not-allowed"}
            status = 204 if request.method == "OPTIONS" else 405
            headers = {"Allow": ", ".join(methods)}
            return Response(status_code=204) if status == 204 else JSONResponse(body, 405, headers)

        return answer

    others = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return [*routes, *(Route(path, refuse(held), methods=others) for path, held in paths.items())]


async def _lost(request: Request, error: Exception) -> Response:
    return Refusal(404, "Endpoint not found", "not-found").reply


def _caller(header: str | None) -> str:
    """Return whose key it is: users are named after their keys' last part."""
    word, _, key = (header or "").partition(" ")
    if header is None or not key:
        raise Refusal(401, "Authentication hook unauthorized this request", "access-denied")
    if word.lower() != "bearer" or not _UUID.fullmatch(key):
        raise Refusal(500, "Invalid response from authorization hook")
    if key not in (ALICE, BOB):
        raise Refusal(401, "Authentication hook unauthorized this request", "access-denied")
    return str(uuid.uuid5(uuid.NAMESPACE_OID, key))


async def _given(request: Request, form: Json | None) -> Json:
    """Read and check the variables of a request: query and body together, the body wins."""
    if form is None:
        return {}
    try:
        body = json.loads(await request.body() or b"{}", parse_constant=lambda word: None)
    except (ValueError, RecursionError):
        body = {}
    given: Json = {
        **_typed(dict(request.query_params), form),
        **(body if isinstance(body, dict) else {}),
    }
    for name in given:
        if name not in form:
            raise Refusal(400, f"Unexpected variable {name}", "bad-request")
    _check_object(given, form, "$.selectionSet.args", is_top=True)
    if len(given.get("prompt") or "") > 1500:
        raise Refusal(400, "Invalid prompt, maximum length of 1500 characters exceeded.")
    return given


def _typed(query: dict[str, str], form: Json) -> Json:
    """Give query texts the type that their field has."""
    for name, text in query.items():
        if form.get(name, (str,))[0] in (int, bool):
            try:
                query[name] = json.loads(text)
            except ValueError:
                continue
    return query


def _check_object(value: Json, form: Json, path: str, *, is_top: bool = False) -> None:
    for name in value:
        if form and name not in form:
            raise Refusal(400, f"field '{name}' not found", "validation-failed", path)
    for name, (kind, nullable, required) in form.items():
        if value.get(name) is None:
            if name not in value and not required:
                continue
            if name in value and nullable:
                continue
            text = f'expecting a value for non-nullable variable: "{name}"'
            raise Refusal(400, text, "validation-failed", "$" if is_top else path)
        _check_kind(value[name], kind, f"{path}.{name}")


def _check_kind(value: Any, kind: Any, path: str) -> None:
    if isinstance(kind, dict):
        good = isinstance(value, dict)
        if good:
            _check_object(value, kind, path)
    elif isinstance(kind, list) and len(kind) == 1:
        good = isinstance(value, list)
        for each in value if good else ():
            _check_kind(each, kind[0], path)
    elif isinstance(kind, list):
        good = value in kind
    elif kind is float:
        good = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        good = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if kind is int and isinstance(value, float) and value.is_integer():
            good = True
    if not good:
        raise Refusal(400, f"expected another type, but found {value!r}", "validation-failed", path)


def _check_model(body: Json) -> None:
    model = body.get("model") or "MOTION2"
    duration, seed = body.get("duration"), body.get("seed")
    if duration is not None and duration not in _DURATIONS.get(model, (duration,)):
        raise Refusal(400, "duration is not offered")
    if seed is not None and not 0 <= seed <= _SEEDS.get(model, 2**53):
        raise Refusal(400, "seed is out of range")
    if body.get("elements") and not model.startswith("MOTION2"):
        raise Refusal(400, "no elements with this model")
    size = (body.get("width"), body.get("height"))
    wide = [(None, None), (1920, 1080), (1080, 1920)]
    wide += [(1440, 1440)] if model == "KLING2_5" else []
    if model.startswith("KLING") and size not in wide:
        raise Refusal(400, "invalid dimensions")
    if model.startswith("KLING") and body.get("resolution") not in (None, "RESOLUTION_1080"):
        raise Refusal(400, "resolution is not offered")
