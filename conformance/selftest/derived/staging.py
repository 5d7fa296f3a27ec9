"""Replies that the contract declares and the clean target never gives: made from the contract.

A fault is then laid over such a reply. What the well-formed reply itself violates in that place
does not count as detection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from conformance.judge import Judge
from conformance.sampling import joined, sample
from conformance.selftest import changes as c
from conformance.selftest.fault import Reply
from contracts import Contract, Operation, ReplySpec

Staged = Callable[[Judge], Reply | None]
_NUMBER: Final = "12"


def reply(
    contract: Contract,
    operation: Operation,
    key: str,
    steps: tuple[str, ...] = (),
    options: frozenset[str] = frozenset(),
) -> Staged:
    """Return a maker of a well-formed reply with something at a place, None if there is none.

    `options` limits what stands there, if any are given: a value of another letter case needs
    letters.
    """

    def make(judge: Judge) -> Reply | None:
        spec = operation.replies[key]
        headers = tuple(_headers(spec))
        kind = next((name for name in spec.content if name.endswith("json")), "")
        if not kind:
            other = next(iter(spec.content), "")
            told = (("content-type", other),) if other else ()
            return None if steps else Reply(int(key), (*told, *headers), b"text" if other else b"")
        for value in _values(contract, spec, kind, steps):
            there = c.places(value, steps) if steps else []
            fits = not options or any(holder[at] in options for holder, at in there)
            if (
                (there or not steps)
                and fits
                and not judge.violations(value, spec.content[kind].pointer, "reply")
            ):
                about = (("content-type", kind), *headers)
                return Reply(int(key), about, orjson.dumps(value))
        return None

    return make


def _values(
    contract: Contract, spec: ReplySpec, kind: str, steps: tuple[str, ...]
) -> Iterator[Any]:
    media = spec.content[kind]
    yield from media.examples.values()
    if media.schema:
        sampled = sample(contract.document, media.pointer, steps)
        yield sampled
        for example in media.examples.values():
            yield joined(example, sampled)


def _headers(spec: ReplySpec) -> Iterator[tuple[str, str]]:
    for name, declared in spec.headers.items():
        schema = declared.get("schema", {})
        value = declared.get("example", schema.get("example", _NUMBER))
        yield name.lower(), str(value)
