"""Slips in Leonardo's operations."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from tests.conformance.independent import leonardo
from tests.conformance.independent.tampering import After, App, Asked, Json, Said
from tests.conformance.slips.adding import (
    SLIPS,
    Slip,
    add,
    no_charset,
    relapse,
    remembered,
    reply,
    request,
    same_answer_for_same_body,
)

REST = "/api/rest/v1"


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


def put() -> None:
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
    add("leonardo.createTextToVideoGeneration.accepts", "no-charset", after=no_charset)
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
