"""What is edited, upscaled or set in motion is the very file that an earlier run has made."""

from pathlib import Path
from typing import Any

import pytest

from tests.media.asking import Asker
from tests.media.probing import differences
from tests.media.test_inputs import data_url, waving
from tests.media.test_studio import near, still
from tests.media.wishes import Wish

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def asker() -> Asker:
    return Asker()


def wish(operation: str, body: dict[str, Any], size: tuple[int, int], seconds: float) -> Wish:
    return Wish("recoup", operation, "-", tuple(body.items()), size, seconds, has_audio=True)


@pytest.fixture(scope="module")
async def made(asker: Asker) -> str:
    """A link to a film of four seconds, upright and with sound, that begins with a picture."""
    body = waving(data_url(90, 160), generate_audio=True)
    return await asker.link(wish("createVideo", body, (720, 1280), 4))


@pytest.mark.parametrize(
    ("operation", "body", "size", "seconds"),
    [
        ("upscaleMedia", {"type": "video"}, (1440, 2560), 4),
        ("upscaleMedia", {"type": "video", "target_resolution": "1080p"}, (1080, 1920), 4),
        ("editContent", {"operations": []}, (720, 1280), 4),
        (
            "editContent",
            {"operations": [{"type": "trim", "start": 0, "duration": 2}]},
            (720, 1280),
            2,
        ),
        ("editContent", {"operations": [{"type": "crop", "aspect": "1:1"}]}, (720, 720), 4),
    ],
)
async def test_a_film_of_an_earlier_run_is_what_is_changed(
    asker: Asker,
    made: str,
    operation: str,
    body: dict[str, Any],
    size: tuple[int, int],
    seconds: float,
    tmp_path: Path,
) -> None:
    name = "url" if operation == "upscaleMedia" else "video_url"
    asked = wish(operation, {name: made, **body}, size, seconds)
    film = tmp_path / "film.mp4"
    await asker.fetch(asked, film)
    assert differences(asked, film) == []
    assert near(still(film, 0, tmp_path).convert("RGB").getpixel((2, 2)), (180, 90, 30))


async def test_a_film_takes_the_shape_of_an_earlier_picture(asker: Asker, tmp_path: Path) -> None:
    still_wish = Wish("recoup", "createImage", "-", (("aspect_ratio", "4:5"),), (0, 0))
    picture = await asker.link(still_wish)
    asked = wish("createVideo", waving(picture, generate_audio=True), (720, 900), 4)
    await asker.fetch(asked, tmp_path / "film.mp4")
    assert differences(asked, tmp_path / "film.mp4") == []


@pytest.mark.parametrize(
    "tail", ["", "run_1", "run_1/0.mp4", "{run}", "{run}/", "{run}/9.mp4", "{run}/-1.mp4", "%00/0"]
)
async def test_a_link_to_nothing_is_like_any_other(
    asker: Asker, made: str, tail: str, tmp_path: Path
) -> None:
    base, _, rest = made.partition("/runs/")
    url = f"{base}/runs/{tail.format(run=rest.partition('/')[0])}"
    asked = Wish("recoup", "upscaleMedia", "-", (("url", url), ("type", "video")), (2560, 1440), 8)
    await asker.fetch(asked, tmp_path / "film.mp4")
    assert differences(asked, tmp_path / "film.mp4") == []
