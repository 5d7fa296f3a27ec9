"""Failures kept by `understudy check` in a file, and sent again from it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.model import Verdict

if TYPE_CHECKING:
    from conformance.failures import Kept
    from conformance.options import Options
    from conformance.result import Result


def kept_for(provider: str, given: Mapping[str, Any]) -> Kept | None:
    """Return the failures to send again; raises BadTarget for a file that has none of these."""
    from conformance import failures
    from conformance.target import BadTarget

    if given["replayed"] is None:
        return None
    try:
        kept = failures.load(given["replayed"])
    except failures.NotKept as error:
        raise BadTarget(str(error)) from error
    if kept.provider != provider or not kept.failures:
        raise BadTarget(f"{given['replayed']}: no failures of {provider} are kept there")
    return kept


def again(options: Options, kept: Kept) -> Options:
    """Return the options of a replay: the rules that failed, as they were judged; flags win."""
    rules = tuple(dict.fromkeys(failure.rule for failure in kept.failures))
    return replace(
        options,
        only=options.only or rules,
        tier=kept.tier if options.tier is None else options.tier,
        dialect=options.dialect or kept.dialect,
        seed=kept.seed,
        shrink=False,
    )


def save(result: Result, template: str) -> None:
    """Keep the failing requests, and say how they are sent again."""
    from conformance import failures

    if not template or not any(each.verdict is Verdict.FAIL for each in result.results):
        return
    path = Path(template.replace("{provider}", result.provider))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(failures.dump(result))
    except OSError as error:
        click.echo(f"{path}: {error.strerror or error}", err=True)
        return
    words = ["understudy", "check", result.provider, "--base-url", result.target]
    click.echo(f"replay: {shlex.join([*words, '--replay', str(path)])}")
