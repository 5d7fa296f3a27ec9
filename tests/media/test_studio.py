"""Files are drawn once, off the event loop, alike in every process."""

import hashlib
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import anyio
import pytest
from PIL import Image

from simulator.media.studio import Studio
from tests.media.builders import asset, nothing
from tests.media.probing import probe
from tests.sdk.picture import png

pytestmark = pytest.mark.anyio

_KINDS = ["mp4", "mov", "webm", "png", "jpg", "webp", "mp3", "wav"]


async def drawn(studio: Studio, extension: str = "mp4", **changes: object) -> bytes:
    async with studio.file(asset(extension=extension, **changes), nothing) as path:
        return await anyio.Path(path).read_bytes()


async def test_many_who_ask_at_once_get_one_drawing() -> None:
    studio = Studio(10**8)
    seen: list[bytes] = []

    async def ask() -> None:
        seen.append(await drawn(studio))

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(ask)
    assert studio.rendered == 1
    assert len(seen) == 10
    assert len(set(seen)) == 1


async def test_who_waits_draws_if_the_one_before_gave_up() -> None:
    studio = Studio(10**8)
    async with anyio.create_task_group() as group:

        async def leave() -> None:
            with anyio.CancelScope() as scope:
                scope.cancel()
                await drawn(studio)

        group.start_soon(leave)
        assert await drawn(studio)


async def test_a_full_shelf_draws_again_the_same() -> None:
    studio = Studio(1)
    first, second = await drawn(studio), await drawn(studio)
    assert studio.rendered == 2
    assert first == second


@pytest.mark.parametrize("extension", _KINDS)
async def test_every_kind_is_the_same_in_another_process(extension: str) -> None:
    code = (
        "import anyio,hashlib;from tests.media.test_studio import drawn,Studio;"
        f"b=anyio.run(drawn,Studio(10**8),{extension!r});print(hashlib.md5(b).hexdigest())"
    )
    root = Path(__file__).parents[2]
    there = await anyio.run_process([sys.executable, "-c", code], cwd=root)
    here = hashlib.md5(await drawn(Studio(10**8), extension), usedforsecurity=False).hexdigest()
    assert there.stdout.decode().strip() == here


def test_a_start_imports_nothing_that_draws() -> None:
    code = (
        "import sys; from simulator.app import create_app; create_app();"
        "sys.exit(bool({'av', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


async def test_seeds_and_runs_have_their_own_colours() -> None:
    studio = Studio(10**8)
    stills = [
        await drawn(studio, "png"),
        await drawn(studio, "png", seed="other"),
        await drawn(studio, "png", run_id="run_2"),
    ]
    corners = {Image.open(BytesIO(still)).convert("RGB").getpixel((0, 179)) for still in stills}
    assert len(corners) == 3


async def test_an_input_picture_comes_first_and_the_label_after(tmp_path: Path) -> None:
    async def given() -> bytes | None:
        return png(64, 36)  # of one colour: 336699

    studio = Studio(10**8)
    async with studio.file(asset(picture="any"), given) as path:
        pictures = [still(path, second, tmp_path) for second in (0, 1.5)]
    first, later = (picture.convert("RGB") for picture in pictures)
    for corner in ((0, 0), (160, 90), (319, 179)):
        assert near(first.getpixel(corner), (0x33, 0x66, 0x99))
    assert max(first.convert("L").tobytes()) < 128
    assert max(later.convert("L").tobytes()) > 220  # the label's letters


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        png()[:40],
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 100,
        png(9000, 9000),
        b"\xff\xd8",
    ],
)
async def test_what_is_no_picture_is_left_out(content: bytes) -> None:
    async def given() -> bytes | None:
        return content

    studio = Studio(10**8)
    async with studio.file(asset(extension="jpg", picture="any"), given) as path:
        assert probe(path)["streams"][0]["width"] == 320


def near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    """Whether a pixel is nearly of a colour."""
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 12 for a, b in zip(pixel, wanted, strict=True))


def still(path: Path, second: float, folder: Path) -> Image.Image:
    """One picture of a film, as ffmpeg decodes it."""
    place = folder / f"{second}.png"
    command = ["ffmpeg", "-v", "error", "-y", "-ss", str(second), "-i", str(path)]
    subprocess.run([*command, "-frames:v", "1", str(place)], check=True, timeout=60)
    return Image.open(place)
