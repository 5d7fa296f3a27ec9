"""pytest as a user runs it: a process of its own, in a folder of theirs."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Session:
    """What a run of pytest came to."""

    status: int
    out: str

    def count(self, outcome: str) -> int:
        """How many tests ended so: `passed`, `failed`, `error`."""
        found = re.search(rf"(\d+) {outcome}", self.out.splitlines()[-1])
        return int(found[1]) if found else 0


def pytest_in(folder: Path, *words: str, **variables: str) -> Session:
    """Run pytest in a folder to its end."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UNDERSTUDY", "PYTEST"))
    }
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            *words,
        ],
        cwd=folder,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    return Session(ended.returncode, ended.stdout + ended.stderr)
