"""Jobs of NanoGPT whose films are looked at: each asks for a length, a shape, a size or sound."""

from __future__ import annotations

import time
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import Probe
from conformance.profile import Ask
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
}  # fmt: skip
"""Few, for a film takes time to make and to fetch [docs: video-generation; seed]."""


def story(ask: Ask) -> Any:
    """Make every film, wait for its end and fetch it; creates nothing besides."""
    waited: list[str] = []
    for subject, body in FILMS.items():
        made = ask(probes.create("film", subject, body))
        identity = made.answer.get("runId") if made is not None and made.is_success else None
        waited += [identity] if isinstance(identity, str) else []
    until = time.monotonic() + ask.wait_seconds
    for identity in waited:
        url = _waited(ask, identity, until)
        if url:
            ask.fetch(url)
    return None


def _waited(ask: Ask, identity: str, until: float) -> str:
    """Read a job until it has ended; returns where its film is, empty if there is none."""
    pause = 0.05
    while time.monotonic() < until:
        told = ask(
            Probe(
                "GET", probes.PATHS["getVideoStatus"], "", "film.status", "getVideoStatus",
                query={"requestId": identity}, tier=Tier.FUZZ,
            )
        )  # fmt: skip
        data = told.answer.get("data") if told is not None else None
        if not isinstance(data, dict):
            return ""
        if data.get("status") in _ENDS:
            output = data.get("output")
            video = output.get("video") if isinstance(output, dict) else None
            url = video.get("url") if isinstance(video, dict) else None
            return url if isinstance(url, str) else ""
        time.sleep(pause)
        pause = min(pause * 1.5, 2.0)
    return ""
