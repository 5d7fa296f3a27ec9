"""The README's table of operations, made from the contracts; `--write` puts it there."""

import re
import sys
from pathlib import Path
from typing import Final

import contracts
from simulator.app import installed_providers

README: Final = Path(__file__).parents[1] / "README.md"
_BETWEEN: Final = re.compile(
    r"(<!-- operations: begin [^\n]*-->\n).*?(<!-- operations: end -->)", re.S
)


def table() -> str:
    """Return the table in Markdown: provider, method and path, operationId, what it does."""
    lines = ["| provider | request | operation | does |", "| --- | --- | --- | --- |"]
    for name, provider in installed_providers().items():
        for operation in contracts.load(name).operations:
            does = operation.summary.rstrip(".") + (" (deprecated)" if operation.deprecated else "")
            request = f"`{operation.method} {operation.path}`"
            lines.append(f"| {provider.title} | {request} | `{operation.id}` | {does} |")
    return "\n".join(lines)


def filled(text: str) -> str:
    """Return a README's text with the table between its markers; raises ValueError without them."""
    if _BETWEEN.search(text) is None:
        raise ValueError("the README has no markers for the table")
    return _BETWEEN.sub(lambda found: f"{found[1]}\n{table()}\n\n{found[2]}", text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        README.write_text(filled(README.read_text()))
    else:
        print(table())
