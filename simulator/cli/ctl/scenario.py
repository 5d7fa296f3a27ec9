"""`understudy ctl scenario`: what calls get instead of the usual."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from simulator.cli.ctl.remote import Remote

_TAKES_LISTS = ("provider", "operation", "account")


@click.group()
def scenario() -> None:
    """Scenarios: list them, put them in force, end them."""


@scenario.command("list")
@click.option("--all", "is_all", is_flag=True, help="Those that can be had by name.")
@click.pass_obj
def list_scenarios(remote: Remote, is_all: bool) -> None:
    """List the scenarios in force, the first to be asked first."""
    if is_all:
        told = remote.ask("GET", "/scenarios")
        remote.show(
            told, lambda told: [f"{s['name']}  {s['description']}" for s in told["scenarios"]]
        )
        return
    told = remote.ask("GET", f"{remote.tenant}/scenarios")
    remote.show(told, lambda told: [_line(item) for item in told["scenarios"]])


@scenario.command("show")
@click.argument("name")
@click.pass_obj
def show_scenario(remote: Remote, name: str) -> None:
    """Show a scenario in force, as JSON."""
    import json

    told = remote.ask("GET", _path(remote, name))
    remote.show(told, lambda told: [json.dumps(told, ensure_ascii=False, indent=2)])


@scenario.command("use")
@click.argument("name")
@click.option("--provider", multiple=True, help="For this provider alone (repeat for more).")
@click.option("--operation", multiple=True, help="For this operation alone (repeat for more).")
@click.option("--account", multiple=True, help="For this account alone, by id or name.")
@click.option("--nth", type=click.IntRange(1), help="For this call alone.")
@click.option("--first", type=click.IntRange(1), help="For so many calls.")
@click.option("--chance", type=click.FloatRange(0, 1), help="For a seeded share of the calls.")
@click.option("--after", metavar="DURATION", help="Begin so long from now, on the tenant's clock.")
@click.option("--for", "for_", metavar="DURATION", help="Last so long.")
@click.option("--times", type=click.IntRange(1), help="Apply so often at most.")
@click.pass_obj
def use_scenario(remote: Remote, /, name: str, times: int | None, **narrowing: Any) -> None:
    """Put the scenario of NAME in force, before all others."""
    match: dict[str, Any] = {}
    for option, value in narrowing.items():
        if value not in (None, ()):
            match[option.rstrip("_")] = list(value) if option in _TAKES_LISTS else value
    body: dict[str, Any] = {"match": match} if match else {}
    if times is not None:
        body["times"] = times
    told = remote.ask("PUT", _path(remote, name), body)
    remote.show(told, lambda told: [_line(told)])


@scenario.command("add", short_help="Put the scenarios of a FILE in force.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--times", type=click.IntRange(1), help="Apply so often at most.")
@click.pass_obj
def add_scenarios(remote: Remote, file: Path, times: int | None) -> None:
    """Put the scenarios of a YAML or JSON FILE in force; its first will be asked first."""
    import yaml

    try:
        documents = [item for item in yaml.safe_load_all(file.read_text("utf-8")) if item]
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise click.ClickException(f"{file}: {' '.join(str(error).split())}") from None
    added = []
    for number, data in reversed(list(enumerate(documents))):
        if not isinstance(data, dict):
            raise click.ClickException(f"{file}: expected a scenario: description and rules")
        body = {key: value for key, value in data.items() if key != "name"}
        if times is not None:
            body["times"] = times
        name = str(data.get("name") or (file.stem if not number else f"{file.stem}-{number + 1}"))
        added.append(remote.ask("PUT", _path(remote, name), body))
    remote.show(added[::-1], lambda told: [_line(item) for item in told])


@scenario.command("drop")
@click.argument("name")
@click.pass_obj
def drop_scenario(remote: Remote, name: str) -> None:
    """End a scenario."""
    remote.ask("DELETE", _path(remote, name))
    remote.show({"name": name}, lambda told: [f"{told['name']} has ended"])


@scenario.command("clear")
@click.pass_obj
def clear_scenarios(remote: Remote) -> None:
    """End all scenarios."""
    remote.ask("DELETE", f"{remote.tenant}/scenarios")
    remote.show({}, lambda _: ["none is in force"])


def _path(remote: Remote, name: str) -> str:
    return f"{remote.tenant}/scenarios/{quote(name, safe='')}"


def _line(told: Any) -> str:
    most = "" if told["times"] is None else f" of {told['times']}"
    return f"{told['name']}  applied {told['applied']}{most}  {told['description']}".rstrip()
