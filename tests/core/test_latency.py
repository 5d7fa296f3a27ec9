"""Latencies are read as people write them, and their draws have the shape that they name."""

import statistics
from typing import Any, get_args

import msgspec
import pytest

from simulator.core.faults import LONGEST_DELAY_MS
from simulator.core.latency import (
    ABOUT,
    PARAMETERS,
    Latency,
    LatencyKind,
    latency_of,
    shown_latency,
)

SEED = b"seed"

MISTAKES: tuple[tuple[Any, str], ...] = (
    ("soon", "a duration is written"),
    (None, "a duration is written"),
    (-1, "not negative"),
    ("8d", "more than 7 days"),
    ({}, "kind is one of fixed, uniform, lognormal, trace"),
    ({"kind": "normal"}, "kind is one of"),
    ({"kind": []}, "kind is one of"),
    ({"kind": "fixed"}, "fixed needs 'wait'"),
    ({"kind": "fixed", "low": 1}, "fixed has no 'low'; it has: wait"),
    ({"kind": "uniform", "low": 1}, "uniform needs 'high'"),
    ({"kind": "uniform", "low": 2, "high": 1}, "low is more than high"),
    ({"kind": "uniform", "low": "x", "high": 1}, "low: a duration"),
    ({"kind": "lognormal", "sigma": 1}, "lognormal needs 'median'"),
    ({"kind": "lognormal", "median": 1, "sigma": -1}, "sigma is from 0 to 5"),
    ({"kind": "lognormal", "median": 1, "sigma": True}, "sigma is from 0 to 5"),
    ({"kind": "lognormal", "median": 1, "sigma": float("nan")}, "sigma is from 0 to 5"),
    ({"kind": "trace", "trace": []}, "trace is a list of 1 to"),
    ({"kind": "trace", "trace": "1s"}, "trace is a list of 1 to"),
    ({"kind": "trace", "trace": [1, "x"]}, "trace: a duration"),
)


def draws(latency: Latency, count: int = 2000) -> list[int]:
    """The waits of so many calls."""
    return [latency.draw_ms(SEED, number) for number in range(count)]


@pytest.mark.parametrize(
    "written",
    [
        "250ms",
        0,
        {"kind": "fixed", "wait": "PT1S"},
        {"kind": "uniform", "low": "100ms", "high": 900},
        {"kind": "lognormal", "median": "200ms"},
        {"kind": "lognormal", "median": "200ms", "sigma": 0},
        {"kind": "trace", "trace": ["120ms", 80, "2s"]},
    ],
    ids=str,
)
def test_a_latency_is_read_as_it_is_written(written: Any) -> None:
    latency = latency_of(written)
    assert latency_of(shown_latency(latency)) == latency
    assert msgspec.json.decode(msgspec.json.encode(latency), type=Latency) == latency


@pytest.mark.parametrize(("written", "told"), MISTAKES, ids=[str(case[0]) for case in MISTAKES])
def test_a_mistake_in_a_latency_is_told_in_one_line(written: Any, told: str) -> None:
    with pytest.raises(ValueError, match=r"^latency: ") as caught:
        latency_of(written)
    assert told in str(caught.value)


def test_every_kind_is_described_and_has_its_parameters() -> None:
    assert set(ABOUT) == set(PARAMETERS) == set(get_args(LatencyKind))


def test_a_draw_is_a_function_of_seed_and_ordinal() -> None:
    latency = latency_of({"kind": "lognormal", "median": "1s", "sigma": 1})
    assert draws(latency, 50) == draws(latency, 50)
    assert draws(latency, 50) != [latency.draw_ms(b"other", number) for number in range(50)]
    assert len(set(draws(latency, 50))) > 40


def test_a_fixed_latency_never_varies() -> None:
    assert set(draws(latency_of("2s"))) == {2000}


def test_a_uniform_latency_reaches_both_bounds_and_leaves_neither() -> None:
    found = draws(latency_of({"kind": "uniform", "low": 10, "high": 20}))
    assert set(found) == set(range(10, 21))


def test_a_lognormal_latency_has_its_median_and_a_long_tail() -> None:
    found = draws(latency_of({"kind": "lognormal", "median": "200ms", "sigma": 0.8}))
    assert 185 < statistics.median(found) < 215
    above, below = max(found) - 200, 200 - min(found)
    assert above > 5 * below


def test_the_spread_of_a_lognormal_is_sigma() -> None:
    ordered = sorted(draws(latency_of({"kind": "lognormal", "median": "1000s", "sigma": 1})))
    one_sigma_up = ordered[round(len(ordered) * 0.8413)]
    assert 2.4 < one_sigma_up / 1_000_000 < 3.05  # e ** 1


def test_no_draw_is_longer_than_the_longest_wait() -> None:
    found = draws(latency_of({"kind": "lognormal", "median": "6d", "sigma": 5}))
    assert max(found) == LONGEST_DELAY_MS


def test_a_trace_is_replayed_in_order_and_begins_again() -> None:
    latency = latency_of({"kind": "trace", "trace": [3, 1, 2]})
    assert draws(latency, 7) == [3, 1, 2, 3, 1, 2, 3]
