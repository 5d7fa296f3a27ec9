"""`understudy ctl journal`: what passed."""

from collections.abc import Mapping
from typing import Any

import click

from simulator.cli.ctl.remote import Remote


@click.command()
@click.option("--limit", type=click.IntRange(0, 1000000), default=20, show_default=True)
@click.pass_obj
def journal(remote: Remote, limit: int) -> None:
    """List the latest exchanges, newest last."""
    told = remote.ask("GET", "/journal", tenant=remote.tenant_name, limit=limit)
    remote.show(told, lambda told: [_exchange_line(item) for item in told])


def _exchange_line(told: Mapping[str, Any]) -> str:
    error = f"  {told['error']}" if told["error"] else ""
    head = f"{told['started_at']}  {told['id']}  {told['status']}"
    return f"{head}  {told['method']} {told['path']}{error}"
