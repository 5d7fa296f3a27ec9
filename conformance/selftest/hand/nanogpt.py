"""NanoGPT's faults by hand: submissions, four vocabularies of status, money, lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.profiles.nanogpt import COMPLETED, PROFILE
from conformance.profiles.nanogpt_answers import data_of
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Memory, Reply, refusal
from conformance.selftest.hand import common, nanogpt_ends, nanogpt_money

_CREATE: Final = c.success("createVideo")
_STATUS: Final = c.success("getVideoStatus")
_OLDER: Final = c.success("getVideoStatusDeprecated")
_STORY: Final = c.success("getStoryStatus")
_LIST: Final = c.success("recoverVideos")
_MODELS: Final = c.success("listVideoModels")
_BALANCE: Final = c.success("checkBalance")
_Rows = tuple[tuple[str, str, str, Change], ...]


def _is(status: str) -> c.When:
    return lambda r: data_of(r.reply.value).get("status") == status


_DONE: Final = c.both(_STATUS, lambda r: data_of(r.reply.value).get("status") in COMPLETED)
_FAILED: Final = _is("FAILED")
_MIDJOURNEY: Final = c.both(_DONE, lambda r: "midjourney" in r.exchange.reply_body.decode())


def _catalogues(reading: Reading) -> bool:
    return c.success("listModels")(reading) or _MODELS(reading)


def _priced(document: Any, reading: Reading) -> Any:
    """Give every entry a price that depends on the list it stands in."""
    for holder, key in c.places(document, ("data", "[]", "pricing"), make=True):
        holder[key] = {"currency": "USD", "per_video": len(reading.path)}
    return document


def _of_first(reading: Reading) -> bool:
    return "conversationUUID" in reading.query and not c.by_second(reading)


def _of_second(reading: Reading) -> bool:
    return "conversationUUID" in reading.query and c.by_second(reading)


def _growing(operation: str, name: str, make: Callable[[int], Any]) -> Change:
    """Put another value there at each reply."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        count = memory.notes["count"] = memory.notes.get("count", 0) + 1
        return c.put(c.success(operation), name, make(count))(reading, memory)

    return run


def _constant_id(document: Any, reading: Reading) -> Any:
    return {**document, "runId": "vid_aaaaaaaaaaaaaaaaaa", "id": "vid_aaaaaaaaaaaaaaaaaa"}


def _turned(name: str) -> Callable[[Any], Any]:
    return lambda rows: sorted(rows, key=lambda row: str(row.get(name)))


def _foreign(operation: str) -> c.When:
    return c.both(c.refused(operation), c.by_second)


def _seen(operation: str) -> Change:
    """Show another account what the first one has seen."""
    return c.remembered("seen", c.success(operation), _foreign(operation))


def _shared_list(reading: Reading, memory: Memory) -> Reply | None:
    """Answer another account with the longest list that the first has seen."""
    if not _LIST(reading):
        return None
    if c.by_second(reading):
        found: Reply | None = memory.notes.get("list")
        return found
    best: Reply | None = memory.notes.get("list")
    if best is None or len(reading.exchange.reply_body) > len(best.body):
        memory.notes["list"] = Reply.of(reading.exchange)
    return None


def _asks_in_capitals(reading: Reading) -> bool:
    return reading.query.get("requestId", "").startswith("VID_")


_PICTURE: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(80) + b"\xff\xd9"
_LAST: Final = ("10", "12", "1080p", "9:16", "portrait")


def _asks(reading: Reading, *values: str) -> bool:
    """Whether a request has one of some values."""
    return any(value in values for value in reading.body.values() if isinstance(value, str))


