"""One self-contained HTML page: no script from elsewhere, no font, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from conformance.model import Verdict
from conformance.report import coverage, evidence
from conformance.report.data import suite_version
from conformance.rule import RuleResult

if TYPE_CHECKING:
    from conformance.result import Result

_WORDS: Final = {0: "conformant", 1: "violated", 2: "could not judge"}
_ORDER: Final = (
    Verdict.FAIL,
    Verdict.XPASS,
    Verdict.WARN,
    Verdict.XFAIL,
    Verdict.INCONCLUSIVE,
    Verdict.PASS,
    Verdict.SKIP,
)
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --quiet: #777; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.sub, .reason, .source { color: var(--quiet); }
.head { border-left: .5rem solid #888; padding: .5rem 1rem; margin: 1.5rem 0; background: #8881; }
.head.ok { border-color: #2a8a3e; } .head.bad { border-color: #c62828; }
.head.open { border-color: #b26a00; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
details { border-bottom: 1px solid var(--line); padding: .35rem 0; }
summary { cursor: pointer; display: flex; gap: .75rem; align-items: baseline; }
summary code { overflow-wrap: anywhere; }
.v { font: 600 .72rem/1.6 ui-monospace, monospace; padding: 0 .5em; border-radius: .3em;
     color: #fff; background: #777; flex: none; min-width: 7.2em; text-align: center; }
.v.PASS { background: #2a8a3e; } .v.FAIL, .v.XPASS { background: #c62828; }
.v.WARN, .v.XFAIL { background: #b26a00; } .v.INCONCLUSIVE { background: #7b3fa0; }
pre { background: #8881; padding: .6rem .8rem; overflow-x: auto; white-space: pre-wrap;
      overflow-wrap: anywhere; border-radius: .3rem; margin: .3rem 0; font-size: .82rem; }
.body { padding: .25rem 0 .75rem 8.4em; } .level { color: var(--quiet); font-size: .8rem; }
.filter { display: flex; flex-wrap: wrap; gap: .4rem 1rem; margin: .5rem 0; }
input[type=search] { font: inherit; padding: .2rem .5rem; min-width: 18rem; }
@media (max-width: 40rem) { .body { padding-left: 0; } summary { flex-wrap: wrap; } }
"""
_SCRIPT: Final = """
const boxes = [...document.querySelectorAll('.filter input[type=checkbox]')];
const search = document.querySelector('.filter input[type=search]');
function apply() {
  const on = new Set(boxes.filter(b => b.checked).map(b => b.value));
  const text = search.value.toLowerCase();
  for (const rule of document.querySelectorAll('details.rule')) {
    rule.hidden = !on.has(rule.dataset.verdict) || !rule.textContent.toLowerCase().includes(text);
  }
}
for (const box of boxes) box.addEventListener('change', apply);
search.addEventListener('input', apply);
"""


def render(results: Sequence[Result]) -> bytes:
    """Return the page of one or more results."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width, initial-scale=1'>",
        f"<title>Understudy: {escape(', '.join(r.provider for r in results))}</title>",
        f"<style>{_STYLE}</style><body><h1>Understudy conformance</h1>",
        f"<p class=sub>suite {escape(suite_version())}</p>",
    ]
    for result in results:
        parts += _head(result)
    parts += _filter()
    for result in results:
        parts += _rules(result)
    parts.append(f"<script>{_SCRIPT}</script></body></html>")
    return "\n".join(parts).encode(errors="replace")


def _head(result: Result) -> Iterator[str]:
    score, kind = result.score(), {0: "ok", 1: "bad", 2: "open"}[result.exit_code]
    dialects = ", ".join(f"{c.dialect} {c.digest[:12]}" for c in result.contracts)
    yield f"<section class='head {kind}'><h2 style='margin-top:0'>{escape(result.provider)}: "
    yield f"{_WORDS[result.exit_code]}</h2>"
    yield f"<div>{score.passed} of {score.judged} MUST rules passed, "
    yield f"{score.judged} of {score.total} judged</div>"
    yield f"<div class=sub>{escape(result.target)} · tier {result.tier.word} · contract "
    yield f"{escape(dialects)} · seed {result.options.seed} · {result.spent.requests} requests · "
    yield f"{result.spent.jobs} jobs, {result.spent.cost_usd:.2f} USD"
    if result.spent.unpriced_jobs:
        yield f" and {result.spent.unpriced_jobs} of unknown price"
    yield f" · {result.seconds:.1f} s</div>"
    for note in (*result.notes, *([result.unreachable] if result.unreachable else [])):
        yield f"<div class=reason>{escape(note)}</div>"
    yield "</section>"
    yield "<table><tr><th>area<th class=n>MUST passed<th class=n>judged<th class=n>rules</tr>"
    for area in result.areas:
        found = result.score(area)
        count = sum(each.rule.area == area for each in result.results)
        yield f"<tr><td>{escape(area)}<td class=n>{found.passed}<td class=n>{found.judged}"
        yield f"<td class=n>{count}</tr>"
    yield "</table><p class=sub>Contract met: "
    met = coverage.count(result)
    yield ", ".join(
        f"{what.replace('_', ' ')} {found['met']}/{found['declared']}"
        for what, found in met.items()
    )
    yield "</p>"


def _filter() -> Iterator[str]:
    yield "<div class=filter>"
    for verdict in _ORDER:
        yield f"<label><input type=checkbox value={verdict.value} checked> {verdict.value}</label>"
    yield "<input type=search placeholder='find a rule' aria-label='find a rule'></div>"


def _rules(result: Result) -> Iterator[str]:
    yield f"<h2>{escape(result.provider)}</h2>"
    for verdict in _ORDER:
        for each in result.results:
            if each.verdict is verdict:
                yield from _rule(result, each)


def _rule(result: Result, each: RuleResult) -> Iterator[str]:
    rule = each.rule
    is_open = " open" if each.verdict in (Verdict.FAIL, Verdict.XPASS) else ""
    yield f"<details class=rule data-verdict={each.verdict.value}{is_open}>"
    yield f"<summary><span class='v {each.verdict.value}'>{each.verdict.value}</span>"
    yield f"<code>{escape(rule.id)}</code><span class=level>{rule.level.value}, "
    yield f"{each.evidence} looks</span></summary><div class=body>"
    yield f"<div>{escape(rule.sentence)}</div>"
    yield f"<div class=source>{escape(rule.source)} ({rule.provenance})</div>"
    if each.reason:
        yield f"<div class=reason>{escape(each.reason)}</div>"
    rows = [row for row in each.by_case if row[0]]
    if rows:
        yield "<table><tr><th>case<th class=n>held<th class=n>broken</tr>"
        for name, good, bad in rows:
            yield f"<tr><td>{escape(name)}<td class=n>{good}<td class=n>{bad}</tr>"
        yield "</table>"
    for failure in each.failures[:3]:
        exchange = result.log[failure.exchange]
        case = f"{failure.case}: " if failure.case else ""
        yield f"<p>{escape(case + failure.message)}</p>"
        yield f"<pre>{escape(evidence.curl(exchange, result.provider))}</pre>"
        yield f"<pre>{escape(evidence.reply_text(exchange))}</pre>"
    if each.failures:
        yield f"<pre>{escape(evidence.again(result, each))}</pre>"
    yield "</div></details>"
