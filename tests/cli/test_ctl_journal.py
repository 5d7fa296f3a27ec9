"""`understudy ctl journal`, `exchange` and `verify` against a stand-in on a socket."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.driving import ctl, told
from tests.served import ROOT, Ready, served

NANO = "sk-nano-11111111-1111-4111-8111-111111111111"
VIDEO = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Ready]:
    with served("--only", "nanogpt") as ready:
        yield ready


@pytest.fixture
def tenant(stand_in: Ready) -> tuple[str, str]:
    """A tenant of the test's own, and a key of it."""
    made = told(stand_in, "tenants", "create")
    return made["name"], made["keys"]["nanogpt"][0]


def post(url: str, key: str, **change: object) -> httpx.Response:
    body = {**VIDEO, **change}
    return httpx.post(f"{url}/api/generate-video", json=body, headers={"x-api-key": key})


def test_the_journal_is_filtered_written_and_cleared(
    stand_in: Ready, tenant: tuple[str, str], tmp_path: Path
) -> None:
    name, key = tenant
    post(stand_in.url, key)
    post(stand_in.url, key, prompt=5)
    here = {"UNDERSTUDY_TENANT": name}
    assert ctl(stand_in, "journal", **here).output.count("\n") == 2
    [refused] = told(stand_in, "journal", "--status", "4xx", "--method", "post", **here)
    assert refused["id"] == f"{name}.2"
    file = tmp_path / "journal.har"
    args = ("journal", "--since", f"{name}.1", "--har", str(file))
    assert told(stand_in, *args, **here) == {"entries": 1, "file": str(file)}
    [entry] = json.loads(file.read_text())["log"]["entries"]
    assert entry["response"]["status"] == 400
    assert "1 exchanges in" in ctl(stand_in, *args, **here).output
    assert ctl(stand_in, "journal", "clear", **here).output == "2 forgotten\n"
    assert told(stand_in, "journal", **here) == []


def test_an_exchange_is_explained_in_words(stand_in: Ready, tenant: tuple[str, str]) -> None:
    name, key = tenant
    exchange_id = post(stand_in.url, key, prompt=5).headers["understudy-exchange"]
    assert exchange_id == f"{name}.1"
    output = ctl(stand_in, "exchange", exchange_id).output
    assert "400  POST /api/generate-video  invalid" in output
    assert "refused at: body (invalid)" in output
    assert 'type: expected ["string"], got 5' in output
    run = post(stand_in.url, key).json()["runId"]
    assert f"run {run}, begun here, queued" in ctl(stand_in, "exchange", f"{name}.2").output
    gone = ctl(stand_in, "exchange", f"{name}.9")
    assert (gone.exit_code, gone.output[:30]) == (1, "Error: there never was an exch")


def test_verify_tells_yes_and_no_by_its_exit_code(stand_in: Ready, tenant: tuple[str, str]) -> None:
    name, key = tenant
    here = {"UNDERSTUDY_TENANT": name}
    post(stand_in.url, key)
    post(stand_in.url, key, duration="10")
    words = ("verify", "--operation", "createVideo", "--exactly", "1", "--body")
    yes = ctl(stand_in, *words, '{"duration":"5"}', **here)
    assert (yes.exit_code, yes.output) == (0, f"as expected: there is 1: {name}.1\n")
    no = ctl(stand_in, *words, '{"duration":"7"}', **here)
    assert no.exit_code == 1
    assert f"near: {name}.2  202  POST /api/generate-video  (50% as expected)" in no.output
    assert 'body/duration: expected "7", got "10"' in no.output
    cat = '{"$.prompt": {"contains": "cat"}}'
    for more in (("--where", cat), ("--header", "content-type=*json"), ("--at-most", "2")):
        assert ctl(stand_in, "verify", "--path", "/api/*", *more, **here).exit_code == 0
    five, ten = (("--expect", f'{{"body": {{"duration": "{length}"}}}}') for length in (5, 10))
    assert ctl(stand_in, "verify", *five, *ten, "--in-order", **here).exit_code == 0
    assert ctl(stand_in, "verify", *ten, *five, "--in-order", **here).exit_code == 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("verify", "--exactly", "1", "--at-most", "1"), "one of --exactly, --at-least"),
        (("verify", "--body", "{"), "--body: no JSON: "),
        (("verify", "--body", "NaN"), "--body: no JSON: NaN"),
        (("verify", "--query", "limit"), "--query is NAME=VALUE, not 'limit'"),
        (("verify", "--expect", "{}", "--path", "/"), "--expect tells everything"),
        (("verify", "--status", "2x"), "Error: body/expect/0/status: "),
        (("journal", "--since", "soon"), "Error: query/since: "),
        (("journal", "--har", "/nowhere/a.har"), "Error: /nowhere/a.har: "),
    ],
)
def test_a_mistake_is_told(stand_in: Ready, words: tuple[str, ...], line: str) -> None:
    result = ctl(stand_in, *words)
    assert result.exit_code in (1, 2)
    assert line in result.output


@contextmanager
def stoppable() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A stand-in and its process, for one who stops it."""
    command = [sys.executable, "-m", "simulator", "serve", "--json", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["url"], process
        finally:
            process.kill()


def test_following_goes_on_until_the_stand_in_stops() -> None:
    command = [sys.executable, "-m", "simulator", "ctl", "journal", "--follow", "--limit", "1"]
    with stoppable() as (url, process):
        post(url, NANO)
        post(url, NANO)
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "UNDERSTUDY_URL": url},
            stdout=subprocess.PIPE,
            text=True,
        ) as following:
            assert following.stdout is not None
            assert "  default.2  202  " in following.stdout.readline()
            post(url, NANO, prompt=5)
            assert "  default.3  400  " in following.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert following.stdout.read() == ""
            assert following.wait(30) == 0


def test_a_stop_ends_a_stream_in_order_and_nothing_is_logged() -> None:
    with stoppable() as (url, process):
        with httpx.stream("GET", f"{url}/_understudy/journal/tail", timeout=30) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "retry: 1000"
            process.send_signal(signal.SIGTERM)
            assert "".join(lines) == ""
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
