"""A stand-in as a user starts it: a process of its own, on a free loopback port."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
_PATIENCE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Ready:
    """What `understudy serve --json` told; `providers` by name."""

    url: str
    providers: Mapping[str, Mapping[str, Any]]


@contextmanager
def served(*flags: str) -> Iterator[Ready]:
    """Run `understudy serve --json --port 0` until the block is left."""
    command = [sys.executable, "-m", "simulator", "serve", "--json", "--port", "0", *flags]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("UNDERSTUDY_")
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            readable, _, _ = select.select([process.stdout], [], [], _PATIENCE_S)
            assert readable, "the server did not start"
            line = process.stdout.readline()
            assert line, f"the server ended with {process.wait(_PATIENCE_S)}"
            told = json.loads(line)
            providers = {item["name"]: item for item in told["providers"]}
            yield Ready(told["url"], providers)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
