"""`understudy ctl journal`: what passed, listed, followed, written to a file, or forgotten."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from simulator.cli.ctl.asking import asking, given
from simulator.cli.ctl.remote import Remote


@click.group(invoke_without_command=True)
@asking
@click.option("--limit", type=click.IntRange(0, 1000000), default=20, show_default=True)
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "--har",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write all that fit to this file, as an HTTP Archive.",
)
@click.pass_context
def journal(
    context: click.Context, /, limit: int, follow: bool, har: Path | None, **options: Any
) -> None:
    """List the latest exchanges, newest last."""
    if context.invoked_subcommand is not None:
        return
    remote: Remote = context.obj
    wanted = given(options)
    if har is not None:
        _write(remote, har, wanted)
        return
    told = remote.ask("GET", "/journal", tenant=remote.tenant_name, limit=limit, **wanted)
    if not follow:
        remote.show(told, lambda told: [line(item) for item in told])
        return
    for item in told:
        _print(remote, item)
    last = told[-1]["id"] if told else None
    _follow(remote, wanted if last is None else {**wanted, "since": last})


@journal.command("clear")
@click.pass_obj
def clear(remote: Remote) -> None:
    """Forget all exchanges of the tenant."""
    told = remote.ask("DELETE", "/journal", tenant=remote.tenant_name)
    remote.show(told, lambda told: [f"{told['cleared']} forgotten"])


def line(told: Mapping[str, Any]) -> str:
    """An exchange on one line."""
    notes = [told["error"] or ""]
    notes += [f"{name} {told[name]}" for name in ("scenario", "fault") if told[name]]
    query = f"?{told['query']}" if told["query"] else ""
    head = f"{told['started_at']}  {told['id']}  {told['status']}"
    return "  ".join(filter(None, (head, f"{told['method']} {told['path']}{query}", *notes)))


def _write(remote: Remote, path: Path, wanted: Mapping[str, Any]) -> None:
    told = remote.ask("GET", "/journal.har", tenant=remote.tenant_name, **wanted)
    try:
        path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}") from None
    count = {"entries": len(told["log"]["entries"]), "file": str(path)}
    remote.show(count, lambda count: [f"{count['entries']} exchanges in {count['file']}"])


def _follow(remote: Remote, wanted: Mapping[str, Any]) -> None:
    try:
        for name, told in remote.events("/journal/tail", tenant=remote.tenant_name, **wanted):
            if name == "exchange":
                _print(remote, told)
            elif name == "lost":
                click.echo(f"{told['count']} lost: they came faster than they were read", err=True)
    except KeyboardInterrupt:
        return


def _print(remote: Remote, told: Mapping[str, Any]) -> None:
    remote.show(told, lambda told: [line(told)])
