"""NanoGPT: what costs money, and how a job is followed through its four vocabularies of status.

Sources: the seed, and the pages that `contracts/nanogpt/SOURCE.md` lists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.model import Tier
from conformance.profile import Ask, Creation, Journey, Profile, Read
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_catalogue as catalogue
from conformance.profiles import nanogpt_fields as fields
from conformance.profiles import nanogpt_films as films
from conformance.profiles import nanogpt_follow as follow
from conformance.profiles import nanogpt_kinds as kinds
from conformance.profiles import nanogpt_money as money
from conformance.profiles import nanogpt_offers as offers
from conformance.profiles import nanogpt_probes as probes
from conformance.profiles import nanogpt_purse as purse

WORKING: Final = ("IN_QUEUE", "queued", "IN_PROGRESS", "processing", "generating", "delivering")
STORY_WORKING: Final = ("PENDING", "PROCESSING")
COMPLETED: Final = frozenset({"COMPLETED"})
FAILED: Final = frozenset({"FAILED", "CANCELED"})
ENDED: Final = COMPLETED | FAILED


def _ids(answer: Any) -> tuple[str, ...]:
    given = answer.get("runId") if isinstance(answer, dict) else None
    return (given,) if isinstance(given, str) else ()


def _one(url: object) -> tuple[str, ...]:
    return (url,) if isinstance(url, str) and url else ()


def _reason(answer: Any) -> object:
    data = answers.data_of(answer)
    return data.get("error") or data.get("userFriendlyError")


UNIFIED: Final = Read(
    "getVideoStatus", lambda identity, answer: {"requestId": identity}, answers.status_of,
    lambda answer: _one(answers.video_url(answer)), _reason,
)  # fmt: skip
LEGACY: Final = Read(
    "getVideoStatusDeprecated",
    lambda identity, answer: {"runId": identity, "model": answers.model_of(answer)},
    answers.status_of, lambda answer: _one(answers.video_url(answer)), _reason,
)  # fmt: skip
STORY: Final = Read(
    "getStoryStatus",
    lambda identity, answer: {"runId": identity, "projectId": answers.project_of(answer)},
    lambda answer: str(answer.get("status", "")) if isinstance(answer, dict) else "",
    lambda answer: _one(answers.story_url(answer)),
)  # fmt: skip


def _midjourney_job(ask: Ask) -> Any:
    """Make a Midjourney job, wait for its end, and return what extends its second video."""
    made = ask(probes.create("first", "", bodies.MIDJOURNEY))
    identity = next(iter(_ids(made.answer if made else {})), "")
    if not identity:
        return None
    read = follow.then("first", "getVideoStatus", {"requestId": identity})
    end = ask.follow(read, lambda reading: answers.status_of(reading.answer) not in WORKING)
    is_done = end is not None and answers.status_of(end.answer) in COMPLETED
    return {"runId": identity, "index": 1} if is_done else None


def _journey(name: str, body: Any, reads: tuple[Read, ...], **changes: Any) -> Journey:
    words = STORY_WORKING if reads[0] is STORY else WORKING
    swaps = frozenset({"IN_PROGRESS", "processing"})
    operation = changes.pop("operation", "createVideo")
    return Journey(name, operation, body, reads, words, COMPLETED, FAILED, swaps=swaps, **changes)


def _told(
    name: str, story: Callable[[Ask], Any], worst: tuple[bodies.Body, ...], *feeds: str
) -> Journey:
    """Return a journey that is nothing but its own requests, with what they start at worst."""
    before = tuple(("createVideo", body) for body in worst)
    return Journey(
        name, "createVideo", bodies.TEXT, prepare=story, before=before, tier=Tier.FUZZ,
        has_media=False, feeds=frozenset(feeds),
    )  # fmt: skip


_FED: Final = frozenset({"recoverVideos", "extendVideo"})
_KEPT: Final = {**bodies.TEXT, "conversationUUID": bodies.CONVERSATION}
PROFILE: Final = Profile(
    name="nanogpt",
    creations=(Creation("createVideo", ids=_ids), Creation("extendVideo", ids=_ids)),
    harmless=frozenset({"checkBalance"}),
    journeys=(
        _journey(
            "text",
            _KEPT,
            (UNIFIED, LEGACY),
            then=follow.after_text,
            feeds=_FED,
            window=money.ACCOUNTS,
        ),
        _journey(
            "fails",
            _KEPT,
            (UNIFIED, LEGACY),
            fails=True,
            then=follow.after_failure,
            feeds=frozenset({"recoverVideos"}),
            window=money.ACCOUNTS,
        ),
        _journey(
            "legacy",
            bodies.TEXT,
            (LEGACY, UNIFIED),
            then=follow.after_newer,
            feeds=frozenset({"recoverVideos"}),
        ),
        _journey(
            "midjourney",
            bodies.MIDJOURNEY,
            (UNIFIED, LEGACY),
            then=follow.after_midjourney,
            feeds=frozenset({"extendVideo"}),
        ),
        _journey(
            "extension",
            {"runId": bodies.UNKNOWN_RUN, "index": 1},
            (UNIFIED, LEGACY),
            operation="extendVideo",
            prepare=_midjourney_job,
            then=follow.after_extension,
            feeds=frozenset({"recoverVideos"}),
            before=(("createVideo", bodies.MIDJOURNEY),),
            tier=Tier.FUZZ,
            window=money.EXTENSION,
        ),
        # These create in `prepare`, and have no run that is followed by itself.
        _told("purse", purse.story, purse.WORST, "getVideoStatus"),
        _told("catalogue", catalogue.story, catalogue.WORST),
        _told("kinds", kinds.story, kinds.WORST, "getVideoStatus", "getStoryStatus"),
        _told("films", films.story, tuple(films.FILMS.values())),
        _journey(
            "sora",
            bodies.SORA,
            (UNIFIED, LEGACY),
            then=follow.after_sora,
            feeds=frozenset({"getVideoContent"}),
        ),
        # The older LongStories status has no words for a failure.
        _journey(
            "story",
            bodies.STORY,
            (STORY, UNIFIED, LEGACY),
            has_error=False,
            then=follow.after_story,
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
