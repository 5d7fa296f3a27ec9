"""`understudy ctl`: drives a running stand-in through its control plane, one request a command."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import click

_PATIENCE_S = 120


class Remote:
    """The control plane of a stand-in, and how its answers are printed."""

    def __init__(self, url: str, tenant: str, key: str, as_json: bool) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self.as_json = as_json
        self.tenant_name = tenant
        self.tenant = f"/tenants/{quote(tenant, safe='')}"

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Send a request, and answer its JSON; raises `ClickException` with one line of reason."""
        import httpx

        headers = {"understudy-control-key": self._key} if self._key else {}
        try:
            answer = httpx.request(
                method,
                f"{self._url}/_understudy{path}",
                params={name: value for name, value in query.items() if value is not None},
                json=body,
                headers=headers,
                timeout=_PATIENCE_S,
                trust_env=False,
            )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise click.ClickException(f"{self._url}: {reason}") from None
        if answer.is_success:
            return _decoded(answer.content)
        told = _decoded(answer.content)
        said = told.get("error") if isinstance(told, dict) else None
        raise click.ClickException(str(said or f"{self._url} answered {answer.status_code}"))

    def show(self, told: Any, lines: Callable[[Any], list[str]]) -> None:
        """Print an answer: as one line of JSON if that is wanted, else in words."""
        if self.as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            for line in lines(told):
                click.echo(line)


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


@click.group()
@click.option(
    "--url",
    envvar="UNDERSTUDY_URL",
    show_envvar=True,
    default="http://127.0.0.1:8400",
    show_default=True,
    help="The stand-in.",
)
@click.option(
    "--tenant",
    envvar="UNDERSTUDY_TENANT",
    show_envvar=True,
    default="default",
    show_default=True,
    help="The tenant that is meant.",
)
@click.option(
    "--control-key",
    envvar="UNDERSTUDY_CONTROL_KEY",
    show_envvar=True,
    default="",
    help="What its control plane demands.",
)
@click.option("--json", "as_json", is_flag=True, help="Print answers as JSON.")
@click.pass_context
def ctl(context: click.Context, as_json: bool, url: str, tenant: str, control_key: str) -> None:
    """Drive a running stand-in: tenants, clock, accounts, runs, journal."""
    context.obj = Remote(url, tenant, control_key, as_json)


@ctl.group()
def tenants() -> None:
    """Whole worlds: found, list, reset, delete."""


@tenants.command("list")
@click.pass_obj
def list_tenants(remote: Remote) -> None:
    """List the tenants."""
    told = remote.ask("GET", "/tenants")
    remote.show(told, lambda told: [f"{t['name']}  seed {t['seed']}" for t in told["tenants"]])


@tenants.command("create")
@click.argument("name", required=False)
@click.option("--seed", help="Equal seeds make equal worlds.")
@click.option("--now", help="What its clock shows first, as ISO 8601.")
@click.option("--frozen", is_flag=True, help="Let its clock stand still.")
@click.option("--expires-after", type=float, help="Seconds without a request until it goes.")
@click.pass_obj
def create_tenant(remote: Remote, /, frozen: bool, now: str | None, **options: Any) -> None:
    """Found a tenant and print its keys."""
    body = {name: value for name, value in options.items() if value is not None}
    if now or frozen:
        body["clock"] = {**({"now": now} if now else {}), "frozen": frozen}
    told = remote.ask("POST", "/tenants", body)

    def lines(told: Any) -> list[str]:
        keys = [f"  {provider}  {'  '.join(held)}" for provider, held in told["keys"].items()]
        return [told["name"], *keys]

    remote.show(told, lines)


@tenants.command("reset")
@click.argument("name", required=False)
@click.pass_obj
def reset_tenant(remote: Remote, name: str | None) -> None:
    """Begin a tenant again with the same seed and keys."""
    name = name or remote.tenant_name
    told = remote.ask("POST", f"/tenants/{quote(name, safe='')}/reset")
    remote.show(told, lambda told: [f"{told['name']} begins again"])


@tenants.command("delete")
@click.argument("name")
@click.pass_obj
def delete_tenant(remote: Remote, name: str) -> None:
    """Delete a tenant with everything in it."""
    told = remote.ask("DELETE", f"/tenants/{quote(name, safe='')}")
    remote.show(told, lambda _told: [f"{name} is gone"])


