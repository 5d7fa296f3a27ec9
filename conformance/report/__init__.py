"""Reports of results: one module each, all from the same data."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conformance.result import Result

_MODULES: Final = {
    "json": "conformance.report.data",
    "junit": "conformance.report.junit",
    "html": "conformance.report.page",
    "md": "conformance.report.markdown",
    "har": "conformance.report.archive",
}


def write(kind: str, path: Path, results: Sequence[Result]) -> None:
    """Write one report of one or more results; raises OSError."""
    render = import_module(_MODULES[kind]).render
    content: bytes = render(results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
