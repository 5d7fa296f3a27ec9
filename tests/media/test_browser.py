"""A browser plays a clip of every provider to its end, and a person could read what made it."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from PIL import Image

from simulator.settings import Settings
from tests.media.asking import Asker
from tests.media.wishes import PICTURE, Wish
from tests.sdk.server import StandIn

_PATIENCE_S: Final = 60
_WIDTH: Final = 640
_HEIGHT: Final = 360
_WISHES: Final = (
    Wish(
        "recoup",
        "createVideo",
        "prompt",
        (("image_url", PICTURE), ("prompt", "A slow wave"), ("duration", "4s")),
        (1280, 720),
    ),
    Wish(
        "nanogpt",
        "createVideo",
        "text",
        (("model", "veo3-1-video"), ("prompt", "A slow wave"), ("duration", "4s")),
        (1280, 720),
    ),
    Wish(
        "leonardo",
        "createTextToVideoGeneration",
        "text-to-video",
        (("model", "VEO3"), ("prompt", "A slow wave"), ("duration", 4)),
        (1280, 720),
    ),
)


class Page:
    """A page of films that is not loaded before all of them have ended; `ended` are their names."""

    def __init__(self, films: dict[str, str]) -> None:
        self.ended: set[str] = set()
        self.played_s: dict[str, float] = {}
        self._all_ended = threading.Event()
        tags = "".join(
            f"<video muted autoplay width={_WIDTH} height={_HEIGHT} src='{link}' onended='"
            f'fetch("/ended?name={name}&at="+this.currentTime)'
            "'></video><br>"
            for name, link in films.items()
        )
        body = f"<!doctype html><body style='margin:0;line-height:0'>{tags}<img src='/held.png'>"
        self._html = body.encode()
        self._names = set(films)

    def answer(self, path: str) -> bytes:
        """The body for a path; the picture comes when all films have ended, or not at all."""
        place = urlsplit(path)
        if place.path == "/ended":
            told = parse_qs(place.query)
            self.played_s[told["name"][0]] = float(told["at"][0])
            self.ended.add(told["name"][0])
            if self.ended == self._names:
                self._all_ended.set()
        elif place.path == "/held.png":
            self._all_ended.wait(_PATIENCE_S)
        return self._html if place.path == "/" else b""


@contextmanager
def served(page: Page) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page.answer(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


async def _links(origin: str) -> dict[str, str]:
    asker = Asker(origin=origin)
    async with asker.http:
        return {wish.provider: await asker.link(wish) for wish in _WISHES}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="tests/install-debian.sh installs it")
def test_a_browser_plays_a_clip_of_every_provider_to_its_end(tmp_path: Path) -> None:
    with StandIn.running(Settings(stage_seconds=0)) as stand_in:
        page = Page(anyio.run(_links, stand_in.origin))
        with served(page) as url:
            picture = screenshot(url, tmp_path)
    assert page.ended == {"recoup", "nanogpt", "leonardo"}
    assert all(abs(length - 4) <= 0.1 for length in page.played_s.values())
    for number in range(len(_WISHES)):
        film = picture.crop((0, number * _HEIGHT, _WIDTH, (number + 1) * _HEIGHT)).convert("L")
        label = film.crop((24, 24, _WIDTH - 24, round(_HEIGHT * 0.6)))
        bright = sum(label.histogram()[170:]) / (label.width * label.height)
        dark = sum(label.histogram()[:100]) / (label.width * label.height)
        assert 0.01 < bright < 0.3, "letters"
        assert dark > 0.6, "on a dark plate"


def screenshot(url: str, folder: Path) -> Image.Image:
    """What Debian's chromium shows of a page once it is loaded."""
    place = folder / "page.png"
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio", "--hide-scrollbars"]
    flags += ["--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder / 'profile'}"]
    flags += [f"--window-size={_WIDTH},{3 * _HEIGHT + 200}", f"--screenshot={place}"]
    subprocess.run(
        ["chromium", *flags, url], check=True, timeout=2 * _PATIENCE_S, capture_output=True
    )
    return Image.open(place).convert("RGB")
