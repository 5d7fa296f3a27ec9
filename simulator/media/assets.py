"""What is to be drawn: one file of one run, told completely, so that equal ones look alike."""

import hashlib
from collections.abc import Mapping

import msgspec

from simulator.core.assets import MediaSpec

RENDERING = 1
"""Raise it when the same asset is to be drawn otherwise: kept files and their ETags change."""

_SHOWN_PROMPT = 160


class Asset(msgspec.Struct, frozen=True):
    """One file to render.

    `extension` decides the format; it may ask for a still of a video (a poster). `index` of
    `count` is the file's place among the run's. `seed` is the tenant's.
    """

    provider: str
    mode: str
    model: str
    run_id: str
    prompt: str
    spec: MediaSpec
    extension: str
    index: int = 0
    count: int = 1
    seed: str = ""

    @property
    def key(self) -> str:
        """A name of the bytes: equal assets have equal keys, others others."""
        told = ascii((RENDERING, self))  # a client's text may be none that UTF-8 has
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()

    @property
    def entropy(self) -> bytes:
        """What decides colours: the run, its tenant's seed, and the place of the file."""
        told = f"{self.seed}\0{self.run_id}\0{self.index}".encode("utf-8", "replace")
        return hashlib.blake2b(told, digest_size=16).digest()


def shortened(prompt: str) -> str:
    """A prompt in one line of at most 160 characters, without what cannot be printed."""
    line = " ".join("".join(c if c.isprintable() else " " for c in prompt[:2000]).split())
    return line if len(line) <= _SHOWN_PROMPT else line[: _SHOWN_PROMPT - 3].rstrip() + "..."


def lines(asset: Asset) -> tuple[str, ...]:
    """The label: a heading, then what was asked and what was made."""
    place = f", file {asset.index + 1} of {asset.count}" if asset.count > 1 else ""
    told = (
        f"SIMULATED {asset.provider}",
        " · ".join(shortened(part) for part in (asset.mode, asset.model) if part),
        f"{asset.run_id}{place}",
        _measures(asset.spec),
        shortened(asset.prompt),
    )
    return tuple(line for line in told if line)


def tags(asset: Asset) -> Mapping[str, str]:
    """The same for the container: names that MP4, WebM, MP3 and ID3 all carry."""
    heading, *rest = lines(asset)
    return {
        "title": heading,
        "artist": asset.provider,
        "description": shortened(asset.prompt),
        "comment": "; ".join(rest),
    }


def _measures(spec: MediaSpec) -> str:
    parts = [f"{spec.width}x{spec.height}"] if spec.width else []
    if spec.duration_ms:
        parts.append(f"{spec.duration_ms / 1000:g} s")
    if spec.media == "video":
        parts += [f"{spec.fps} fps", "with sound" if spec.has_audio else "silent"]
    return " · ".join(parts)
