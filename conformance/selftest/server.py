"""Starts the clean target: `understudy serve` as a process of its own, by the installed command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.selftest.live import Clean
from conformance.target import BadTarget, Keys
from contracts import Dialect

_END_SECONDS = 10.0


@contextmanager
def served(
    providers: tuple[str, ...], dialect: Dialect, speed: float
) -> Iterator[tuple[Clean, ...]]:
    """Serve some providers on a free port until the block ends; raises BadTarget if it cannot."""
    command = [_command(), "serve", "--port", "0", "--json", "--dialect", dialect,
               "--speed", f"{speed:g}"]  # fmt: skip
    for provider in providers:
        command += ["--only", provider]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        yield _ready(process, providers)
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _command() -> str:
    """Return the installed command: the one beside this Python, else the one on the path."""
    beside = Path(sys.executable).parent
    found = shutil.which("understudy", path=str(beside)) or shutil.which("understudy")
    if found is None:
        raise BadTarget("no command `understudy` is installed; give --base-url and --key")
    return found


def _ready(process: subprocess.Popen[bytes], providers: tuple[str, ...]) -> tuple[Clean, ...]:
    line = process.stdout.readline() if process.stdout is not None else b""
    try:
        said = json.loads(line)
        found = {each["name"]: each["keys"] for each in said["providers"]}
        return tuple(
            Clean(name, said["url"], Keys(found[name][0], found[name][1])) for name in providers
        )
    except (ValueError, LookupError) as error:
        raise BadTarget("`understudy serve` did not start") from error
