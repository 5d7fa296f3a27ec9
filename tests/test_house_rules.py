"""What every room keeps to: uniform providers, one reader of the wall clock, files one can read."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path for room in ("contracts", "simulator") for path in (ROOT / room).rglob("*.py")
)
EVERY_SOURCE = [*SOURCES, *sorted((ROOT / "conformance").rglob("*.py"))]
PROVIDERS = sorted(path.parent for path in (ROOT / "simulator" / "providers").glob("*/__init__.py"))
EIGHT = {
    "__init__.py",
    "accounts.py",
    "records.py",
    "operations.py",
    "modes.py",
    "wire.py",
    "errors.py",
    "catalog.py",
}
CALLBACKS = "callbacks.py"
"""What a vendor has beside them whose callbacks we know."""

LONGEST = 400
LONGEST_DATA = 500
CLOCK = ROOT / "simulator" / "core" / "clock.py"
_WALL_CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "date.today",
    "datetime.date.today",
    "asyncio.sleep",
    "anyio.sleep",
}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", PROVIDERS, ids=lambda path: path.name)
def test_every_provider_has_the_same_eight_files(folder: Path) -> None:
    files = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    assert files - {CALLBACKS} == EIGHT


@pytest.mark.parametrize("folder", PROVIDERS, ids=lambda path: path.name)
def test_every_provider_has_a_contract_of_its_name(folder: Path) -> None:
    assert (ROOT / "contracts" / folder.name / "openapi.yaml").is_file()
    assert (ROOT / "contracts" / folder.name / "SOURCE.md").is_file()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    most = LONGEST_DATA if path.name == "catalog.py" else LONGEST
    assert len(path.read_text("utf-8").splitlines()) <= most


@pytest.mark.parametrize("path", [path for path in SOURCES if path != CLOCK], ids=_name)
def test_only_the_clock_reads_the_time(path: Path) -> None:
    assert wall_clock_reads(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", EVERY_SOURCE, ids=_name)
def test_the_judge_and_the_stand_in_do_not_know_each_other(path: Path) -> None:
    other = {"simulator": {"conformance"}, "conformance": {"simulator"}}
    room = path.relative_to(ROOT).parts[0]
    assert not imported(path.read_text("utf-8")) & other.get(room, {"simulator", "conformance"})


def test_the_check_itself_finds_imports_wherever_they_stand() -> None:
    text = "import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    import i"
    assert imported(text) == {"a", "c", "d", "i"}


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "import time as t",
        "from time import monotonic",
        "from datetime import datetime\nnow = datetime.now()",
        "import datetime\nclock = datetime.datetime.utcnow",
        "from datetime import date\ndate.today()",
        "import anyio\nawait anyio.sleep(1)",
    ],
)
def test_the_check_itself_finds_readers_of_the_time(text: str) -> None:
    assert wall_clock_reads(text)


def test_the_check_itself_lets_other_names_pass() -> None:
    text = "from datetime import datetime\ndatetime.fromtimestamp(1)\nclock.now()\nimport timeit"
    assert wall_clock_reads(text) == []


def wall_clock_reads(text: str) -> list[str]:
    """Find in a source what reads the wall clock or waits for it: module `time`, and some names."""
    found: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name == "time"]
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found.append("time")
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in _WALL_CLOCK:
            found.append(ast.unparse(node))
    return found


def imported(text: str) -> set[str]:
    """The top-level names that a source imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
