"""A bad reply fails the test that caused it, wherever it was asked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTED = """
from msgspec.structs import replace

import anyio
import pytest

import contracts
from simulator.house import House
from simulator.http.exchange import VendorEdge
from simulator.http.serving import router_of
from simulator.provider import Reply
from simulator.providers.recoup import PROVIDER
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore
from tests.exchanges.client import send


async def list_templates(call, desk):
    return Reply(*ANSWER)


def ask():
    provider = replace(PROVIDER, handlers=lambda: {"listTemplates": list_templates})
    house = House({"recoup": provider}, Settings(), MemoryStore())
    edge = VendorEdge(house, router_of({"recoup": contracts.load("recoup")}, {"recoup": provider}))
    headers = {"x-api-key": PROVIDER.demo_keys[0]}
    exchange = {"method": "GET", "path": "/api/content/templates", "headers": headers}
    return anyio.run(send, edge, exchange)
"""

GOOD = '(200, {"templates": [{"id": "a", "description": "b"}]})'
NO_DESCRIPTION = '(200, {"templates": [{"id": "a"}]})'
BAD_STATUS = '(418, {"error": "teapot"})'
BAD_KIND = '(200, b"text", (("content-type", "text/plain"),))'


def run(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run a test file with the judge alone."""
    path = folder / "test_planted.py"
    path.write_text(PLANTED + source)
    flags = ["-q", "-p", "tests.judge.plugin", "-p", "no:randomly", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *flags, "-c", os.devnull, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def outcomes(output: str) -> list[str]:
    """The summary's lines without the path of the file."""
    found = re.findall(r"^(FAILED|ERROR) \S+::(\w+)", output, re.MULTILINE)
    return [f"{outcome} {test}" for outcome, test in found]


@pytest.mark.parametrize("answer", [NO_DESCRIPTION, BAD_STATUS, BAD_KIND])
def test_a_reply_that_breaks_the_contract_fails_its_test(tmp_path: Path, answer: str) -> None:
    source = f"ANSWER = {answer}\n\ndef test_asking():\n    ask()\n\ndef test_after():\n    pass\n"
    result = run(tmp_path, source)
    assert "1 failed, 1 passed" in result.stdout
    assert outcomes(result.stdout) == ["FAILED test_asking"]
    assert "recoup (documented) listTemplates: GET /api/content/templates" in result.stdout


def test_a_reply_in_a_fixture_and_in_its_teardown_is_judged_too(tmp_path: Path) -> None:
    source = f"""
ANSWER = {NO_DESCRIPTION}

@pytest.fixture
def before():
    ask()

@pytest.fixture
def after():
    yield
    ask()

def test_fixture(before):
    pass

def test_teardown(after):
    pass
"""
    result = run(tmp_path, source)
    assert "'description' is a required property" in result.stdout
    assert outcomes(result.stdout) == ["FAILED test_fixture", "ERROR test_teardown"]
    assert "1 failed, 1 passed, 1 error" in result.stdout


def test_a_reply_that_keeps_the_contract_passes(tmp_path: Path) -> None:
    result = run(tmp_path, f"ANSWER = {GOOD}\n\ndef test_asking():\n    ask()\n")
    assert "1 passed" in result.stdout
