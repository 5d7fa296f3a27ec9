"""The replies of this very test run are recorded, whatever thread answers."""

import threading

import anyio
import pytest

from simulator.app import create_app
from simulator.settings import Settings
from tests.exchanges.client import send
from tests.judge.plugin import recorder_of

_KEY = {"x-api-key": "recoup_sk_test"}


def ask(method: str, path: str) -> None:
    app = create_app(Settings(only=("recoup",)))
    anyio.run(send, app, {"method": method, "path": path, "headers": _KEY})


def test_a_declared_operation_is_recorded(pytestconfig: pytest.Config) -> None:
    recorder = recorder_of(pytestconfig)
    recorder.faults()
    before = recorder.count
    ask("GET", "/api/content/templates")
    assert recorder.faults() == []
    assert recorder.count == before + 1


def test_a_reply_in_another_thread_is_recorded(pytestconfig: pytest.Config) -> None:
    recorder = recorder_of(pytestconfig)
    recorder.faults()
    before = recorder.count
    thread = threading.Thread(target=ask, args=("GET", "/api/content/templates/none"))
    thread.start()
    thread.join()
    assert recorder.faults() == []
    assert recorder.count == before + 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/api/content/templates"),
        ("OPTIONS", "/api/content/templates"),
        ("DELETE", "/api/content/templates"),
        ("GET", "/api/content/nothing"),
    ],
)
def test_what_no_contract_declares_is_left_out(
    pytestconfig: pytest.Config, method: str, path: str
) -> None:
    recorder = recorder_of(pytestconfig)
    recorder.faults()
    before = recorder.count
    ask(method, path)
    recorder.faults()
    assert recorder.count == before
