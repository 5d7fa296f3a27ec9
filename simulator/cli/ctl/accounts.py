"""`understudy ctl accounts`: credits, limits and keys."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import click

from simulator.cli.ctl.remote import Remote


@click.group()
def accounts() -> None:
    """Credits, limits and keys."""


@accounts.command("list")
@click.option("--provider")
@click.pass_obj
def list_accounts(remote: Remote, provider: str | None) -> None:
    """List the accounts."""
    told = remote.ask("GET", f"{remote.tenant}/accounts", provider=provider)
    remote.show(told, lambda told: [_account_line(item) for item in told["accounts"]])


@accounts.command("set")
@click.argument("account")
@click.option("--credits", help="What it can spend, in its provider's unit.")
@click.option("--refill/--no-refill", default=None, help="Whether it is topped up.")
@click.option("--limits", type=click.Choice(["off", "vendor"]), help="Which rate limits count.")
@click.option(
    "--concurrency", metavar="off|vendor|COUNT", help="How many runs may be at work at once."
)
@click.pass_obj
def set_account(remote: Remote, /, account: str, concurrency: str | None, **options: Any) -> None:
    """Set credits, refilling and limits of an account."""
    body = {name: value for name, value in options.items() if value is not None}
    if concurrency is not None:
        is_count = concurrency.isascii() and concurrency.isdecimal() and len(concurrency) < 10
        own = [{"name": "runs", "count": int(concurrency)}] if is_count else concurrency
        body["concurrency"] = own
    told = remote.ask("PATCH", f"{_account(remote, account)}", body)
    remote.show(told, lambda told: [_account_line(told)])


@accounts.command("add-key")
@click.argument("account")
@click.argument("key", required=False)
@click.pass_obj
def add_key(remote: Remote, account: str, key: str | None) -> None:
    """Give an account a new key, or a given one."""
    told = remote.ask("POST", f"{_account(remote, account)}/keys", {"key": key} if key else {})
    remote.show(told, lambda told: [told["key"]])


@accounts.command("revoke")
@click.argument("account")
@click.argument("key")
@click.pass_obj
def revoke_key(remote: Remote, account: str, key: str) -> None:
    """Revoke a key, given itself or by its id."""
    told = remote.ask("DELETE", f"{_account(remote, account)}/keys/{quote(key, safe='')}")
    remote.show(told, lambda _told: ["revoked"])


def _account(remote: Remote, account: str) -> str:
    return f"{remote.tenant}/accounts/{quote(account, safe='')}"


def _account_line(told: Mapping[str, Any]) -> str:
    refill = "  refilled" if told["refill"] else ""
    line = f"{told['provider']}  {told['id']}  {told['credits']} {told['unit']}{refill}"
    for limit in told["limits"]:
        line += f"  {limit['name']} {limit['count']} in {limit['window']}"
    for limit in told["concurrency"]:
        line += f"  {limit['name']} {limit['count']} at once"
    return line
