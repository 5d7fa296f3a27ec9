"""NanoGPT's faults after the fact: ends that do not last, films, 402, moderation, near ids."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles.nanogpt import ENDED
from conformance.profiles.nanogpt_answers import data_of
from conformance.profiles.nanogpt_purse import DEAR
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import JSON_HEADERS, Change, Memory, Reply, refusal

_CREATE: Final = c.success("createVideo")
_FILM: Final = c.both(c.media("GET"), lambda r: len(r.exchange.reply_body) > 64)
_STATUSES: Final = ("getVideoStatus", "getVideoStatusDeprecated", "getVideoContent")
_SWAP: Final = bodies.SWAP["model"]
_OUR_COST: Final = "x-nanogpt-inline-moderation-cost-usd"


def _late(now: str) -> Change:
    """Leave an end again after its fifth reading."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        data = data_of(reading.reply.value)
        if not c.success("getVideoStatus")(reading) or data.get("status") not in ENDED:
            return None
        key = f"ends {data.get('requestId')}"
        memory.notes[key] = memory.notes.get(key, 0) + 1
        if memory.notes[key] <= 5:
            return None
        return c.put(c.success("getVideoStatus"), "data.status", now)(reading, memory)

    return run


def _near(operation: str, name: str) -> Change:
    """Take an id for another that it begins with."""
    longer = c.both(
        c.refused(operation, 400, 404),
        lambda r: str(r.query.get(name, r.body.get(name, ""))).endswith(".mp4"),
    )
    return c.answered(longer, c.as_success(operation))


def _box(name: bytes, edit: Callable[[bytes], bytes]) -> Change:
    """Change what stands in the boxes of one name of an MP4, their length kept."""

    def rewrite(film: bytes) -> bytes:
        at = film.find(name)
        while at >= 4:
            size = struct.unpack(">I", film[at - 4 : at])[0]
            film = film[: at + 4] + edit(film[at + 4 : at - 4 + size]) + film[at - 4 + size :]
            at = film.find(name, at + 4)
        return film

    return c.change(_FILM, c.rewritten(rewrite))


def _halved(header: bytes) -> bytes:
    place = 24 if header[0] == 1 else 16
    form = ">Q" if header[0] == 1 else ">I"
    (length,) = struct.unpack_from(form, header, place)
    return header[:place] + struct.pack(form, length // 2) + header[place + struct.calcsize(form) :]


def _turned(header: bytes) -> bytes:
    return header[:-8] + header[-4:] + header[-8:-4]


def _smaller(header: bytes) -> bytes:
    width, height = struct.unpack(">II", header[-8:])
    return header[:-8] + struct.pack(">II", width // 2, height // 2)


def _short(**members: Any) -> Change:
    """Have too little for a dear job, and say so in some way."""
    dear: c.When = lambda r: (  # noqa: E731
        r.exchange.probe == DEAR
        or r.body.get("duration") == "600"
        or r.body.get("billedDuration") == 3600
    )
    reply = Reply(402, JSON_HEADERS).json(members)
    return c.answered(c.both(_CREATE, dear), lambda r, m: reply)


def _asks(word: str) -> c.When:
    return lambda r: (r.exchange.request_header("moderation") or "").lower() == word


def _code(word: str) -> c.When:
    return lambda r: word in r.exchange.reply_body.decode()


def _is_pro(reading: Reading) -> bool:
    return reading.body.get("pro") is True


def _unmoderated(code: str) -> Change:
    """Take what moderation must refuse."""
    return c.answered(
        c.both(c.refused("createVideo", 400), _code(code)), c.as_success("createVideo")
    )


ROWS: Final[tuple[tuple[str, str, str, Change], ...]] = (
    ("getVideoStatus", "goes-back", "is at work again long after its end", _late("IN_PROGRESS")),
    ("getVideoStatus", "ends-anew", "completes what has failed long before", _late("COMPLETED")),
    *((operation, "near-id", "takes an id for another that it begins with",
       _near(operation, "requestId" if operation == "getVideoStatus" else "runId"))
      for operation in _STATUSES),
    ("extendVideo", "near-id", "extends a job by an id that begins with its own",
     _near("extendVideo", "runId")),
    ("getVideoStatus", "swap-stuck", "never ends the swap of a face",
     c.put(c.both(c.success("getVideoStatus"), lambda r: r.answer.get("model") == _SWAP),
           "data.status", "IN_QUEUE")),
    ("getVideoStatus", "error-none", "has the error none in a completed job",
     c.put(c.both(c.success("getVideoStatus"),
                  lambda r: data_of(r.reply.value).get("status") == "COMPLETED"),
           "data.error", "none")),
    ("getVideoStatus", "one-owner", "keeps the second account from its own jobs",
     c.answered(c.both(c.success("getVideoStatus"), c.by_second), lambda r, m: refusal(403))),
    ("recoverVideos", "sticky-conversation", "lists all jobs with a conversation",
     c.put(c.success("recoverVideos"), "data.[].conversationUUID",
           lambda named: named or bodies.CONVERSATION)),
    ("createVideo", "short-films", "makes films half as long as they say",
     _box(b"mvhd", _halved)),
    ("createVideo", "turned-films", "turns its films round", _box(b"tkhd", _turned)),
    ("createVideo", "small-films", "makes films half as wide and high", _box(b"tkhd", _smaller)),
    ("createVideo", "silent-films", "forgets the sound of its films",
     c.change(_FILM, c.rewritten(lambda film: film.replace(b"soun", b"hint")))),
    ("createVideo", "overdrawn", "lets an account go below nothing",
     c.put(_CREATE, "remainingBalance", -3.5)),
    ("createVideo", "short-type", "has another type for want of balance",
     _short(error={"message": "No.", "type": "invalid_request_error"},
            requiredBalance=900, status=402)),
    ("createVideo", "short-bare", "does not say what is required",
     _short(error={"message": "No.", "type": "INSUFFICIENT_BALANCE"})),
    ("createVideo", "short-enough", "refuses with 402 what the balance covers",
     _short(error={"message": "No.", "type": "INSUFFICIENT_BALANCE"},
            requiredBalance=0.01, status=402)),
    ("createVideo", "no-alias", "refuses pro, the other name of pro_mode",
     c.answered(c.both(_CREATE, _is_pro), lambda r, m: refusal(400))),
    ("createVideo", "moderation-off", "refuses moderation off",
     c.answered(c.both(_CREATE, _asks("off")), lambda r, m: refusal(400))),
    ("createVideo", "moderation-conflict", "takes two moderation models that differ",
     _unmoderated("conflicting_moderation_model")),
    ("createVideo", "moderation-image", "takes a picture that it cannot moderate",
     _unmoderated("unsupported_moderation_input")),
    ("createVideo", "moderation-nothing", "moderates nothing",
     _unmoderated("empty_moderation_input")),
    ("createVideo", "moderation-words", "says no more than no of a conflict of models",
     c.put(c.both(c.refused("createVideo", 400), _code("conflicting_moderation_model")),
           "error.message", "No.")),
    ("listModels", "detailed", "gives prices in its general list unasked",
     c.put(c.both(c.success("listModels"), lambda r: "detailed" not in r.query),
           "data.[].pricing", {"currency": "USD"})),
    ("createVideo", "moderation-cost", "does not say what moderation has cost",
     c.change(_CREATE, c.header(_OUR_COST, None))),
    ("createVideo", "moderation-bare", "does not say what it has flagged",
     c.drop(c.both(c.refused("createVideo", 400), _code("content_policy_violation")),
            "moderation")),
)  # fmt: skip
