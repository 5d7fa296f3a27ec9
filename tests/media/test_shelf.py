"""A shelf keeps what is read and what was used last, within its bound."""

from pathlib import Path

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
