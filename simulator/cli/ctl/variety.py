"""`understudy ctl variety`: how unusual replies are."""

from collections.abc import Mapping
from typing import Any

import click

from simulator.cli.ctl.remote import Remote


@click.command(short_help="How unusual replies are.")
@click.argument("variety", required=False, type=click.Choice(["none", "high"]))
@click.option("--provider", help="Of this provider alone.")
@click.pass_obj
def variety(remote: Remote, variety: str | None, provider: str | None) -> None:
    """Show how unusual replies are, or set it: as ever, or at the edges of their contract."""
    if variety is None and provider is not None:
        raise click.UsageError("--provider goes with a variety to set")
    body = {"variety": variety, **({"provider": provider} if provider else {})}
    method = "GET" if variety is None else "PUT"
    told = remote.ask(method, f"{remote.tenant}/variety", None if variety is None else body)
    remote.show(told, _lines)


def _lines(told: Mapping[str, Any]) -> list[str]:
    return [f"{provider}  {variety}" for provider, variety in told["providers"].items()]
