"""The vocabulary of faults: which exchanges are touched, and what is done to their replies."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from conformance.reading import Reading
from conformance.schemas import ALL, ANY
from conformance.selftest.fault import Change, Memory, Reply

When = Callable[[Reading], bool]
Edit = Callable[[Any, Reading], Any]
GONE: Final = object()


def success(operation: str) -> When:
    """Touch what an operation answers with success."""
    return lambda reading: _is(reading, operation) and reading.is_success


def by_second(reading: Reading) -> bool:
    """Touch what the second account asks."""
    return any(each.label == "second" for each in reading.credentials)


def refused(operation: str, *statuses: int) -> When:
    """Touch what an operation refuses, with these statuses or any 4xx."""
    return lambda reading: (
        _is(reading, operation)
        and (reading.status in statuses if statuses else 400 <= reading.status < 500)
    )


def both(*conditions: When) -> When:
    """Touch what fits all the conditions."""
    return lambda reading: all(each(reading) for each in conditions)


def media(method: str = "") -> When:
    """Touch media files: what is no operation's, and is a picture or a film."""
    kinds = ("video/", "image/", "audio/")
    return lambda reading: (
        reading.operation is None
        and reading.exchange.method in ((method,) if method else ("GET", "HEAD"))
        and reading.content_type.startswith(kinds)
    )


def _is(reading: Reading, operation: str) -> bool:
    return reading.operation is not None and reading.operation.id == operation


def change(when: When, do: Callable[[Reply], Reply]) -> Change:
    """Change the replies of what is touched."""
    return lambda reading, memory: do(Reply.of(reading.exchange)) if when(reading) else None


def status(number: int) -> Callable[[Reply], Reply]:
    """Answer with another status."""
    return lambda reply: replace(reply, status=number)


def body(content: bytes, content_type: str | None = None) -> Callable[[Reply], Reply]:
    """Answer with other bytes."""
    return lambda reply: reply.raw(content, content_type)


def rewritten(do: Callable[[bytes], bytes]) -> Callable[[Reply], Reply]:
    """Answer with bytes made from the right ones."""
    return lambda reply: reply.raw(do(reply.body))


def header(name: str, value: str | None) -> Callable[[Reply], Reply]:
    """Answer with another header, or without it."""
    return lambda reply: reply.header(name, value)


def edited(when: When, edit: Edit) -> Change:
    """Change the JSON document of what is touched; `edit` gets a copy, and the reading."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if not when(reading) or reading.reply.value is None:
            return None
        before = reading.reply.value
        after = edit(copy.deepcopy(before), reading)
        return None if after == before and _same(after, before) else _as(reading, after)

    return run


def _same(left: Any, right: Any) -> bool:
    """Whether two equal documents are the same JSON too (`1`, `1.0` and `true` are not)."""
    return repr(left) == repr(right)


def _as(reading: Reading, value: Any) -> Reply:
    return Reply.of(reading.exchange).json(value)


def put(when: When, path: str, value: Any) -> Change:
    """Put a value at a place, made where it is missing; a function gets the old one."""
    steps = tuple(path.split("."))

    def edit(document: Any, reading: Reading) -> Any:
        for holder, key in places(document, steps, make=True):
            old = holder.get(key) if isinstance(holder, dict) else holder[key]
            holder[key] = value(old) if callable(value) else value
        return document

    return edited(when, edit)


def drop(when: When, path: str) -> Change:
    """Take a member away."""
    steps = tuple(path.split("."))

    def edit(document: Any, reading: Reading) -> Any:
        for holder, key in places(document, steps):
            if isinstance(holder, dict):
                del holder[key]
        return document

    return edited(when, edit)


def places(document: Any, steps: Sequence[str], *, make: bool = False) -> list[tuple[Any, Any]]:
    """Return holder and key of every place that a path names; `[]` any index, `{}` any member."""
    return list(_places(document, steps, make))


def _places(document: Any, steps: Sequence[str], make: bool) -> Iterator[tuple[Any, Any]]:
    first, rest = steps[0], steps[1:]
    keys: list[Any] = []
    if first == ALL:
        keys = list(range(len(document))) if isinstance(document, list) else []
    elif isinstance(document, dict):
        keys = list(document) if first == ANY else [first] if first in document else []
        if make and not rest and not keys and first != ANY:
            keys = [first]
    for key in keys:
        if rest:
            yield from _places(document[key], rest, make)
        else:
            yield document, key


def swapped(document: Any, changes: dict[Any, Any]) -> Any:
    """Return a document with scalar values replaced wherever they stand."""
    if isinstance(document, dict):
        return {key: swapped(value, changes) for key, value in document.items()}
    if isinstance(document, list):
        return [swapped(value, changes) for value in document]
    is_key = isinstance(document, str) and document in changes
    return changes[document] if is_key else document


def answered(when: When, reply: Callable[[Reading, Memory], Reply | None]) -> Change:
    """Answer what is touched with another reply."""
    return lambda reading, memory: reply(reading, memory) if when(reading) else None


def as_success(operation: str) -> Callable[[Reading, Memory], Reply | None]:
    """Answer as an accepted request of the operation is answered."""
    return lambda reading, memory: memory.successes.get(operation)


def as_refusal(operation: str, number: int = 400) -> Callable[[Reading, Memory], Reply | None]:
    """Answer as an invalid request of the operation is answered."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        found = memory.refusals.get(operation)
        return None if found is None else replace(found, status=number)

    return run


def remembered(name: str, when: When, again: When) -> Change:
    """Answer `again` with what the same URL and body answered `when` last: a careless cache."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        exchange = reading.exchange
        key = (name, exchange.url, exchange.request_body)
        if again(reading):
            found: Reply | None = memory.notes.get(str(key))
            return found
        if when(reading):
            memory.notes[str(key)] = Reply.of(exchange)
        return None

    return run


def first_of(*changes: Change) -> Change:
    """Apply the first change that has something to say."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        return next(
            (found for each in changes if (found := each(reading, memory)) is not None), None
        )

    return run
