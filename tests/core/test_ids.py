"""Ids: a function of what is asked, in a vendor's shape."""

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from simulator.core import ids

ENTROPY = st.binary(min_size=32, max_size=32)
NOW = st.integers(0, 2**42)
DIGESTED = st.tuples(st.text(max_size=5), st.text(max_size=5), st.binary(max_size=5))


@given(st.text(max_size=8), st.text(max_size=8), st.integers(0, 10))
def test_equal_input_gives_equal_entropy(seed: str, digest: str, ordinal: int) -> None:
    assert ids.entropy(seed, digest, ordinal) == ids.entropy(seed, digest, ordinal)


def test_seed_digest_and_ordinal_all_matter() -> None:
    made = {
        ids.entropy("a", "b", 0),
        ids.entropy("x", "b", 0),
        ids.entropy("a", "x", 0),
        ids.entropy("a", "b", 1),
    }
    assert len(made) == 4


@given(DIGESTED, DIGESTED)
def test_only_equal_requests_have_equal_digests(
    one: tuple[str, str, bytes], two: tuple[str, str, bytes]
) -> None:
    (account, operation, request), (account_2, operation_2, request_2) = one, two
    first = ids.request_digest(account, operation, request.replace(b"\0", b""))
    second = ids.request_digest(account_2, operation_2, request_2.replace(b"\0", b""))
    is_same = (account, operation, request.replace(b"\0", b"")) == (
        account_2,
        operation_2,
        request_2.replace(b"\0", b""),
    )
    assert (first == second) is is_same


def test_a_digit_does_not_wander_from_the_request_into_the_account() -> None:
    assert ids.request_digest("2", "make", b"1") != ids.request_digest("", "make", b"12")


@given(ENTROPY, NOW)
def test_a_uuid4_is_a_version_4_uuid(source: bytes, now_ms: int) -> None:
    made = uuid.UUID(ids.uuid4(source, now_ms))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)


@given(ENTROPY, NOW)
def test_a_uuid6_is_a_version_6_uuid(source: bytes, now_ms: int) -> None:
    made = uuid.UUID(ids.uuid6(source, now_ms))
    assert (made.version, made.variant) == (6, uuid.RFC_4122)


@given(ENTROPY, ENTROPY, NOW, NOW)
def test_uuid6_sorts_by_time(one: bytes, two: bytes, early_ms: int, late_ms: int) -> None:
    if early_ms != late_ms:
        early_ms, late_ms = sorted((early_ms, late_ms))
        assert ids.uuid6(one, early_ms) < ids.uuid6(two, late_ms)


def test_uuid6_writes_the_time_as_rfc_9562_does() -> None:
    """Appendix A.5 of RFC 9562: 2022-02-22 14:22:22 at UTC-5."""
    assert ids.uuid6(bytes(32), 1_645_557_742_000).startswith("1ec9414c-232a-6b00-")


@given(st.integers(0, 10**30))
def test_base36_is_read_back_by_int(number: int) -> None:
    assert int(ids.base36(number), 36) == number


@given(st.integers(0, 10**30), st.integers(0, 40))
def test_base36_is_at_least_as_wide_as_asked(number: int, width: int) -> None:
    assert len(ids.base36(number, width)) >= max(width, 1)


def test_base36_of_nothing_is_a_zero() -> None:
    assert ids.base36(0) == "0"


@given(ENTROPY, st.integers(1, 24))
def test_text_of_base36_has_exactly_its_length(source: bytes, length: int) -> None:
    assert re.fullmatch(rf"[0-9a-z]{{{length}}}", ids.base36_text(source, length))


@given(ENTROPY, st.integers(1, 32))
def test_text_of_base62_has_exactly_its_length(source: bytes, length: int) -> None:
    assert re.fullmatch(rf"[0-9A-Za-z]{{{length}}}", ids.base62_text(source, length))
