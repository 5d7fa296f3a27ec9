"""What a request links to is fetched if that was asked for, and never otherwise."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.providers.recoup.records import ARTIST
from simulator.settings import Settings
from tests.http.test_fetching import Files, serving
from tests.media.asking import Asker
from tests.media.probing import differences
from tests.media.test_inputs import turbo, waving
from tests.media.test_studio import near, still
from tests.media.wishes import Wish

pytestmark = pytest.mark.anyio

_RECOUP = {"x-api-key": "recoup_sk_test"}
_NANOGPT = {"x-api-key": "sk-nano-11111111-1111-4111-8111-111111111111"}


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    async with serving() as made:
        yield made


def fetching(*allowed: str) -> Asker:
    return Asker(settings=Settings(stage_seconds=0, fetch_inputs=True, fetch_allow=allowed))


def wish(provider: str, size: tuple[int, int], body: dict[str, Any]) -> Wish:
    seconds = 4 if provider == "recoup" else 5
    return Wish(provider, "createVideo", "image", tuple(body.items()), size, seconds)


async def test_nothing_is_fetched_by_default(files: Files) -> None:
    asker = Asker()
    link = files.url("/picture.png")
    for path, body in _REQUESTS:
        reply = await asker.http.request(
            "PATCH" if path == "/api/content" else "POST",
            path,
            json=linked(body, link),
            headers=_NANOGPT if "generate" in path else _RECOUP,
        )
        assert reply.status_code < 300, reply.text
    assert files.asked == []


@pytest.mark.parametrize("provider", ["recoup", "nanogpt"])
async def test_a_film_begins_with_the_picture_that_was_fetched(
    files: Files, provider: str, tmp_path: Path
) -> None:
    asker = fetching("127.0.0.1")
    await asker.enrich()
    ask = waving if provider == "recoup" else turbo
    asked = wish(
        provider,
        (1080, 720),
        ask(files.url("/picture.png"), aspect_ratio="auto", resolution="720p"),
    )
    if provider == "nanogpt":
        body = dict(asked.body)
        body["imageUrl"] = body.pop("imageDataUrl")
        asked = wish(provider, (1080, 720), body)
    film = tmp_path / "film.mp4"
    await asker.fetch(asked, film)
    assert files.asked == ["/picture.png"]
    assert differences(asked, film) == []
    assert near(still(film, 0, tmp_path).convert("RGB").getpixel((9, 9)), (0x33, 0x66, 0x99))


LINK = "LINK"
_REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("/api/content/video", {"image_url": LINK, "prompt": "A wave"}),
    ("/api/content/video", {"image_url": LINK, "end_image_url": LINK}),
    ("/api/content/image", {"images": [LINK]}),
    ("/api/content/image", {"reference_image_url": LINK}),
    ("/api/content/upscale", {"url": LINK, "type": "image"}),
    ("/api/content/analyze", {"video_url": LINK, "prompt": "What?"}),
    ("/api/content/transcribe", {"audio_urls": [LINK]}),
    ("/api/content", {"video_url": LINK, "operations": []}),
    ("/api/content/create", {"artist_account_id": ARTIST, "images": [LINK]}),
    (
        "/api/generate-video",
        {"model": "wan-video-22-turbo", "prompt": "A wave", "imageUrl": LINK},
    ),
]


def linked(value: Any, link: str) -> Any:
    """A body with a link in the places for it."""
    if isinstance(value, dict):
        return {name: linked(item, link) for name, item in value.items()}
    if isinstance(value, list):
        return [linked(item, link) for item in value]
    return link if value == LINK else value


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        (*_REQUESTS[0], 500, "Unprocessable Entity"),
        (*_REQUESTS[2], 500, "Image generation failed"),
        (*_REQUESTS[4], 500, "Unprocessable Entity"),
        (*_REQUESTS[5], 502, "Video analysis failed: 400"),
        (*_REQUESTS[6], 500, "Audio processing failed"),
        (*_REQUESTS[9], 400, "The file at imageUrl could not be downloaded"),
    ],
)
async def test_what_cannot_be_had_is_the_providers_own_error(
    files: Files, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    asker = fetching("127.0.0.1")
    key = _NANOGPT if "generate" in path else _RECOUP
    sent = linked(body, files.url("/nothing"))
    reply = await asker.http.post(path, json=sent, headers=key)
    assert reply.status_code == status
    assert words in reply.text
    assert "was not to be had: unreachable" in reply.headers["understudy-violations"]
    assert "x-understudy-bug" not in reply.headers


@pytest.mark.parametrize(("path", "body"), _REQUESTS[7:9])
async def test_a_background_run_fails_for_want_of_its_inputs(
    files: Files, path: str, body: dict[str, Any]
) -> None:
    app = create_app(Settings(fetch_inputs=True, fetch_allow=("127.0.0.1",)))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://stand.test", headers=_RECOUP, trust_env=False
    ) as client:
        method = "PATCH" if path == "/api/content" else "POST"
        told = await client.request(method, path, json=linked(body, files.url("/page")))
        assert told.status_code == 202
        run_id = told.json().get("runId") or told.json()["runIds"][0]
        shown = await client.get("/api/tasks/runs", params={"runId": run_id})
    (run,) = shown.json()["runs"]
    assert (run["status"], run["isFailed"]) == ("FAILED", True)


async def test_private_links_are_refused_unless_allowed(files: Files) -> None:
    link = files.url("/picture.png")
    reply = await fetching().http.post(
        "/api/content/video", json={"image_url": link}, headers=_RECOUP
    )
    assert reply.status_code == 500
    assert "address_refused" in reply.headers["understudy-violations"]
    assert files.asked == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(fetch_allow=("127.0.0.1",)), "--fetch-allow needs --fetch-inputs"),
        (Settings(fetch_inputs=True, fetch_allow=("http://x",)), "no host, address or network"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(settings: Settings, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        create_app(settings)