@ctl.group()
def clock() -> None:
    """The tenant's time."""


@clock.command("advance")
@click.argument("by")
@click.pass_obj
def advance(remote: Remote, by: str) -> None:
    """Move the clock on by 90s, 1h30m, PT90S or so many milliseconds."""
    length: str | int = int(by) if by.isascii() and by.isdigit() and len(by) < 16 else by
    told = remote.ask("POST", f"{remote.tenant}/clock/advance", {"by": length})
    remote.show(told, _passage_lines)


@clock.command("next")
@click.pass_obj
def next_event(remote: Remote) -> None:
    """Move the clock to the next event."""
    remote.show(remote.ask("POST", f"{remote.tenant}/clock/next"), _passage_lines)


@clock.command("show")
@click.pass_obj
def show_clock(remote: Remote) -> None:
    """Show the clock."""
    remote.show(remote.ask("GET", f"{remote.tenant}/clock"), _clock_lines)


@clock.command("freeze")
@click.pass_obj
def freeze(remote: Remote) -> None:
    """Stop the clock."""
    remote.show(remote.ask("POST", f"{remote.tenant}/clock/freeze"), _clock_lines)


@clock.command("resume")
@click.pass_obj
def resume(remote: Remote) -> None:
    """Let the clock run again."""
    remote.show(remote.ask("POST", f"{remote.tenant}/clock/resume"), _clock_lines)


@clock.command("speed")
@click.argument("speed", type=float)
@click.pass_obj
def set_speed(remote: Remote, speed: float) -> None:
    """Let the clock run so many times as fast."""
    if not 0 < speed <= 1e6:
        raise click.ClickException("a speed is over 0 and at most 1000000")
    told = remote.ask("POST", f"{remote.tenant}/clock/speed", {"speed": speed})
    remote.show(told, _clock_lines)


@ctl.group()
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
@click.pass_obj
def set_account(remote: Remote, /, account: str, **options: Any) -> None:
    """Set credits, refilling and limits of an account."""
    body = {name: value for name, value in options.items() if value is not None}
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


@ctl.group()
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


@ctl.command()
@click.option("--limit", type=click.IntRange(0, 1000000), default=20, show_default=True)
@click.pass_obj
def journal(remote: Remote, limit: int) -> None:
    """List the latest exchanges, newest last."""
    told = remote.ask("GET", "/journal", tenant=remote.tenant_name, limit=limit)
    remote.show(told, lambda told: [_exchange_line(item) for item in told])


def _account(remote: Remote, account: str) -> str:
    return f"{remote.tenant}/accounts/{quote(account, safe='')}"


def _run(remote: Remote, run: str) -> str:
    return f"{remote.tenant}/runs/{quote(run, safe='')}"


def _clock_lines(told: Mapping[str, Any]) -> list[str]:
    going = "frozen" if told["frozen"] else f"speed {told['speed']:g}"
    after = f"  next event {told['next_event_at']}" if told["next_event_at"] else ""
    return [f"{told['now']}  {going}{after}"]


def _passage_lines(told: Mapping[str, Any]) -> list[str]:
    happened = [
        f"{item['at']}  {item['provider']}  {item['id']}  {item['result']}"
        for item in told["happened"]
    ]
    more = told["count"] - len(happened)
    return [*happened, *([f"and {more} more"] if more else []), *_clock_lines(told["clock"])]


def _account_line(told: Mapping[str, Any]) -> str:
    refill = "  refilled" if told["refill"] else ""
    return f"{told['provider']}  {told['id']}  {told['credits']} {told['unit']}{refill}"


def _run_line(told: Mapping[str, Any]) -> str:
    return f"{told['created_at']}  {told['provider']}  {told['id']}  {told['state']}"


def _run_lines(told: Mapping[str, Any]) -> list[str]:
    return [_run_line(told)]


def _exchange_line(told: Mapping[str, Any]) -> str:
    error = f"  {told['error']}" if told["error"] else ""
    head = f"{told['started_at']}  {told['id']}  {told['status']}"
    return f"{head}  {told['method']} {told['path']}{error}"
