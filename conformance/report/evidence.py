"""How a failure is shown everywhere: a curl line that repeats the request, and what came back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from conformance.exchange import CREDENTIAL_HEADERS, Exchange

if TYPE_CHECKING:
    from conformance.result import Result
    from conformance.rule import RuleResult

_OWN_HEADERS: Final = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
)
_SHOWN: Final = 2000
# How a shell makes a near miss from the key.
_NEAR_MISSES: Final = {"truncated": "%?", "bare": "", "basic": "", "swapped-case": "~~"}


def curl(exchange: Exchange, provider: str) -> str:
    """Return a curl line for an exchange; keys are environment variables in it."""
    words = ["curl", "-si"]
    if exchange.method != "GET" or exchange.request_body:
        words += ["-X", exchange.method]
    quoted = [shlex.quote(word) for word in [*words, exchange.url]]
    for name, value in exchange.request_headers:
        if name.lower() in _OWN_HEADERS or name.lower().startswith("x-schemathesis"):
            continue
        quoted += ["-H", _header(name, value, provider)]
    if exchange.request_body:
        body = exchange.request_body[:_SHOWN].decode(errors="backslashreplace")
        quoted += ["--data-binary", shlex.quote(body)]
    return " ".join(quoted)


def _header(name: str, value: str, provider: str) -> str:
    if name.lower() not in CREDENTIAL_HEADERS:
        return shlex.quote(f"{name}: {value}")
    prefix = f"UNDERSTUDY_{provider.upper()}"
    value = value.replace("<first>", f"${{{prefix}_KEY}}")
    value = value.replace("<second>", f"${{{prefix}_SECOND_KEY}}")
    for label, change in _NEAR_MISSES.items():
        value = value.replace(f"<{label}>", f"${{{prefix}_KEY{change}}}")
    value = value.replace("<extended>", f"${{{prefix}_KEY}}0")
    value = value.replace("<unknown>", f"${{{prefix}_KEY%????????????}}000000000000")
    return f'"{name}: {value}"'


def reply_text(exchange: Exchange) -> str:
    """Return what came back, shortened: a status line and the body."""
    if not exchange.status:
        return f"no reply: {exchange.failure}"
    body = exchange.reply_body[:_SHOWN].decode(errors="backslashreplace")
    more = "…" if len(exchange.reply_body) > _SHOWN else ""
    return f"{exchange.status} {body}{more}".rstrip()


def again(result: Result, rule: RuleResult) -> str:
    """Return the command line that judges one rule again, with the same seed."""
    options = result.options
    words = ["understudy", "check", result.provider, "--base-url", result.target]
    words += ["--seed", str(options.seed), "--only", rule.rule.id, "--tier", result.tier.word]
    if result.dialect != "either":
        words += ["--dialect", result.dialect]
    return shlex.join(words)
