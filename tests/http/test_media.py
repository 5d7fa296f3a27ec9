"""The files behind links: which there are, what they are, and how parts of them are had.

Nothing is rendered here; see `test_media_rendered`.
"""

import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from simulator import resources
from simulator.core import ledger
from simulator.core.assets import MediaSpec
from simulator.core.runs import Outcome, Plan, Run, Stage
from simulator.core.store import Tx
from simulator.http import media
from tests.toy import T0, Stand, stand

pytestmark = pytest.mark.anyio

VIDEO = MediaSpec("video", "mp4", 320, 180, 2000)
PICTURE = MediaSpec("image", "png", 320, 180)
RUNS = "/_assets/toy/default/runs"
SAMPLES = "/_assets/toy/default/samples"
SIGNATURES = {
    "mp4": (4, b"ftyp"),
    "mov": (4, b"ftypqt"),
    "webm": (0, b"\x1a\x45\xdf\xa3"),
    "png": (0, b"\x89PNG\r\n\x1a\n"),
    "jpg": (0, b"\xff\xd8\xff"),
    "jpeg": (0, b"\xff\xd8\xff"),
    "webp": (8, b"WEBP"),
    "mp3": (0, b"ID3"),
    "wav": (8, b"WAVE"),
}


async def with_run(*outputs: MediaSpec, outcome: Outcome | None = None) -> Stand:
    """A stand with a run that takes a second and then has made some outputs."""
    at = stand()
    plan = Plan(T0, (Stage("MAKING", 1000),), outcome or Outcome())
    run = Run("make_1", "toy", "createMake", "ada", plan, outputs=outputs)

    async def work(tx: Tx) -> None:
        await ledger.open_run(tx, run)

    await (await at.house.default()).transact(work)
    return at


async def ask(
    at: Stand, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> httpx.Response:
    app = Starlette(routes=media.routes(at.house, None))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://toy.test", trust_env=False, verify=False
    ) as client:
        return await client.request(method, path, headers=headers)


# Which files there are.


async def test_a_file_is_there_once_its_run_is_completed() -> None:
    at = await with_run(VIDEO)
    assert (await ask(at, f"{RUNS}/make_1/0.mp4")).status_code == 404
    await at.advance(1000)
    answer = await ask(at, f"{RUNS}/make_1/0.mp4")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.content == resources.fixture("media", "sample.mp4").read_bytes()


@pytest.mark.parametrize("state", ["failed", "cancelled"])
async def test_a_run_that_did_not_complete_has_no_files(state: Any) -> None:
    at = await with_run(VIDEO, outcome=Outcome(state))
    await at.advance(1000)
    assert (await ask(at, f"{RUNS}/make_1/0.mp4")).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("make_1/0.mp4", 200),
        ("make_1/0.jpg", 200),
        ("make_1/0.png", 200),
        ("make_1/0.webp", 200),
        ("make_1/0.mov", 404),
        ("make_1/0.exe", 404),
        ("make_1/1.png", 200),
        ("make_1/1.jpg", 404),
        ("make_1/1.mp4", 404),
        ("make_1/2.png", 404),
        ("make_1/00.mp4", 404),
        ("make_1/-1.png", 404),
        ("make_1/٠.mp4", 404),
        (f"make_1/{'9' * 5000}.mp4", 404),
        ("make_1/0", 404),
        ("make_2/0.mp4", 404),
        ("..%2f..%2fmedia/0.mp4", 404),
    ],
)
async def test_a_run_has_the_files_that_it_made_and_posters_of_its_videos(
    path: str, status: int
) -> None:
    at = await with_run(VIDEO, PICTURE)
    await at.advance(1000)
    answer = await ask(at, f"{RUNS}/{path}")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == media.CONTENT_TYPES[path.rpartition(".")[2]]


@pytest.mark.parametrize("place", ["shy/default", "toy/other", "nobody/default"])
async def test_a_file_belongs_to_its_provider_and_tenant(place: str) -> None:
    at = await with_run(VIDEO)
    await at.advance(1000)
    answer = await ask(at, f"/_assets/{place}/runs/make_1/0.mp4")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("nothing at /_assets/")


@pytest.mark.parametrize("name", ["cat", "model-1", "a/b", "..%2f..%2f..%2fetc%2fpasswd", "x.y"])
async def test_every_sample_is_there_whatever_its_name(name: str) -> None:
    answer = await ask(stand(), f"{SAMPLES}/{name}.png")
    assert answer.content == resources.fixture("media", "sample.png").read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        f"{SAMPLES}/cat",
        f"{SAMPLES}/cat.py",
        f"{SAMPLES}/cat.",
        "/_assets/nobody/default/samples/cat.png",
        "/_assets/toy/other/samples/cat.png",
    ],
)
async def test_other_samples_are_not_there(path: str) -> None:
    assert (await ask(stand(), path)).status_code == 404


