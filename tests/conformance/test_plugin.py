"""The pytest plugin: one test per rule id, silent and cheap unless asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLUGIN = "conformance.pytest_plugin"
ROOT = str(Path(__file__).parents[2])


def pytest_run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider", *words],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": ROOT, "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
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
