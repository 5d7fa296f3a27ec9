"""`understudy ctl runs`: generations of any provider."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import click

from simulator.cli.ctl.remote import Remote


@click.group()
def runs() -> None:
    """Generations of any provider."""


@runs.command("list")
@click.option("--provider")
@click.option("--account")
@click.option("--state", help="queued, working, completed, failed or cancelled.")
@click.option("--limit", type=click.IntRange(1, 1000))
@click.pass_obj
def list_runs(remote: Remote, /, **query: Any) -> None:
    """List the runs, newest first."""
    told = remote.ask("GET", f"{remote.tenant}/runs", **query)
    remote.show(told, lambda told: [_run_line(item) for item in told["runs"]])


@runs.command("show")
@click.argument("run")
@click.pass_obj
def show_run(remote: Remote, run: str) -> None:
    """Show everything about a run, as JSON."""
    told = remote.ask("GET", _run(remote, run))
    remote.show(told, lambda told: json.dumps(told, indent=2, ensure_ascii=False).splitlines())


@runs.command("fail")
@click.argument("run")
@click.option("--error", help="A core error by name, such as content_policy.")
@click.option("--message", help="What the provider says of it.")
@click.pass_obj
def fail_run(remote: Remote, /, run: str, **options: Any) -> None:
    """Fail a run now."""
    body = {name: value for name, value in options.items() if value is not None}
    remote.show(remote.ask("POST", f"{_run(remote, run)}/fail", body), _run_lines)


def _amending(action: str, help_text: str) -> None:
    @runs.command(action, help=help_text)
    @click.argument("run")
    @click.pass_obj
    def amend(remote: Remote, run: str) -> None:
        remote.show(remote.ask("POST", f"{_run(remote, run)}/{action}"), _run_lines)


for _action, _text in (
    ("complete", "Complete a run now."),
    ("hold", "Keep a run where it is."),
    ("release", "Let a run on hold go on."),
    ("cancel", "Cancel a run now."),
):
    _amending(_action, _text)


def _run(remote: Remote, run: str) -> str:
    return f"{remote.tenant}/runs/{quote(run, safe='')}"


def _run_line(told: Mapping[str, Any]) -> str:
    return f"{told['created_at']}  {told['provider']}  {told['id']}  {told['state']}"


def _run_lines(told: Mapping[str, Any]) -> list[str]:
    return [_run_line(told)]
