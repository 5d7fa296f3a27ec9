"""Recoup: what costs money, how a run is followed, and which values are legal.

Sources: seed 000-002, documents and observed behaviour, as `contracts/recoup/SOURCE.md` has
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.model import Tier
from conformance.profile import Ask, Creation, Discovery, Journey, Json, Profile, Read
from conformance.profiles import recoup_stories as stories
from conformance.profiles.recoup_probes import ARTIST, IMAGE, MEDIA_FIELDS, TEMPLATE, probes
from conformance.profiles.recoup_values import FURTHER


def _batch(body: Any) -> int:
    """Return how many runs a body asks for, read as a lenient server might."""
    given = body.get("batch", 1) if isinstance(body, dict) else 1
    try:
        return max(int(float(given)), 1)
    except (TypeError, ValueError, OverflowError):
        return 1


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


def _status(answer: Any) -> str:
    return str(stories.run_of(answer).get("status", ""))


def _media(answer: Any) -> tuple[str, ...]:
    output = stories.run_of(answer).get("output")
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
    lambda answer: stories.run_of(answer).get("error"),
)  # fmt: skip
# The documented and the observed status words; a run ends in one of the last two sets.
_WORKING = (
    "PENDING_VERSION", "DELAYED", "QUEUED", "DEQUEUED", "EXECUTING", "WAITING", "REATTEMPTING",
    "FROZEN",
)  # fmt: skip
# A waiting run is taken up again [impl: EXECUTING and WAITING alternate].
_SWAPS = frozenset({"EXECUTING", "WAITING", "REATTEMPTING", "FROZEN"})


def _followed(name: str, operation: str, body: Any, **changes: Any) -> Journey:
    return Journey(
        name,
        operation,
        body,
        (_SINGLE,),
        _WORKING,
        stories.COMPLETED,
        stories.FAILED,
        swaps=_SWAPS,
        **changes,
    )


def _other(name: str, operation: str, body: Json, member: str) -> Journey:
    """Return a journey for a file that differs from another journey's."""
    return Journey(name, operation, body, media=_field(member), tier=Tier.FUZZ)


def _story(name: str, prepare: Callable[[Ask], Json], *before: tuple[str, Json]) -> Journey:
    """Return a journey of reads that starts jobs on its way only."""
    started = frozenset(operation for operation, _ in before)
    return Journey(
        name, "listRuns", {}, prepare=prepare, before=before, has_media=False, feeds=started,
        tier=Tier.FUZZ,
    )  # fmt: skip


_FILM_BODY: Final = {
    "image_url": IMAGE,
    "prompt": "slow dolly in \N{CLAPPER BOARD}, ゆっくり寄る, ببطء",
    "duration": "6s",
    "resolution": "720p",
    "aspect_ratio": "9:16",
    "generate_audio": True,
}
_OTHER_FILM: Final = {
    **_FILM_BODY, "duration": "4s", "resolution": "1080p", "aspect_ratio": "16:9",
    "generate_audio": False,
}  # fmt: skip
_PICTURE: Final = {"prompt": "portrait \N{ARTIST PALETTE}, 肖像, صورة", "aspect_ratio": "9:16"}
PROFILE: Final = Profile(
    name="recoup",
    creations=(
        Creation("createVideo"),
        Creation("createContent", _batch, stories.run_ids, _create_price),
        Creation("editContent", ids=stories.run_id),
        Creation("createImage"),
        Creation("createCaption"),
        Creation("transcribeAudio"),
        Creation("upscaleMedia"),
        Creation("analyzeVideo"),
    ),
    journeys=(
        Journey("video", "createVideo", _FILM_BODY, media=_field("videoUrl")),
        Journey("video-fails", "createVideo", _FILM_BODY, fails=True),
        Journey("image", "createImage", _PICTURE, media=_field("imageUrl")),
        _other("image-other", "createImage", {**_PICTURE, "aspect_ratio": "16:9"}, "imageUrl"),
        Journey("upscale", "upscaleMedia", {"url": IMAGE, "type": "image"}, media=_field("url")),
        _other("upscale-video", "upscaleMedia", stories.LARGER_FILM, "url"),
        _followed(
            "create",
            "createContent",
            {"artist_account_id": ARTIST, "template": TEMPLATE, "lipsync": False},
            then=stories.lists_after,
        ),
        _followed(
            "edit",
            "editContent",
            stories.EDIT,
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
            feeds=frozenset({"createContent"}),
            tier=Tier.FREE,
        ),
        _story("second", stories.of_second, ("editContent", stories.EDIT)),
        _story("failing", stories.failing, *((each, {}) for each in stories.FAILING)),
        _story("batch", stories.batch, ("createContent", stories.BATCH)),
        # A large film takes a while to draw, and other files may wait behind it.
        _other("video-other", "createVideo", _OTHER_FILM, "videoUrl"),
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
    further=FURTHER,
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
            "listArtists",
            ARTIST,
            _first_artist,
            frozenset({"createContent", "validateContent", "listRuns"}),
        ),
        Discovery("listTemplates", TEMPLATE, _known_template, frozenset({"createContent"})),
    ),
    exclusive=True,
    unknown_path="/api/content/no-such-operation",
    probes=probes,
)
