"""What is asked once one of NanoGPT's jobs has ended: other reads, lists, files, extensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import FIRST, Probe, json_body
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_probes as probes

Query = dict[str, str]
VARIANTS: Final = ("video", "thumbnail", "spritesheet")


def then(
    probe: str,
    operation: str,
    query: Query,
    *,
    subject: str = "",
    label: str = "first",
    scheme: str = FIRST[0],
) -> Probe:
    """Return a read that belongs to an ended job."""
    return Probe(
        "GET", probes.PATHS[operation], "", probe, operation, query=query,
        credentials=((scheme, label),), subject=subject, tier=Tier.PAID,
    )  # fmt: skip


def after_text(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield further ways to read a text job, the lists it is in, and an extension it has not."""
    yield then("by-run-id", "getVideoStatus", {"runId": identity})
    yield then("by-run-id", "getVideoStatus", {"requestId": identity, "runId": identity})
    kept = {"conversationUUID": bodies.CONVERSATION, "limit": "50"}
    yield then("recovered", "recoverVideos", kept, subject="conversation")
    yield then("recovered", "recoverVideos", {"model": answers.model_of(answer), "limit": "50"},
                subject="model")  # fmt: skip
    yield then("listed", "recoverVideos", {"limit": "50"})
    yield then("listed", "recoverVideos", {"limit": "1"})
    for query in ({"limit": "50"}, kept, {"model": answers.model_of(answer), "limit": "50"}):
        yield then("recovered-foreign", "recoverVideos", query, label="second")
    part = {"model": answers.model_of(answer)[:-1], "limit": "50"}
    yield then("recovered-by-part", "recoverVideos", part)
    by_bearer = {"label": "second", "scheme": "bearer"}
    yield then("recovered-foreign", "recoverVideos", {"limit": "50"}, **by_bearer)
    yield then("status-foreign", "getVideoStatus", {"requestId": identity}, **by_bearer)
    yield from _near_misses(identity)
    yield extend("extend-other-model", {"runId": identity, "index": 0})


def near(identity: str) -> tuple[str, ...]:
    """Return ids that no job has, each near one that a job has."""
    bare = identity.removeprefix("vid_")
    return (
        identity[:-1],
        identity.upper(),
        f"{identity}0",
        f"{identity}.mp4",
        bare,
        f"x{identity}",
    )


def _near_misses(identity: str) -> Iterator[Probe]:
    """Yield reads by no id, and by ids near a known one, while there is a job to be meant."""
    for query in ({}, {"requestId": ""}):
        yield then("missing-id", "getVideoStatus", query)
    for other in near(identity):
        yield then("unknown", "getVideoStatus", {"requestId": other})
        yield then("unknown", "getVideoStatus", {"runId": other})
        yield then("unknown", "getVideoStatusDeprecated", {"runId": other, "model": "veo2-video"})


def after_story(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield reads of a story with one of the two ids that are needed."""
    yield then("incomplete", "getStoryStatus", {"runId": identity})
    yield then("incomplete", "getStoryStatus", {"projectId": answers.project_of(answer)})
    project = answers.project_of(answer)
    for other in near(identity):
        yield then("unknown", "getStoryStatus", {"runId": other, "projectId": project})


def after_newer(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield the list of an older conversation, whole and cut short: this job is in neither."""
    for limit in ("50", "1"):
        kept = {"conversationUUID": bodies.CONVERSATION, "limit": limit}
        yield then("recovered-older", "recoverVideos", kept)


def after_extension(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield the list that an extension is in, with the other jobs of its model."""
    given = {"model": str(bodies.MIDJOURNEY["model"]), "limit": "50"}
    yield then("recovered", "recoverVideos", given, subject="model")


def after_failure(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield the list that a failed job is in."""
    kept = {"conversationUUID": bodies.CONVERSATION, "limit": "50"}
    yield then("recovered", "recoverVideos", kept, subject="conversation")


def after_midjourney(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield extensions of a Midjourney job: both names of its id, both ends of the index."""
    yield extend("extend", {"runId": identity, "index": 0}, "runId")
    yield extend("extend", {"taskId": identity, "index": 3}, "taskId")
    for name in ("video", "videoUrl", "videoDataUrl", "videoAttachmentId"):
        body = {"runId": identity, "index": 0, name: bodies.VIDEO}
        yield extend("extend-video", body, name)
    for index in (-1, 4):
        yield extend("extend-index", {"runId": identity, "index": index}, str(index))
    yield extend("extend-foreign", {"runId": identity, "index": 0}, label="second")
    for name in ("runId", "taskId"):
        for other in near(identity):
            body = {name: other, "index": 0}
            yield replace(extend("unknown", body, f"near {name}"), tier=Tier.FUZZ)
    both = {"runId": identity, "taskId": identity, "index": 2}
    yield replace(extend("extend", both, "both"), tier=Tier.FUZZ)
    yield extend("extend-nothing", {"index": 0}, "no id")
    broken = b'{"index": 0, "runId": '
    yield replace(extend("extend-nothing", {}, "broken JSON"), body=broken)


def extend(probe: str, body: Any, subject: str = "", *, label: str = "first") -> Probe:
    """Return a request to extend a job."""
    return Probe(
        "POST", "/api/generate-video/extend", "", probe, "extendVideo", body=json_body(body),
        credentials=((FIRST[0], label),), subject=subject, tier=Tier.PAID,
    )  # fmt: skip


def after_sora(identity: str, answer: Any) -> Iterator[Probe]:
    """Yield every file of a Sora job, and one of another account's."""
    given = {"runId": identity, "model": "sora-2"}
    for variant in VARIANTS:
        yield then("content", "getVideoContent", {**given, "variant": variant}, subject=variant)
    yield then("content", "getVideoContent", given, subject="default")
    yield then("content-foreign", "getVideoContent", given, label="second")
    for name, value in given.items():
        yield then("incomplete", "getVideoContent", {name: value})
    for other in near(identity):
        yield then("unknown", "getVideoContent", {**given, "runId": other})
