"""The pattern language matches what its page says, and nothing else."""

from typing import Any

import pytest

from tests.exchanges.patterns import mismatches

UUID = "1f197fd2-30f6-6e90-a026-b7ffcf2cba29"


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({}, {"a": 1}),
        ([1, {"a": 1}], [1, {"a": 1, "b": 2}]),
        ([], []),
        (1, 1.0),
        (None, None),
        ({"$type": "integer"}, 1),
        ({"$type": "number"}, 1.5),
        ({"$type": "null"}, None),
        ({"$regex": "^a.c$"}, "abc"),
        ({"$enum": ["A", 1]}, 1),
        ({"$any_of": [{"$type": "string"}, {"message": "m"}]}, {"message": "m"}),
        ({"a": {"$any_of": [{"$absent": True}, {"$type": "null"}]}}, {}),
        ({"a": {"$absent": True}}, {"b": 1}),
        ({"a": {"$present": True}}, {"a": None}),
        ({"b": {"$same_as": "/a"}}, {"a": [1], "b": [1]}),
        ({"$length": 2}, [1, 2]),
        ({"$max_items": 2}, [1]),
        ({"$starts_with": [{"a": 1}]}, [{"a": 1, "b": 2}, 3]),
        ({"$json_string": True}, '{"a": 1}'),
        ({"$decimal": True}, "0.0147"),
        ({"$uuid": True}, UUID),
        ({"$url": True}, "https://example.com/a"),
        ({"$type": "array", "$length": 1}, [0]),
    ],
)
def test_a_value_matches(pattern: Any, value: Any) -> None:
    assert mismatches(pattern, value) == []


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {}),
        ({"a": None}, {}),
        ({}, []),
        ([1], [1, 2]),
        ([], [1]),
        (1, True),
        (True, 1),
        ("1", 1),
        ({"$type": "integer"}, True),
        ({"$type": "number"}, True),
        ({"$type": "integer"}, 1.5),
        ({"$regex": "^a$"}, "b"),
        ({"$regex": "1"}, 1),
        ({"$enum": [1]}, True),
        ({"$any_of": [1, 2]}, 3),
        ({"a": {"$absent": True}}, {"a": None}),
        ({"a": {"$present": True}}, {}),
        ({"a": {"$type": "string"}}, {}),
        ({"b": {"$same_as": "/a"}}, {"a": 1, "b": 2}),
        ({"$length": 2}, [1]),
        ({"$max_items": 1}, [1, 2]),
        ({"$starts_with": [1]}, []),
        ({"$starts_with": [1]}, "1"),
        ({"$json_string": True}, "[1]"),
        ({"$json_string": True}, "{"),
        ({"$decimal": True}, "1."),
        ({"$decimal": True}, 1.5),
        ({"$uuid": True}, UUID[:-1]),
        ({"$uuid": True}, UUID.replace("-", "")),
        ({"$url": True}, "/a"),
        ({"$type": "array", "$length": 1}, []),
    ],
)
def test_a_value_does_not_match(pattern: Any, value: Any) -> None:
    assert mismatches(pattern, value)


def test_a_mismatch_says_where_and_why() -> None:
    assert mismatches({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}) == ['/a/0/b: expected "x", got "y"']


@pytest.mark.parametrize("pattern", [{"$maybe": 1}, {"$type": "string", "a": 1}])
def test_a_pattern_that_makes_no_sense_is_an_error(pattern: Any) -> None:
    with pytest.raises(ValueError, match=r"no such condition|members beside conditions"):
        mismatches(pattern, "")
