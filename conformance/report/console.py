"""The result as a person reads it: failures first with a line to repeat them, then areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from conformance.model import Level, Verdict
from conformance.report import evidence

if TYPE_CHECKING:
    from conformance.result import Result
    from conformance.rule import RuleResult

_COLORS = {
    Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.XPASS: "red", Verdict.WARN: "yellow",
    Verdict.INCONCLUSIVE: "magenta",
}  # fmt: skip


def show(result: Result) -> None:
    """Print a result; colours only on a terminal."""
    for each in result.results:
        if each.verdict in (Verdict.FAIL, Verdict.XPASS, Verdict.WARN, Verdict.XFAIL):
            _show_failure(result, each)
    open_musts = [
        each for each in result.results
        if each.verdict is Verdict.INCONCLUSIVE and each.rule.level is Level.MUST
    ]  # fmt: skip
    for each in open_musts[:20]:
        click.echo(f"{_word(each.verdict)} {each.rule.id}: {each.reason}")
    if len(open_musts) > 20:
        click.echo(f"… and {len(open_musts) - 20} more without enough evidence")
    _show_areas(result)
    for note in result.notes:
        click.echo(f"note: {note}")
    if result.unreachable:
        click.echo(f"could not judge: {result.unreachable}")
    click.echo(summary(result))


def summary(result: Result) -> str:
    """Return the result in one line."""
    score = result.score()
    words = {0: "conformant", 1: "violated", 2: "could not judge"}[result.exit_code]
    counts = ", ".join(
        f"{count} {verdict.value}" for verdict, count in sorted(result.counts.items())
    )
    spent = f"{result.spent.jobs} jobs, {result.spent.cost_usd:.2f} USD"
    if result.spent.unpriced_jobs:
        spent += f" and {result.spent.unpriced_jobs} jobs of unknown price"
    return (
        f"{result.provider}: {words}. MUST {score.passed}/{score.judged} passed, {score.judged} of "
        f"{score.total} judged ({counts}). {result.spent.requests} requests, {spent}, "
        f"{result.seconds:.1f} s, seed {result.options.seed}, dialect {result.dialect}"
    )


def _show_failure(result: Result, each: RuleResult) -> None:
    click.echo(f"\n{_word(each.verdict)} {each.rule.id}")
    click.echo(f"  {each.rule.level.value}: {each.rule.sentence}")
    click.echo(f"  source: {each.rule.source} ({each.rule.provenance})")
    if each.reason:
        click.echo(f"  {each.reason}")
    cases = [name for name, _, bad in each.by_case if bad and name]
    if cases:
        click.echo(f"  fails for: {', '.join(cases)}")
    for failure in each.failures[:1]:
        exchange = result.log[failure.exchange]
        click.echo(f"  {failure.case + ': ' if failure.case else ''}{failure.message}")
        click.echo(f"  $ {evidence.curl(exchange, result.provider)}")
        click.echo(f"  < {evidence.reply_text(exchange)[:500]}")
    click.echo(f"  again: {evidence.again(result, each)}")


def _show_areas(result: Result) -> None:
    click.echo("")
    for area in result.areas:
        score = result.score(area)
        mine = [each for each in result.results if each.rule.area == area]
        bad = sum(each.verdict in (Verdict.FAIL, Verdict.XPASS) for each in mine)
        text = f"{area:14} {score.passed:4}/{score.judged} MUST passed, {len(mine)} rules"
        click.secho(text + (f", {bad} violated" if bad else ""), fg="red" if bad else None)


def _word(verdict: Verdict) -> str:
    return click.style(f"{verdict.value:5}", fg=_COLORS.get(verdict), bold=True)