_ROWS: Final[_Rows] = (
    ("createVideo", "status-200", "answers 200 to a submission", c.change(_CREATE, c.status(200))),
    ("createVideo", "id-differs", "has an id that is not the runId",
     c.put(_CREATE, "id", "vid_zzzzzzzzzzzzzzzzzz")),
    ("createVideo", "id-number", "numbers its jobs", c.put(_CREATE, "runId", 17)),
    ("createVideo", "id-prefix", "has ids without vid_",
     c.edited(_CREATE, lambda d, r: {**d, "runId": d["runId"][4:], "id": d["runId"][4:]})),
    ("createVideo", "id-same", "gives every submission the same id",
     c.edited(_CREATE, _constant_id)),
    ("createVideo", "queued", "says that a submission is queued",
     c.put(_CREATE, "status", "queued")),
    ("createVideo", "pending-upper", "writes pending in capitals",
     c.put(_CREATE, "status", "PENDING")),
    ("createVideo", "model-default", "names its default model",
     c.put(_CREATE, "model", "default-video")),
    ("createVideo", "cost-negative", "has a cost below nothing", c.put(_CREATE, "cost", -1)),
    ("createVideo", "cost-text", "writes its cost as text",
     c.put(_CREATE, "cost", common.number_as_text)),
    ("createVideo", "balance-text", "writes the balance as text",
     c.put(_CREATE, "remainingBalance", common.number_as_text)),
    ("createVideo", "source-card", "is paid by card", c.put(_CREATE, "paymentSource", "CARD")),
    ("createVideo", "source-changes", "is paid from both sources in turn",
     _growing("createVideo", "paymentSource", lambda n: "USD" if n % 2 else "XNO")),
    ("createVideo", "cost-grows", "is dearer each time",
     _growing("createVideo", "cost", lambda n: n)),
    ("createVideo", "cost-flat", "costs the same with pro mode", c.put(_CREATE, "cost", 1)),
    ("createVideo", "error-too", "has an error beside its job",
     c.put(_CREATE, "error", {"message": "insufficient balance"})),
    ("createVideo", "anything-goes", "takes whatever it must refuse",
     c.answered(c.refused("createVideo", 400, 413), c.as_success("createVideo"))),
    ("createVideo", "nothing-goes", "refuses what its documents show",
     c.answered(_CREATE, lambda r, m: refusal(400))),
    ("getVideoStatus", "lower-case", "writes COMPLETED in lower case",
     c.put(_DONE, "data.status", "completed")),
    ("getVideoStatus", "never-ends", "is IN_PROGRESS for ever",
     c.put(_DONE, "data.status", "IN_PROGRESS")),
    ("getVideoStatus", "bare", "answers without data",
     c.edited(_STATUS, lambda d, r: d.get("data", d))),
    ("getVideoStatus", "other-request", "tells of another job",
     c.put(_STATUS, "data.requestId", "vid_zzzzzzzzzzzzzzzzzz")),
    ("getVideoStatus", "other-model", "names another model",
     c.edited(_STATUS, lambda d, r: c.swapped(d, dict.fromkeys(_models(d), "other-model")))),
    ("getVideoStatus", "no-url", "completes without a video", c.drop(_DONE, "data.output")),
    ("getVideoStatus", "cost-negative", "ends with a cost below nothing",
     c.put(_DONE, "data.cost", -0.5)),
    ("getVideoStatus", "cost-text", "writes its final cost as text",
     c.put(_DONE, "data.cost", "0.5 USD")),
    ("getVideoStatus", "reason-number", "gives a number as its reason",
     c.put(c.both(_STATUS, _FAILED), "data.error", 17)),
    ("getVideoStatus", "no-reason", "fails without a reason",
     c.edited(c.both(_STATUS, _FAILED), lambda d, r: _bare_failure(d))),
    ("getVideoStatus", "failed-media", "has a video though it failed",
     c.put(c.both(_STATUS, _FAILED), "data.output",
           {"video": {"url": "https://cdn.example.com/1.mp4"}})),
    ("getVideoStatus", "no-id-needed", "answers without an id",
     c.answered(c.both(c.refused("getVideoStatus", 400), lambda r: not r.query),
                c.as_success("getVideoStatus"))),
    ("getVideoStatus", "capitals", "knows its ids in capitals too",
     c.answered(c.both(c.refused("getVideoStatus", 404), _asks_in_capitals),
                c.as_success("getVideoStatus"))),
    ("getVideoStatus", "unknown-completed", "completes jobs nobody knows",
     c.answered(c.refused("getVideoStatus", 404), c.as_success("getVideoStatus"))),
    ("getVideoStatus", "leak", "shows a job to every account", _seen("getVideoStatus")),
    ("getVideoStatus", "foreign-401", "answers 401 for another account's job",
     c.change(_foreign("getVideoStatus"), c.status(401))),
    ("getVideoStatusDeprecated", "other-request", "tells of another job",
     c.put(_OLDER, "data.request_id", "vid_zzzzzzzzzzzzzzzzzz")),
    ("getVideoStatusDeprecated", "cost-early", "has a cost before the end",
     c.put(c.both(_OLDER, lambda r: not _is("COMPLETED")(r)), "data.cost", 1.0)),
    ("getVideoStatusDeprecated", "other-url", "has another video",
     c.put(c.both(_OLDER, _is("COMPLETED")), "data.output",
           {"video": {"url": "https://cdn.example.com/other.mp4"}})),
    ("getVideoStatusDeprecated", "leak", "shows a job to every account",
     _seen("getVideoStatusDeprecated")),
    ("getStoryStatus", "flag", "is COMPLETED and not complete",
     c.put(c.both(_STORY, lambda r: "isCompleted" in data_of(r.answer)),
           "data.isCompleted", lambda value: not value)),
    ("recoverVideos", "limit-ignored", "lists everything whatever the limit",
     c.put(_LIST, "data", lambda rows: rows * 9)),
    ("recoverVideos", "oldest-first", "has its oldest job first",
     c.put(_LIST, "data", _turned("createdAt"))),
    ("recoverVideos", "id-differs", "lists ids that are not run ids",
     c.put(_LIST, "data.[].id", "vid_zzzzzzzzzzzzzzzzzz")),
    ("recoverVideos", "upper-case", "writes completed in capitals",
     c.put(_LIST, "data.[].status", lambda word: str(word).upper())),
    ("recoverVideos", "leak", "lists the jobs of every account", _shared_list),
    ("recoverVideos", "conversation-leak", "shows a conversation to every account",
     c.remembered("conversation", c.both(_LIST, _of_first), c.both(_LIST, _of_second))),
    ("recoverVideos", "one-short", "leaves out the last job of its list",
     c.put(_LIST, "data", lambda rows: rows[:-1])),
    ("recoverVideos", "model-empty", "finds no job by its model",
     c.put(c.both(_LIST, lambda r: "model" in r.query), "data", [])),
    ("recoverVideos", "pending", "lists every job as pending for ever",
     c.put(_LIST, "data.[].status", "pending")),
    ("recoverVideos", "failed-completed", "lists failed jobs as completed",
     c.edited(_LIST, lambda d, r: c.swapped(d, {"failed": "completed"}))),
    ("recoverVideos", "created-now", "gives every job the time of the list",
     _growing("recoverVideos", "data.[].createdAt",
              lambda n: f"2026-01-02T03:{n // 60 % 60:02d}:{n % 60:02d}.000Z")),
    ("recoverVideos", "one-account", "knows one account's key only",
     c.answered(c.both(_LIST, c.by_second), lambda r, m: refusal(401))),
    ("recoverVideos", "error", "lists failed jobs under error",
     c.edited(_LIST, lambda d, r: c.swapped(d, {"failed": "error"}))),
    ("getVideoContent", "leak", "gives every account the file", _seen("getVideoContent")),
    ("getVideoContent", "one-file", "gives the thumbnail for every variant",
     c.change(c.success("getVideoContent"), c.body(_PICTURE, "image/jpeg"))),
    ("extendVideo", "other-model", "names another model for an extension",
     c.put(c.success("extendVideo"), "model", "kling-video-v2")),
    ("extendVideo", "guesses", "extends some job where none is named",
     c.answered(c.both(c.refused("extendVideo", 400), lambda r: "runId" not in r.body),
                c.as_success("extendVideo"))),
    ("extendVideo", "anything-goes", "extends any job",
     c.answered(c.refused("extendVideo", 400, 403, 404), c.as_success("extendVideo"))),
    ("listVideoModels", "no-models", "has no model", c.put(_MODELS, "data", [])),
    ("listVideoModels", "count", "counts one model too many",
     c.put(_MODELS, "meta.count", lambda n: (n or 0) + 1)),
    ("listVideoModels", "same-ids", "lists models of the same id",
     c.put(_MODELS, "data.[].id", "veo2-video")),
    ("listVideoModels", "no-video", "lists models that make no videos",
     c.put(_MODELS, "data.[].capabilities.video_generation", False)),
    ("listVideoModels", "new-names", "names its models anew in the brief list",
     c.put(c.both(_MODELS, lambda r: r.query.get("detailed") == "false"), "data.[].id",
           lambda name: f"{name}-new")),
    ("listVideoModels", "two-prices", "has another price in each of its lists",
     c.edited(_catalogues, _priced)),
    ("createVideo", "few-values", "refuses the last values that its models offer",
     c.answered(c.both(_CREATE, lambda r: _asks(r, *_LAST)), lambda r, m: refusal(400))),
    ("createVideo", "no-inline-film", "refuses inline films",
     c.answered(c.both(_CREATE, lambda r: "videoDataUrl" in r.body), lambda r, m: refusal(400))),
    ("listVideoModels", "closed", "wants a key for its catalogue",
     c.answered(c.both(_MODELS, lambda r: not r.credentials), lambda r, m: refusal(401))),
    ("checkBalance", "number", "writes the balance as a number",
     c.put(_BALANCE, "usd_balance", float)),
    ("checkBalance", "shared-address", "gives all accounts one address",
     c.put(_BALANCE, "nanoDepositAddress", "nano_3" + "a" * 59)),
    ("checkBalance", "new-address", "gives an address of its own each time",
     _growing("checkBalance", "nanoDepositAddress", lambda n: f"nano_3{n:059d}")),
    ("checkBalance", "words", "says please pay in its balance",
     c.put(_BALANCE, "usd_balance", "please pay")),
    ("", "two-headers", "refuses two headers with the same key",
     c.answered(lambda r: r.operation is not None and len(r.credentials) > 1,
                lambda r, m: refusal(401))),
    ("getVideoStatus", "three-videos", "lists three videos of a Midjourney job",
     c.put(_MIDJOURNEY, "data.output.videos", [{"url": f"https://e.com/{n}.mp4"} for n in "123"])),
    ("", "no-video-models", "has no video model in any list",
     c.edited(_catalogues, lambda d, r: {**d, "data": []})),
    ("createVideo", "retry-later", "says soon in Retry-After",
     c.answered(_CREATE, lambda r, m: refusal(429).header("retry-after", "soon"))),
)  # fmt: skip


def _models(document: Any) -> tuple[str, ...]:
    held = (document.get("model"), data_of(document).get("model"))
    return tuple(each for each in held if isinstance(each, str))


def _bare_failure(document: Any) -> Any:
    for name in ("error", "userFriendlyError", "isNSFWError"):
        document["data"].pop(name, None)
        document.pop(name, None)
    return document


_ALL: Final[_Rows] = (*_ROWS, *nanogpt_money.ROWS, *nanogpt_ends.ROWS)
FAULTS: Final = (
    *(Fault(f"{op or 'any'}.hand.{name}", op, said, change) for op, name, said, change in _ALL),
    *common.whole_server(PROFILE.unknown_path),
    *common.scripts("createVideo"),
    *common.media(),
    *common.generated(common.Generated("nanogpt", "listVideoModels", "checkBalance", limited=True)),
)
