"""Commands that list what is there: `providers`, `routes`, `env`. No server is needed."""

import json
import shlex
from typing import Any

import click

import contracts
from contracts import ContractError
from simulator.provider import Provider

_PROVIDER_HELP = "one of the names that `understudy providers` lists"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def providers(as_json: bool) -> None:
    """List the providers, their base paths, demo keys and switches."""
    rows = [_described(provider) for provider in _providers().values()]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['name']:<10} {row['title']}, base path {row['base_path'] or '/'}")
        click.echo(f"{'':<10} keys      {'  '.join(row['keys'])}")
        for name, switch in row["switches"].items():
            choices = "|".join(switch["choices"])
            click.echo(f"{'':<10} switch    {row['name']}.{name}={choices}  {switch['about']}")


@click.command()
@click.argument("provider", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def routes(provider: str | None, as_json: bool) -> None:
    """List the operations that are served, of one PROVIDER or of all."""
    rows = [
        {
            "provider": name,
            "method": operation.method,
            "path": operation.path,
            "operation": operation.id,
            "deprecated": operation.deprecated,
            "summary": operation.summary,
        }
        for name in _providers(provider)
        for operation in _contract(name).operations
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    width = max(len(str(row["path"])) for row in rows)
    for row in rows:
        mark = " (deprecated)" if row["deprecated"] else ""
        line = f"{row['provider']:<9} {row['method']:<6} {row['path']:<{width}}  {row['summary']}"
        click.echo(line + mark)


@click.command()
@click.argument("provider")
@click.option(
    "--base-url",
    default="http://127.0.0.1:8400",
    show_default=True,
    help="The origin of a running stand-in.",
)
def env(provider: str, base_url: str) -> None:
    """Print export lines for the variables that clients of PROVIDER read.

    Use it as: eval "$(understudy env nanogpt)"
    """
    found = _providers(provider)[provider]
    contract = _contract(provider)
    values = {
        "url": base_url.rstrip("/") + contract.base_path,
        "origin": base_url.rstrip("/"),
        "key": found.demo_keys[0],
        "second_key": found.demo_keys[1],
    }
    for name, template in found.environment.items():
        click.echo(f"export {name}={shlex.quote(template.format(**values))}")


def _providers(only: str | None = None) -> dict[str, Provider]:
    from simulator.app import installed_providers

    try:
        return installed_providers((only,) if only else ())
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _contract(name: str) -> contracts.Contract:
    try:
        return contracts.load(name)
    except ContractError as error:
        raise click.ClickException(str(error)) from None


def _described(provider: Provider) -> dict[str, Any]:
    return {
        "name": provider.name,
        "title": provider.title,
        "base_path": _contract(provider.name).base_path,
        "keys": list(provider.demo_keys),
        "switches": {
            name: {"choices": list(switch.choices), "about": switch.about}
            for name, switch in provider.switches.items()
        },
    }
