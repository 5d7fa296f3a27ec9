"""The scenarios that can be had by name: those of the user's files, and the library.

The library is read when something of it is first asked for, so that a start costs nothing.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from simulator.core.scenarios import Scenario
from simulator.scripting import files
from simulator.scripting.law import Contracts


class Shelf:
    """Scenarios by name; a file's goes before one of the library.

    Raises `ScenarioError` with a line for each mistake in the user's files.
    """

    def __init__(self, law: Contracts, library: Callable[[], Path], paths: Iterable[Path]) -> None:
        self.law = law
        self._library = library
        self.own = files.read(paths, law)

    @cached_property
    def library(self) -> dict[str, Scenario]:
        """Those that come with the stand-in."""
        return files.read([self._library()], self.law)

    def find(self, name: str) -> Scenario | None:
        """The scenario of a name."""
        return self.own.get(name) or self.library.get(name)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*self.own, *self.library})
