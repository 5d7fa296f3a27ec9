"""The README's tables of operations and scenarios, made from their sources; `--write` puts them."""

import re
import sys
from pathlib import Path
from typing import Final

import contracts
from simulator.app import installed_providers
from simulator.house import House
from simulator.settings import Settings
from simulator.stores.memory import MemoryStore

README: Final = Path(__file__).parents[1] / "README.md"


def operations() -> str:
    """Return the operations in Markdown: provider, method and path, operationId, what it does."""
    lines = ["| provider | request | operation | does |", "| --- | --- | --- | --- |"]
    for name, provider in installed_providers().items():
        for operation in contracts.load(name).operations:
            does = operation.summary.rstrip(".") + (" (deprecated)" if operation.deprecated else "")
            request = f"`{operation.method} {operation.path}`"
            lines.append(f"| {provider.title} | {request} | `{operation.id}` | {does} |")
    return "\n".join(lines)


def scenarios() -> str:
    """Return the library of scenarios in Markdown: name, what happens."""
    shelf = House({}, Settings(), MemoryStore()).shelf
    lines = ["| scenario | what happens |", "| --- | --- |"]
    for name, scenario in sorted(shelf.library.items()):
        lines.append(f"| `{name}` | {scenario.description} |")
    return "\n".join(lines)


_TABLES: Final = {"operations": operations, "scenarios": scenarios}


def filled(text: str) -> str:
    """Return a README's text with each table between its markers; raises ValueError without."""
    for name, table in _TABLES.items():
        between = re.compile(
            rf"(<!-- {name}: begin [^\n]*-->\n).*?(<!-- {name}: end -->)", re.DOTALL
        )
        if between.search(text) is None:
            raise ValueError(f"the README has no markers for the table of {name}")
        told = table()
        text = between.sub(lambda found, told=told: f"{found[1]}\n{told}\n\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        README.write_text(filled(README.read_text()))
    else:
        print(operations(), scenarios(), sep="\n\n")
