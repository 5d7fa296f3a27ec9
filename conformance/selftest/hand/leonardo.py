"""Leonardo's faults by hand: jobs in wrappers, generations, uploads, credits, owners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.drivers.methods import UNKNOWN_ID
from conformance.profiles import leonardo_uploads as uploads
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Memory, Reply, refusal
from conformance.selftest.hand import common, leonardo_frames, leonardo_images

_CREATE: Final = c.success("createTextToVideoGeneration")
_GET: Final = c.success("getGenerationById")
_LIST: Final = c.success("getGenerationsByUserId")
_UPLOAD: Final = c.success("uploadInitImage")
_ME: Final = c.success("getUserSelf")
_JOB: Final = "motionVideoGenerationJob"
_RUN: Final = "generations_by_pk"
_IMAGE: Final = f"{_RUN}.generated_images.[]"
_UUID: Final = "99999999-9999-4999-8999-999999999999"
_Rows = tuple[tuple[str, str, str, Change], ...]


def _status(status: str) -> c.When:
    def run(reading: Reading) -> bool:
        held = reading.answer.get(_RUN)
        return _GET(reading) and isinstance(held, dict) and held.get("status") == status

    return run


_DONE: Final = _status("COMPLETE")
_PENDING: Final = _status("PENDING")
_UNLIMITED: Final = c.both(_LIST, lambda r: "limit" not in r.query)
_PICTURE: Final = c.both(_DONE, lambda r: r.answer[_RUN].get("motion") is not True)
_MOVIE: Final = c.both(_DONE, lambda r: bool(r.answer[_RUN].get("motion")))


def _seen(operation: str) -> Change:
    """Show another account what the first one has seen."""
    mine = c.both(c.success(operation), lambda r: not c.by_second(r))
    theirs = c.both(lambda r: r.operation is not None and r.operation.id == operation, c.by_second)
    return c.remembered("seen", mine, theirs)


def _new_ids(reading: Reading, memory: Memory) -> Reply | None:
    count = memory.notes["count"] = memory.notes.get("count", 0) + 1
    identity = f"00000000-0000-4000-8000-{count:012d}"
    return c.put(_GET, f"{_RUN}.id", identity)(reading, memory)


def _undead(reading: Reading, memory: Memory) -> Reply | None:
    """Read a generation as before its deletion."""
    if reading.operation is None or c.by_second(reading):
        return None
    if reading.operation.id == "getGenerationById":
        if _DONE(reading):
            memory.notes[reading.path] = Reply.of(reading.exchange)
        elif reading.path in memory.notes:
            found: Reply = memory.notes[reading.path]
            return found
    return None


def _all_lists(reading: Reading, memory: Memory) -> Reply | None:
    """Answer every list with the longest that was seen."""
    if not _LIST(reading):
        return None
    best: Reply | None = memory.notes.get("list")
    if best is None or len(reading.exchange.reply_body) > len(best.body):
        memory.notes["list"] = Reply.of(reading.exchange)
    return best


def _film(reading: Reading) -> bool:
    return c.media("GET")(reading) and reading.content_type == "video/mp4"


def _flat(document: Any, reading: Reading) -> Any:
    return document.get(_JOB, document)


def _balances(value: Any) -> Change:
    def edit(document: Any, reading: Reading) -> Any:
        for details in document.get("user_details", ()):
            for name in list(details):
                if name.endswith("Tokens"):
                    details[name] = value
        return document

    return c.edited(_ME, edit)


_RUNS: Final[_Rows] = (
    ("createTextToVideoGeneration", "status-201", "answers 201", c.change(_CREATE, c.status(201))),
    ("createTextToVideoGeneration", "flat", "answers without its wrapper",
     c.edited(_CREATE, _flat)),
    ("createTextToVideoGeneration", "other-wrapper", "wraps its job as sdGenerationJob",
     c.edited(_CREATE, lambda d, r: {"sdGenerationJob": d[_JOB]})),
    ("createTextToVideoGeneration", "id-number", "numbers its jobs",
     c.put(_CREATE, f"{_JOB}.generationId", 17)),
    ("createTextToVideoGeneration", "id-no-uuid", "has ids that are no UUIDs",
     c.put(_CREATE, f"{_JOB}.generationId", "gen-17")),
    ("createTextToVideoGeneration", "id-same", "gives every job the same id",
     c.put(_CREATE, f"{_JOB}.generationId", _UUID)),
    ("createTextToVideoGeneration", "credits-negative", "pays for being used",
     c.put(_CREATE, f"{_JOB}.apiCreditCost", "free")),
    ("createTextToVideoGeneration", "cost-number", "writes its cost as a number",
     c.put(_CREATE, f"{_JOB}.cost", {"amount": 0.294, "unit": "DOLLARS"})),
    ("createTextToVideoGeneration", "cost-euros", "costs euros",
     c.put(_CREATE, f"{_JOB}.cost", {"amount": "0.294", "unit": "EUROS"})),
    ("createTextToVideoGeneration", "error-too", "has errors beside its job",
     c.put(_CREATE, "errors", [{"message": "out of credits"}])),
    ("createTextToVideoGeneration", "anything-goes", "takes whatever it must refuse",
     c.answered(c.refused("createTextToVideoGeneration", 400),
                c.as_success("createTextToVideoGeneration"))),
    ("createTextToVideoGeneration", "nothing-goes", "refuses what it offers",
     c.answered(_CREATE, lambda r, m: refusal(400))),
    ("getGenerationById", "completed", "says COMPLETED for COMPLETE",
     c.put(_DONE, f"{_RUN}.status", "COMPLETED")),
    ("getGenerationById", "lower-case", "writes its status in lower case",
     c.put(_GET, f"{_RUN}.status", lambda word: str(word).lower())),
    ("getGenerationById", "never-ends", "is PENDING for ever",
     c.put(_DONE, f"{_RUN}.status", "PENDING")),
    ("getGenerationById", "no-images", "completes without images",
     c.put(_DONE, f"{_RUN}.generated_images", [])),
    ("getGenerationById", "early-images", "has an image while it is pending",
     c.put(_PENDING, f"{_RUN}.generated_images", [{"id": _UUID, "url": "https://e.com/1.jpg"}])),
    ("getGenerationById", "no-movie", "completes a video without its film",
     c.put(_MOVIE, f"{_IMAGE}.motionMP4URL", None)),
    ("getGenerationById", "movie-relative", "has a relative film URL",
     c.put(_MOVIE, f"{_IMAGE}.motionMP4URL", "/films/1.mp4")),
    ("getGenerationById", "other-poster", "has a poster of another name",
     c.put(_MOVIE, f"{_IMAGE}.url", "https://cdn.example.com/poster.jpg")),
    ("getGenerationById", "film-as-url", "gives the film as url too",
     c.edited(_MOVIE, lambda d, r: _film_as_url(d))),
    ("getGenerationById", "still", "says that a video does not move",
     c.put(_MOVIE, f"{_RUN}.motion", False)),
    ("getGenerationById", "seed-text", "writes the seed as text",
     c.put(_DONE, f"{_RUN}.seed", str)),
    ("getGenerationById", "prompt-improved", "improves the prompt unasked",
     c.put(_GET, f"{_RUN}.prompt", lambda text: f"{text}, highly detailed")),
    ("getGenerationById", "public", "publishes what is private",
     c.put(_GET, f"{_RUN}.public", lambda value: not value)),
    ("getGenerationById", "new-ids", "names a generation anew at each read", _new_ids),
    ("getGenerationById", "leak", "shows a generation to every account",
     _seen("getGenerationById")),
    ("getGenerationById", "undead", "can be read after it was deleted", _undead),
    ("getGenerationById", "failed-images", "has images though it failed",
     c.put(_status("FAILED"), f"{_RUN}.generated_images",
           [{"id": _UUID, "url": "https://e.com/1.jpg", "motionMP4URL": "https://e.com/1.mp4"}])),
    ("getGenerationsByUserId", "limit-ignored", "lists everything whatever the limit",
     c.put(_LIST, "generations", lambda rows: rows * 12)),
    ("getGenerationsByUserId", "offset-ignored", "ignores limit, offset and owner", _all_lists),
    ("getGenerationsByUserId", "list-stale", "lists what is complete as pending",
     c.put(_LIST, "generations.[].status", "PENDING")),
    ("getGenerationsByUserId", "empty", "lists nothing", c.put(_LIST, "generations", [])),
    ("getGenerationsByUserId", "default-20", "lists twenty without a limit",
     c.put(_UNLIMITED, "generations", lambda rows: rows * 2)),
    ("getGenerationsByUserId", "default-5", "lists five without a limit",
     c.put(_UNLIMITED, "generations", lambda rows: rows[:5])),
    ("getGenerationById", "one-image", "makes one image whatever is asked",
     c.put(_PICTURE, f"{_RUN}.generated_images", lambda images: images[:1])),
    ("getGenerationById", "square", "makes every image 1024 pixels wide",
     c.put(_PICTURE, f"{_RUN}.imageWidth", 1024)),
    ("getGenerationById", "image-film", "has a film of an image",
     c.put(_PICTURE, f"{_IMAGE}.motionMP4URL", "https://e.com/1.mp4")),
)  # fmt: skip

_OTHERS: Final[_Rows] = (
    ("deleteGenerationById", "other-name", "names another generation as deleted",
     c.edited(c.success("deleteGenerationById"), lambda d, r: _renamed(d))),
    ("uploadInitImage", "fields-object", "gives the form as an object",
     c.put(_UPLOAD, "uploadInitImage.fields", {"key": "x"})),
    ("uploadInitImage", "no-key", "forgets the key of the form",
     c.drop(_UPLOAD, "uploadInitImage.key")),
    ("uploadInitImage", "any-extension", "takes any kind of file",
     c.answered(c.refused("uploadInitImage", 400), c.as_success("uploadInitImage"))),
    ("getInitImageById", "leak", "shows an image to every account", _seen("getInitImageById")),
    ("getInitImageById", "other-id", "tells of another image",
     c.put(c.success("getInitImageById"), "init_images_by_pk.id", _UUID)),
    ("getUserSelf", "tokens-text", "writes balances as texts", _balances("1000")),
    ("getUserSelf", "tokens-fraction", "has a fraction of a token", _balances(0.5)),
    ("getUserSelf", "one-caller", "takes every key for the same account",
     c.put(_ME, "user_details.[].user.id", _UUID)),
    ("getUserSelf", "two", "lists two accounts",
     c.put(_ME, "user_details", lambda rows: rows * 2)),
    ("listPlatformModels", "same-ids", "lists models of the same id",
     c.put(c.success("listPlatformModels"), "custom_models.[].id", _UUID)),
    ("listElements", "weights", "has a default weight above the largest",
     c.put(c.success("listElements"), "loras.[].weightDefault", 99)),
    ("pricingCalculator", "text", "writes its price as text",
     c.put(c.success("pricingCalculator"), "calculateProductionApiServiceCost.cost", "25")),
    ("getVariationById", "other", "tells of another variation",
     c.put(c.success("getVariationById"),
           "generated_image_variation_generic.[].id", _UUID)),
    ("getVariationById", "leak", "shows a variation to every account",
     _seen("getVariationById")),
    ("getMotionVariationById", "leak", "shows a larger video to every account",
     _seen("getMotionVariationById")),
    ("", "other-405", "says in its own words that a method is not allowed",
     c.change(lambda r: r.status == 405, c.body(b'{"error":"Method not allowed"}'))),
    ("getGenerationById", "unknown-empty", "says nothing at all of an id that names nothing",
     c.change(c.both(_GET, lambda r: UNKNOWN_ID in r.path), c.body(b"{}"))),
    ("", "picture-for-film", "gives a picture where the film should be",
     c.change(_film, c.body(uploads.PICTURE, "image/png"))),
)  # fmt: skip


def _charged_twice(reading: Reading, memory: Memory) -> Reply | None:
    """Let the second account's tokens fall by twice of what they fell."""
    if not (_ME(reading) and c.by_second(reading)):
        return None
    document = reading.reply.value
    for details in document["user_details"]:
        now = details["apiPaidTokens"]
        first = memory.notes.setdefault("first", now)
        details = details | {"apiPaidTokens": first - 2 * (first - now)}
        return Reply.of(reading.exchange).json({"user_details": [details]})
    return None


