"""Files that would keep a start busy for ever, or end it with a traceback, are told like others."""

from itertools import pairwise
from pathlib import Path

import pytest

from simulator.scripting import files
from tests.scripting.test_files import HEAD, law, mistakes

LETTERS = "abcdefghij"
LAUGHS = "\n".join(
    f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]" for before, letter in pairwise(LETTERS)
)
MERGES = "\n".join(
    f"{letter}: &{letter} {{<<: [{', '.join([f'*{before}'] * 9)}]}}"
    for before, letter in pairwise(LETTERS)
)


@pytest.mark.parametrize(
    "text",
    [
        f"a: &a [x]\n{LAUGHS}\n",
        f"a: &a {{x: y}}\n{MERGES}\n",
        "&a [*a, *a, *a]\n",
        f"{HEAD}match: &m {{body: *m}}\n",
        f"{HEAD}match: &m {{<<: *m}}\n",
    ],
)
def test_aliases_do_not_multiply(tmp_path: Path, text: str) -> None:
    assert mistakes(tmp_path, text) == [
        "1: found more than 300000 values, expected fewer, aliases followed"
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("!!bool maybe", 'found "maybe", expected a value of JSON'),
        ("0x" + "f" * 6000, "expected a number of 64 bits"),
        ("9" * 6000, "expected a value of JSON"),
        ("[!!int abc]", 'found "abc", expected a value of JSON'),
    ],
)
def test_a_scalar_that_is_none_is_told(tmp_path: Path, value: str, told: str) -> None:
    text = f"{HEAD}match: {{body: {{$.a: {value}}}}}\ngive: {{error: unavailable}}\n"
    assert any(told in line for line in mistakes(tmp_path, text))


def test_an_alias_may_be_used_twice(tmp_path: Path) -> None:
    text = f"{HEAD}rules:\n- &a {{give: {{error: unavailable}}}}\n- *a\n"
    path = tmp_path / "one.yaml"
    path.write_text(text)
    assert len(files.read([path], law())["one"].rules) == 2
