"""Rendered files over HTTP: parts of them, versions, links that expire, and nothing beyond."""

import string
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from starlette.applications import Starlette

from simulator.core.assets import MediaSpec, link_signature
from simulator.http import media
from simulator.media.studio import Studio
from simulator.provider import Hosting
from tests.http.test_media import RUNS, with_run
from tests.media.probing import probe
from tests.toy import T0, Stand

pytestmark = pytest.mark.anyio

CLIP = MediaSpec("video", "mp4", 160, 90, 1000)
FILE = f"{RUNS}/make_1/0.mp4"
POSTER = f"{RUNS}/make_1/0.jpg"


class Shown:
    """A stand with a finished run, and a studio that draws for it."""

    def __init__(self, at: Stand) -> None:
        self.at = at
        self.studio = Studio(10**8)
        self.app = Starlette(routes=media.routes(at.house, self.studio))

    async def ask(self, path: str = FILE, method: str = "GET", **headers: str) -> httpx.Response:
        """Send one request; `_` in a header's name stands for `-`."""
        transport = httpx.ASGITransport(app=self.app)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://toy.test", trust_env=False, verify=False
        ) as client:
            return await client.request(method, path, headers=sent)


async def shown(**hosting: Any) -> Shown:
    at = await with_run(CLIP)
    provider = at.house.providers["toy"]
    at.house.providers = {
        **at.house.providers,
        "toy": replace(provider, hosting=Hosting(**hosting)),
    }
    await at.advance(1000)
    return Shown(at)


@pytest.fixture(scope="module")
async def standing() -> Shown:
    return await shown()


async def test_a_file_is_what_its_run_says(standing: Shown, tmp_path: Path) -> None:
    for path, kind in ((FILE, "video/mp4"), (POSTER, "image/jpeg")):
        answer = await standing.ask(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        place = tmp_path / f"file{path[-4:]}"
        place.write_bytes(answer.content)
        assert (probe(place)["streams"][0]["width"]) == 160
        name = f"make_1-0{path[-4:]}"
        assert answer.headers["content-disposition"] == f'inline; filename="{name}"'


async def test_head_says_what_get_would(standing: Shown) -> None:
    got, head = await standing.ask(), await standing.ask(method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers


async def test_a_version_that_is_held_is_not_drawn() -> None:
    drawn = await shown()
    tag = (await drawn.ask()).headers["etag"]
    again = await shown()
    for held in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = await again.ask(if_none_match=held)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert again.studio.rendered == 0
    assert (await again.ask(if_none_match='"other"')).status_code == 200


async def test_a_part_is_of_the_whole(standing: Shown) -> None:
    whole = (await standing.ask()).content
    answer = await standing.ask(range="bytes=100-199")
    assert (answer.status_code, answer.content) == (206, whole[100:200])
    assert answer.headers["content-range"] == f"bytes 100-199/{len(whole)}"


_RANGES = st.one_of(
    st.text(string.printable, max_size=40).map(lambda text: text.strip()),
    st.lists(
        st.tuples(*[st.integers(-(10**30), 10**30) | st.just("")] * 2), min_size=1, max_size=40
    ).map(lambda pairs: "bytes=" + ",".join(f"{first}-{last}" for first, last in pairs)),
    st.sampled_from(["bytes=" + "9" * 5000 + "-", "bytes=-" + "9" * 5000, "bytes=0-0" * 500]),
)


@given(_RANGES, st.sampled_from(["GET", "HEAD"]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_range_is_a_failure_of_ours(standing: Shown, wanted: str, method: str) -> None:
    wanted = "".join(c for c in wanted if c not in "\r\n\x0b\x0c")
    answer = await standing.ask(method=method, range=wanted)
    assert answer.status_code in (200, 206, 416)
    if answer.status_code == 200 and method == "GET":
        assert len(answer.content) == int(answer.headers["content-length"])


async def test_where_links_expire_a_link_is_good_for_its_time() -> None:
    here = await shown(lifetime_ms=60_000)
    expires = (T0 + 61_000) // 1000
    seed = (await here.at.house.default()).seed
    good = f"?expires={expires}&signature={link_signature(seed, 'runs/make_1/0.mp4', expires)}"
    assert (await here.ask(FILE + good)).status_code == 200
    for bad in ("", f"?expires={expires}", good + "0", good.replace(f"={expires}", "=9" + "9" * 9)):
        refused = await here.ask(FILE + bad)
        assert refused.status_code == 403
        assert refused.headers["content-type"] == "application/xml"
    assert (await here.ask(POSTER + good)).status_code == 403
    await here.at.advance(60_000)
    assert (await here.ask(FILE + good)).status_code == 403


async def test_a_link_that_says_when_it_expires_is_held_to_it() -> None:
    here = await shown()
    seed = (await here.at.house.default()).seed
    expires = T0 // 1000 - 1
    query = f"?expires={expires}&signature={link_signature(seed, 'runs/make_1/0.mp4', expires)}"
    assert [(await here.ask(path)).status_code for path in (FILE, FILE + query)] == [200, 403]


@given(st.text(max_size=30), st.text(max_size=80))
async def test_no_link_is_a_failure_of_ours(expires: str, signature: str) -> None:
    here = await shown(lifetime_ms=60_000)
    query = httpx.QueryParams({"expires": _sendable(expires), "signature": _sendable(signature)})
    assert (await here.ask(f"{FILE}?{query}")).status_code == 403


async def test_pages_of_other_origins_read_files_where_the_vendor_lets_them() -> None:
    for is_open in (True, False):
        here = await shown(is_open=is_open)
        answers = [await here.ask(), await here.ask(f"{RUNS}/make_1/9.mp4")]
        answers.append(await here.ask(method="OPTIONS"))
        allowed = {"access-control-allow-origin" in answer.headers for answer in answers}
        assert allowed == {is_open}


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
