"""The `understudy` command: reads flags, prints for people and machines, decides nothing else."""

import click

from simulator.cli.listing import env, providers, routes
from simulator.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="understudy", prog_name="understudy")
def main() -> None:
    """Stand in for the Recoup, NanoGPT and Leonardo video APIs.

    Start with `understudy serve`, then point your client's base URL at it.
    """


for command in (serve, providers, routes, env):
    main.add_command(command)
