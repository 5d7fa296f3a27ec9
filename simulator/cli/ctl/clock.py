"""`understudy ctl clock`: the time of a tenant."""

from collections.abc import Mapping
from typing import Any

import click

from simulator.cli.ctl.remote import Remote


@click.group()
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
    told = remote.ask("POST", f"{remote.tenant}/clock/next")
    is_idle = not told["advanced_ms"] and not told["count"]
    idle = ["nothing is due"] if is_idle else []
    remote.show(told, lambda told: [*idle, *_passage_lines(told)])


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
