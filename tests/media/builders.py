"""Assets for tests."""

from typing import Any

from msgspec.structs import replace

from simulator.core.assets import MediaSpec
from simulator.media.assets import Asset

CLIP = MediaSpec("video", "mp4", 320, 180, 2000)


async def nothing() -> bytes | None:
    """The picture of an asset that has none."""
    return None


def asset(**changes: Any) -> Asset:
    """A small clip, with some of its own or its specification's fields changed."""
    of_spec = {name: changes.pop(name) for name in list(changes) if name in CLIP.__struct_fields__}
    spec = replace(CLIP, **of_spec)
    made = Asset("toy", "text-to-video", "model-1", "run_1", "A cat", spec, spec.extension)
    return replace(made, **changes)
