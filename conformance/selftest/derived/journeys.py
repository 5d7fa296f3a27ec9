"""What can be wrong on a run's way from its creation to its media, for every journey."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from conformance.profile import Journey, Profile, Read
from conformance.reading import Reading
from conformance.selftest import changes as c
from conformance.selftest.fault import Change, Fault, Memory, Reply, refusal

_PAGE: Final = b"<html><body>Your video is on its way</body></html>"


def faults(profile: Profile) -> Iterator[Fault]:
    """Yield the faults of every journey of a profile, and those of media files."""
    for journey in profile.journeys:
        yield from _of(journey)
    if any(journey.has_media for journey in profile.journeys):
        yield from _media()


def _of(journey: Journey) -> Iterator[Fault]:
    def fault(name: str, sentence: str, change: Change) -> Fault:
        return Fault(f"journey.{journey.name}.{name}", journey.operation, sentence, change,
                     "journey")  # fmt: skip

    if journey.fails and not journey.reads:
        failing = c.both(_on(journey.operation), lambda r: r.status >= 500 and r.is_valid)
        yield fault("succeeds", "answers with success where the job failed",
                    c.answered(failing, c.as_success(journey.operation)))  # fmt: skip
    if not journey.reads:
        return
    main = journey.reads[0]
    terminal, other = journey.terminal, journey.failed if journey.fails else journey.completed
    wrong = sorted(journey.completed if journey.fails else journey.failed)
    if journey.working:
        first = journey.working[0]
        yield fault("never-finishes", "never ends", _told(main, terminal, first))
        yield fault("goes-back", "begins anew after its end", _later(main, terminal, first, 1))
        yield fault("not-sticky", "forgets its end after two reads",
                    _later(main, terminal, first, 2))  # fmt: skip
        if any(status not in journey.swaps for status in journey.working[2:]):
            yield fault("flickers", "falls back to its first status while it works",
                        _flickers(main, journey))  # fmt: skip
    if wrong:
        yield fault("ends-wrong", f"ends as {wrong[0]}", _told(main, other, wrong[0]))
    yield fault("casing", "writes its last status in other letter case",
                _told(main, terminal, None))  # fmt: skip
    yield fault("unknown-status", "ends in a status nobody knows", _told(main, other, "FINALIZED"))
    if journey.fails and journey.has_error:
        yield fault("no-reason", "fails without a reason", _emptied(main, error=True))
    if not journey.fails:
        yield fault("no-media", "completes without media", _emptied(main, error=False))
        yield fault("other-media", "has other media at each read", _drifts(main))
    for read in journey.reads[1:]:
        yield fault(f"alias-{read.operation}", f"{read.operation} tells of another end",
                    _told(read, None, "FINALIZED"))  # fmt: skip
    for read in journey.reads:
        seen = c.both(c.success(read.operation), _by("first"))
        foreign = c.both(_on(read.operation), _by("second"))
        yield fault(f"leak-{read.operation}", "shows a run to another account",
                    c.remembered("leak", seen, foreign))  # fmt: skip
    if journey.delete:
        yield fault("undead", "can be read after it was deleted", _undead(journey))


def _on(operation: str) -> c.When:
    return lambda r: r.operation is not None and r.operation.id == operation


def _by(label: str) -> c.When:
    return lambda r: any(each.label == label for each in r.credentials)


def _told(read: Read, statuses: frozenset[str] | None, new: str | None) -> Change:
    """Tell of another status where one of these is right; None as new is the other letter case."""

    def edit(document: Any, reading: Reading) -> Any:
        now = read.status(document)
        if not now or (statuses is not None and now not in statuses):
            return document
        return c.swapped(document, {now: now.swapcase() if new is None else new})

    return c.edited(c.success(read.operation), edit)


def _later(read: Read, terminal: frozenset[str], new: str, reads: int) -> Change:
    """Tell of another status once an end was told of some times."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if not c.success(read.operation)(reading):
            return None
        now = read.status(reading.reply.value)
        key = f"{reading.exchange.url} {reading.exchange.request_body!r}"
        if now not in terminal:
            return None
        memory.notes[key] = memory.notes.get(key, 0) + 1
        if memory.notes[key] <= reads:
            return None
        return Reply.of(reading.exchange).json(c.swapped(reading.reply.value, {now: new}))

    return run


def _flickers(read: Read, journey: Journey) -> Change:
    """Tell of the first status at every second read before the end."""

    def run(reading: Reading, memory: Memory) -> Reply | None:
        if not c.success(read.operation)(reading):
            return None
        now = read.status(reading.reply.value)
        late = [s for s in journey.working[1:] if s not in journey.swaps]
        key = f"{reading.exchange.url} {reading.exchange.request_body!r}"
        count = memory.notes[key] = memory.notes.get(key, 0) + 1
        if not late or now not in journey.working:
            return None
        told = late[-1] if count % 2 else journey.working[0]
        return Reply.of(reading.exchange).json(c.swapped(reading.reply.value, {now: told}))

    return run


def _emptied(read: Read, *, error: bool) -> Change:
    def edit(document: Any, reading: Reading) -> Any:
        if error:
            return _replaced(document, read.error(document), None)
        return c.swapped(document, dict.fromkeys(read.media(document)))

    return c.edited(c.success(read.operation), edit)


def _replaced(document: Any, old: object, new: Any) -> Any:
    """Return a document with one value replaced, wherever an equal one stands."""
    if old is None:
        return document
    if document == old:
        return new
    if isinstance(document, dict):
        return {key: _replaced(value, old, new) for key, value in document.items()}
    if isinstance(document, list):
        return [_replaced(value, old, new) for value in document]
    return document


def _drifts(read: Read) -> Change:
    def run(reading: Reading, memory: Memory) -> Reply | None:
        if not c.success(read.operation)(reading):
            return None
        media = read.media(reading.reply.value)
        count = memory.notes["reads"] = memory.notes.get("reads", 0) + 1
        if not media:
            return None
        changes = {url: _elsewhere(url, count) for url in media}
        document = copy.deepcopy(reading.reply.value)
        return Reply.of(reading.exchange).json(c.swapped(document, changes))

    return run


def _elsewhere(url: str, count: int) -> str:
    path, mark, query = url.partition("?")
    return f"{path}-{count}{mark}{query}"


def _undead(journey: Journey) -> Change:
    """Answer a read after the deletion as the last one before it."""
    main = journey.reads[0]

    def run(reading: Reading, memory: Memory) -> Reply | None:
        key = f"{reading.exchange.url} {reading.exchange.request_body!r}"
        if not _on(main.operation)(reading) or not _by("first")(reading):
            return None
        if reading.is_success and main.status(reading.reply.value):
            memory.notes[key] = Reply.of(reading.exchange)
            return None
        found: Reply | None = memory.notes.get(key)
        return found

    return run


def _media() -> Iterator[Fault]:
    def fault(name: str, sentence: str, change: Change) -> Fault:
        return Fault(f"media.{name}", "", sentence, change, "journey")

    files = c.media("GET")
    yield fault("html", "answers media with an HTML page", c.change(files, c.body(_PAGE)))
    yield fault("mislabelled", "says that media are text",
                c.change(files, c.header("content-type", "text/plain")))  # fmt: skip
    yield fault("gone", "has no media at the URL it gave",
                c.answered(c.media(), lambda r, m: refusal(404)))  # fmt: skip
    yield fault("empty", "answers media without a byte", c.change(files, c.body(b"")))
    yield fault("noise", "answers media that are no container",
                c.change(files, c.body(b"\0" * 64)))  # fmt: skip
