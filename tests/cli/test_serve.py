"""`understudy serve`: flags, variables, what it prints, how it fails and how it stops."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from simulator.cli.flags import settings_of
from simulator.cli.serve import serve
from simulator.settings import Settings
from tests.cli.process import COMMAND, ROOT, serving, understudy

RECOUP_VIDEO = "/api/content/video"


def settings(*words: str) -> Settings:
    """The settings that flags make."""
    return settings_of(serve.make_context("serve", list(words)).params)


def reason(*words: str) -> str:
    """Why flags are refused."""
    with pytest.raises((ValueError, click.UsageError)) as refused:
        settings(*words)
    return str(refused.value)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("UNDERSTUDY_")]:
        monkeypatch.delenv(name)


def test_without_flags_the_settings_are_the_defaults() -> None:
    assert settings() == Settings()


CHOICES: list[tuple[list[str], str, str, dict[str, Any]]] = [
    (["--only", "nanogpt"], "ONLY", "nanogpt", {"only": ("nanogpt",)}),
    (["--only", "nanogpt,recoup"], "ONLY", "nanogpt, recoup", {"only": ("nanogpt", "recoup")}),
    (
        ["--only", "nanogpt", "--only", "recoup"],
        "ONLY",
        "nanogpt recoup",
        {"only": ("nanogpt", "recoup")},
    ),
    (["--dialect", "live"], "DIALECT", "live", {"dialect": "live"}),
    (["--seed", "s"], "SEED", "s", {"seed": "s"}),
    (["--speed", "2.5"], "SPEED", "2.5", {"speed": 2.5}),
    (["--pace", "polls"], "PACE", "polls", {"pace": "polls"}),
    (["--stage-seconds", "0"], "STAGE_SECONDS", "0", {"stage_seconds": 0.0}),
    (["--any-key"], "ANY_KEY", "1", {"any_key": True}),
    (["--no-media"], "NO_MEDIA", "1", {"media": False}),
    (["--media-cache-mb", "2"], "MEDIA_CACHE_MB", "2", {"media_cache_bytes": 2 * 1024 * 1024}),
    (["--limits", "vendor"], "LIMITS", "vendor", {"limits": "vendor"}),
    (
        ["--public-url", "https://a.test/"],
        "PUBLIC_URL",
        "https://a.test/",
        {"public_url": "https://a.test"},
    ),
    (
        ["--switch", "a.b=c", "--switch", "a.d=e"],
        "SWITCH",
        "a.b=c a.d=e",
        {"switches": {"a": {"b": "c", "d": "e"}}},
    ),
]


@pytest.mark.parametrize(("words", "variable", "value", "expected"), CHOICES)
def test_a_flag_and_its_variable_mean_the_same(
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    variable: str,
    value: str,
    expected: dict[str, Any],
) -> None:
    from_flags = settings(*words)
    monkeypatch.setenv(f"UNDERSTUDY_{variable}", value)
    assert settings() == from_flags == Settings(**expected)


def test_a_flag_wins_over_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_SEED", "variable")
    assert settings("--seed", "flag").seed == "flag"


def test_every_flag_has_a_variable_and_a_sentence_of_help() -> None:
    for option in serve.params:
        assert isinstance(option, click.Option)
        name = option.opts[0].removeprefix("--").replace("-", "_").upper()
        assert option.envvar == f"UNDERSTUDY_{name}"
        assert option.help


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["--dialect", "nope"], "documented"),
        (["--limits", "nope"], "vendor"),
        (["--port", "70000"], "65535"),
        (["--port", "-1"], "65535"),
        (["--port", "http"], "integer"),
        (["--speed", "0"], "range"),
        (["--speed", "nan"], "--speed"),
        (["--speed", "inf"], "range"),
        (["--stage-seconds", "-1"], "range"),
        (["--stage-seconds", "nan"], "--stage-seconds"),
        (["--stage-seconds", "1e300"], "range"),
        (["--public-url", "a.test"], "https://"),
        (["--public-url", "http://"], "https://"),
        (["--public-url", "http://a b"], "https://"),
        (["--public-url", "http://a.test/?q"], "https://"),
        (["--public-url", "http://a.test#f"], "https://"),
        (["--public-url", "http://a.test\r\nx: y"], "https://"),
        (["--switch", "a"], "NAME.SWITCH=CHOICE"),
        (["--switch", "a.b="], "NAME.SWITCH=CHOICE"),
        (["--keys", "/nowhere"], "does not exist"),
    ],
)
def test_a_bad_flag_is_refused_with_a_reason(words: list[str], word: str) -> None:
    assert word in reason(*words)


def keys_file(folder: Path, text: str) -> str:
    path = folder / "keys.yaml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        "nanogpt: [one, two]\nrecoup: three\n",
        '{"nanogpt": ["one", "two"], "recoup": "three"}',
    ],
)
def test_keys_are_read_from_yaml_and_json(tmp_path: Path, text: str) -> None:
    found = settings("--keys", keys_file(tmp_path, text)).keys
    assert found == {"nanogpt": ("one", "two"), "recoup": ("three",)}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nanogpt: [one", "cannot be read"),
        ("- one", "expected provider"),
        ("", "expected provider"),
        ("nanogpt: 5", "nanogpt: expected a key"),
        ("nanogpt: [1, 2]", "nanogpt: expected a key"),
        ("nanogpt: {a: b}", "nanogpt: expected a key"),
    ],
)
def test_a_bad_keys_file_is_refused_by_name_in_one_line(
    tmp_path: Path, text: str, word: str
) -> None:
    path = keys_file(tmp_path, text)
    said = reason("--keys", path)
    assert said.startswith(path)
    assert word in said
    assert "\n" not in said


# As a process.


def one_line(text: str) -> str:
    (line,) = text.strip().splitlines()
    return line


def test_when_ready_it_prints_one_line_of_json_and_answers() -> None:
    with serving() as at:
        assert [item["name"] for item in at.said["providers"]] == ["leonardo", "nanogpt", "recoup"]
        for item in at.said["providers"]:
            assert item["url"].startswith(at.url)
            assert len(item["keys"]) == 2
        health = httpx.get(f"{at.url}/_understudy/health").json()
        assert (health["status"], health["dialect"]) == ("ok", "documented")
        ended = at.stopped_by(signal.SIGTERM)
    assert (ended.status, ended.out, ended.err) == (0, "", "")


def test_the_curl_lines_it_prints_succeed() -> None:
    with serving() as at:
        for item in at.said["providers"]:
            words = shlex.split(item["curl"])
            code = subprocess.run(
                [*words, "-o", "/dev/null", "-w", "%{http_code}"],
                capture_output=True,
                text=True,
                timeout=20,
                check=True,
            )
            assert code.stdout in ("200", "202"), item["curl"]


def test_for_people_it_prints_urls_keys_and_curl_lines() -> None:
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline()]
            while sum("curl -s" in line for line in lines) < 3:
                lines.append(process.stdout.readline())
                assert lines[-1], lines
        finally:
            process.kill()
    assert lines[0].startswith("Understudy is ready at http://127.0.0.1:")
    assert sum(line.startswith("  key ") for line in lines) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(number: int) -> None:
    with serving() as at:
        ended = at.stopped_by(number)
    assert (ended.status, ended.out, ended.err) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_call_that_blocks_does_not_keep_it_from_stopping(number: int) -> None:
    body = json.dumps({"prompt": "[understudy:stuck]", "image_url": "https://a.test/a.png"})
    with serving("--only", "recoup") as at, socket.socket() as caller:
        key = at.provider("recoup")["keys"][0]
        url = httpx.URL(at.url)
        caller.connect((url.host, url.port))
        caller.sendall(
            f"POST {RECOUP_VIDEO} HTTP/1.1\r\nhost: a.test\r\nx-api-key: {key}\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}".encode()
        )
        for _ in range(2):  # by the second answer the first request has begun
            httpx.get(f"{at.url}/_understudy/health")
        ended = at.stopped_by(number)
        answer = caller.recv(1000)
    assert ended.status == 0
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in ended.err


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = understudy("serve", "--port", port)
    line = one_line(ended.err)
    assert (ended.status, ended.out) == (1, "")
    assert f"127.0.0.1:{port}" in line
    assert "--port" in line


def test_it_serves_without_anything_to_print_on() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = f'exec "{sys.executable}" -m simulator serve --only recoup --port {port} >&-'
    with subprocess.Popen(command, shell=True, cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            answer = wait_for(f"http://127.0.0.1:{port}/_understudy/health")
        finally:
            process.terminate()
        _, said = process.communicate(timeout=30)
    assert (answer.status_code, process.returncode, said) == (200, 0, b"")


def wait_for(url: str) -> httpx.Response:
    """Ask until somebody answers, for up to 20 s."""
    for _ in range(200):
        try:
            return httpx.get(url, trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise TimeoutError(url)


def test_a_host_that_is_none_is_one_clear_line() -> None:
    ended = understudy("serve", "--host", "256.0.0.1", "--port", "0")
    assert ended.status == 1
    assert "256.0.0.1" in one_line(ended.err)


def test_ports_past_the_last_one_are_one_clear_line() -> None:
    ended = understudy("serve", "--port", "65534", "--port-per-provider")
    assert ended.status == 1
    assert "65536" in one_line(ended.err)


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["--only", "nobody"], "leonardo, nanogpt, recoup"),
        (["--switch", "nanogpt.nothing=x"], "nanogpt has: "),
        (["--switch", "nobody.nothing=x"], "nobody"),
        (["--only", "recoup", "--switch", "nanogpt.content=json"], "of no provider served"),
        (["--switch", "nanogpt.failed-error=x"], "string, object"),
        (["--reload", "--port", "0"], "fixed port"),
    ],
)
def test_a_choice_that_is_none_is_one_clear_line(words: list[str], word: str) -> None:
    ended = understudy("serve", "--port", "0", *words)
    assert ended.status == 1
    assert word in one_line(ended.err)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nobody: [a]", "nobody"),
        ("recoup: [my-own]", "'my-own'"),
        ("recoup: [recoup_sk_a, recoup_sk_a]", "twice"),
    ],
)
def test_keys_that_would_never_work_are_one_clear_line(
    tmp_path: Path, text: str, word: str
) -> None:
    ended = understudy("serve", "--port", "0", "--keys", keys_file(tmp_path, text))
    assert ended.status == 1
    assert word in one_line(ended.err)


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("operationId: createVideo", "operationId: ''", "#/paths/"),
        ("openapi: 3.1.0", "openapi: [3.1.0", "#:"),
        ("'#/components/schemas/Video'", "'#/components/schemas/None'", "#/"),
    ],
)
def test_a_broken_contract_is_named_by_file_and_pointer(
    tmp_path: Path, old: str, new: str, pointer: str
) -> None:
    for folder in ("contracts", "simulator"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    document = tmp_path / "contracts" / "recoup" / "openapi.yaml"
    text = document.read_text("utf-8")
    assert old in text
    document.write_text(text.replace(old, new), "utf-8")
    ended = understudy(
        "serve", "--port", "0", root=tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache")
    )
    line = one_line(ended.err)
    assert (ended.status, ended.out) == (1, "")
    assert f"{document}{pointer}" in line


def test_only_serves_one_provider() -> None:
    with serving("--only", "leonardo") as at:
        assert [item["name"] for item in at.said["providers"]] == ["leonardo"]
        assert httpx.get(f"{at.url}/api/tasks/runs").status_code == 404


def test_each_provider_may_have_a_port_of_its_own() -> None:
    with serving("--port-per-provider") as at:
        origins = {item["name"]: httpx.URL(item["url"]) for item in at.said["providers"]}
        assert len({url.port for url in origins.values()}) == 3
        recoup, leonardo = at.provider("recoup"), at.provider("leonardo")
        path = "/api/tasks/runs"
        headers = {"x-api-key": recoup["keys"][0]}
        assert httpx.get(recoup["url"] + path, headers=headers).status_code == 200
        elsewhere = httpx.URL(leonardo["url"]).copy_with(path=path)
        assert httpx.get(elsewhere, headers=headers).status_code == 404
        for item in at.said["providers"]:
            health = httpx.URL(item["url"]).copy_with(path="/_understudy/health")
            assert httpx.get(health).json()["providers"] == ["leonardo", "nanogpt", "recoup"]
        assert at.stopped_by(signal.SIGTERM).status == 0


def test_variables_reach_the_server(tmp_path: Path) -> None:
    path = keys_file(tmp_path, "recoup: recoup_sk_my_own\n")
    with serving(UNDERSTUDY_DIALECT="live", UNDERSTUDY_KEYS=path) as at:
        assert at.provider("recoup")["keys"][0] == "recoup_sk_my_own"
        assert httpx.get(f"{at.url}/_understudy/health").json()["dialect"] == "live"
        headers = {"x-api-key": "recoup_sk_my_own"}
        assert httpx.get(f"{at.url}/api/tasks/runs", headers=headers).status_code == 200


def test_with_reload_it_serves_and_stops_too() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with serving("--reload", "--port", port) as at:
        assert at.url == f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=transport, timeout=20) as client:
            assert client.get(f"{at.url}/_understudy/health").json()["status"] == "ok"
        ended = at.stopped_by(signal.SIGINT)
    assert ended.status == 0
    assert "Traceback" not in ended.err


def test_behind_a_public_url_it_tells_where_it_listens() -> None:
    with serving("--public-url", "https://a.test", "--port-per-provider") as at:
        assert at.said["url"] == "https://a.test"
        assert {item["url"].startswith("https://a.test") for item in at.said["providers"]} == {True}
        assert len(set(at.said["bound"])) == 3
        for bound in at.said["bound"]:
            health = httpx.get(f"{bound}/_understudy/health", trust_env=False)
            assert health.status_code == 200


@pytest.mark.parametrize(
    ("flags", "has_control"),
    [
        ((), True),
        (("--host", "localhost"), True),
        (("--host", "0.0.0.0"), False),
        (("--host", "0.0.0.0", "--control-key", "open-sesame"), True),
    ],
)
def test_it_tells_whether_there_is_a_control_plane(
    flags: tuple[str, ...], has_control: bool
) -> None:
    with serving("--only", "recoup", *flags) as at:
        assert at.said["control_plane"] is has_control
        key = {"understudy-control-key": "open-sesame"}
        reply = httpx.get(f"{at.url}/_understudy/tenants", headers=key, trust_env=False)
        assert (reply.status_code == 200) is has_control
