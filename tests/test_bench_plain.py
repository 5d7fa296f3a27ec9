"""The server that the plain path is compared with is the stand-in without what is not used."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.bench.unscripted import without

_PROGRAM = """
import asyncio, json
from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.providers.nanogpt import PROVIDER
from simulator.settings import Settings
from tests.bench import unscripted
from tests.bench.asgi import ask

async def main():
    app = create_app(Settings(clock=Clock(0, 1_700_000_000_000, 0.0)))
    headers = {"x-api-key": PROVIDER.demo_keys[0], "content-type": "application/json"}
    body = {"model": "veo2-video", "prompt": "An eagle over a mountain", "duration": "5s"}
    plain = await ask(app, "POST", "/api/generate-video", headers, body)
    unheard = {**headers, "understudy-scenario": "rate-limited"}
    scripted = await ask(app, "POST", "/api/generate-video", unheard, body)
    print(json.dumps([plain[0], scripted[0]]))

if CUT:
    unscripted.cut()
asyncio.run(main())
"""


def _statuses(*, is_cut: bool) -> Any:
    program = _PROGRAM.replace("if CUT", f"if {is_cut}")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return json.loads(done.stdout)


def test_what_is_cut_out_is_what_the_plain_path_does_not_use() -> None:
    """A plain request is answered as ever, and a scenario is not heard of any more."""
    assert _statuses(is_cut=False) == [202, 429]
    assert _statuses(is_cut=True) == [202, 202]


def test_a_cut_that_fits_nothing_is_an_error() -> None:
    """Source that has changed since is not measured as if it had not."""

    def answer(ask: Callable[[], int]) -> int:
        return ask()

    with pytest.raises(LookupError, match="has no more"):
        without(answer, ("        return 5\n",))
