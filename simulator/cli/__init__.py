"""The `understudy` command: reads flags, prints for people and machines, decides nothing else."""

from typing import TYPE_CHECKING

import click

from simulator.cli.listing import env, providers, routes
from simulator.cli.scenarios import scenarios
from simulator.cli.serve import serve

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Commands(click.Group):
    """The commands of this package, and those that other packages offer by entry points.

    Those, and `ctl`, are imported when they are used or listed.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name, sorted."""
        return sorted({*super().list_commands(ctx), "ctl", *offered()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; one that is offered is imported here."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name == "ctl":
            from simulator.cli.ctl import ctl

            return ctl
        found = offered().get(cmd_name)
        if found is None:
            return None
        command = found.load()
        return command if isinstance(command, click.Command) else None


def offered() -> "dict[str, EntryPoint]":
    """Return the commands of the entry-point group `understudy.commands`, by name."""
    from importlib.metadata import entry_points

    return {found.name: found for found in entry_points(group="understudy.commands")}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _option, is_asked: _tell_version(context) if is_asked else None,
    help="Show the version and exit.",
)
def main() -> None:
    """Stand in for the Recoup, NanoGPT and Leonardo video APIs.

    Start with `understudy serve`, then point your client's base URL at it.
    """


def _tell_version(context: click.Context) -> None:
    from simulator.control.health import understudy_version

    click.echo(f"understudy {understudy_version()}")
    context.exit()


for command in (serve, providers, routes, env, scenarios):
    main.add_command(command)
