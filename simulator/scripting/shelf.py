"""The scenarios that can be had by name: those of the user's files, and the library.

The library is read when something of it is first asked for, so that a start costs nothing.
"""

import difflib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from simulator.core.scenarios import Scenario
from simulator.scripting import files
from simulator.scripting.law import Contracts


class Shelf:
    """Scenarios by name; a file's goes before one of the library."""

    def __init__(self, law: Contracts, library: Callable[[], Path], paths: Iterable[Path]) -> None:
        self.law = law
        self._library = library
        self._paths = tuple(paths)

    @cached_property
    def own(self) -> dict[str, Scenario]:
        """Those of the user's files; raises `ScenarioError` with a line for each mistake."""
        return files.read(self._paths, self.law)

    def check(self) -> None:
        """Read the user's files now; raises `ScenarioError` with a line for each mistake."""
        self.own  # noqa: B018 (read for its errors)

    @cached_property
    def library(self) -> dict[str, Scenario]:
        """Those that come with the stand-in."""
        return files.read([self._library()], self.law)

    def find(self, name: str) -> Scenario | None:
        """The scenario of a name."""
        return self.own.get(name) or self.library.get(name)

    def closest(self, name: str) -> list[str]:
        """The names that look most like one that there is not."""
        return difflib.get_close_matches(name[:100], self.names(), n=3, cutoff=0.5)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*self.own, *self.library})
