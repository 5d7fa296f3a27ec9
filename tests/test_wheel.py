"""The wheel: what is in it, and that it works where no checkout is."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {name for name in ("conformance", "contracts", "simulator") if (ROOT / name).is_dir()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, str(ROOT)],
        check=True,
        stderr=subprocess.PIPE,
    )
    [made] = folder.glob("*.whl")
    return made


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_top_level_is_our_packages_alone(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names(wheel)}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES
    assert len(top) == len(PACKAGES) + 1


def test_every_module_and_every_piece_of_data_is_inside(wheel: Path) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".yaml", ".md"} and "fixtures" not in path.parts
    }
    wanted |= {
        f"simulator/{path.relative_to(ROOT)}"
        for path in (ROOT / "fixtures").rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert wanted <= names(wheel)
    assert {"simulator/fixtures/media/sample.mp4", "contracts/recoup/openapi.yaml"} <= wanted


def test_nothing_else_is_inside(wheel: Path) -> None:
    endings = {Path(name).suffix for name in names(wheel) if ".dist-info/" not in name}
    assert not endings & {".pyc", ".lock", ".toml", ".sh"}
    assert not any("make.py" in name for name in names(wheel))


def test_the_installed_wheel_finds_its_contracts_and_its_data(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    program = (
        "import sys, simulator\n"
        "from simulator import resources\n"
        "from simulator.cli import main\n"
        "assert simulator.__file__.startswith(sys.argv[1]), simulator.__file__\n"
        "print(resources.fixture('media', 'sample.mp4'))\n"
        "main(['routes', '--json'])\n"
    )
    site = str(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-c", program, site],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": site},
    )
    found, _, listing = done.stdout.partition("\n")
    assert found == str(tmp_path / "site" / "simulator" / "fixtures" / "media" / "sample.mp4")
    assert "createContentVideo" in listing or "/api/content/video" in listing
