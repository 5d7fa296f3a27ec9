"""Files begin with the picture that a request carries, and `auto` follows its shape."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.media.asking import Asker
from tests.media.probing import differences
from tests.media.test_studio import near, still
from tests.media.wishes import PICTURE, Wish

pytestmark = pytest.mark.anyio

_COLOUR = (180, 90, 30)


def data_url(width: int, height: int, kind: str = "PNG") -> str:
    """A picture of one colour in a URL."""
    file = BytesIO()
    Image.new("RGB", (width, height), _COLOUR).save(file, kind)
    return f"data:image/{kind.lower()};base64,{b64encode(file.getvalue()).decode()}"


def wish(provider: str, size: tuple[int, int], **body: Any) -> Wish:
    seconds = 4 if provider == "recoup" else 5
    return Wish(provider, "createVideo", "image", tuple(body.items()), size, seconds)


def turbo(image: str, **body: Any) -> dict[str, Any]:
    """A request to a model of NanoGPT's that knows `auto`."""
    return {"model": "wan-video-22-turbo", "prompt": "A wave", "imageDataUrl": image, **body}


def waving(image: str, **body: Any) -> dict[str, Any]:
    """A request to Recoup."""
    return {"prompt": "A wave", "duration": "4s", "image_url": image, **body}


_CASES = [
    wish("recoup", (720, 1280), **waving(data_url(90, 160))),
    wish("recoup", (1080, 1080), **waving(data_url(50, 50, "JPEG"), resolution="1080p")),
    wish("recoup", (1280, 720), **waving(data_url(90, 160), aspect_ratio="16:9")),
    wish("recoup", (960, 720), **waving(data_url(40, 30, "WEBP"), aspect_ratio="auto")),
    wish("nanogpt", (480, 854), **turbo(data_url(90, 160), aspect_ratio="auto", resolution="480p")),
    wish("nanogpt", (720, 720), **turbo(data_url(90, 160), aspect_ratio="1:1", resolution="720p")),
]


@pytest.fixture(scope="module")
async def asker() -> Asker:
    made = Asker()
    await made.enrich()
    return made


@pytest.mark.parametrize("asked", _CASES, ids=lambda case: f"{case.provider} {case.size}")
async def test_a_film_begins_with_the_picture_sent_along(
    asker: Asker, asked: Wish, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    await asker.fetch(asked, film)
    assert differences(asked, film) == []
    first = still(film, 0, tmp_path).convert("RGB")
    for place in ((2, 2), (asked.size[0] // 2, asked.size[1] // 2)):
        assert near(first.getpixel(place), _COLOUR)


@pytest.mark.parametrize("image", [PICTURE, "data:text/plain,hello", "data:image/png;base64,AAAA"])
async def test_what_is_no_picture_leaves_a_film_of_16_to_9(
    asker: Asker, image: str, tmp_path: Path
) -> None:
    asked = wish("recoup", (1280, 720), **waving(image))
    await asker.fetch(asked, tmp_path / "film.mp4")
    assert differences(asked, tmp_path / "film.mp4") == []
