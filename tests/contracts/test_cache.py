"""The cache: what is kept comes back, and a cache that fails is no failure."""

from pathlib import Path
from typing import Any

import pytest

from contracts import cache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "understudy" / "contracts"


def test_a_document_kept_comes_back(folder: Path) -> None:
    cache.put("abc", {"paths": {"/ä": [1.5, None]}})
    assert cache.get("abc") == {"paths": {"/ä": [1.5, None]}}
    assert [path.name for path in folder.iterdir()] == ["abc.json"]


def test_an_unknown_digest_gives_none(folder: Path) -> None:
    assert cache.get("abc") is None
    assert not folder.exists()


@pytest.mark.parametrize("content", [b"", b'{"a":', b"[]", b"\xff"])
def test_a_spoilt_file_gives_none(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "abc.json").write_bytes(content)
    assert cache.get("abc") is None


def test_a_folder_that_cannot_be_made_is_skipped(folder: Path) -> None:
    folder.parent.write_text("a file where the folder should be")
    cache.put("abc", {})
    assert cache.get("abc") is None


def test_a_document_that_is_no_json_is_skipped(folder: Path) -> None:
    cache.put("abc", {"too_large": 2**70})
    assert cache.get("abc") is None


def test_a_write_that_fails_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(str(target))

    monkeypatch.setattr(Path, "replace", refuse)
    cache.put("abc", {})
    assert list(folder.iterdir()) == []


def test_a_relative_cache_home_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/someone")
    assert cache.directory() == Path("/home/someone/.cache/understudy/contracts")


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Any:
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    cache.put("abc", {})
    assert cache.get("abc") is None
