"""The command as a process of its own, as people start it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "simulator"]
"""How to start the command in a checkout."""

_PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process left behind."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves, and what it said when it was ready."""

    process: subprocess.Popen[str]
    said: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.said["url"])

    def provider(self, name: str) -> Mapping[str, Any]:
        """What it said of a provider."""
        return next(item for item in self.said["providers"] if item["name"] == name)

    def stopped_by(self, number: int) -> Ended:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=_PATIENCE_S)
        return Ended(self.process.returncode, out, err)


def understudy(*words: str, root: Path = ROOT, **variables: str) -> Ended:
    """Run a command to its end."""
    ended = subprocess.run(
        [*COMMAND, *words],
        cwd=root,
        env=_environment(variables),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@contextmanager
def serving(*words: str, **variables: str) -> Iterator[Running]:
    """Run `serve --json` on a free port until the block ends."""
    flags = ["--json", *(() if "--port" in words else ("--port", "0"))]
    with subprocess.Popen(
        [*COMMAND, "serve", *flags, *words],
        cwd=ROOT,
        env=_environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield Running(process, json.loads(line))
        finally:
            process.kill()


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "UNDERSTUDY" not in name}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **variables}
