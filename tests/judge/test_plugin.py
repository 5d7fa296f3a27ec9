"""A bad reply fails the test that caused it, wherever it was asked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PLANTED = """
import threading

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


def ask(*answer):
    async def list_templates(call, desk):
        return Reply(*answer)

    provider = replace(PROVIDER, handlers=lambda: {"listTemplates": list_templates})
    house = House({"recoup": provider}, Settings(), MemoryStore())
    edge = VendorEdge(house, router_of({"recoup": contracts.load("recoup")}, {"recoup": provider}))
    headers = {"x-api-key": PROVIDER.demo_keys[0]}
    exchange = {"method": "GET", "path": "/api/content/templates", "headers": headers}
    return anyio.run(send, edge, exchange)


@pytest.fixture
def before():
    ask(200, {"templates": [{"id": "a"}]})


@pytest.fixture
def after():
    yield
    ask(200, {"templates": [{"id": "a"}, {"id": "b"}]})


def test_good():
    ask(200, {"templates": [{"id": "a", "description": "b"}]})


def test_bad_member():
    ask(200, {"templates": [{"id": 1, "description": "b"}]})


def test_bad_status():
    ask(418, {"error": "teapot"})


def test_bad_kind():
    ask(200, b"text", (("content-type", "text/plain"),))


def test_bad_in_a_thread():
    thread = threading.Thread(target=ask, args=(200, {"templates": [{"description": "b"}]}))
    thread.start()
    thread.join()


def test_bad_fixture(before):
    pass


def test_bad_teardown(after):
    pass


def test_nothing():
    pass
"""


def test_a_reply_that_breaks_the_contract_fails_its_test(tmp_path: Path) -> None:
    path = tmp_path / "test_planted.py"
    path.write_text(PLANTED)
    flags = ["-q", "-p", "tests.judge.plugin", "-p", "no:randomly", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, "-c", os.devnull, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    found = re.findall(r"^(FAILED|ERROR) \S+::(\w+)", result.stdout, re.MULTILINE)
    assert sorted(found) == [
        ("ERROR", "test_bad_teardown"),
        ("FAILED", "test_bad_fixture"),
        ("FAILED", "test_bad_in_a_thread"),
        ("FAILED", "test_bad_kind"),
        ("FAILED", "test_bad_member"),
        ("FAILED", "test_bad_status"),
    ], result.stdout
    assert "5 failed, 3 passed, 1 error" in result.stdout
    assert "recoup (documented) listTemplates: GET /api/content/templates" in result.stdout
    assert "/templates/0: 'description' is a required property" in result.stdout
