"""`understudy rules` and `understudy explain`: what is judged, without judging anything."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from conformance.rule import Rule
from contracts import names


@click.command()
@click.argument("provider", required=False, type=click.Choice(names()))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option("--dialect", type=click.Choice(["documented", "live"]), default="documented")
def rules(provider: str | None, as_json: bool, dialect: str) -> None:
    """List the rules, with level, tier and sentence."""
    chosen = (provider,) if provider else names()
    found = [rule for name in chosen for rule in rules_of(name, dialect)]
    if as_json:
        click.echo(json.dumps([as_data(rule) for rule in found], ensure_ascii=False, indent=1))
        return
    for rule in found:
        rows = f" [{len(rule.cases)}]" if rule.cases else ""
        click.echo(
            f"{rule.level.value:6} {rule.lowest_tier.word:10} {rule.id}{rows}  {rule.sentence}"
        )
    musts = sum(rule.level.value == "MUST" for rule in found)
    click.echo(f"{len(found)} rules, {musts} MUST")


@click.command()
@click.argument("rule_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option("--dialect", type=click.Choice(["documented", "live"]), default="documented")
def explain(rule_id: str, as_json: bool, dialect: str) -> None:
    """Explain one rule: its sentence, source, cost and table."""
    provider = rule_id.partition(".")[0]
    known = rules_of(provider, dialect) if provider in names() else ()
    rule = next((each for each in known if each.id == rule_id), None)
    if rule is None:
        close = [each.id for each in known if each.id.startswith(rule_id)][:10]
        hint = f"; below it are {', '.join(close)}" if close else "; see `understudy rules`"
        click.echo(f"no rule {rule_id}{hint}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(as_data(rule), ensure_ascii=False, indent=1))
        return
    click.echo(f"{rule.id}\n\n  {rule.level.value}: {rule.sentence}\n")
    click.echo(f"  source      {rule.source} ({rule.provenance})")
    click.echo(f"  area        {rule.area}")
    click.echo(f"  operation   {rule.operation or 'any'}")
    click.echo(f"  cost        --tier {rule.lowest_tier.word}")
    if rule.needs:
        click.echo(f"  needs       {', '.join(sorted(rule.needs))}")
    click.echo(f"  evidence    {', '.join(rule.drivers) or 'every driver'}")
    for case in rule.cases:
        tail = "" if case.required else ", where met"
        click.echo(f"    - {case.name} (--tier {max(case.tier, rule.tier).word}{tail})")


def rules_of(provider: str, dialect: str) -> tuple[Rule, ...]:
    """Return a provider's rules in one dialect."""
    from conformance import profiles
    from conformance.rules import rules_for
    from contracts import load

    contract = load(provider, "live" if dialect == "live" else "documented")
    return rules_for((contract,), profiles.load(provider))


def as_data(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON data."""
    return {
        "id": rule.id,
        "sentence": rule.sentence,
        "level": rule.level.value,
        "source": rule.source,
        "provenance": rule.provenance,
        "area": rule.area,
        "operation": rule.operation,
        "tier": rule.lowest_tier.word,
        "needs": sorted(rule.needs),
        "drivers": list(rule.drivers),
        "cases": [
            {
                "name": case.name,
                "tier": max(case.tier, rule.tier).word,
                "needs": sorted(case.needs),
                "required": case.required,
            }
            for case in rule.cases
        ],
    }
