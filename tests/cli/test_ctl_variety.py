"""`understudy ctl variety`: how unusual replies are."""

from collections.abc import Iterator

import pytest

from tests.cli.driving import ctl, told
from tests.served import Ready, served


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Ready]:
    with served("--only", "nanogpt,recoup") as ready:
        yield ready


def test_a_variety_is_shown_and_set(stand_in: Ready) -> None:
    assert ctl(stand_in, "variety").output == "nanogpt  none\nrecoup  none\n"
    told(stand_in, "tenants", "create", "a")
    here = {"UNDERSTUDY_TENANT": "a"}
    shown = told(stand_in, "variety", "high", "--provider", "recoup", **here)
    assert shown == {"variety": "none", "providers": {"nanogpt": "none", "recoup": "high"}}
    assert ctl(stand_in, "variety", "none", **here).output == "nanogpt  none\nrecoup  none\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("variety", "--provider", "recoup"), "--provider goes with a variety to set"),
        (("variety", "high", "--provider", "leonardo"), "no provider 'leonardo' is served"),
        (("variety", "low"), "'low' is not one of 'none', 'high'"),
    ],
)
def test_no_variety_is_told_in_a_line(stand_in: Ready, words: tuple[str, ...], line: str) -> None:
    result = ctl(stand_in, *words)
    assert result.exit_code != 0
    assert line in result.output
