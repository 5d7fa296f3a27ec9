"""Another process draws: alike, again if it dies, not for ever, and gone with its parent."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from simulator.media.studio import Studio
from simulator.media.worker import NotDrawn, Worker
from tests.media.asking import Asker
from tests.media.builders import asset, nothing
from tests.media.wishes import Wish
from tests.sdk.picture import png

_BODY = {"model": "hunyuan-video", "prompt": "A cat"}
_WISH = Wish("nanogpt", "createVideo", "text", tuple(_BODY.items()), (1280, 720), 5)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()
    assert made.pid is None


@pytest.mark.anyio
async def test_an_open_studio_draws_the_same_in_another_process() -> None:
    async def given() -> bytes | None:
        return png(64, 36)

    wished = asset(picture="any", prompt="half a pair: \ud83d")
    studio = Studio(10**8)
    async with studio.file(wished, given) as path:
        here = await anyio.Path(path).read_bytes()
    other = Studio(10**8)
    async with other.opened(), other.file(wished, given) as path:
        assert await anyio.Path(path).read_bytes() == here
        assert other.worker_pid not in (None, os.getpid())


@pytest.mark.anyio
async def test_no_process_is_there_before_it_is_needed_nor_after() -> None:
    studio = Studio(10**8)
    async with studio.opened():
        seen = [studio.worker_pid]
        async with studio.file(asset(extension="jpg"), nothing):
            pid = studio.worker_pid
    assert (seen, studio.worker_pid) == ([None], None)
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_that_died_is_replaced(worker: Worker, tmp_path: Path) -> None:
    place = tmp_path / "file.jpg"
    worker.draw(place, asset(extension="jpg"), None)
    drawn, pid = place.read_bytes(), worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    worker.draw(place, asset(extension="jpg"), None)
    assert worker.pid != pid
    assert place.read_bytes() == drawn


def test_what_cannot_be_drawn_says_why_and_harms_nothing_else(
    worker: Worker, tmp_path: Path
) -> None:
    worker.draw(tmp_path / "file.jpg", asset(extension="jpg"), None)
    pid = worker.pid
    with pytest.raises(NotDrawn, match=r"run_1: ValueError: no way to make \.xyz"):
        worker.draw(tmp_path / "file.xyz", asset(extension="xyz"), None)
    with pytest.raises(NotDrawn, match="FileNotFoundError"):
        worker.draw(tmp_path / "nowhere" / "file.jpg", asset(extension="jpg"), None)
    worker.draw(tmp_path / "file.jpg", asset(extension="jpg"), None)
    assert worker.pid == pid


def test_a_drawing_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    worker = Worker(longest_s=0)
    with pytest.raises(NotDrawn, match="run_1 ended its process twice"):
        worker.draw(tmp_path / "file.mp4", asset(), None)
    assert worker.pid is None


def test_many_threads_may_ask(worker: Worker, tmp_path: Path) -> None:
    places = [tmp_path / f"{number}.jpg" for number in range(6)]
    wished = asset(extension="jpg")
    threads = [threading.Thread(target=worker.draw, args=(at, wished, None)) for at in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({place.read_bytes() for place in places}) == 1


def test_an_app_that_was_started_has_nothing_imported_that_draws() -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.media.test_worker"]
    there = subprocess.run(command, cwd=Path(__file__).parents[2], timeout=60, capture_output=True)
    assert (there.returncode, there.stderr) == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_process_goes_with_its_server(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulator", "serve", "--port=0", "--json"]
    pipe = subprocess.PIPE
    server = subprocess.Popen(
        [*command, "--stage-seconds=0"], stdout=pipe, stderr=pipe, start_new_session=True
    )
    assert server.stdout is not None
    origin = json.loads(server.stdout.readline())["url"]

    async def fetch() -> None:
        asker = Asker(origin)
        await asker.fetch(_WISH, tmp_path / "file.mp4")
        await asker.http.aclose()

    anyio.run(fetch)
    if number == signal.SIGINT:
        os.killpg(server.pid, number)  # as a terminal does
    else:
        server.send_signal(number)
    told = server.communicate(timeout=60)  # ends when nobody holds the pipes any more
    assert told == (b"", b"")


async def _draw_in_a_started_app() -> None:
    asker = Asker()
    assert asker.app is not None
    async with asker.app.router.lifespan_context(asker.app):
        with tempfile.TemporaryDirectory() as folder:
            await asker.fetch(_WISH, Path(folder) / "file.mp4")


if __name__ == "__main__":
    anyio.run(_draw_in_a_started_app)
    sys.exit(bool({"av", "PIL"} & set(sys.modules)))
