"""The one log that every exchange enters, redacted at entry, and that every rule reads."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from conformance.exchange import Exchange, Redactor

LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Note:
    """What a generator's own check said of an exchange; rules read it like other evidence."""

    check: str
    operation: str
    holds: bool
    exchange: int
    message: str = ""


class ExchangeLog:
    """Exchanges in the order in which they ended; may be appended to from several threads."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        self.redactor = redactor or Redactor()
        self.notes: list[Note] = []
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> ExchangeLog:
        """Return a log of exchanges that hold no secret any more, in their order."""
        log = cls()
        log._exchanges = list(exchanges)
        return log

    def append(self, exchange: Exchange) -> Exchange:
        """Keep an exchange without its secrets; returns it with its index."""
        redactor = self.redactor
        clean = replace(
            exchange,
            url=redactor.url(exchange.url),
            request_headers=redactor.headers(exchange.request_headers),
            request_body=redactor.body(exchange.request_body),
            reply_headers=redactor.headers(exchange.reply_headers),
            reply_body=redactor.body(exchange.reply_body),
            failure=redactor.text(exchange.failure),
        )
        with self._lock:
            kept = replace(clean, index=len(self._exchanges))
            self._exchanges.append(kept)
        return kept

    def set_aside(self, index: int) -> None:
        """Take a refused exchange out of its probe and lifecycle, because it was sent again."""
        with self._lock:
            self._exchanges[index] = replace(
                self._exchanges[index], probe=LIMITED, subject="", series="", step=""
            )

    def note(self, note: Note) -> None:
        """Keep what a generator's check said."""
        with self._lock:
            self.notes.append(replace(note, message=self.redactor.text(note.message)))

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def __getitem__(self, index: int) -> Exchange:
        return self._exchanges[index]
