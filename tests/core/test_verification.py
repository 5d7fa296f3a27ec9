"""Whether what was is what was expected: counts, order, and the near misses."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.expecting import Expected
from simulator.core.journal import Exchange
from simulator.core.verification import NEAREST, Count, counted, ordered

Kind = Literal["exactly", "at_least", "at_most"]


def journal(letters: str) -> list[Exchange]:
    """An exchange for each letter, which is its operation."""
    return [
        Exchange(f"world.{number}", "world", 0, "POST", f"/{letter}", "", operation=letter)
        for number, letter in enumerate(letters, 1)
    ]


def wanted(letters: str) -> list[Expected]:
    return [Expected(operation=letter, method="POST") for letter in letters]


@given(
    st.text("abc", max_size=12),
    st.sampled_from(["exactly", "at_least", "at_most"]),
    st.integers(0, 6),
)
def test_a_count_is_that_of_the_exchanges_that_fit(letters: str, kind: Kind, number: int) -> None:
    verdict = counted(journal(letters), wanted("a"), Count(kind, number))
    count = letters.count("a")
    right = {"exactly": count == number, "at_least": count >= number, "at_most": count <= number}
    assert verdict.is_verified is right[kind]
    assert [item.operation for item in verdict.matched] == ["a"] * count


@given(st.text("abc", max_size=12), st.text("abc", min_size=1, max_size=4))
def test_in_order_means_one_after_the_other_with_others_between(letters: str, series: str) -> None:
    verdict = ordered(journal(letters), wanted(series))
    rest = iter(letters)
    assert verdict.is_verified is all(letter in rest for letter in series)
    numbers = [int(item.id.partition(".")[2]) for item in verdict.matched]
    assert numbers == sorted(set(numbers))
    assert "".join(item.operation for item in verdict.matched) == series[: len(numbers)]


def test_a_count_holds_for_each_expectation() -> None:
    verdict = counted(journal("aab"), wanted("ab"), Count("exactly", 2))
    assert not verdict.is_verified
    assert verdict.message == (
        "expected exactly 2 exchanges of operation b, method POST; there is 1: world.3"
    )
    assert [item.expectation for item in verdict.near_misses] == [1, 1]


def test_near_misses_are_the_best_first_then_the_latest_and_few() -> None:
    verdict = counted(journal("aaaaaaaa"), [Expected(operation="b", method="POST")], Count())
    assert [item.exchange.id for item in verdict.near_misses] == [
        f"world.{number}" for number in (8, 7, 6, 5, 4)
    ]
    assert len(verdict.near_misses) == NEAREST
    better = counted(
        journal("ab"), [Expected(operation="a", path="/c", method="POST")], Count()
    ).near_misses
    assert [(item.exchange.id, round(item.score, 2)) for item in better] == [
        ("world.1", 0.67),
        ("world.2", 0.33),
    ]


def test_what_has_nothing_in_common_is_no_near_miss() -> None:
    assert counted(journal("aa"), [Expected(operation="b")], Count()).near_misses == ()


@pytest.mark.parametrize("kind", ["exactly", "at_most"])
def test_too_many_are_told_by_their_ids_without_near_misses(kind: Kind) -> None:
    verdict = counted(journal("aba"), wanted("a"), Count(kind, 1))
    assert verdict.near_misses == ()
    assert verdict.message.endswith("there are 2: world.1, world.3")


def test_one_that_came_too_early_is_the_nearest() -> None:
    verdict = ordered(journal("ba"), wanted("ab"))
    assert verdict.message == ("expected after world.2: operation b, method POST; there is none")
    first = verdict.near_misses[0]
    assert (first.exchange.id, first.differences[0].where) == ("world.1", "order")
    assert (first.differences[0].expected, first.differences[0].got) == ("after world.2", "world.1")
