"""Sizes of pictures from their first bytes, and the bytes of data URLs."""

from base64 import b64encode
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from simulator.core import pictures
from simulator.core.assets import PICTURES, keep_picture
from simulator.core.store import Tx
from simulator.stores.memory import MemoryStore

_HEADS = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFFxxxxWEBPVP8 ", b"GIF89a"]


def picture(kind: str, **options: object) -> bytes:
    file = BytesIO()
    Image.new("RGB", (321, 123), (9, 99, 199)).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_of_its_own_kind_alone(kind: str) -> None:
    kinds = ("PNG", "JPEG", "WEBP", "GIF")
    fitting = [each for each in kinds if pictures.is_of(picture(kind), f"image/{each.lower()}")]
    assert fitting == [kind]


@pytest.mark.parametrize(
    "content",
    [
        picture("PNG"),
        picture("GIF"),
        picture("JPEG"),
        picture("JPEG", progressive=True, comment=b"x" * 500),
        picture("WEBP"),
        picture("WEBP", lossless=True),
        picture("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
    ],
)
def test_a_size_is_read_from_the_header(content: bytes) -> None:
    assert pictures.size_of(content) == (321, 123)


@given(st.sampled_from(_HEADS), st.binary(max_size=60))
def test_any_bytes_have_a_size_or_none(head: bytes, rest: bytes) -> None:
    size = pictures.size_of(head + rest)
    assert size is None or min(size) > 0


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("data:image/png;base64," + b64encode(b"abc").decode(), b"abc"),
        ("DATA:image/png;BASE64,YWJj", b"abc"),
        ("data:,a%20b", b"a b"),
        ("data:image/png;base64,YWJ", None),
        ("data:image/png;base64,\N{SNOWMAN}", None),
        ("data:nothing", None),
        ("https://files.example/a,b", None),
        ("", None),
    ],
)
def test_a_data_url_holds_its_bytes(text: str, content: bytes | None) -> None:
    assert pictures.from_data_url(text) == content


@pytest.mark.parametrize(
    ("shape", "frame", "size"),
    [
        ((1600, 900), (1280, 720), (1280, 720)),
        ((900, 1600), (1280, 720), (720, 1280)),
        ((500, 500), (1920, 1080), (1080, 1080)),
        ((5000, 10), (1280, 720), (1680, 720)),
        ((1, 9), (1280, 720), (720, 1680)),
    ],
)
def test_a_frame_takes_a_picture_s_shape(
    shape: tuple[int, int], frame: tuple[int, int], size: tuple[int, int]
) -> None:
    assert pictures.fitted(shape, frame) == size


@pytest.mark.anyio
async def test_pictures_are_kept_once_and_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.core.assets.PICTURES_LIMIT_BYTES", 25)

    async def work(tx: Tx) -> list[int]:
        for content in (b"a" * 10, b"b" * 10, b"a" * 10, b"c" * 10):
            await keep_picture(tx, content)
        return sorted(item.content[0] for item in await tx.all(PICTURES))

    assert await MemoryStore().transact("world", work) == [ord("a"), ord("c")]
