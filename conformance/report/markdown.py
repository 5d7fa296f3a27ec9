"""Markdown for the summary of a CI job: the score by area, then what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from conformance.model import Verdict
from conformance.report import evidence

if TYPE_CHECKING:
    from conformance.result import Result
    from conformance.rule import RuleResult

_SHOWN: Final = 50
_WORDS: Final = {0: "conformant", 1: "violated", 2: "could not judge"}


def render(results: Sequence[Result]) -> bytes:
    """Return the report of one or more results."""
    return "\n".join(line for result in results for line in _lines(result)).encode(errors="replace")


def _lines(result: Result) -> list[str]:
    score = result.score()
    lines = [
        f"## {result.provider}: {_WORDS[result.exit_code]}",
        "",
        f"{score.passed} of {score.judged} MUST rules passed, {score.judged} of "
        f"{score.total} judged. "
        f"Target `{result.target}`, tier {result.tier.word}, dialect {result.dialect}, "
        f"seed {result.options.seed}, {result.spent.requests} requests, {result.spent.jobs} jobs.",
        "",
        "| area | MUST passed | judged | rules | violated |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for area in result.areas:
        found = result.score(area)
        mine = [each for each in result.results if each.rule.area == area]
        bad = sum(each.verdict in (Verdict.FAIL, Verdict.XPASS) for each in mine)
        lines.append(f"| {area} | {found.passed} | {found.judged} | {len(mine)} | {bad} |")
    lines.append("")
    if result.unreachable:
        lines += [f"Could not judge: {_text(result.unreachable)}", ""]
    shown = [
        each for each in result.results
        if each.verdict in (Verdict.FAIL, Verdict.XPASS, Verdict.WARN)
    ]  # fmt: skip
    for each in shown[:_SHOWN]:
        lines += _failure(result, each)
    if len(shown) > _SHOWN:
        lines += [f"… and {len(shown) - _SHOWN} more", ""]
    return lines


def _failure(result: Result, each: RuleResult) -> list[str]:
    lines = [f"### {each.verdict.value} `{each.rule.id}`", "", _text(each.rule.sentence), ""]
    for failure in each.failures[:1]:
        exchange = result.log[failure.exchange]
        lines += [
            f"- {_text(failure.case + ': ' if failure.case else '')}{_text(failure.message)}",
            "",
            *_fenced(evidence.curl(exchange, result.provider)),
            *_fenced(evidence.reply_text(exchange)),
        ]
    return [*lines, *_fenced(evidence.again(result, each))]


def _fenced(text: str) -> list[str]:
    longest = max(
        (len(run) for run in "".join(c if c == "`" else " " for c in text).split()), default=0
    )
    fence = "`" * max(longest + 1, 3)
    return [fence, text, fence, ""]


def _text(text: str) -> str:
    """Return text that Markdown does not read as markup or HTML."""
    text = text.replace("\\", "\\\\").replace("<", "&lt;")
    for char in "`*_[]|":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())
