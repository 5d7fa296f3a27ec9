"""What is shown while a run goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from conformance.engine import Run


@contextmanager
def shown(run: Run) -> Iterator[None]:
    """Show a run's progress until the block ends."""
    if not sys.stderr.isatty():
        run.progress = _line
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[sent]} requests"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None, sent=0)

        def step(driver: str, done: int, total: int) -> None:
            bar.update(
                task,
                description=driver or "judging",
                completed=done,
                total=total,
                sent=len(run.log),
            )

        def tick() -> None:
            bar.update(task, sent=len(run.log))

        run.progress, run.tick = step, tick
        yield


def _line(driver: str, done: int, total: int) -> None:
    if driver:
        click.echo(f"[{done + 1}/{total}] {driver}", err=True)
