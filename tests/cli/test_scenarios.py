"""Scenarios on the command line: listed, started with, and driven."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from click.testing import CliRunner

from simulator import resources
from simulator.cli import main
from tests.cli.driving import ctl, told
from tests.served import Ready, served

NANO = "sk-nano-11111111-1111-4111-8111-111111111111"
VIDEO = {"model": "kling-video-v2", "prompt": "A cat", "duration": "5"}
NAMES = sorted(path.stem for path in resources.fixture("scenarios").glob("*.yaml"))


def test_the_library_is_listed() -> None:
    lines = CliRunner().invoke(main, ["scenarios"]).output.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == NAMES
    listed = json.loads(CliRunner().invoke(main, ["scenarios", "--json"]).output)
    assert [item["name"] for item in listed] == NAMES


def test_one_scenario_is_shown_as_it_is_written() -> None:
    shown = yaml.safe_load(CliRunner().invoke(main, ["scenarios", "stuck-run"]).output)
    file = resources.fixture("scenarios", "stuck-run.yaml")
    assert shown == yaml.safe_load(file.read_text())
    assert CliRunner().invoke(main, ["scenarios", "nobody"]).exit_code == 1


@pytest.mark.parametrize("command", ["serve", "scenarios"])
def test_files_with_mistakes_are_told_line_by_line(tmp_path: Path, command: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("description: d\nmatch: {nth: 0}\ngive: {eror: unavailable}\n")
    result = CliRunner().invoke(main, [command, "--scenarios", str(tmp_path)])
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{file}:2", f"{file}:3"]


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "mine.yaml").write_text("description: d\ngive: {error: unavailable}\n")
    with served("--only", "nanogpt", "--scenarios", str(folder)) as ready:
        yield ready


def start(ready: Ready) -> int:
    headers = {"x-api-key": NANO}
    return httpx.post(f"{ready.url}/api/generate-video", json=VIDEO, headers=headers).status_code


def test_scenarios_are_put_in_force_and_end(stand_in: Ready, tmp_path: Path) -> None:
    used = told(stand_in, "scenario", "use", "mine", "--first", "1", "--provider", "nanogpt")
    assert used["definition"]["match"] == {"provider": ["nanogpt"], "first": 1}
    assert [start(stand_in) for _ in range(2)] == [503, 202]
    assert told(stand_in, "scenario", "show", "mine")["applied"] == 1
    file = tmp_path / "two.yaml"
    file.write_text(
        "description: d\ngive: {error: content_policy}\n---\n"
        "name: other\ndescription: d\ngive: {error: unavailable}\n"
    )
    added = told(stand_in, "scenario", "add", str(file), "--times", "1")
    assert [item["name"] for item in added] == ["two", "other"]
    assert [start(stand_in) for _ in range(3)] == [400, 503, 202]
    assert "two  applied 1 of 1  d" in ctl(stand_in, "scenario", "list").stdout
    assert "stuck-run  " in ctl(stand_in, "scenario", "list", "--all").stdout
    told(stand_in, "scenario", "drop", "two")
    told(stand_in, "scenario", "clear")
    assert told(stand_in, "scenario", "list") == {"scenarios": []}
