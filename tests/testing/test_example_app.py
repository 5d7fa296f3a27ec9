"""The example application's tests pass for somebody who copied the folder, and take no time."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.testing.outer import pytest_in

APP = Path(__file__).parents[2] / "fixtures" / "example_app"
MOST_CPU_S = 10
"""A bound that sleeping would not break and looping would; the measure is far below it."""


@pytest.mark.skipif(sys.platform == "win32", reason="CPU time of children is told by resource")
def test_the_example_passes_where_it_was_copied_to(tmp_path: Path) -> None:
    import resource

    shutil.copytree(APP, tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    session = pytest_in(tmp_path, "app", "-W", "error")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert session.status == 0, session.out
    assert session.count("passed") >= 30
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < MOST_CPU_S


def test_the_example_never_sleeps() -> None:
    for path in APP.glob("test_*.py"):
        text = path.read_text("utf-8")
        assert "asyncio.sleep" not in text
        assert "time.sleep" not in text
