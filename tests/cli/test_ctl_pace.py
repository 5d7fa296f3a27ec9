"""`understudy ctl pace`, and the pace that a stand-in or a tenant is begun with."""

from collections.abc import Iterator

import pytest

from tests.cli.driving import ctl, told
from tests.served import Ready, served


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Ready]:
    with served("--only", "nanogpt,recoup", "--pace", "polls") as ready:
        yield ready


def test_a_pace_is_shown_and_set(stand_in: Ready) -> None:
    assert ctl(stand_in, "pace").output == "nanogpt  polls\nrecoup  polls\n"
    told(stand_in, "tenants", "create", "a", "--pace", "now")
    here = {"UNDERSTUDY_TENANT": "a"}
    shown = told(stand_in, "pace", "polls", "--provider", "recoup", **here)
    assert shown == {"pace": "now", "providers": {"nanogpt": "now", "recoup": "polls"}}
    assert ctl(stand_in, "pace", "clock", **here).output == "nanogpt  clock\nrecoup  clock\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("pace", "--provider", "recoup"), "--provider goes with a pace to set"),
        (("pace", "now", "--provider", "leonardo"), "no provider 'leonardo' is served"),
        (("pace", "slow"), "'slow' is not one of 'clock', 'now', 'polls'"),
    ],
)
def test_no_pace_is_told_in_a_line(stand_in: Ready, words: tuple[str, ...], line: str) -> None:
    result = ctl(stand_in, *words)
    assert result.exit_code != 0
    assert line in result.output
