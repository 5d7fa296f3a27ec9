"""NanoGPT: what costs money, and how a job is followed through its four vocabularies of status.

Sources: the seed, and the pages that `contracts/nanogpt/SOURCE.md` lists.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import FIRST, Probe, json_body
from conformance.profile import Ask, Creation, Journey, Profile, Read
from conformance.profiles import nanogpt_fields as fields
from conformance.profiles import nanogpt_money as money
from conformance.profiles import nanogpt_offers as offers
from conformance.profiles import nanogpt_probes as probes

Query = dict[str, str]

WORKING: Final = ("IN_QUEUE", "queued", "IN_PROGRESS", "processing", "generating", "delivering")
STORY_WORKING: Final = ("PENDING", "PROCESSING")
COMPLETED: Final = frozenset({"COMPLETED"})
FAILED: Final = frozenset({"FAILED", "CANCELED"})
ENDED: Final = COMPLETED | FAILED
_PREPARED_SECONDS: Final = 60.0
VARIANTS: Final = ("video", "thumbnail", "spritesheet")


def _ids(answer: Any) -> tuple[str, ...]:
    given = answer.get("runId") if isinstance(answer, dict) else None
    return (given,) if isinstance(given, str) else ()


def data_of(answer: Any) -> dict[str, Any]:
    """Return the `data` of a status reply, empty if it has none."""
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def video_url(answer: Any) -> object:
    """Return where the video of a status reply is, None if it says nothing of it."""
    output = data_of(answer).get("output")
    video = output.get("video") if isinstance(output, dict) else None
    return video.get("url") if isinstance(video, dict) else None


def story_url(answer: Any) -> object:
    """Return where the video of a LongStories status reply is, None if it says nothing of it."""
    output = data_of(answer).get("output")
    return output.get("url") if isinstance(output, dict) else None


def _one(url: object) -> tuple[str, ...]:
    return (url,) if isinstance(url, str) and url else ()


def _reason(answer: Any) -> object:
    data = data_of(answer)
    return data.get("error") or data.get("userFriendlyError")


def _status(answer: Any) -> str:
    return str(data_of(answer).get("status", ""))


def _model(answer: Any) -> str:
    return str(answer.get("model", "")) if isinstance(answer, dict) else ""


def _project(answer: Any) -> str:
    given = answer.get("projectId") if isinstance(answer, dict) else None
    return given if isinstance(given, str) else "proj_none"


UNIFIED: Final = Read(
    "getVideoStatus", lambda identity, answer: {"requestId": identity}, _status,
    lambda answer: _one(video_url(answer)), _reason,
)  # fmt: skip
LEGACY: Final = Read(
    "getVideoStatusDeprecated",
    lambda identity, answer: {"runId": identity, "model": _model(answer)},
    _status, lambda answer: _one(video_url(answer)), _reason,
)  # fmt: skip
STORY: Final = Read(
    "getStoryStatus",
    lambda identity, answer: {"runId": identity, "projectId": _project(answer)},
    lambda answer: str(answer.get("status", "")) if isinstance(answer, dict) else "",
    lambda answer: _one(story_url(answer)),
)  # fmt: skip


def _then(
    probe: str,
    operation: str,
    query: Query,
    *,
    subject: str = "",
    label: str = "first",
    scheme: str = FIRST[0],
) -> Probe:
    return Probe(
        "GET", probes.PATHS[operation], "", probe, operation, query=query,
        credentials=((scheme, label),), subject=subject, tier=Tier.PAID,
    )  # fmt: skip


def _after_text(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield further ways to read a text job, the lists it is in, and an extension it has not."""
    yield _then("by-run-id", "getVideoStatus", {"runId": identity})
    kept = {"conversationUUID": probes.CONVERSATION, "limit": "50"}
    yield _then("recovered", "recoverVideos", kept, subject="conversation")
    yield _then("recovered", "recoverVideos", {"model": _model(answer), "limit": "50"},
                subject="model")  # fmt: skip
    yield _then("listed", "recoverVideos", {"limit": "50"})
    yield _then("listed", "recoverVideos", {"limit": "1"})
    for query in ({"limit": "50"}, kept, {"model": _model(answer), "limit": "50"}):
        yield _then("recovered-foreign", "recoverVideos", query, label="second")
    part = {"model": _model(answer)[:-1], "limit": "50"}
    yield _then("recovered-by-part", "recoverVideos", part)
    by_bearer = {"label": "second", "scheme": "bearer"}
    yield _then("recovered-foreign", "recoverVideos", {"limit": "50"}, **by_bearer)
    yield _then("status-foreign", "getVideoStatus", {"requestId": identity}, **by_bearer)
    yield from _near_misses(identity)
    yield _extend("extend-other-model", {"runId": identity, "index": 0})