@given(st.text(max_size=30), st.text(max_size=12))
async def test_no_path_is_a_failure_of_ours(name: str, ending: str) -> None:
    path = quote(f"{RUNS}/{name}/{ending}".encode("utf-8", "replace"))
    assert (await ask(stand(), path)).status_code in (307, 404)


# What they are.


@pytest.mark.parametrize("extension", sorted(media.CONTENT_TYPES))
async def test_a_sample_is_a_small_file_of_its_type(extension: str) -> None:
    answer = await ask(stand(), f"{SAMPLES}/cat.{extension}")
    offset, signature = SIGNATURES[extension]
    assert answer.headers["content-type"] == media.CONTENT_TYPES[extension]
    assert answer.content[offset:].startswith(signature)
    assert len(answer.content) < 20_000


@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_a_clip_can_be_played_before_it_is_all_there(extension: str) -> None:
    content = resources.fixture("media", f"sample.{extension}").read_bytes()
    boxes = dict(_boxes(content))
    order = list(boxes)
    assert order.index(b"moov") < order.index(b"mdat")
    tracks = [dict(_boxes(box)) for kind, box in _boxes(boxes[b"moov"]) if kind == b"trak"]
    handlers = {dict(_boxes(track[b"mdia"]))[b"hdlr"][8:12] for track in tracks}
    assert handlers == {b"vide", b"soun"}
    scale, length = struct.unpack(">II", boxes_of(boxes[b"moov"])[b"mvhd"][12:20])
    assert 1 <= length / scale <= 2.2


def boxes_of(content: bytes) -> dict[bytes, bytes]:
    return dict(_boxes(content))


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of ISO media, each its kind and what is in it."""
    at = 0
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        assert 8 <= size <= len(content) - at
        yield kind, content[at + 8 : at + size]
        at += size


# How they are had.


async def test_head_says_what_get_would() -> None:
    got = await ask(stand(), f"{SAMPLES}/cat.mp4")
    head = await ask(stand(), f"{SAMPLES}/cat.mp4", "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers
    assert int(head.headers["content-length"]) == len(got.content)
    assert head.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("0-99", slice(0, 100)), ("100-", slice(100, None)), ("-7", slice(-7, None))],
)
async def test_a_range_is_a_part_of_the_file(wanted: str, part: slice) -> None:
    whole = resources.fixture("media", "sample.mp4").read_bytes()
    answer = await ask(stand(), f"{SAMPLES}/cat.mp4", headers={"range": f"bytes={wanted}"})
    assert (answer.status_code, answer.content) == (206, whole[part])
    first, last, _ = part.indices(len(whole))
    assert answer.headers["content-range"] == f"bytes {first}-{last - 1}/{len(whole)}"


@pytest.mark.parametrize("wanted", ["bytes=abc", "bytes=", "bytes=9-3", "lines=1-2", "x", ""])
async def test_what_is_no_range_gets_the_whole(wanted: str) -> None:
    whole = await ask(stand(), f"{SAMPLES}/cat.mp4")
    answer = await ask(stand(), f"{SAMPLES}/cat.mp4", headers={"range": wanted})
    assert (answer.status_code, answer.content) == (200, whole.content)


async def test_several_ranges_come_as_parts() -> None:
    answer = await ask(stand(), f"{SAMPLES}/cat.mp4", headers={"range": "bytes=4-7,40-43"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert answer.content.count(b"Content-Range: bytes ") == 2


async def test_a_range_beyond_the_file_is_refused_with_its_size() -> None:
    size = resources.fixture("media", "sample.mp4").stat().st_size
    answer = await ask(stand(), f"{SAMPLES}/cat.mp4", headers={"range": "bytes=99999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{size}"


async def test_a_range_of_another_version_is_the_whole() -> None:
    tag = (await ask(stand(), f"{SAMPLES}/cat.mp4")).headers["etag"]
    for given_tag, status in ((tag, 206), ('"other"', 200)):
        headers = {"range": "bytes=0-9", "if-range": given_tag}
        answer = await ask(stand(), f"{SAMPLES}/cat.mp4", headers=headers)
        assert answer.status_code == status


async def test_pages_of_other_origins_may_read_files() -> None:
    at = await with_run(VIDEO)
    missing = await ask(at, f"{RUNS}/make_1/0.mp4")
    await at.advance(1000)
    for answer in (missing, await ask(at, f"{RUNS}/make_1/0.mp4")):
        assert answer.headers["access-control-allow-origin"] == "*"
    for path in (f"{RUNS}/make_1/0.mp4", f"{SAMPLES}/cat.png"):
        preflight = await ask(at, path, "OPTIONS")
        assert preflight.status_code == 204
        assert "Range" in preflight.headers["access-control-allow-headers"]


async def test_equal_worlds_answer_with_equal_headers() -> None:
    answers = []
    for _ in range(2):
        at = await with_run(VIDEO)
        await at.advance(5000)
        answers.append(await ask(at, f"{RUNS}/make_1/0.mp4"))
    assert answers[0].headers == answers[1].headers
    assert answers[0].headers["last-modified"] == "Sun, 15 Jun 2025 15:06:41 GMT"
