"""Recoup: what costs money, how a run is followed, and the presence table of video modes.

Sources: seed 000-002, documents and observed behaviour, as `contracts/recoup/SOURCE.md` has
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe, json_body
from conformance.profile import Creation, Discovery, Journey, Profile, Read
from conformance.profiles import recoup_stories as stories
from contracts import Contract

IMAGE: Final = "https://example.com/frame.png"
MEDIA_FIELDS: Final = {
    "image_url": IMAGE,
    "end_image_url": "https://example.com/end.png",
    "video_url": "https://example.com/clip.mp4",
    "audio_url": "https://example.com/song.mp3",
}
MODES: Final = ("prompt", "animate", "reference", "extend", "first-last", "lipsync")
TEMPLATE: Final = "album-record-store"
ARTIST: Final = "1873859c-dd37-4e9a-9bac-80d3558527a9"
UNKNOWN_UUID: Final = "00000000-0000-4000-8000-00000000dead"


def _batch(body: Any) -> int:
    """Return how many runs a body asks for, read as a lenient server might."""
    given = body.get("batch", 1) if isinstance(body, dict) else 1
    try:
        return max(int(float(given)), 1)
    except (TypeError, ValueError, OverflowError):
        return 1


def _run_ids(answer: Any) -> tuple[str, ...]:
    given = answer.get("runIds") if isinstance(answer, dict) else None
    return tuple(each for each in given if isinstance(each, str)) if isinstance(given, list) else ()


def _run_id(answer: Any) -> tuple[str, ...]:
    given = answer.get("runId") if isinstance(answer, dict) else None
    return (given,) if isinstance(given, str) else ()


def _create_price(body: Any) -> float:
    """Return the USD of one run as the estimate operation gives it [impl]."""
    return 0.95 if isinstance(body, dict) and body.get("lipsync") else 0.82


def _first_artist(answer: Any) -> str:
    """Return the id of an artist that the target has: the usual one if it is there."""
    artists = answer.get("artists") if isinstance(answer, dict) else None
    listed = artists if isinstance(artists, list) else []
    ids = [each.get("account_id") for each in listed if isinstance(each, dict)]
    known = [each for each in ids if isinstance(each, str)]
    return ARTIST if ARTIST in known or not known else known[0]


def _known_template(answer: Any) -> str:
    """Return the id of a template that the target has: the usual one if it is there."""
    ids = stories.template_ids(answer)
    return TEMPLATE if TEMPLATE in ids or not ids else ids[0]


def run_of(answer: Any) -> dict[str, Any]:
    """Return the one run of a single look-up, empty if there is none."""
    runs = answer.get("runs") if isinstance(answer, dict) else None
    return runs[0] if isinstance(runs, list) and runs and isinstance(runs[0], dict) else {}


def _status(answer: Any) -> str:
    return str(run_of(answer).get("status", ""))


def _media(answer: Any) -> tuple[str, ...]:
    output = run_of(answer).get("output")
    output = output if isinstance(output, dict) else {}
    urls = (output.get(name) for name in ("videoSourceUrl", "imageUrl"))
    return tuple(url for url in urls if isinstance(url, str))


def _field(*names: str) -> Any:
    def urls(answer: Any) -> tuple[str, ...]:
        held = [answer.get(name) for name in names] if isinstance(answer, dict) else []
        flat = [each for value in held for each in (value if isinstance(value, list) else [value])]
        return tuple(each for each in flat if isinstance(each, str))

    return urls


_SINGLE = Read(
    "listRuns", lambda identity, answer: {"runId": identity}, _status, _media,
    lambda answer: run_of(answer).get("error"),
)  # fmt: skip
# The documented and the observed status words; a run ends in one of the last two sets.
_WORKING = (
    "PENDING_VERSION", "DELAYED", "QUEUED", "DEQUEUED", "EXECUTING", "WAITING", "REATTEMPTING",
    "FROZEN",
)  # fmt: skip
COMPLETED: Final = frozenset({"COMPLETED"})
FAILED: Final = frozenset(
    {"CANCELED", "FAILED", "CRASHED", "INTERRUPTED", "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT"}
)


# A waiting run is taken up again [impl: EXECUTING and WAITING alternate].
_SWAPS = frozenset({"EXECUTING", "WAITING", "REATTEMPTING", "FROZEN"})


def _followed(name: str, operation: str, body: Any, **changes: Any) -> Journey:
    return Journey(
        name, operation, body, (_SINGLE,), _WORKING, COMPLETED, FAILED, swaps=_SWAPS, **changes
    )


def _probes(contract: Contract) -> Iterator[Probe]:
    yield from _mode_table()
    yield from _defaults_and_batches()
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
    path = "/api/content/create"
    for name, extra in _CREATES.items():
        body = json_body({"artist_account_id": ARTIST, **extra})
        yield Probe(
            "POST", path, "modes", f"create.{name}", "createContent", body=body, tier=Tier.FUZZ
        )
    unknown = json_body({"artist_account_id": UNKNOWN_UUID})
    yield Probe("POST", path, "modes", "create.unknown-artist", "createContent", body=unknown,
                tier=Tier.FUZZ)  # fmt: skip
    images = json_body({"prompt": "portrait", "num_images": 3})
    yield Probe("POST", "/api/content/image", "modes", "image.three", "createImage", body=images,
                tier=Tier.FUZZ)  # fmt: skip


def _reads() -> Iterator[Probe]:
    runs = "/api/tasks/runs"
    for name, query in {
        "unknown": {"runId": "run_nosuchrun000000"}, "limit-low": {"limit": "0"},
        "limit-high": {"limit": "101"}, "limit-one": {"limit": "1"}, "limit-most": {"limit": "100"},
        "list": {},
        "foreign-account": {"account_id": "33333333-3333-4333-8333-333333333333"},
    }.items():  # fmt: skip
        yield Probe("GET", runs, "modes", f"runs.{name}", "listRuns", query=query)
    validate = {"artist_account_id": UNKNOWN_UUID}
    yield Probe("GET", "/api/content/validate", "modes", "validate.unknown", "validateContent",
                query=validate)  # fmt: skip
    for lipsync, batch in product(("true", "false"), ("1", "7")):
        query = {"lipsync": lipsync, "batch": batch, "compare": "true"}
        yield Probe(
            "GET", "/api/content/estimate", "modes", "estimate", "estimateContent", query=query
        )
    for template in (
        "artist-caption-bedroom", "artist-caption-outside", "artist-caption-stage",
        "album-record-store", "Artist-Caption-Bedroom", "no-such-template",
    ):  # fmt: skip
        where = f"/api/content/templates/{template}"
        yield Probe("GET", where, "modes", "template", "getTemplate", subject=template)


_VIDEO_BODY: Final = {
    "image_url": IMAGE,
    "prompt": "slow dolly in \N{CLAPPER BOARD}, ゆっくり寄る, ببطء",
    "duration": "4s",
}
PROFILE: Final = Profile(
    name="recoup",
    creations=(
        Creation("createVideo"),
        Creation("createContent", _batch, _run_ids, _create_price),
        Creation("editContent", ids=_run_id),
        Creation("createImage"),
        Creation("createCaption"),
        Creation("transcribeAudio"),
        Creation("upscaleMedia"),
        Creation("analyzeVideo"),
    ),
    journeys=(
        Journey("video", "createVideo", _VIDEO_BODY, media=_field("videoUrl")),
        Journey("video-fails", "createVideo", _VIDEO_BODY, fails=True),
        Journey(
            "image",
            "createImage",
            {"prompt": "portrait \N{ARTIST PALETTE}, 肖像, صورة"},
            media=_field("imageUrl"),
        ),
        Journey("upscale", "upscaleMedia", {"url": IMAGE, "type": "image"}, media=_field("url")),
        _followed(
            "create",
            "createContent",
            {"artist_account_id": ARTIST, "template": TEMPLATE},
            then=stories.lists_after,
        ),
        _followed(
            "edit",
            "editContent",
            {
                "video_url": MEDIA_FIELDS["video_url"],
                "operations": [{"type": "trim", "start": 0, "duration": 5}],
            },
            # What an edit run's output looks like, no source says.
            has_media=False,
            then=stories.lists_after,
        ),
        Journey(
            "catalogue",
            "getTemplate",
            {},
            prepare=stories.catalogue,
            has_media=False,
            tier=Tier.FREE,
        ),
    ),
    bodies={
        "createVideo": {
            **MEDIA_FIELDS,
            "mode": "animate",
            "prompt": "slow dolly in",
            "duration": "6s",
            "resolution": "1080p",
        },
        "createContent": {
            "artist_account_id": ARTIST,
            "template": "artist-caption-stage",
            "caption_length": "short",
            "lipsync": False,
            "songs": ["hiccups"],
            "images": [IMAGE],
        },
    },
    parameters={"listRuns": {}, "listArtists": {}, "estimateContent": {}},
    # What the model refuses; unknown templates and artists, accounts of others, ranges that the
    # schema cannot state.
    refuses_valid={
        "createVideo": (500, 502),
        "createContent": (400, 404),
        "listRuns": (400, 403, 404, 500),
        "listArtists": (403,),
        "validateContent": (404, 500),
        "getTemplate": (404,),
    },
    # Which templates, artists, accounts and runs there are, and that the model needs an image, no
    # schema says.
    ruled={
        "createVideo": frozenset({"image_url"}),
        "createContent": frozenset({"template", "artist_account_id"}),
        "validateContent": frozenset({"artist_account_id"}),
        "listRuns": frozenset({"runId", "account_id"}),
        "listArtists": frozenset({"account_id", "org_id"}),
    },
    discoveries=(
        Discovery(
            "listArtists", ARTIST, _first_artist, frozenset({"createContent", "validateContent"})
        ),
        Discovery("listTemplates", TEMPLATE, _known_template, frozenset({"createContent"})),
    ),
    exclusive=True,
    unknown_path="/api/content/no-such-operation",
    probes=_probes,
)
