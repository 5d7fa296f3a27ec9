"""Faults are read as people write them, and mistakes in them told."""

from typing import Any, get_args

import msgspec
import pytest

from simulator.core.faults import (
    ABOUT,
    LONGEST_DELAY_MS,
    PARAMETERS,
    Fault,
    FaultKind,
    fault_of,
    shown_fault,
)

WRITTEN: tuple[tuple[Any, Fault], ...] = (
    ("reset-before", Fault("reset-before")),
    ("delay", Fault("delay", delay_ms=1000)),
    ({"kind": "delay", "delay": "2s"}, Fault("delay", delay_ms=2000)),
    ({"kind": "delay", "delay": 0}, Fault("delay")),
    ({"kind": "reset-within", "after_bytes": 0}, Fault("reset-within", after_bytes=0)),
    ({"kind": "reset-within", "delay": "PT1M"}, Fault("reset-within", delay_ms=60_000)),
    ({"kind": "slow-body", "bytes_per_second": 64}, Fault("slow-body", bytes_per_second=64.0)),
    (
        {"kind": "truncated-json", "after_bytes": 20, "framing": "broken"},
        Fault("truncated-json", after_bytes=20, framing="broken"),
    ),
    ({"kind": "wrong-content-length", "offset_bytes": -3}, Fault("wrong-content-length", 0)),
    ({"kind": "wrong-content-type", "content_type": "text/plain"}, Fault("wrong-content-type")),
)

MISTAKES: tuple[tuple[Any, str], ...] = (
    ("explode", "kind is one of delay, slow-body,"),
    (None, "kind is one of"),
    (["delay"], "kind is one of"),
    ({}, "kind is one of"),
    ({"kind": {}}, "kind is one of"),
    ({"kind": "delay", "delay": -1}, "not negative"),
    ({"kind": "delay", "delay": True}, "a duration is written"),
    ({"kind": "delay", "delay": "8d"}, "more than 7 days"),
    ({"kind": "delay", "after_bytes": 3}, "delay has no 'after_bytes'; it has: delay"),
    ({"kind": "garbled", "framing": "kept"}, "it has: after_bytes, delay"),
    ({"kind": "slow-body", "bytes_per_second": "fast"}, "bytes_per_second"),
    ({"kind": "slow-body", "bytes_per_second": 0}, "bytes_per_second is from"),
    ({"kind": "slow-body", "bytes_per_second": float("nan")}, "bytes_per_second is from"),
    ({"kind": "reset-within", "after_bytes": -1}, "after_bytes is from 0"),
    ({"kind": "truncated-json", "framing": "bent"}, "framing"),
    ({"kind": "wrong-content-length", "offset_bytes": 0}, "offset_bytes is not 0"),
    ({"kind": "wrong-content-type", "content_type": "a\r\nx: 1"}, "printable ASCII"),
    ({"kind": "wrong-content-type", "content_type": " "}, "printable ASCII"),
)


@pytest.mark.parametrize(("written", "read"), WRITTEN, ids=[str(case[0]) for case in WRITTEN])
def test_a_fault_is_read_as_it_is_written(written: Any, read: Fault) -> None:
    fault = fault_of(written)
    assert (fault.kind, fault.delay_ms) == (read.kind, read.delay_ms)
    named = set(written) & PARAMETERS[fault.kind] if isinstance(written, dict) else set()
    assert all(getattr(fault, name) == written[name] for name in named)
    assert fault_of(shown_fault(fault)) == fault


@pytest.mark.parametrize(("written", "told"), MISTAKES, ids=[str(case[0]) for case in MISTAKES])
def test_a_mistake_in_a_fault_is_told_in_one_line(written: Any, told: str) -> None:
    with pytest.raises(ValueError, match=r"^fault: ") as caught:
        fault_of(written)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_kind_is_described_and_has_its_parameters() -> None:
    kinds = set(get_args(FaultKind))
    fields = {field.name for field in msgspec.structs.fields(Fault)} - {"kind", "delay_ms"}
    assert set(ABOUT) == set(PARAMETERS) == kinds
    assert frozenset().union(*PARAMETERS.values()) == fields


def test_the_longest_delay_is_taken() -> None:
    assert fault_of({"kind": "delay", "delay": "7d"}).delay_ms == LONGEST_DELAY_MS


def test_a_fault_survives_the_store() -> None:
    fault = fault_of({"kind": "slow-body", "bytes_per_second": 2.5, "delay": "2s"})
    assert msgspec.json.decode(msgspec.json.encode(fault), type=Fault) == fault
