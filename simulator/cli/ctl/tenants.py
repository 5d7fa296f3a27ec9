"""`understudy ctl tenants`: whole worlds."""

from typing import Any
from urllib.parse import quote

import click

from simulator.cli.ctl.remote import Remote


@click.group()
def tenants() -> None:
    """Whole worlds: found, list, reset, delete."""


@tenants.command("list")
@click.pass_obj
def list_tenants(remote: Remote) -> None:
    """List the tenants."""
    told = remote.ask("GET", "/tenants")
    remote.show(told, lambda told: [f"{t['name']}  seed {t['seed']}" for t in told["tenants"]])


@tenants.command("create")
@click.argument("name", required=False)
@click.option("--seed", help="Equal seeds make equal worlds.")
@click.option("--now", help="What its clock shows first, as ISO 8601.")
@click.option("--frozen", is_flag=True, help="Let its clock stand still.")
@click.option("--pace", type=click.Choice(["clock", "now", "polls"]), help="How its runs get on.")
@click.option("--expires-after", type=float, help="Seconds without a request until it goes.")
@click.pass_obj
def create_tenant(remote: Remote, /, frozen: bool, now: str | None, **options: Any) -> None:
    """Found a tenant and print its keys."""
    body = {name: value for name, value in options.items() if value is not None}
    if now or frozen:
        body["clock"] = {**({"now": now} if now else {}), "frozen": frozen}
    told = remote.ask("POST", "/tenants", body)

    def lines(told: Any) -> list[str]:
        keys = [f"  {provider}  {'  '.join(held)}" for provider, held in told["keys"].items()]
        return [told["name"], *keys]

    remote.show(told, lines)


@tenants.command("reset")
@click.argument("name", required=False)
@click.pass_obj
def reset_tenant(remote: Remote, name: str | None) -> None:
    """Begin a tenant again with the same seed and keys."""
    name = name or remote.tenant_name
    told = remote.ask("POST", f"/tenants/{quote(name, safe='')}/reset")
    remote.show(told, lambda told: [f"{told['name']} begins again"])


@tenants.command("delete")
@click.argument("name")
@click.pass_obj
def delete_tenant(remote: Remote, name: str) -> None:
    """Delete a tenant with everything in it."""
    told = remote.ask("DELETE", f"/tenants/{quote(name, safe='')}")
    remote.show(told, lambda _told: [f"{name} is gone"])
