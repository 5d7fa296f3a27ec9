"""Every link in a reply leads to a real file of the type that its ending says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.http.media import CONTENT_TYPES
from simulator.settings import Settings

pytestmark = pytest.mark.anyio

ORIGIN = "http://understudy.test"
ARTIST = "1873859c-dd37-4e9a-9bac-80d3558527a9"
LATER_MS = 30 * 60_000
"""Every run has ended by then, and no link to a file has."""


@dataclass(frozen=True)
class Journey:
    """What is made at a provider, and what is read when all of it is done.

    `{id}` in a path to read stands for each id that the creates answered.
    """

    provider: str
    key: tuple[str, str]
    creates: tuple[tuple[str, dict[str, Any]], ...]
    reads: tuple[str, ...]
    at_least: int


JOURNEYS = (
    Journey(
        "recoup",
        ("x-api-key", "{key}"),
        (
            ("/api/content/create", {"artist_account_id": ARTIST, "batch": 2, "upscale": True}),
            ("/api/content/video", {"image_url": "https://example.com/face.png"}),
            ("/api/content/image", {"prompt": "waves"}),
        ),
        ("/api/tasks/runs?runId={id}", "/api/tasks/runs", "/api/content/templates"),
        3,
    ),
    Journey(
        "nanogpt",
        ("x-api-key", "{key}"),
        (("/api/generate-video", {"model": "veo2-video", "prompt": "waves", "duration": "5s"}),),
        (
            "/api/video/status?requestId={id}",
            "/api/generate-video/status?runId={id}",
            "/api/v1/video-models",
        ),
        1,
    ),
    Journey(
        "leonardo",
        ("authorization", "Bearer {key}"),
        (
            ("/api/rest/v1/generations-text-to-video", {"prompt": "waves"}),
            ("/api/rest/v1/generations", {"prompt": "waves", "num_images": 2}),
        ),
        (
            "/api/rest/v1/generations/{id}",
            "/api/rest/v1/platformModels",
            "/api/rest/v1/elements",
        ),
        4,
    ),
)


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.provider)
async def test_every_link_leads_to_a_file(journey: Journey) -> None:
    app = create_app(Settings(clock=Clock(0, 1_750_000_000_000, 0), stage_seconds=0))
    house = app.state.house
    name, value = journey.key
    key = house.providers[journey.provider].demo_keys[0]
    found: set[str] = set()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url=ORIGIN,
        headers={name: value.format(key=key)},
        trust_env=False,
        verify=False,
    ) as client:
        ids: list[str] = []
        for path, body in journey.creates:
            made = await client.post(path, json=body)
            assert made.status_code < 300, (path, made.text)
            ids += _ids(made.json())
            found |= set(_links(made.json()))
        tenant = await house.default()
        await tenant.set_clock(lambda clock, now_ms: clock.advanced(LATER_MS, now_ms))
        for path in journey.reads:
            for target in {path.replace("{id}", run_id) for run_id in ids}:
                read = await client.get(target)
                assert read.status_code == 200, (target, read.text)
                found |= set(_links(read.json()))
        assert len(found) >= journey.at_least
        for link in sorted(found):
            await _check(client, link)


async def _check(client: httpx.AsyncClient, link: str) -> None:
    extension = link.partition("?")[0].rpartition(".")[2]
    answer = await client.get(link)
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        CONTENT_TYPES[extension],
    ), link
    assert len(answer.content) > 500


def _ids(value: Any) -> Iterator[str]:
    """The ids of runs in the reply to a create, whatever the provider calls them."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("runId", "generationId"):
                yield member
            elif name == "runIds":
                yield from member
            else:
                yield from _ids(member)


def _links(value: Any) -> Iterator[str]:
    """Every link in a JSON value that leads to this stand-in."""
    if isinstance(value, dict):
        for member in value.values():
            yield from _links(member)
    elif isinstance(value, list):
        for item in value:
            yield from _links(item)
    elif isinstance(value, str) and value.startswith(f"{ORIGIN}/"):
        yield value
