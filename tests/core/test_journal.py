"""The journal: bounded in bytes, without secrets, the latest kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core import heads
from simulator.core.errors import Violation
from simulator.core.journal import Exchange, Journal


def exchange(number: int = 1, **fields: Any) -> Exchange:
    made = Exchange(f"world.{number}", "world", 0, "POST", "/toys", "")
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def recorded(journal: Journal, **fields: Any) -> None:
    for side in ("request", "reply"):
        fields[f"{side}_head"] = heads.packed(fields.pop(f"{side}_headers", ()))
    journal.record(exchange(**fields))


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=40))
def test_the_journal_never_takes_more_than_its_bound(sizes: list[int]) -> None:
    journal = Journal(limit_bytes=150_000)
    for number, size in enumerate(sizes):
        journal.record(exchange(number, request_body=bytes(size)))
        assert journal.size_bytes <= 150_000
        assert journal.size_bytes == sum(item.size_bytes for item in journal)
    assert len(journal) + journal.dropped == len(sizes)


def test_the_oldest_exchange_goes_first() -> None:
    journal = Journal(limit_bytes=150_000)
    for number in range(5):
        journal.record(exchange(number, request_body=bytes(60_000)))
    assert [item.id for item in journal] == ["world.3", "world.4"]
    assert journal.find("world.4") is not None
    assert journal.find("world.0") is None


def test_a_single_exchange_is_kept_whatever_its_size() -> None:
    journal = Journal(limit_bytes=10)
    journal.record(exchange())
    assert len(journal) == 1


def test_bodies_are_cut_and_their_length_remembered() -> None:
    journal = Journal()
    journal.record(exchange(request_body=bytes(10**6), request_size=10**6))
    (kept,) = journal
    assert (len(kept.request_body), kept.request_size) == (64 * 1024, 10**6)


@pytest.mark.parametrize(
    "fields",
    [
        {"request_headers": ((b"x-long", bytes(50_000)),)},
        {"path": "/" + "x" * 50_000},
        {"query": "q=" + "x" * 50_000},
        {"bug": "x" * 50_000},
        {"passed_over": (("stuck", "x" * 100),) * 200},
    ],
)
def test_every_part_of_an_exchange_counts_against_the_bound(fields: dict[str, Any]) -> None:
    journal = Journal()
    recorded(journal, **fields)
    assert journal.size_bytes > 50_000


def test_what_was_expected_is_kept_if_it_is_short() -> None:
    short, long = ["string"], ["x" * 100] * 3
    told = [Violation("body", "/a", "type", "", expected) for expected in (short, long, object())]
    entry = kept(violations=tuple(told))
    assert [item.expected for item in entry.violations] == [short, None, None]


def test_violations_are_kept_without_the_values_they_found() -> None:
    journal = Journal()
    huge = Violation("body", "/a", "type", "x" * 10**6, "string", ["x" * 10**6])
    journal.record(exchange(violations=(huge,) * 500))
    (kept,) = journal
    assert len(kept.violations) == 100
    assert kept.violations[0].got is None
    assert kept.violations[0].pointer == "/a"
    assert journal.size_bytes < 10**6


def test_clearing_forgets_everything() -> None:
    journal = Journal(limit_bytes=10)
    journal.record(exchange(1))
    journal.record(exchange(2))
    assert journal.dropped == 1
    journal.clear()
    assert (len(journal), journal.size_bytes, journal.dropped) == (0, 0, 0)


KEY = "sk-toy-0123456789abcdef"
HEADERS = ((b"authorization", f"Bearer {KEY}".encode()), (b"accept", b"*/*"))


def kept(**fields: Any) -> Exchange:
    journal = Journal()
    recorded(journal, **fields)
    (entry,) = journal
    return entry


@pytest.mark.parametrize(
    "name", [b"authorization", b"x-api-key", b"cookie", b"proxy-authorization", b"api-token"]
)
def test_a_secret_header_is_redacted(name: bytes) -> None:
    entry = kept(request_headers=((name, b"secret"), (b"accept", b"*/*")))
    assert entry.request_headers == ((name, b"[redacted]"), (b"accept", b"*/*"))


@pytest.mark.parametrize(
    "fields",
    [
        {"path": f"/runs/{KEY}"},
        {"query": f"id={KEY}"},
        {"request_body": f'{{"prompt":"{KEY}"}}'.encode()},
        {"reply_body": f'{{"error":"no model {KEY}"}}'.encode()},
        {"reply_headers": ((b"location", f"/{KEY}".encode()),)},
        {"bug": f"KeyError: {KEY}"},
        {"violations": (Violation("body", f"/{KEY}", "type", f"not {KEY}"),)},
    ],
)
def test_a_credential_is_redacted_wherever_it_stands(fields: dict[str, Any]) -> None:
    entry = kept(request_headers=HEADERS, **fields)
    assert KEY not in str(entry)
    assert "[redacted]" in str([getattr(entry, name) for name in fields])


@pytest.mark.parametrize(
    "fields",
    [
        {"query": "id=1&api_key=hidden-value"},
        {"query": "Access-Token=hidden-value&id=1"},
        {"request_body": b'{"apiKey": "hidden-value", "id": 1}'},
        {"request_body": b'{"id": 1, "Authorization":"Bearer \\"hidden-value"}'},
    ],
)
def test_what_is_named_as_a_secret_is_redacted_without_any_credential(
    fields: dict[str, Any],
) -> None:
    shown = str(kept(**fields))
    assert "hidden" not in shown
    assert "1" in shown


def test_of_a_cut_body_not_even_the_beginning_of_a_credential_is_kept() -> None:
    text = b"x" * (64 * 1024 - 12) + KEY.encode()
    entry = kept(request_headers=HEADERS, request_body=text, request_size=len(text))
    assert entry.request_body == b"x" * (64 * 1024 - 12)


def test_what_is_no_secret_stays_as_it_was() -> None:
    body = b'{"max_tokens": 5, "prompt": "the key to a token of love", "idempotencyKey": "k-1"}'
    entry = kept(request_headers=HEADERS, request_body=body, path="/a", query="limit=5&model=x")
    assert (entry.request_body, entry.path, entry.query) == (body, "/a", "limit=5&model=x")


def test_many_small_headers_count_with_what_they_take() -> None:
    entry = kept(request_headers=tuple((b"a%d" % number, b"b") for number in range(1000)))
    assert entry.size_bytes > 6000
    assert len(entry.request_headers) == 1000


class Reader:
    """Takes note of what it is offered, as it is then."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def offer(self, exchange: Exchange) -> None:
        """Take note of an exchange."""
        self.seen.append(str(exchange))

    def end(self) -> None:
        """Do nothing."""


def test_nobody_is_handed_an_exchange_with_its_secrets() -> None:
    """Who follows, who finds one, who reads all: each of them first."""
    fields = {"request_headers": HEADERS, "query": f"id={KEY}"}
    followed, found, read = Journal(), Journal(), Journal()
    reader = Reader()
    followed.follow(reader)
    for journal in (followed, found, read):
        recorded(journal, **dict(fields))
    shown = [*reader.seen, str(found.find("world.1")), *map(str, read)]
    assert len(shown) == 3
    assert all("[redacted]" in text and KEY not in text for text in shown)