def _near_misses(identity: str) -> Iterator[Probe]:
    """Yield reads by no id, and by ids near a known one, while there is a job to be meant."""
    for query in ({}, {"requestId": ""}):
        yield _then("missing-id", "getVideoStatus", query)
    for near in (identity[:-1], identity.upper()):
        yield _then("unknown", "getVideoStatus", {"requestId": near})
        yield _then("unknown", "getVideoStatusDeprecated", {"runId": near, "model": "veo2-video"})


def _after_story(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield reads of a story with one of the two ids that are needed."""
    yield _then("incomplete", "getStoryStatus", {"runId": identity})
    yield _then("incomplete", "getStoryStatus", {"projectId": _project(answer)})


def _after_newer(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield the list of an older conversation, whole and cut short: this job is in neither."""
    for limit in ("50", "1"):
        kept = {"conversationUUID": probes.CONVERSATION, "limit": limit}
        yield _then("recovered-older", "recoverVideos", kept)


def _after_failure(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield the list that a failed job is in."""
    kept = {"conversationUUID": probes.CONVERSATION, "limit": "50"}
    yield _then("recovered", "recoverVideos", kept, subject="conversation")


def _after_midjourney(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield extensions of a Midjourney job: both names of its id, both ends of the index."""
    yield _extend("extend", {"runId": identity, "index": 0}, "runId")
    yield _extend("extend", {"taskId": identity, "index": 3}, "taskId")
    for name in ("video", "videoUrl", "videoDataUrl", "videoAttachmentId"):
        body = {"runId": identity, "index": 0, name: probes.VIDEO}
        yield _extend("extend-video", body, name)
    for index in (-1, 4):
        yield _extend("extend-index", {"runId": identity, "index": index}, str(index))
    yield _extend("extend-foreign", {"runId": identity, "index": 0}, label="second")
    yield _extend("extend-nothing", {"index": 0}, "no id")
    broken = b'{"index": 0, "runId": '
    yield replace(_extend("extend-nothing", {}, "broken JSON"), body=broken)


def _extend(probe: str, body: Any, subject: str = "", *, label: str = "first") -> Probe:
    return Probe(
        "POST", "/api/generate-video/extend", "", probe, "extendVideo", body=json_body(body),
        credentials=((FIRST[0], label),), subject=subject, tier=Tier.PAID,
    )  # fmt: skip


def _midjourney_job(ask: Ask) -> Any:
    """Make a Midjourney job, wait for its end, and return what extends its second video."""
    made = ask(probes.create("first", "", probes.MIDJOURNEY))
    identity = next(iter(_ids(made.answer if made else {})), "")
    until, pause = time.monotonic() + _PREPARED_SECONDS, 0.05
    while identity and time.monotonic() < until:
        told = ask(_then("first", "getVideoStatus", {"requestId": identity}))
        status = _status(told.answer if told else {})
        if status not in WORKING:
            return {"runId": identity, "index": 1} if status in COMPLETED else None
        time.sleep(pause)
        pause = min(pause * 1.5, 2.0)
    return None


def _after_sora(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield every file of a Sora job, and one of another account's."""
    given = {"runId": identity, "model": "sora-2"}
    for variant in VARIANTS:
        yield _then("content", "getVideoContent", {**given, "variant": variant}, subject=variant)
    yield _then("content", "getVideoContent", given, subject="default")
    yield _then("content-foreign", "getVideoContent", given, label="second")
    for name, value in given.items():
        yield _then("incomplete", "getVideoContent", {name: value})


def _journey(name: str, body: Any, reads: tuple[Read, ...], **changes: Any) -> Journey:
    words = STORY_WORKING if reads[0] is STORY else WORKING
    swaps = frozenset({"IN_PROGRESS", "processing"})
    operation = changes.pop("operation", "createVideo")
    return Journey(name, operation, body, reads, words, COMPLETED, FAILED, swaps=swaps, **changes)


_FED: Final = frozenset({"recoverVideos", "extendVideo"})
_KEPT: Final = {**probes.TEXT, "conversationUUID": probes.CONVERSATION}
PROFILE: Final = Profile(
    name="nanogpt",
    creations=(Creation("createVideo", ids=_ids), Creation("extendVideo", ids=_ids)),
    harmless=frozenset({"checkBalance"}),
    journeys=(
        _journey(
            "text",
            _KEPT,
            (UNIFIED, LEGACY),
            then=_after_text,
            feeds=_FED,
            window=money.ACCOUNTS,
        ),
        _journey(
            "fails",
            _KEPT,
            (UNIFIED, LEGACY),
            fails=True,
            then=_after_failure,
            feeds=frozenset({"recoverVideos"}),
            window=money.ACCOUNTS,
        ),
        _journey(
            "legacy",
            probes.TEXT,
            (LEGACY, UNIFIED),
            then=_after_newer,
            feeds=frozenset({"recoverVideos"}),
        ),
        _journey(
            "midjourney",
            probes.MIDJOURNEY,
            (UNIFIED, LEGACY),
            then=_after_midjourney,
            feeds=frozenset({"extendVideo"}),
        ),
        _journey(
            "extension",
            {"runId": probes.UNKNOWN_RUN, "index": 1},
            (UNIFIED, LEGACY),
            operation="extendVideo",
            prepare=_midjourney_job,
            before=(("createVideo", probes.MIDJOURNEY),),
            tier=Tier.FUZZ,
        ),
        _journey(
            "sora",
            probes.SORA,
            (UNIFIED, LEGACY),
            then=_after_sora,
            feeds=frozenset({"getVideoContent"}),
        ),
        # The older LongStories status has no words for a failure.
        _journey(
            "story",
            probes.STORY,
            (STORY, UNIFIED, LEGACY),
            has_error=False,
            then=_after_story,
            feeds=frozenset({"getStoryStatus"}),
        ),
    ),
    probes=lambda contract: (*probes.probes(), *offers.probes_of_offers()),
    # These read or continue a job, so they succeed in a lifecycle only.
    hard_to_succeed=frozenset(
        {
            "extendVideo",
            "getVideoStatus",
            "getVideoStatusDeprecated",
            "getStoryStatus",
            "getVideoContent",
        }
    ),
    # What a model takes, which jobs exist, and that one of two ids is needed: no schema says it.
    refuses_valid={
        "createVideo": (400, 402, 404, 413, 429),
        "extendVideo": (400, 402, 404, 429),
        "getVideoStatus": (400, 404, 429),
        "getVideoStatusDeprecated": (400, 404, 429),
        "getStoryStatus": (400, 404, 429),
        "getVideoContent": (400, 404, 429),
    },
    # These depend on the model [seed; docs: video-generation].
    ruled={
        "extendVideo": frozenset({"runId", "taskId"}),
        "createVideo": frozenset(
            {
                "model", "prompt", "script", "duration", "cfg_scale", "num_inference_steps",
                "frames_per_second",
            }
        ),
    },
    takers={"createVideo": fields.TAKERS},
    blanks=True,
    unbounded={"createVideo": fields.UNBOUNDED},
    unknown_path="/api/no-such-operation",
)  # fmt: skip
