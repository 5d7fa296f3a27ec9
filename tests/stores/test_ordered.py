"""The ordered index in memory: a sorted set, whatever is added and taken in whatever order."""

import random

from hypothesis import given
from hypothesis import strategies as st

from simulator.stores.ordered import Entry, OrderedIndex

STEPS = st.lists(st.tuples(st.booleans(), st.integers(-3, 6), st.sampled_from("abc")), max_size=60)
BOUND = st.none() | st.integers(-4, 7)


def contents(index: OrderedIndex, low: int | None = None, high: int | None = None) -> list[Entry]:
    return index.slice(*index.between(low, high))


@given(STEPS, BOUND, BOUND)
def test_it_is_a_sorted_set(
    steps: list[tuple[bool, int, str]], low: int | None, high: int | None
) -> None:
    index, model = OrderedIndex(), set[Entry]()
    for is_added, score, member in steps:
        entry = (score, member)
        if is_added:
            assert index.add(entry) is (entry not in model)
            model.add(entry)
        else:
            assert index.discard(entry) is (entry in model)
            model.discard(entry)
        assert contents(index) == sorted(model)
        assert len(index) == len(model)
    bounds = (-99 if low is None else low, 99 if high is None else high)
    assert contents(index, low, high) == sorted(
        entry for entry in model if bounds[0] <= entry[0] <= bounds[1]
    )
    assert index.starts_after(2) is all(score > 2 for score, _ in model)


def test_taking_from_the_front_a_thousand_times_leaves_the_rest() -> None:
    """Past the point where the space of what was taken is given back."""
    index = OrderedIndex()
    for score in range(5000):
        index.add((score, "a"))
    for score in range(4000):
        assert index.discard((score, "a"))
        assert not index.discard((score, "a"))
    assert contents(index) == [(score, "a") for score in range(4000, 5000)]


def test_what_was_taken_from_the_front_can_be_put_back() -> None:
    index = OrderedIndex()
    for score in range(3000):
        index.add((score, "a"))
    for score in range(2500):
        index.discard((score, "a"))
    numbers = list(range(2500))
    random.Random(3).shuffle(numbers)
    for score in numbers:
        assert index.add((score, "a"))
    assert contents(index) == [(score, "a") for score in range(3000)]
