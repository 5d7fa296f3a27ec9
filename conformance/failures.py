"""Failing exchanges in a file: written after a run, read and sent again by `--replay`.

No secret stands in it: credentials are labels, as in the log.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import orjson

from conformance.exchange import Exchange
from conformance.model import Tier, Verdict
from conformance.result import Result
from contracts import Dialect

VERSION: Final = 1
_TAGS: Final = ("driver", "probe", "subject", "series", "step")


class NotKept(Exception):
    """A file holds no failures to send again; the message says why."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One violated rule, its smallest exchange and those that the finding rests on, in order."""

    rule: str
    case: str
    message: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is sent again: the failures of one run, and how the run was made."""

    provider: str
    tier: Tier
    dialect: Dialect | None
    seed: int
    failures: tuple[Failure, ...]


def dump(result: Result) -> bytes:
    """Return a result's failures as the content of a file."""
    kept = []
    for each in result.results:
        if each.verdict is Verdict.FAIL and each.failures:
            first = each.failures[0]
            indexes = sorted({first.exchange, *first.also})
            exchanges = [_data(result.log[index], result.target) for index in indexes]
            kept.append(
                {
                    "rule": each.rule.id,
                    "case": first.case,
                    "message": first.message,
                    "exchanges": exchanges,
                }
            )
    document = {
        "version": VERSION,
        "provider": result.provider,
        "target": result.target,
        "tier": result.tier.word,
        "dialect": None if result.dialect == "either" else result.dialect,
        "seed": result.options.seed,
        "failures": kept,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def load(path: Path) -> Kept:
    """Read a file of failures; raises NotKept."""
    try:
        document = orjson.loads(path.read_bytes())
        if document["version"] != VERSION:
            raise NotKept(f"{path}: version {document['version']} is not {VERSION}")
        failures = tuple(
            Failure(
                str(each["rule"]),
                str(each["case"]),
                str(each["message"]),
                tuple(_exchange(held) for held in each["exchanges"]),
            )
            for each in document["failures"]
        )
        dialect = document["dialect"]
        return Kept(
            str(document["provider"]),
            Tier[str(document["tier"]).upper()],
            dialect if dialect in get_args(Dialect) else None,
            int(document["seed"]),
            failures,
        )
    except OSError as error:
        raise NotKept(f"{path}: {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise NotKept(f"{path}: not a file of failures: {error!r}") from error


def _data(exchange: Exchange, target: str) -> dict[str, Any]:
    return {
        "method": exchange.method,
        "url": exchange.url.removeprefix(target),
        "headers": [list(pair) for pair in exchange.request_headers],
        "body": base64.b64encode(exchange.request_body).decode(),
        "status": exchange.status,
        **{name: getattr(exchange, name) for name in _TAGS},
    }


def _exchange(held: dict[str, Any]) -> Exchange:
    driver, probe, subject, series, step = (str(held[name]) for name in _TAGS)
    headers = tuple((str(name), str(value)) for name, value in held["headers"])
    return Exchange(
        0, str(held["method"]), str(held["url"]), headers, base64.b64decode(held["body"]),
        int(held["status"]), (), b"", 0.0, 0.0, "", driver, probe, subject, series, step,
    )  # fmt: skip
