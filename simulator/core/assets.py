"""What a run produces, described; rendering and serving are the edge's business."""

import msgspec

from simulator.core.store import Kind


class MediaSpec(msgspec.Struct, frozen=True, gc=False):
    """One file that a run makes; `media` is `video`, `image` or `audio`, sizes in pixels."""

    media: str
    extension: str
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    fps: int = 24
    has_audio: bool = False


class Upload(msgspec.Struct, frozen=True, gc=False):
    """A place for a client's file, and the file once it is there (`content` None before).

    `fields` are the pairs of the presigned form, all of which the client sends back unchanged.
    """

    id: str
    provider: str
    account_id: str
    extension: str
    created_at_ms: int
    expires_at_ms: int
    content: bytes | None = None
    content_type: str = ""
    fields: dict[str, str] = {}


UPLOADS: Kind[Upload] = Kind("upload", Upload)

UPLOAD_LIMIT_BYTES = 32 * 1024 * 1024
"""The largest file that an upload takes."""
