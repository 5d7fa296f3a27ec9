"""Runs `understudy ctl` against a stand-in on a socket, in this process."""

import json
from typing import Any

from click.testing import CliRunner, Result

from simulator.cli import main
from tests.served import Ready


def ctl(ready: Ready, *words: str, **environment: str) -> Result:
    """Run one command; its output and exit code."""
    variables = {"UNDERSTUDY_URL": ready.url, **environment}
    return CliRunner().invoke(main, ["ctl", *words], env=variables)


def told(ready: Ready, *words: str, **environment: str) -> Any:
    """Run one command that must succeed, and answer its JSON."""
    result = ctl(ready, "--json", *words, **environment)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)
