"""What a run produces, described, the pictures it starts from, and the links to both.

Rendering and serving are the edge's business.
"""

import hashlib
import hmac
from functools import lru_cache
from urllib.parse import urlsplit

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


_INDEXES = frozenset(map(str, range(100)))


class Links(msgspec.Struct, frozen=True, gc=False):
    """Where a tenant's files are for the client that asks; `assets` is a URL without a slash.

    `lifetime_ms` is how long a link to a made file is good; 0 is for ever. Where `are_expired`,
    links are shown that were good once, whoever the vendor is.
    """

    assets: str
    lifetime_ms: int = 0
    are_expired: bool = False

    def made(self, seed: str, file: str, ends_at_ms: int | None, seen_ms: int | None) -> str:
        """The URL of a made file (`<run id>/<index>.<extension>`) whose run ends at a time.

        `seen_ms` is when the link is shown; where it is not known, the run's end.
        """
        name = f"runs/{file}"
        url = f"{self.assets}/{name}"
        if self.are_expired:
            expires_at_s = max(1, (seen_ms or ends_at_ms or 0) // 1000) - 1
        elif not self.lifetime_ms or ends_at_ms is None:
            return url
        else:
            passed = max(0, (seen_ms or ends_at_ms) - ends_at_ms) // self.lifetime_ms
            expires_at_s = (ends_at_ms + (passed + 1) * self.lifetime_ms) // 1000
        signature = link_signature(seed, name, expires_at_s)
        return f"{url}?expires={expires_at_s}&signature={signature}"

    def made_at(self, url: str) -> tuple[str, int]:
        """The run's id and the index in a URL that `made` has shown; no id if it is none."""
        _, mark, name = url.partition(urlsplit(self.assets).path + "/runs/")
        run_id, _, rest = name.partition("/")
        index = rest.partition(".")[0]
        return (run_id, int(index)) if mark and index in _INDEXES else ("", 0)


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


@lru_cache(maxsize=4096)
def link_signature(seed: str, name: str, expires_at_s: int) -> str:
    """What makes a link to a file good until a time; `name` tells the file in its tenant."""
    told = f"{name}\0{expires_at_s}".encode("utf-8", "replace")
    return hmac.digest(seed.encode("utf-8", "replace"), told, "sha256").hex()
