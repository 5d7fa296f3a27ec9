"""The stand-in, judged in process: conformant, and no MUST rule is left open."""

from __future__ import annotations

from typing import Literal

import pytest

from conformance import check
from conformance.model import Level, Verdict
from simulator.app import create_app, installed_providers
from simulator.settings import Settings

Dialect = Literal["documented", "live"]
CASES: list[tuple[str, Dialect]] = [
    ("recoup", "documented"),
    ("recoup", "live"),
    ("nanogpt", "documented"),
    ("leonardo", "documented"),
]


@pytest.mark.parametrize(("provider", "dialect"), CASES)
def test_understudy_is_conformant_and_every_must_rule_is_judged(
    provider: str, dialect: Dialect
) -> None:
    result = check(
        provider=provider,
        app=create_app(Settings(speed=20.0, dialect=dialect)),
        keys=installed_providers((provider,))[provider].demo_keys,
        generator=False,
        wait_seconds=20.0,
    )
    still_open = [
        each.rule.id
        for each in result.results
        if each.rule.level is Level.MUST and each.verdict is Verdict.INCONCLUSIVE
    ]
    shown = [(each.rule.id, [found.message for found in each.failures]) for each in result.failed]
    assert shown == []
    assert still_open == []
    assert result.dialect == dialect
    assert result.score().judged > 150
