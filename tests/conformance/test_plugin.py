"""The pytest plugin: one test per rule id, silent and cheap unless asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.serving import on_a_port
from tests.conformance.targets import FIRST, SECOND, Target

PLUGIN = "conformance.pytest_plugin"
ROOT = str(Path(__file__).parents[2])


def pytest_run(
    tmp_path: Path, *words: str, keys: tuple[str, str] = ("", "")
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider", *words],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={
            "PYTHONPATH": ROOT, "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "UNDERSTUDY_RECOUP_KEY": keys[0], "UNDERSTUDY_RECOUP_SECOND_KEY": keys[1],
        },
    )  # fmt: skip


def test_each_rule_is_a_test(tmp_path: Path) -> None:
    found = pytest_run(
        tmp_path, "--understudy-target", "recoup", "--understudy-only", "recoup.listTemplates",
        "--collect-only", "-q",
    )  # fmt: skip
    assert "recoup.listTemplates.status" in found.stdout
    assert "recoup.listRuns.status" not in found.stdout


def test_unreachable_target_is_an_error_of_each_test(tmp_path: Path) -> None:
    found = pytest_run(
        tmp_path, "--understudy-target", "recoup", "--understudy-only",
        "recoup.listTemplates.status", "--understudy-base-url", "http://127.0.0.1:9", "-q",
    )  # fmt: skip
    assert found.returncode == 1
    assert "no connection" in found.stdout


def test_without_its_flag_nothing_is_collected(tmp_path: Path) -> None:
    assert pytest_run(tmp_path, "-q").returncode == 5  # no tests


def test_loading_it_imports_nothing_of_the_suite() -> None:
    program = (
        f"import sys, {PLUGIN}\n"
        "print([m for m in sys.modules if m.startswith('conformance.') and m != "
        "'conformance.pytest_plugin'])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout.strip() == "[]"


@pytest.fixture
def served() -> Iterator[tuple[str, Target]]:
    """A small target on a free port; it says that it is an understudy."""
    app = Target(is_understudy=True)
    with on_a_port(app) as url:
        yield url, app


def against(served: tuple[str, Target], tmp_path: Path, *words: str) -> str:
    found = pytest_run(
        tmp_path, "--understudy-target", "recoup", "--understudy-base-url", served[0],
        "--understudy-only", "recoup.listTemplates", "--understudy-only", "recoup.listArtists",
        "-rA", *words, keys=(FIRST, SECOND),
    )  # fmt: skip
    return found.stdout


def calls(served: tuple[str, Target]) -> int:
    """How often the target was asked who it is: once a run."""
    return sum(path == "/_understudy/health" for _, path, _ in served[1].recording.calls)


def test_workers_side_by_side_judge_once_and_test_each_rule_once(
    served: tuple[str, Target], tmp_path: Path
) -> None:
    output = against(served, tmp_path, "-p", "xdist", "-n", "2")
    names = re.findall(r"^(?:PASSED|SKIPPED).*?(recoup\.\S+)", output, re.MULTILINE)
    assert len(names) == len(set(names)) > 20
    assert "failed" not in output.splitlines()[-1]
    assert "2 workers" in output
    assert calls(served) == 1


def test_a_violated_rule_fails_its_own_test_alone_in_any_worker(
    served: tuple[str, Target], tmp_path: Path
) -> None:
    served[1].change = lambda reading, status, answer: (
        (206, answer) if reading.path == "/api/artists" and status == 200 else (status, answer)
    )
    output = against(served, tmp_path, "-p", "xdist", "-n", "2")
    failed = set(re.findall(r"^FAILED .*?(recoup\.\w+)", output, re.MULTILINE))
    assert failed == {"recoup.listArtists"}
    assert "again: understudy check recoup" in output


def test_a_target_that_is_not_there_fails_the_tests_of_every_worker(tmp_path: Path) -> None:
    output = against(("http://127.0.0.1:9", Target()), tmp_path, "-p", "xdist", "-n", "2")
    assert "passed" not in output.splitlines()[-1]
    assert "no connection" in output
