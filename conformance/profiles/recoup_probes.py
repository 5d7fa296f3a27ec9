"""What Recoup is asked beside what its contract gives: modes, batches, names that nearly exist.

Sources: seed 000-002, documents and observed behaviour, as `contracts/recoup/SOURCE.md` has
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final
from urllib.parse import quote

from conformance.model import Tier
from conformance.probe import Probe, json_body
from contracts import Contract

IMAGE: Final = "https://example.com/frame.png"
FILM: Final = "https://example.com/clip.mp4"
MEDIA_FIELDS: Final = {
    "image_url": IMAGE,
    "end_image_url": "https://example.com/end.png",
    "video_url": FILM,
    "audio_url": "https://example.com/song.mp3",
}
MODES: Final = ("prompt", "animate", "reference", "extend", "first-last", "lipsync")
TEMPLATE: Final = "album-record-store"
BEDROOM: Final = "artist-caption-bedroom"
TEMPLATES: Final = (BEDROOM, "artist-caption-outside", "artist-caption-stage", TEMPLATE)
ARTIST: Final = "1873859c-dd37-4e9a-9bac-80d3558527a9"
UNKNOWN_UUID: Final = "00000000-0000-4000-8000-00000000dead"
FOREIGN_UUID: Final = "33333333-3333-4333-8333-333333333333"
NO_TEMPLATE: Final = "no-such-template"
NEAR_TEMPLATES: Final = (
    "Artist-Caption-Bedroom", f" {BEDROOM}", f"{BEDROOM} ", BEDROOM[:-1], "artist-caption",
    f"{BEDROOM}s",
)  # fmt: skip
"""What a lax reader takes for the default template: other letters, blanks, a part, a letter more"""

INHERITED: Final = "constructor"
"""A name that every object has in JavaScript; the observed server breaks on it."""

NAMING: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "createVideo": ("POST", "/api/content/video", {"image_url": IMAGE}),
    "createImage": ("POST", "/api/content/image", {"prompt": "portrait"}),
    "createCaption": ("POST", "/api/content/caption", {"topic": "late night drive"}),
    "editContent": ("PATCH", "/api/content", {"video_url": FILM}),
}
"""Operations that take the name of a template, with what they need beside it."""

_CREATE: Final = "/api/content/create"


def probes(contract: Contract) -> Iterator[Probe]:
    """Yield Recoup's own requests."""
    yield from _mode_table()
    yield from _defaults_and_batches()
    yield from _template_names()
    yield from _reads()


def _mode_table() -> Iterator[Probe]:
    """Yield the presence table: 2⁴ media inputs, each without a mode and with an explicit one."""
    for present in product((False, True), repeat=len(MEDIA_FIELDS)):
        pairs = zip(MEDIA_FIELDS.items(), present, strict=True)
        body = {name: url for (name, url), there in pairs if there}
        yield _video("modes.inferred", "+".join(body) or "nothing", body)
    for mode in MODES:
        body = {**MEDIA_FIELDS, "mode": mode, "prompt": "slow dolly in"}
        yield _video("modes.explicit", mode, body)
        yield _video("modes.explicit", mode, {"image_url": IMAGE, "mode": mode})


def _video(probe: str, subject: str, body: Any) -> Probe:
    return Probe(
        "POST", "/api/content/video", "modes", probe, "createVideo",
        body=json_body(body), subject=subject, tier=Tier.FUZZ,
    )  # fmt: skip


_CREATES: Final[dict[str, dict[str, Any]]] = {
    "one": {},
    "three": {"batch": 3},
    "most": {"batch": 30},
    "lipsync": {"lipsync": True},
    "template": {"template": "album-record-store"},
    "unknown-template": {"template": "neon-alley"},
}


def _defaults_and_batches() -> Iterator[Probe]:
    for name, extra in _CREATES.items():
        yield _create(f"create.{name}", extra)
    yield _create("create.unknown-artist", {"artist_account_id": UNKNOWN_UUID})
    images = json_body({"prompt": "portrait", "num_images": 3})
    yield Probe("POST", "/api/content/image", "modes", "image.three", "createImage", body=images,
                tier=Tier.FUZZ)  # fmt: skip


def _create(probe: str, extra: dict[str, Any], subject: str = "") -> Probe:
    body = json_body({"artist_account_id": ARTIST, **extra})
    return Probe(
        "POST", _CREATE, "modes", probe, "createContent", body=body, subject=subject,
        tier=Tier.FUZZ,
    )  # fmt: skip


def _template_names() -> Iterator[Probe]:
    """Yield every way to name a template, right and nearly right."""
    for name in (*TEMPLATES, *NEAR_TEMPLATES, NO_TEMPLATE, INHERITED):
        where = f"/api/content/templates/{quote(name)}"
        yield Probe("GET", where, "modes", "template", "getTemplate", subject=name)
    for name in TEMPLATES:
        yield _create("create.listed-template", {"template": name}, name)
    for name in NEAR_TEMPLATES:
        yield _create("create.near-template", {"template": name}, name)
    for operation, (method, path, needed) in NAMING.items():
        for name in (NO_TEMPLATE, *NEAR_TEMPLATES):
            body = json_body({**needed, "template": name})
            yield Probe(method, path, "modes", "template-name", operation, body=body, subject=name,
                        tier=Tier.FUZZ)  # fmt: skip
    mux = {"video_url": FILM, "operations": [{"type": "mux_audio", "replace": True}]}
    yield Probe("PATCH", "/api/content", "modes", "edit.mux-audio", "editContent",
                body=json_body(mux), tier=Tier.VALIDATION)  # fmt: skip


def _reads() -> Iterator[Probe]:
    runs = "/api/tasks/runs"
    for name, query in {
        "unknown": {"runId": "run_nosuchrun000000"}, "limit-low": {"limit": "0"},
        "limit-high": {"limit": "101"}, "limit-one": {"limit": "1"}, "limit-most": {"limit": "100"},
        "list": {}, "foreign-account": {"account_id": FOREIGN_UUID},
    }.items():  # fmt: skip
        yield Probe("GET", runs, "modes", f"runs.{name}", "listRuns", query=query)
    yield Probe("GET", "/api/artists", "modes", "artists.foreign-account", "listArtists",
                query={"account_id": FOREIGN_UUID})  # fmt: skip
    validate = {"artist_account_id": UNKNOWN_UUID}
    yield Probe("GET", "/api/content/validate", "modes", "validate.unknown", "validateContent",
                query=validate)  # fmt: skip
    for lipsync, batch, compare in product(("true", "false"), ("1", "7"), ("true", "false")):
        query = {"lipsync": lipsync, "batch": batch, "compare": compare}
        yield Probe(
            "GET", "/api/content/estimate", "modes", "estimate", "estimateContent", query=query
        )
