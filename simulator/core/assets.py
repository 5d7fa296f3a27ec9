"""What a run produces, described, and the pictures it starts from.

Rendering and serving are the edge's business.
"""

import hashlib
import hmac

import msgspec

from simulator.core.store import Kind, Tx


class MediaSpec(msgspec.Struct, frozen=True, gc=False):
    """One file that a run makes; `media` is `video`, `image` or `audio`, sizes in pixels.

    `picture` is the id of a kept picture that the file begins with, or empty.
    """

    media: str
    extension: str
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    fps: int = 24
    has_audio: bool = False
    picture: str = ""


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


class Picture(msgspec.Struct, frozen=True, gc=False):
    """An input picture as a client sent it."""

    content: bytes


class PictureList(msgspec.Struct, frozen=True):
    """The ids and sizes in bytes of a tenant's kept pictures, the oldest first."""

    kept: tuple[tuple[str, int], ...] = ()


PICTURES: Kind[Picture] = Kind("picture", Picture)
_LISTS: Kind[PictureList] = Kind("picture_list", PictureList)

PICTURES_LIMIT_BYTES = 64 * 1024 * 1024
"""What a tenant's kept pictures weigh at most together; the oldest make room."""


async def keep_picture(tx: Tx, content: bytes) -> str:
    """Keep a picture, and answer its id: equal pictures have one."""
    picture_id = hashlib.blake2b(content, digest_size=16).hexdigest()
    known = await tx.get(_LISTS, "") or PictureList()
    kept = [(name, size) for name, size in known.kept if name != picture_id]
    kept.append((picture_id, len(content)))
    total = sum(size for _, size in kept)
    while total > PICTURES_LIMIT_BYTES and len(kept) > 1:
        oldest, size = kept.pop(0)
        await tx.delete(PICTURES, oldest)
        total -= size
    await tx.put(PICTURES, picture_id, Picture(content))
    await tx.put(_LISTS, "", PictureList(tuple(kept)))
    return picture_id


def link_signature(seed: str, name: str, expires_at_s: int) -> str:
    """What makes a link to a file good until a time; `name` tells the file in its tenant."""
    told = f"{name}\0{expires_at_s}".encode("utf-8", "replace")
    return hmac.new(seed.encode("utf-8", "replace"), told, hashlib.sha256).hexdigest()
