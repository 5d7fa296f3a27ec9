"""The README tells the truth: its examples run, its table and its flags are up to date."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from simulator.app import installed_providers
from simulator.cli import main
from simulator.core.triggers import TRIGGER
from tests.readme_table import README, filled
from tests.served import Ready, served
from tests.testing.outer import pytest_in

TEXT: Final = README.read_text()
BLOCKS: Final = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
ORIGIN: Final = "http://127.0.0.1:8400"


def _examples(language: str) -> list[str]:
    return [block for name, block in BLOCKS if name == language]


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Ready]:
    with served("--speed", "20") as ready:
        yield ready


def run(command: list[str], block: str, ready: Ready, folder: Path) -> str:
    """Run an example against the stand-in, in an empty folder, and answer what it printed."""
    result = subprocess.run(
        [*command, block.replace(ORIGIN, ready.url)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr + result.stdout
    return result.stdout


def assert_downloads(block: str, folder: Path) -> None:
    """Every video that an example names was written, and is one."""
    for name in re.findall(r"\b(\w+\.mp4)\b", block):
        assert (folder / name).read_bytes()[4:8] == b"ftyp", name


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("block", _examples("sh"))
def test_a_shell_example_works(stand_in: Ready, tmp_path: Path, block: str) -> None:
    assert ORIGIN in block
    run(["bash", "-euo", "pipefail", "-c"], block, stand_in, tmp_path)
    assert_downloads(block, tmp_path)


def _is_test(block: str) -> bool:
    return "\ndef test_" in block


@pytest.mark.parametrize("block", [item for item in _examples("python") if not _is_test(item)])
def test_a_python_example_works(stand_in: Ready, tmp_path: Path, block: str) -> None:
    assert ORIGIN in block or "Understudy(" in block
    run([sys.executable, "-c"], block, stand_in, tmp_path)
    assert_downloads(block, tmp_path)


@pytest.mark.parametrize("block", [item for item in _examples("python") if _is_test(item)])
def test_an_example_for_pytest_passes(tmp_path: Path, block: str) -> None:
    (tmp_path / "test_example.py").write_text(block)
    session = pytest_in(tmp_path, "-W", "error")
    assert session.count("passed") == block.count("\ndef test_"), session.out
    assert session.status == 0


def test_every_provider_has_examples() -> None:
    for provider in installed_providers().values():
        section = TEXT.partition(f"\n## {provider.title}\n")[2].partition("\n## ")[0]
        assert "```sh\n" in section
        assert "```python\n" in section
        assert ".mp4" in section


def test_every_block_is_run_or_shows_a_command() -> None:
    assert {language for language, _ in BLOCKS} == {"console", "sh", "python", "yaml"}


@pytest.mark.parametrize("line", "".join(_examples("console")).splitlines())
def test_a_console_line_is_a_command_that_there_is(line: str) -> None:
    program, *words = line.removeprefix("$ ").partition("#")[0].split()
    if program == "make":
        assert f"\n{words[0]}:" in (README.parent / "Makefile").read_text()
    elif program == "understudy":
        commands = _named(words)
        assert len(commands) > 1
        flags = {name for command in commands for item in command.params for name in item.opts}
        assert {word for word in words if word.startswith("--")} <= flags
    else:
        assert (program, *words) == ("pip", "install", ".")


def _named(words: list[str]) -> list[click.Command]:
    """The commands that a line goes through, from the outermost."""
    commands: list[click.Command] = [main]
    for word in words:
        inner = commands[-1]
        if isinstance(inner, click.Group):
            found = inner.get_command(click.Context(inner), word)
            commands += [] if found is None else [found]
    return commands


def test_the_table_is_that_of_the_contracts() -> None:
    assert filled(TEXT) == TEXT, "python -m tests.readme_table --write"


def test_every_flag_of_serve_is_told_and_no_other() -> None:
    section = TEXT.partition("## Flags of `understudy serve`")[2].partition("\n### ")[0]
    rows = "\n".join(line.split(" | ")[0] for line in section.splitlines() if line[:2] == "| ")
    options = [item for item in main.commands["serve"].params if isinstance(item, click.Option)]
    assert set(re.findall(r"--[a-z][a-z-]+", rows)) == {option.opts[0] for option in options}


def test_the_demo_keys_are_told() -> None:
    section = TEXT.partition("## Keys")[2].partition("\n## ")[0]
    for provider in installed_providers().values():
        row = next(line for line in section.splitlines() if line.startswith(f"| {provider.title}"))
        assert re.findall(r"`([^`]+)`", row)[-2:] == list(provider.demo_keys)


def test_the_triggers_are_those_that_there_are() -> None:
    section = TEXT.partition("## Triggers")[2].partition("```")[0]
    told = re.findall(r"^\| `(\[[^`]+\])`", section, re.MULTILINE)
    assert len(told) == 4
    assert all(TRIGGER.fullmatch(trigger) for trigger in told)


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (README.parent / target).exists()
    for path in re.findall(r"`((?:contracts|simulator|fixtures|tests)/[\w./]*)`", TEXT):
        assert (README.parent / path).exists(), path
