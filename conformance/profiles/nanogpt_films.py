"""Jobs of NanoGPT whose films are looked at: each asks for a length, a shape, a size or sound."""

from __future__ import annotations

from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Ask
from conformance.profiles import nanogpt_answers as answers
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_probes as probes

_TEXT: Final = {"prompt": "A street"}
_ENDS: Final = frozenset({"COMPLETED", "FAILED", "CANCELED"})
FILMS: Final[dict[str, bodies.Body]] = {
    "upright": {
        "model": "kling-v25-turbo-pro", **_TEXT, "duration": 5, "aspect_ratio": "9:16",
    },
    "with sound": {
        "model": "veo3-video", **_TEXT, "duration": "8", "resolution": "720p",
        "aspect_ratio": "16:9", "generateAudio": True,
    },
    "small": {"model": "hunyuan-video", **_TEXT, "resolution": "480p"},
    "twelve seconds": {
        "model": "sora-2", **_TEXT, "seconds": "12", "resolution": "720p",
        "orientation": "portrait",
    },
    "plain": {"model": "kling-v25-turbo-pro", **_TEXT, "duration": 5},
    "story": {"model": "longstories-movie", "prompt": "A knight and a dragon", "duration": "60"},
}  # fmt: skip
"""Few, for a film takes time to make and to fetch [docs: video-generation; seed]."""


def story(ask: Ask) -> Any:
    """Make every film, wait for its end and fetch it; creates nothing besides."""
    waited: list[str] = []
    for subject, body in FILMS.items():
        made = ask(probes.create("film", subject, body))
        identity = made.answer.get("runId") if made is not None and made.is_success else None
        waited += [identity] if isinstance(identity, str) else []
    for identity in waited:
        url = _waited(ask, identity)
        if url:
            ask.fetch(url)
    return None


def _waited(ask: Ask, identity: str) -> str:
    """Read a job until it has ended; returns where its film is, empty if there is none."""
    read = Probe(
        "GET", probes.PATHS["getVideoStatus"], "", "film.status", "getVideoStatus",
        query={"requestId": identity}, tier=Tier.FUZZ,
    )  # fmt: skip
    end = ask.follow(read, lambda reading: answers.status_of(reading.answer) in {"", *_ENDS})
    url = answers.video_url(end.answer) if end is not None else None
    return url if isinstance(url, str) else ""
