"""`understudy check`: judge a target, print what came of it, write the reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.keeping import again, kept_for, save
from conformance.cli.parsing import KeyValue, parse_operations, parse_seconds, parse_trigger
from conformance.model import Tier
from contracts import ContractError, names

if TYPE_CHECKING:
    from conformance.engine import Run
    from conformance.options import Options
    from conformance.result import Result
    from conformance.target import Target

TIERS = [tier.word for tier in Tier]
REPORTS = ("json", "junit", "html", "md", "har")


@click.command()
@click.argument("provider", type=click.Choice([*names(), "all"]))
@click.option(
    "--base-url",
    default="http://127.0.0.1:8400",
    show_default=True,
    help="The target's origin; vendor paths follow.",
)
@click.option("--key", default="", help="A key of the target. Else UNDERSTUDY_<PROVIDER>_KEY.")
@click.option(
    "--second-key",
    default="",
    help="A key of another account. Else UNDERSTUDY_<PROVIDER>_SECOND_KEY.",
)
@click.option(
    "--target-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML with defaults for these flags.",
)
@click.option(
    "--tier",
    type=click.Choice(TIERS),
    help="What may be sent. Default: fuzz for an understudy, free for anything else.",
)
@click.option("--max-jobs", type=click.IntRange(0), help="Start at most this many billable jobs.")
@click.option(
    "--max-cost",
    type=click.FloatRange(0),
    metavar="USD",
    help="Spend at most this much; an unknown price is unbounded.",
)
@click.option("--yes", is_flag=True, help="Do not ask before spending.")
@click.option("--dry-run", is_flag=True, help="Send nothing; print the plan and its worst cost.")
@click.option(
    "--failure-trigger",
    default="",
    metavar="[FIELD=]TEXT",
    help="Text that makes a job fail when it stands in the prompt, or in FIELD.",
)
@click.option(
    "--media/--no-media",
    default=True,
    help="Look at the files that jobs make; not at those of a target that makes none of its own.",
)
@click.option(
    "--wait",
    "wait_seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0.1),
    metavar="SECONDS",
    help="How long a job may take.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="ID",
    help="Judge these rules only: an id, the start of one, or a glob. Repeatable.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="SHOULD counts as MUST, notes as failures, open MUST rules as exit 2.",
)
@click.option(
    "--dialect",
    type=click.Choice(["documented", "live"]),
    help="Default: what the target says, else either.",
)
@click.option(
    "--operations",
    default="",
    metavar="LIST",
    help="What the target implements: 'POST /path, operationId, …'.",
)
@click.option(
    "--deviations",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Known deviations, with reason and expiry.",
)
@click.option("--seed", type=int, help="Repeat a run's generated requests. Default: by chance.")
@click.option(
    "--max-examples",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Generated requests per operation and phase.",
)
@click.option(
    "--max-time",
    default="",
    metavar="10m",
    help="Stop after this time (s, m, h); what was seen is judged.",
)
@click.option(
    "--timeout",
    "reply_seconds",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0.1),
    metavar="SECONDS",
    help="How long one reply may take.",
)
@click.option(
    "--workers",
    default=8,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Requests side by side.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=KeyValue(REPORTS),
    metavar="KIND=FILE",
    help=f"Write a report ({', '.join(REPORTS)}). Repeatable, or several separated by spaces.",
)
@click.option(
    "--save",
    "saved",
    default=".understudy/failures-{provider}.json",
    show_default=True,
    metavar="FILE",
    help="Where failing requests are kept; empty keeps none.",
)
@click.option(
    "--replay",
    "replayed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send the failing requests of such a file again, and judge their rules alone.",
)
def check(**given: Any) -> None:
    """Check whether a target keeps a provider's contract.

    Sends nothing that could start a billable job unless the target says that it is an understudy,
    or --tier asks for it. Exit 0: conformant, 1: violated, 2: could not judge.
    """
    from conformance.target import BadTarget

    settings = _with_file(given)
    providers = names() if settings["provider"] == "all" else (settings["provider"],)
    codes = []
    results: list[Result] = []
    for provider in providers:
        try:
            result = _one(provider, settings)
        except (BadTarget, ContractError) as error:
            click.echo(f"{provider}: could not judge: {error}", err=True)
            codes.append(2)
            continue
        if result is not None:
            results.append(result)
            codes.append(result.exit_code)
    if results and not settings["dry_run"]:
        _write_reports(results, settings["reports"])
    sys.exit(1 if 1 in codes else max(codes, default=0))


def _one(provider: str, given: Mapping[str, Any]) -> Result | None:
    """Check one provider; returns None after a dry run."""
    from conformance.engine import Run

    target, options = _target(provider, given), _options(provider, given)
    kept = kept_for(provider, given)
    if kept is not None:
        options = again(options, kept)
    run = Run(target, options)
    try:
        if given["dry_run"]:
            _print_plan(run)
            return None
        run.identify()
        run.prepare()
        _announce(run)
        _ask(run, given)
        with _interrupted(run), _progress(run):
            run.drive() if kept is None else run.replay(kept)
        result = run.conclude()
    finally:
        run.close()
    from conformance.report import console

    console.show(result)
    if kept is None:
        save(result, given["saved"])
    return result


def _target(provider: str, given: Mapping[str, Any]) -> Target:
    from conformance.target import Keys, target

    prefix = f"UNDERSTUDY_{provider.upper()}"
    first = given["key"] or os.environ.get(f"{prefix}_KEY", "")
    second = given["second_key"] or os.environ.get(f"{prefix}_SECOND_KEY", "")
    return target(given["base_url"], Keys(first.strip(), second.strip()))


def _options(provider: str, given: Mapping[str, Any]) -> Options:
    from conformance import deviations
    from conformance.options import Options
    from conformance.target import BadTarget

    seed = given["seed"] if given["seed"] is not None else int.from_bytes(os.urandom(4))
    known: tuple[deviations.Deviation, ...] = ()
    if given["deviations"]:
        try:
            known = deviations.read(given["deviations"], datetime.now(UTC).date())
        except deviations.BadDeviations as error:
            raise BadTarget(str(error)) from error
    return Options(
        provider=provider,
        tier=Tier[given["tier"].upper()] if given["tier"] else None,
        dialect=given["dialect"],
        max_jobs=given["max_jobs"],
        max_cost=given["max_cost"],
        only=tuple(given["only"]),
        operations=parse_operations(given["operations"]),
        trigger=parse_trigger(given["failure_trigger"]),
        media=given["media"],
        wait_seconds=given["wait_seconds"],
        reply_seconds=given["reply_seconds"],
        max_seconds=parse_seconds(given["max_time"]),
        seed=seed,
        max_examples=given["max_examples"],
        workers=given["workers"],
        strict=given["strict"],
        deviations=known,
    )


def _announce(run: Run) -> None:
    who = run.identity
    click.echo(
        f"{run.options.provider} at {run.target.base_url}, tier {run.tier.word}, seed "
        f"{run.options.seed}"
    )
    if not who.is_understudy and run.options.tier is None:
        click.echo(
            "The target does not say that it is an understudy, so nothing is sent that "
            "could cost money. "
            "Ask for more with --tier validation, or --tier paid with --max-jobs or --max-cost."
        )
    if not run.target.keys.first:
        click.echo(
            "No key was given (--key): rules that need one cannot be judged, which is exit 2."
        )


def _ask(run: Run, given: Mapping[str, Any]) -> None:
    """Ask before spending on a target that may bill; raises BadTarget if the answer is no."""
    from conformance.target import BadTarget

    if run.identity.is_understudy or run.tier < Tier.PAID:
        return
    if run.tier is Tier.PAID and given["max_jobs"] is None and given["max_cost"] is None:
        raise BadTarget("--tier paid needs --max-jobs or --max-cost")
    if given["yes"]:
        return
    from conformance.plan import plan

    worst = plan(run.setting, run.drivers, run.options).words
    if not sys.stdin.isatty():
        raise BadTarget(f"this run may cost money ({worst}); confirm with --yes")
    if not click.confirm(f"This run may cost money ({worst}). Go on?"):
        raise BadTarget("not confirmed")


def _print_plan(run: Run) -> None:
    from conformance.plan import plan

    run.prepare()
    click.echo(plan(run.setting, run.drivers, run.options).text)


@contextmanager
def _interrupted(run: Run) -> Iterator[None]:
    """Let Ctrl-C end the driving and not the reports."""
    try:
        yield
    except KeyboardInterrupt:
        run.interrupt("interrupted; what was seen until then is judged")


@contextmanager
def _progress(run: Run) -> Iterator[None]:
    from conformance.report.progress import shown

    with shown(run):
        yield


def _write_reports(results: list[Result], reports: tuple[tuple[str, Path], ...]) -> None:
    from conformance.report import write

    for kind, path in reports:
        try:
            write(kind, path, results)
        except OSError as error:
            click.echo(f"{path}: {error.strerror or error}", err=True)


def _with_file(given: dict[str, Any]) -> dict[str, Any]:
    """Return the flags with defaults from the target file; flags on the command line win."""
    path: Path | None = given["target_file"]
    reports = tuple(pair for group in given["reports"] for pair in group)
    if path is None:
        return {**given, "reports": reports}
    import yaml

    try:
        held = yaml.safe_load(path.read_text()) or {}
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path}: {error}") from error
    if not isinstance(held, dict):
        raise click.BadParameter(f"{path}: not a mapping")
    context = click.get_current_context()
    known = {
        "base_url", "tier", "max_jobs", "max_cost", "failure_trigger", "operations", "dialect",
        "media",
    }  # fmt: skip
    merged = {**given, "reports": reports}
    for name, value in held.items():
        key = str(name).replace("-", "_")
        if key not in known:
            raise click.BadParameter(f"{path}: {name} is none of {', '.join(sorted(known))}")
        if key == "media" and not isinstance(value, bool):
            raise click.BadParameter(f"{path}: media is true or false, not {value!r}")
        source = context.get_parameter_source(key)
        if source is not None and source.name == "DEFAULT":
            merged[key] = ", ".join(value) if isinstance(value, list) else value
    return merged
