"""`understudy ctl pace`: how runs get on."""

from collections.abc import Mapping
from typing import Any

import click

from simulator.cli.ctl.remote import Remote


@click.command(short_help="How new runs get on.")
@click.argument("pace", required=False, type=click.Choice(["clock", "now", "polls"]))
@click.option("--provider", help="Of this provider alone.")
@click.pass_obj
def pace(remote: Remote, pace: str | None, provider: str | None) -> None:
    """Show how new runs get on, or set it: by the clock, at once, or a step with each poll."""
    if pace is None and provider is not None:
        raise click.UsageError("--provider goes with a pace to set")
    body = {"pace": pace, **({"provider": provider} if provider else {})}
    method = "GET" if pace is None else "PUT"
    told = remote.ask(method, f"{remote.tenant}/pace", None if pace is None else body)
    remote.show(told, _lines)


def _lines(told: Mapping[str, Any]) -> list[str]:
    return [f"{provider}  {pace}" for provider, pace in told["providers"].items()]
