"""`understudy scenarios`: which scenarios can be had by name."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from simulator.core.scenarios import ScenarioError

if TYPE_CHECKING:
    from simulator.scripting.shelf import Shelf


@click.command()
@click.argument("name", required=False)
@click.option(
    "--scenarios",
    "paths",
    type=click.Path(exists=True),
    multiple=True,
    metavar="PATH",
    envvar="UNDERSTUDY_SCENARIOS",
    show_envvar=True,
    help="File or folder of one's own, beside the library (repeat for more).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def scenarios(name: str | None, paths: tuple[str, ...], as_json: bool) -> None:
    """List the scenarios that can be had by name, or show the one of NAME."""
    try:
        told = _told(_shelf(paths))
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if name is not None:
        told = [item for item in told if item["name"] == name]
        if not told:
            raise click.ClickException(f"no scenario {name!r}; `understudy scenarios` lists them")
    if as_json:
        click.echo(json.dumps(told if name is None else told[0], ensure_ascii=False))
    elif name is None:
        click.echo("\n\n".join(_paragraph(item) for item in told))
    else:
        import yaml

        definition = {"name": name, **told[0]["definition"]}
        click.echo(
            yaml.safe_dump(definition, sort_keys=False, allow_unicode=True, width=100), nl=False
        )


def _shelf(paths: tuple[str, ...]) -> "Shelf":
    from simulator.house import House
    from simulator.settings import Settings
    from simulator.stores.memory import MemoryStore

    return House({}, Settings(scenarios=paths), MemoryStore()).shelf


def _told(shelf: "Shelf") -> list[dict[str, Any]]:
    shelf.check()
    found = [(name, shelf.find(name)) for name in shelf.names()]
    return [
        {
            "name": name,
            "description": scenario.description,
            "origin": "file" if name in shelf.own else "library",
            "definition": scenario.source,
        }
        for name, scenario in found
        if scenario is not None
    ]


def _paragraph(told: dict[str, Any]) -> str:
    origin = "  (of a file)" if told["origin"] == "file" else ""
    text = click.wrap_text(told["description"], 100, "    ", "    ")
    return f"{told['name']}{origin}\n{text}"
