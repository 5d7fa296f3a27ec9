"""The curl lines that the providers' documents print work, and so do those that we print.

A documented line is built again from our contract: its example with a demo key, in the form in
which the documents write curl. Placeholders in it are filled as a reader would fill them.
"""

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

import contracts
from tests.served import Ready, served

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")

_FILLED: Final = {
    "image_url": "https://example.com/frame.png",
    "template": "artist-caption-stage",
    "prompt": "slow dolly in",
    "end_image_url": "https://example.com/end.png",
    "video_url": "https://example.com/clip.mp4",
    "audio_url": "https://example.com/song.mp3",
    "negative_prompt": "blur",
    "model": "fal-ai/veo3.1/fast/image-to-video",
}
"""What a reader puts in the place of `<string>`."""

_VIDEO: Final[dict[str, Any]] = {
    "image_url": "<string>",
    "template": "<string>",
    "mode": "prompt",
    "prompt": "<string>",
    "end_image_url": "<string>",
    "video_url": "<string>",
    "audio_url": "<string>",
    "aspect_ratio": "auto",
    "duration": "8s",
    "resolution": "720p",
    "negative_prompt": "<string>",
    "generate_audio": False,
    "model": "<string>",
}
"""The documented line of `POST /api/content/video`: every field of the request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the JSON body of what curl got."""

    status: int
    body: Any


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Ready]:
    with served() as ready:
        yield ready


def curl(*words: str) -> Answer:
    """Run curl and read what it prints."""
    form = ["--silent", "--show-error", "--max-time", "30", "--write-out", "\n%{http_code}"]
    printed = subprocess.run(
        ["curl", *form, *words], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    body, _, status = printed.rpartition("\n")
    return Answer(int(status), json.loads(body))


def documented(ready: Ready, path: str, body: Any, provider: str = "recoup") -> Answer:
    """Run a line in the form of the documents, with the first demo key."""
    told = ready.providers[provider]
    return curl(
        "--request",
        "POST",
        "--url",
        ready.url + path,
        "--header",
        "Content-Type: application/json",
        "--header",
        f"x-api-key: {told['keys'][0]}",
        "--data",
        f"\n{json.dumps(body, indent=2)}\n",
    )


def test_the_documented_video_line_makes_a_video(stand_in: Ready) -> None:
    body = {name: _FILLED[name] if held == "<string>" else held for name, held in _VIDEO.items()}
    answer = documented(stand_in, "/api/content/video", body)
    assert answer.status == 200
    assert answer.body["mode"] == "prompt"
    assert answer.body["videoUrl"].startswith(stand_in.url)


def test_the_documented_video_line_has_every_field() -> None:
    schema = contracts.load("recoup").operation("createVideo").body
    assert schema is not None
    assert set(_VIDEO) == set(schema.schema["properties"])


def test_the_documented_create_line_starts_a_run(stand_in: Ready) -> None:
    operation = contracts.load("recoup").operation("createContent")
    assert operation.body is not None
    example = operation.body.content["application/json"].examples["stage"]
    assert example == {
        "artist_account_id": "1873859c-dd37-4e9a-9bac-80d3558527a9",
        "template": "artist-caption-stage",
        "lipsync": False,
        "caption_length": "short",
        "upscale": False,
        "batch": 1,
    }
    answer = documented(stand_in, operation.path, example)
    assert answer.status == 202
    assert answer.body["status"] == "triggered"
    assert answer.body["template"] == "artist-caption-stage"
    assert len(answer.body["runIds"]) == 1


@pytest.mark.parametrize(
    ("provider", "status"), [("recoup", 200), ("nanogpt", 202), ("leonardo", 200)]
)
def test_the_line_that_serve_prints_works(stand_in: Ready, provider: str, status: int) -> None:
    program, *words = shlex.split(stand_in.providers[provider]["curl"])
    assert program == "curl"
    answer = curl(*words)
    assert answer.status == status
    assert answer.body


def test_every_provider_prints_a_line(stand_in: Ready) -> None:
    assert set(stand_in.providers) == set(contracts.names())
