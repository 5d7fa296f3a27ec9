"""A shelf keeps what is read and what was used last, within its bound."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from simulator.media.shelf import Shelf


def put(shelf: Shelf, name: str, size: int = 10) -> Path:
    with shelf.reading(name):
        shelf.draft(name).write_bytes(b"x" * size)
        return shelf.keep(name)


def test_the_longest_unused_file_goes_first() -> None:
    shelf = Shelf(30)
    paths = {name: put(shelf, name) for name in "abc"}
    assert shelf.find("a") == paths["a"]
    put(shelf, "d")
    assert shelf.find("b") is None
    assert not paths["b"].exists()
    assert [name for name in "abcd" if shelf.find(name)] == ["a", "c", "d"]
    assert shelf.size_bytes == 30


def test_a_file_that_is_read_stays_until_it_was() -> None:
    shelf = Shelf(10)
    path = put(shelf, "a")
    with shelf.reading("a"):
        put(shelf, "b")
        assert path.exists()
        put(shelf, "c")
        assert path.exists()
    assert shelf.size_bytes <= 10
    put(shelf, "d")
    assert not path.exists()


def test_a_file_larger_than_the_shelf_is_there_for_its_reader() -> None:
    shelf = Shelf(5)
    with shelf.reading("a"):
        shelf.draft("a").write_bytes(b"x" * 50)
        path = shelf.keep("a")
        assert path.read_bytes() == b"x" * 50
    assert shelf.find("a") is None
    assert shelf.size_bytes == 0


def test_a_shelf_takes_its_folder_along() -> None:
    shelf = Shelf(100)
    folder = put(shelf, "a").parent
    del shelf
    assert not folder.exists()


_KEEPER = """
import os, sys
from pathlib import Path
from simulator.media.shelf import Shelf
shelf = Shelf(10)
shelf.draft("a").write_bytes(b"x")
print(shelf.draft("a").parent, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")
def test_a_folder_is_cleared_away_when_its_process_was_killed_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "understudy-media-being-made").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", _KEEPER],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as keeper:
        assert keeper.stdout is not None
        folder = Path(keeper.stdout.readline().strip())
        assert folder.parent == tmp_path
        put(Shelf(10), "b")
        assert (folder / "draft-a").exists()
        keeper.send_signal(signal.SIGKILL)
        keeper.wait()
    assert folder.exists()
    put(Shelf(10), "b")
    assert [path.name for path in tmp_path.iterdir()] == ["understudy-media-being-made"]
