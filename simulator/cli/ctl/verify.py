"""`understudy ctl verify`: whether the requests were made that a test expects."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import click

from simulator.cli.ctl.asking import asking, given
from simulator.cli.ctl.remote import Remote


@click.command(short_help="Were exchanges made? Exit 0 if so, 1 if not.")
@asking
@click.option("--query", multiple=True, metavar="NAME=VALUE", help="With this in the query.")
@click.option("--header", multiple=True, metavar="NAME=VALUE", help="With this header.")
@click.option("--body", metavar="JSON", help="With a body that has these members.")
@click.option(
    "--where",
    metavar="JSON",
    help="""On conditions, e.g. '{"$.prompt": {"contains": "cat"}}'.""",
)
@click.option(
    "--expect",
    multiple=True,
    metavar="JSON",
    help="An expectation as JSON, in place of the options above; repeat for more.",
)
@click.option("--in-order", is_flag=True, help="Each --expect after the one before it.")
@click.option("--exactly", type=click.IntRange(0), help="So many, no more and no fewer.")
@click.option("--at-least", type=click.IntRange(0), help="So many or more; 1 if left out.")
@click.option("--at-most", type=click.IntRange(0), help="So many or fewer.")
@click.pass_context
def verify(context: click.Context, /, **options: Any) -> None:
    """Ask whether exchanges were made; exit 0 if so, 1 if not, with what came near."""
    remote: Remote = context.obj
    told = remote.ask("POST", f"{remote.tenant}/verify", _asked(options))
    remote.show(told, lambda told: list(_lines(told)))
    if not told["verified"]:
        context.exit(1)


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    """The body of a verification."""
    counts = {name: options.pop(name) for name in ("exactly", "at_least", "at_most")}
    count = {name: number for name, number in counts.items() if number is not None}
    if len(count) > 1:
        raise click.UsageError("one of --exactly, --at-least and --at-most")
    in_order, since = options.pop("in_order"), options.pop("since")
    listed = [_json(text, "--expect") for text in options.pop("expect")]
    single = _expectation(options)
    if listed and single:
        raise click.UsageError("--expect tells everything; leave the other options out")
    asked = {"expect": listed or [single], "in_order": in_order}
    asked |= {"since": since} if since is not None else {}
    return asked | ({"count": count} if count else {})


def _expectation(options: dict[str, Any]) -> dict[str, Any]:
    query = dict(_pair(text, "--query") for text in options.pop("query"))
    headers = dict(_pair(text, "--header") for text in options.pop("header"))
    told = {name: options.pop(name) for name in ("body", "where")}
    asked = given(options)
    asked |= {name: value for name, value in (("query", query), ("headers", headers)) if value}
    return asked | {
        name: _json(text, f"--{name}") for name, text in told.items() if text is not None
    }


def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise click.UsageError(f"{option} is NAME=VALUE, not {text!r}")
    return name, value


def _json(text: str, option: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{option}: no JSON: {error}") from None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield told["message"]
    for miss in told["near_misses"]:
        head = f"{miss['exchange']}  {miss['status']}  {miss['method']} {miss['path']}"
        yield f"  near: {head}  ({miss['score']:.0%} as expected)"
        for item in miss["differences"]:
            got = json.dumps(item["got"], ensure_ascii=False) if "got" in item else "nothing"
            expected = json.dumps(item["expected"], ensure_ascii=False)
            yield f"    {item['where']}: expected {expected}, got {got}"
