"""`understudy score` and `understudy compare`: judge recorded traffic, compare two results."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from conformance.cli.check import REPORTS
from conformance.cli.parsing import KeyValue
from contracts import names

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("log", type=_FILE)
@click.option("--provider", type=click.Choice(names()), required=True)
@click.option("--dialect", type=click.Choice(["documented", "live"]), help="Default: either.")
@click.option("--key", default="", help="The key in the log, so that it can be told from others.")
@click.option("--second-key", default="", help="Another account's key in the log.")
@click.option("--only", multiple=True, metavar="ID", help="Judge these rules only.")
@click.option("--strict", is_flag=True, help="SHOULD counts as MUST.")
@click.option(
    "--report", "reports", multiple=True, type=KeyValue(REPORTS), metavar="KIND=FILE",
    help=f"Write a report ({', '.join(REPORTS)}).",
)  # fmt: skip
def score(log: Path, provider: str, reports: tuple[Any, ...], **given: Any) -> None:
    """Judge recorded traffic (a HAR file) by the same rules; sends nothing.

    Exit 0: nothing in it is violated, 1: violated, 2: could not judge.
    """
    from conformance.har import NoHar
    from conformance.recorded import judge_log
    from conformance.report import console, write
    from conformance.target import BadTarget

    try:
        result = judge_log(log.read_bytes(), str(log), provider, **given)
    except (NoHar, BadTarget, OSError) as error:
        click.echo(f"{log}: could not judge: {error}", err=True)
        sys.exit(2)
    console.show(result)
    for kind, path in (pair for group in reports for pair in group):
        write(kind, path, [result])
    sys.exit(result.exit_code)


@click.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def compare(old: Path, new: Path, as_json: bool) -> None:
    """Compare two JSON reports: which rules changed their verdict.

    Exit 1 if a rule that passed is violated now, 2 if a file is no report.
    """
    from conformance.comparison import NoReport, compared

    try:
        found = compared(old.read_bytes(), new.read_bytes())
    except NoReport as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(found.as_data(), ensure_ascii=False, indent=1))
    else:
        click.echo(found.text)
    sys.exit(1 if found.worse else 0)
