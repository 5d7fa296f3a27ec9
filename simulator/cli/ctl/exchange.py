"""`understudy ctl exchange`: everything about one exchange, and why it was answered so."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import click

from simulator.cli.ctl.journal import line
from simulator.cli.ctl.remote import Remote

_LONGEST_BODY = 2000


@click.command(short_help="Why a request was answered so.")
@click.argument("exchange_id", metavar="ID")
@click.pass_obj
def exchange(remote: Remote, exchange_id: str) -> None:
    """Tell why a request was answered so; ID is in its reply's header Understudy-Exchange."""
    told = remote.ask("GET", f"/exchanges/{quote(exchange_id, safe='')}")
    remote.show(told, lambda told: list(_lines(told)))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield line(told)
    took = f"{told['duration_us'] / 1000:g} ms"
    known = filter(None, (told["provider"], told["operation"], told["account_id"], took))
    yield f"  {'  '.join(known)}"
    if told["error"]:
        place = f" at: {told['refused_at']}" if told["refused_at"] else ""
        yield f"  refused{place} ({told['error']})"
    for item in told["violations"]:
        yield f"    {item['location']}{item['pointer']}: {item['message']}"
        expected = json.dumps(item["expected"], ensure_ascii=False)
        got = json.dumps(item["got"], ensure_ascii=False) if "got" in item else "nothing"
        yield f"      {item['keyword']}: expected {expected}, got {got[:_LONGEST_BODY]}"
    if told["closest"]:
        yield f"  closest operations: {', '.join(told['closest'])}"
    if told["scenario"]:
        yield f"  scenario {told['scenario']} applied"
    for item in told["passed_over"]:
        yield f"  scenario {item['scenario']} did not apply: {item['reason']}"
    for name in ("fault", "variety"):
        if told[name]:
            yield f"  {name} {told[name]}"
    for run in told["runs"]:
        yield f"  run {run['id']}, {'begun here, ' if run['made'] else ''}{run['state']}"
    if told["bug"]:
        yield from (f"  {text}" for text in ("a bug of the stand-in:", *told["bug"].splitlines()))
    for name in ("request", "reply"):
        body = told[name]["body"]
        more = "…" if len(body) > _LONGEST_BODY else ""
        yield f"  {name}, {told[name]['size_bytes']} bytes: {body[:_LONGEST_BODY]}{more}"
