"""`understudy selftest`: prove the suite by the faults that it must detect."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

from conformance.cli.parsing import parse_trigger
from contracts import names

if TYPE_CHECKING:
    from conformance.selftest.live import Clean
    from conformance.selftest.outcome import Proof
    from conformance.selftest.proving import Tick


@click.command()
@click.option(
    "--provider",
    "providers",
    multiple=True,
    type=click.Choice(names()),
    help="Prove this provider's rules alone. Repeatable.",
)
@click.option(
    "--base-url",
    default="",
    metavar="URL",
    help="A clean target. Default: `understudy serve` is started for it.",
)
@click.option("--key", default="", help="A key of that target.")
@click.option("--second-key", default="", help="A key of another account there.")
@click.option(
    "--failure-trigger",
    default="",
    metavar="[FIELD=]TEXT",
    help="Text that makes a job fail there.",
)
@click.option(
    "--yes", is_flag=True, help="Go on although the target does not say that it is an understudy."
)
@click.option(
    "--dialect", type=click.Choice(["documented", "live"]), default="documented", show_default=True
)
@click.option(
    "--speed",
    default=20.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="How fast runs of the started target progress.",
)
@click.option("--seed", default=0, show_default=True, help="Chooses samples.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    metavar="N",
    help="Judge so many faults of each provider, not all of them.",
)
@click.option(
    "--spot-checks",
    default=15,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Judge so many derived faults, and so many by hand that need lifecycles, before the "
    "running target too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each provider.")
@click.option("--write", is_flag=True, help="Write conformance/DETECTION.md.")
def selftest(**given: Any) -> None:
    """Prove the suite: a clean target passes, and every fault before it is detected.

    Exit 0: proven, 1: a fault or a rule is not, 2: could not judge.
    """
    from conformance.target import BadTarget

    try:
        proofs = _proofs(given)
    except BadTarget as error:
        click.echo(f"could not judge: {error}", err=True)
        sys.exit(2)
    if given["as_json"]:
        click.echo(json.dumps([_data(proof) for proof in proofs], ensure_ascii=False, indent=1))
    else:
        for proof in proofs:
            _show(proof)
    if given["write"]:
        from conformance.selftest import document

        document.PATH.write_text(document.text(proofs))
        click.echo(f"wrote {document.PATH.name}", err=True)
    sys.exit(1 if any(proof.complaints for proof in proofs) else 0)


def _proofs(given: dict[str, Any]) -> list[Proof]:
    from conformance.selftest.proving import Wanted
    from conformance.selftest.side_by_side import prove_all
    from conformance.target import BadTarget

    providers = given["providers"] or names()
    if given["write"] and (given["sample"] or given["providers"]):
        raise BadTarget("--write needs all faults of all providers")
    wanted = Wanted(given["dialect"], given["seed"], given["sample"], given["spot_checks"])
    with ExitStack() as stack:
        cleans = _cleans(given, tuple(providers), stack)
        tick = stack.enter_context(_progress())
        return prove_all(cleans, wanted, tick)


def _cleans(given: dict[str, Any], providers: tuple[str, ...], stack: ExitStack) -> Sequence[Clean]:
    from conformance.selftest.live import Clean
    from conformance.selftest.server import served
    from conformance.target import BadTarget, Keys

    dialect: Literal["documented", "live"] = given["dialect"]
    if not given["base_url"]:
        return stack.enter_context(served(providers, dialect, given["speed"]))
    if len(providers) != 1 or not given["key"]:
        raise BadTarget("--base-url needs one --provider and a --key")
    keys = Keys(given["key"], given["second_key"])
    clean = Clean(providers[0], given["base_url"].rstrip("/"), keys,
                  parse_trigger(given["failure_trigger"]))  # fmt: skip
    if not given["yes"] and not _is_understudy(clean):
        raise BadTarget("the target does not say that it is an understudy: hundreds of jobs would "
                        "be started there; confirm with --yes")  # fmt: skip
    return (clean,)


def _is_understudy(clean: Clean) -> bool:
    from conformance.engine import Run
    from conformance.options import Options
    from conformance.target import target

    run = Run(target(clean.base_url, clean.keys), Options(clean.provider))
    try:
        return run.identify().is_understudy
    finally:
        run.close()


@contextmanager
def _progress() -> Iterator[Tick]:
    """Show a bar on a terminal, and a line for every step elsewhere."""
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:28}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("faults"), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def step(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield step


def _line(what: str, done: int, total: int) -> None:
    if not total or done % 500 == 0 or done == total:
        click.echo(f"{what} [{done}/{total}]" if total else what, err=True)


def _show(proof: Proof) -> None:
    from conformance.selftest.outcome import State

    musts = proof.musts
    click.echo(
        f"{proof.provider}: {len(musts) - len(proof.unclean)} of {len(musts)} MUST rules hold on "
        f"the clean target, {len(musts) - len(proof.unproven)} are violated by some fault "
        f"({proof.seconds:.0f} s)"
    )
    for by_hand, words in ((True, "by hand"), (False, "derived")):
        counts = {state: proof.count(state, by_hand=by_hand) for state in State}
        told = ", ".join(f"{count} {state}" for state, count in counts.items())
        click.echo(f"  faults {words}: {sum(counts.values())}, {told}")
    click.echo(f"  detected of the derived ones that showed: {proof.rate:.1%}")
    for outcome in proof.outcomes:
        if outcome.state is State.SURVIVED:
            click.echo(f"  survives: {outcome.fault.name} ({outcome.fault.sentence})")
    for complaint in proof.complaints:
        click.echo(f"  NOT PROVEN: {complaint}")


def _data(proof: Proof) -> dict[str, Any]:
    return {
        "provider": proof.provider,
        "seconds": round(proof.seconds, 1),
        "rate": round(proof.rate, 4),
        "rules": {result.rule.id: proof.reds[result.rule.id] for result in proof.musts},
        "faults": [
            {
                "name": outcome.fault.name,
                "kind": outcome.fault.kind,
                "sentence": outcome.fault.sentence,
                "state": outcome.state.value,
                "way": outcome.way.value,
                "exchanges": outcome.touched,
                "rules": list(outcome.red),
            }
            for outcome in proof.outcomes
        ],
        "complaints": list(proof.complaints),
    }
