"""`understudy ctl`: drives a running stand-in through its control plane, one request a command.

Each command stands in the module of its name, which is imported when it is used or listed.
"""

from importlib import import_module

import click

from simulator.cli.ctl.remote import Remote

_COMMANDS = (
    "accounts",
    "clock",
    "exchange",
    "journal",
    "pace",
    "runs",
    "scenario",
    "tenants",
    "variety",
    "verify",
    "webhooks",
)


class _Commands(click.Group):
    """The commands of `_COMMANDS`: a module of this package each, with a function of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name, sorted."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; its module is imported here."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"simulator.cli.ctl.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands)
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
    """Drive a running stand-in: tenants, clocks, accounts, runs, scenarios, journals."""
    context.obj = Remote(url, tenant, control_key, as_json)
