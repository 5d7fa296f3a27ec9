"""`understudy ctl webhooks`: who is told of runs, and what came of it."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import click

from simulator.cli.ctl.remote import Remote


@click.group()
def webhooks() -> None:
    """Who is told of runs, and what came of it."""


@webhooks.command("list")
@click.pass_obj
def list_webhooks(remote: Remote) -> None:
    """List the subscriptions."""
    told = remote.ask("GET", f"{remote.tenant}/webhooks")
    remote.show(told, lambda told: [_webhook_line(item) for item in told["webhooks"]])


@webhooks.command("add")
@click.argument("url")
@click.option("--provider", "providers", multiple=True, help="Of this provider alone (repeat).")
@click.option("--event", "events", multiple=True, help="This event alone (repeat).")
@click.option("--secret", help="The secret, instead of one that is drawn.")
@click.option("--key", help="An API key: make it the callback that the key's vendor offers.")
@click.pass_obj
def add(
    remote: Remote,
    url: str,
    providers: tuple[str, ...],
    events: tuple[str, ...],
    secret: str | None,
    key: str | None,
) -> None:
    """Have events posted to a URL; prints the secret, which is not shown again."""
    body = {
        "url": url,
        "providers": list(providers) or None,
        "events": list(events) or None,
        "secret": secret,
        "key": key,
    }
    given = {name: value for name, value in body.items() if value is not None}
    told = remote.ask("POST", f"{remote.tenant}/webhooks", given)
    remote.show(told, lambda told: [_webhook_line(told), f"secret  {told['secret']}"])


@webhooks.command("listen")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--provider", "providers", multiple=True, help="Of this provider alone (repeat).")
@click.option("--count", type=click.IntRange(1), help="Stop after so many.")
@click.pass_obj
def listen(remote: Remote, port: int, providers: tuple[str, ...], count: int | None) -> None:
    """Subscribe a receiver on this machine, and print what it gets until Ctrl-C."""
    from simulator.cli.ctl.listening import receiver

    secrets: list[str] = []
    try:
        server = receiver(port, lambda: secrets[0], click.echo)
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror}") from None
    with server:
        body = {"url": f"http://127.0.0.1:{server.server_port}/", "providers": list(providers)}
        made = remote.ask("POST", f"{remote.tenant}/webhooks", body)
        secrets.append(made["secret"])
        click.echo(f"{made['id']}  listening on {made['url']}  (Ctrl-C stops it)", err=True)
        try:
            for _ in range(count) if count else iter(int, 1):
                server.handle_request()
        except KeyboardInterrupt:
            pass
        finally:
            remote.ask("DELETE", f"{remote.tenant}/webhooks/{made['id']}")


@webhooks.command("remove")
@click.argument("webhook")
@click.pass_obj
def remove(remote: Remote, webhook: str) -> None:
    """Remove a subscription with its deliveries."""
    told = remote.ask("DELETE", f"{remote.tenant}/webhooks/{quote(webhook, safe='')}")
    remote.show(told, lambda _told: ["removed"])


@webhooks.command("deliveries")
@click.option("--state", type=click.Choice(["pending", "delivered", "dead"]))
@click.option("--webhook")
@click.option("--run")
@click.option("--limit", type=click.IntRange(1, 10000))
@click.pass_obj
def deliveries(remote: Remote, /, **query: Any) -> None:
    """List the deliveries, newest first."""
    told = remote.ask("GET", f"{remote.tenant}/deliveries", **query)
    remote.show(told, lambda told: [_delivery_line(item) for item in told["deliveries"]])


@webhooks.command("attempts")
@click.argument("delivery")
@click.pass_obj
def attempts(remote: Remote, delivery: str) -> None:
    """Show a delivery and its attempts, as JSON."""
    told = remote.ask("GET", _delivery(remote, delivery))
    remote.show(told, lambda told: json.dumps(told, indent=2).splitlines())


@webhooks.command("redeliver")
@click.argument("delivery")
@click.pass_obj
def redeliver(remote: Remote, delivery: str) -> None:
    """Attempt a delivery now, whatever came of it."""
    told = remote.ask("POST", f"{_delivery(remote, delivery)}/redeliver")
    remote.show(told, lambda told: [_delivery_line(told)])


def _delivery(remote: Remote, delivery: str) -> str:
    return f"{remote.tenant}/deliveries/{quote(delivery, safe='')}"


def _webhook_line(told: Mapping[str, Any]) -> str:
    about = ", ".join(told["providers"]) or "all"
    disabled = "" if told["enabled"] else "  disabled by its receiver"
    return f"{told['id']}  {told['kind']}  {about}  {told['url']}{disabled}"


def _delivery_line(told: Mapping[str, Any]) -> str:
    head = f"{told['happened_at']}  {told['id']}  {told['event']}  {told['run']}"
    count = told["attempt_count"]
    return f"{head}  {told['state']} after {count} attempt{'' if count == 1 else 's'}"
