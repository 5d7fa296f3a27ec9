"""NanoGPT's own probes: submissions from the tables, reads, catalogues.

What must come of them is said in `conformance/rules/nanogpt*.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe, json_body
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_headers as headers
from conformance.profiles import nanogpt_inputs as inputs

_BYTES: Final = {"small": 2_000_000, "large": 6 * 1024 * 1024}


def probes() -> Iterator[Probe]:
    """Yield every probe: free reads first, then what could start a job."""
    yield from _reads()
    yield from _catalogues()
    for name, table in inputs.TABLES.items():
        for subject, body in table.items():
            yield create(name, subject, body)
    for subject, given in headers.TAKEN.items():
        yield create("moderated", subject, bodies.TEXT, headers=given)
    for subject, (body, given, _) in headers.REFUSED.items():
        yield create("moderation-refused", subject, body, headers=given)
    yield create("pro-refused", "", {**bodies.SORA, "resolution": "1792x1024"})
    yield create("no-model", "", {"model": bodies.NO_MODEL, "prompt": "A cat"})
    yield create("price", "plain", bodies.HUNYUAN)
    yield create("price", "pro", {**bodies.HUNYUAN, "pro_mode": True})
    yield create(
        "both-headers", "", bodies.TEXT, credentials=(("apiKey", "first"), ("bearer", "first"))
    )
    for size, count in _BYTES.items():
        inline = "data:image/jpeg;base64," + base64.b64encode(_jpeg(count)).decode()
        yield create(f"inline-{size}", "", {**bodies.STILL, "imageDataUrl": inline})
    unknown = {"runId": bodies.UNKNOWN_RUN, "index": 0}
    yield Probe(
        "POST", "/api/generate-video/extend", bodies.NAME, "unknown", "extendVideo",
        body=json_body(unknown), tier=Tier.FUZZ,
    )  # fmt: skip


def _jpeg(count: int) -> bytes:
    """Return bytes of a given number that begin and end like a JPEG file."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(count - 13) + b"\xff\xd9"


def create(probe: str, subject: str, body: bodies.Body, **changes: Any) -> Probe:
    """Return a submission that may start a job."""
    return Probe(
        "POST", "/api/generate-video", bodies.NAME, probe, "createVideo",
        body=json_body(body), subject=subject, tier=Tier.FUZZ, **changes,
    )  # fmt: skip


def _reads() -> Iterator[Probe]:
    yield _get("missing-id", "getVideoStatus", {})
    story = {"runId": bodies.UNKNOWN_RUN, "projectId": "proj_doesnotexist"}
    yield _get("unknown", "getVideoStatus", {"requestId": bodies.UNKNOWN_RUN})
    yield _get(
        "unknown", "getVideoStatusDeprecated", {"runId": bodies.UNKNOWN_RUN, "model": "veo2-video"}
    )
    yield _get("unknown", "getStoryStatus", story)
    yield _get("unknown", "getVideoContent", {"runId": bodies.UNKNOWN_RUN, "model": "sora-2"})
    yield _get("recover", "recoverVideos", {})
    yield _get("recover", "recoverVideos", {"limit": "1"})
    yield _get("recover", "recoverVideos", {"limit": "50"})
    yield _get("recover", "recoverVideos", {"model": bodies.NO_MODEL})
    for scheme, label in (("apiKey", "first"), ("bearer", "first"), ("apiKey", "second")):
        yield Probe(
            "POST", "/api/check-balance", bodies.NAME, "balance", "checkBalance",
            credentials=((scheme, label),), subject=scheme,
        )  # fmt: skip


def _catalogues() -> Iterator[Probe]:
    keys: dict[str, tuple[tuple[str, str], ...]] = {
        "no key": (),
        "unknown x-api-key": (("apiKey", bodies.UNKNOWN),),
        "unknown bearer": (("bearer", bodies.UNKNOWN),),
    }
    for operation in ("listModels", "listVideoModels"):
        for subject, credentials in keys.items():
            yield _get("open", operation, {}, subject=subject, credentials=credentials)
        for detailed in ("true", "false"):
            yield _get("catalogue", operation, {"detailed": detailed}, credentials=())
    # What the target offers decides which rows of other operations can be judged.
    yield Probe("GET", PATHS["listVideoModels"], bodies.NAME, "offers", credentials=())
    yield _get("sort", "listModels", {"sort": "zzz"}, credentials=())
    yield _get("catalogue", "listModelsByKind", {}, credentials=())


PATHS: Final = {
    "getVideoStatus": "/api/video/status",
    "getVideoStatusDeprecated": "/api/generate-video/status",
    "getStoryStatus": "/api/v1/video/status",
    "recoverVideos": "/api/generate-video/recover",
    "getVideoContent": "/api/generate-video/content",
    "listModels": "/api/v1/models",
    "listVideoModels": "/api/v1/video-models",
    "listModelsByKind": "/api/models",
}


def _get(probe: str, operation: str, query: dict[str, str], **changes: Any) -> Probe:
    return Probe("GET", PATHS[operation], bodies.NAME, probe, operation, query=query, **changes)