_PRICES: Final[_Rows] = (
    ("getUserSelf", "charged-twice", "takes a job's price twice", _charged_twice),
    ("getUserSelf", "tokens-still", "tells a price in credits, and the tokens never fall",
     c.first_of(
         c.put(_ME, "user_details.[].apiPaidTokens", 1000),
         c.put(_CREATE, f"{_JOB}.apiCreditCost", 200))),
    ("createTextToVideoGeneration", "credits-below", "pays credits for being used",
     c.put(_CREATE, f"{_JOB}.apiCreditCost", -200)),
    ("createTextToVideoGeneration", "price-other", "costs other credits than the calculator says",
     c.put(_CREATE, f"{_JOB}.cost", {"amount": "25", "unit": "CREDITS"})),
)  # fmt: skip


def _film_as_url(document: Any) -> Any:
    for image in document[_RUN]["generated_images"]:
        image["url"] = image["motionMP4URL"]
    return document


def _renamed(document: Any) -> Any:
    names: Callable[[Any], Any] = lambda value: _UUID if isinstance(value, str) else value  # noqa: E731
    for held in document.values():
        if isinstance(held, dict) and "id" in held:
            held["id"] = names(held["id"])
    return document


FAULTS: Final = (
    *(Fault(f"{op or 'any'}.hand.{name}", op, said, change)
      for op, name, said, change in (*_RUNS, *_OTHERS, *_PRICES, *leonardo_frames.ROWS,
                                    *leonardo_images.ROWS)),
    *common.whole_server("/api/rest/v1/no-such-operation"),
    *common.scripts("createTextToVideoGeneration", "createImageToVideoGeneration"),
    *common.media(),
    *common.generated(common.Generated("leonardo", "uploadInitImage", limited=True)),
)  # fmt: skip
