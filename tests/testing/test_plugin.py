"""The pytest plugin as users have it, and what it costs those who do not."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.served import served
from tests.testing.outer import pytest_in

HEAVY: Final = ("anyio", "contracts", "httpx", "jsonschema_rs", "msgspec", "starlette", "uvicorn")

ALONE: Final = ("-p", "simulator.testing.plugin", "-p", "xdist.plugin")
NO_OTHERS: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

ISOLATED: Final = """
import httpx
import pytest

ORDER = {"prompt": "A cat", "model": "kling-video-v2", "duration": "5"}


@pytest.fixture(scope="session")
def client():
    with httpx.Client() as shared:
        yield shared


@pytest.mark.parametrize("number", range(200))
@pytest.mark.understudy(now="2026-08-01T09:00:00Z", frozen=True)
def test_a_world(understudy, nanogpt, client, number):
    minutes = 1 + number % 7
    if number % 2:
        understudy.fail_next("createVideo", "rate_limited", times=1)
    understudy.credits("nanogpt", 10 + number)
    understudy.clock.advance(f"{minutes}m")
    url = f"{nanogpt.url}/api/generate-video"
    status = client.post(url, json=ORDER, headers=nanogpt.headers()).status_code
    assert status == (429 if number % 2 else 202)
    assert len(understudy.runs("nanogpt")) == (0 if number % 2 else 1)
    assert understudy.clock.now.isoformat() == f"2026-08-01T09:0{minutes}:00+00:00"
    assert (nanogpt.credits() == 10 + number) == bool(number % 2)
    understudy.requests.assert_called(times=1)
"""

SHARED: Final = """
import pytest
from simulator.testing import World
from simulator.providers.nanogpt import PROVIDER


@pytest.fixture
def understudy(understudy_server):
    told = {"name": "default", "seed": "understudy", "keys": {"nanogpt": PROVIDER.demo_keys}}
    server = understudy_server
    return World(told, server._control, lambda: server.url, lambda: server.transport)
"""


def test_two_hundred_tests_share_one_stand_in_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "test_worlds.py").write_text(ISOLATED)
    with served() as ready:
        session = pytest_in(tmp_path, *ALONE, "-n", "2", "--understudy-url", ready.url, **NO_OTHERS)
    assert session.count("passed") == 200, session.out
    assert session.status == 0, session.out


def test_that_proof_fails_where_tests_share_a_world(tmp_path: Path) -> None:
    (tmp_path / "test_worlds.py").write_text(ISOLATED)
    (tmp_path / "conftest.py").write_text(SHARED)
    with served("--only", "nanogpt") as ready:
        session = pytest_in(
            tmp_path, *ALONE, "-n", "2", "--understudy-url", ready.url, "--tb=no", **NO_OTHERS
        )
    assert session.count("failed") == 200, session.out


def test_a_run_without_the_fixtures_imports_nothing_of_the_stand_in(tmp_path: Path) -> None:
    (tmp_path / "test_modules.py").write_text(
        "import sys\n"
        "def test_modules():\n"
        "    ours = {name for name in sys.modules if name.split('.')[0] == 'simulator'}\n"
        "    assert ours == {'simulator', 'simulator.testing', 'simulator.testing.plugin'}\n"
        f"    assert not set({HEAVY!r}) & set(sys.modules)\n"
    )
    plugins = ("-p", "simulator.testing.plugin", "-p", "conformance.pytest_plugin")
    session = pytest_in(tmp_path, *plugins, **NO_OTHERS)
    assert session.status == 0, session.out


def test_the_plugin_is_loaded_in_a_moment() -> None:
    program = (
        "import pytest, time\n"
        "before = time.process_time()\n"
        "import simulator.testing.plugin\n"
        "print(time.process_time() - before)\n"
    )
    command = [sys.executable, "-c", program]
    told = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(told) < 0.02


def test_the_fixtures_are_there_without_an_import(tmp_path: Path) -> None:
    (tmp_path / "test_fixtures.py").write_text(
        "def test_env(understudy, recoup, nanogpt, leonardo):\n"
        "    assert recoup.env()['RECOUP_API_URL'] == understudy.url\n"
        "    assert nanogpt.env()['NANOGPT_BASE_URL'] == understudy.url + '/api'\n"
        "    assert leonardo.url == understudy.url + '/api/rest/v1'\n"
        "    assert leonardo.env(2)['LEONARDO_API_KEY'] == leonardo.second_key\n"
    )
    session = pytest_in(tmp_path, "--strict-config", "--strict-markers", "-W", "error")
    assert session.status == 0, session.out


def test_a_failed_test_shows_what_was_asked(tmp_path: Path) -> None:
    (tmp_path / "test_failing.py").write_text(
        "import httpx\n"
        "def test_it(understudy, nanogpt):\n"
        "    httpx.get(nanogpt.url + '/api/video/status', headers=nanogpt.headers())\n"
        "    assert False\n"
    )
    session = pytest_in(tmp_path, *ALONE, **NO_OTHERS)
    assert session.count("failed") == 1
    assert "400  GET /api/video/status  getVideoStatus" in session.out


def test_options_are_those_of_a_fixture_that_users_define(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "@pytest.fixture(scope='session')\n"
        "def understudy_options():\n"
        "    return {'only': ['recoup'], 'scenarios': 'mine'}\n"
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "away.yaml").write_text(
        "name: away\ndescription: Gone.\nmatch: {provider: recoup}\ngive: {error: unavailable}\n"
    )
    (tmp_path / "test_options.py").write_text(
        "import httpx, pytest\n"
        "def test_only(understudy, recoup):\n"
        "    understudy.scenario('away')\n"
        "    reply = httpx.get(recoup.url + '/api/artists', headers=recoup.headers())\n"
        "    assert reply.status_code == 503\n"
        "    with pytest.raises(LookupError, match='not served; there are: recoup'):\n"
        "        understudy.nanogpt\n"
    )
    session = pytest_in(tmp_path, *ALONE, **NO_OTHERS)
    assert session.status == 0, session.out
