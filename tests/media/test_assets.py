"""What a file is told by: its key, its label, its tags."""

import pytest

from simulator.media.assets import lines, shortened, tags
from tests.media.builders import asset


def test_equal_assets_have_equal_keys_and_others_have_others() -> None:
    others = [
        asset(provider="other"),
        asset(mode="image-to-video"),
        asset(run_id="run_2"),
        asset(prompt="A dog"),
        asset(seed="other"),
        asset(index=1),
        asset(count=2),
        asset(width=322),
        asset(fps=25),
        asset(has_audio=True),
        asset(picture="1f"),
    ]
    assert asset().key == asset().key
    assert len({asset().key, *(other.key for other in others)}) == len(others) + 1


def test_a_label_says_what_was_asked_and_what_was_made() -> None:
    told = lines(asset(index=1, count=4, has_audio=True))
    assert told == (
        "SIMULATED toy",
        "text-to-video · model-1",
        "run_1, file 2 of 4",
        "320x180 · 2 s · 24 fps · with sound",
        "A cat",
    )
    assert tags(asset())["title"] == "SIMULATED toy"
    assert "run_1" in tags(asset())["comment"]


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("  two\nlines\t", "two lines"),
        ("a\x00b\u202ec", "a b c"),
        ("word " * 100, ("word " * 32)[:157].rstrip() + "..."),
        ("", ""),
    ],
)
def test_a_prompt_is_shown_in_one_short_line(prompt: str, shown: str) -> None:
    assert shortened(prompt) == shown
    assert len(shown) <= 160


def test_a_prompt_from_anywhere_makes_a_key() -> None:
    assert asset(prompt="\ud800", model="\ud800").key != asset().key
    assert lines(asset(prompt="\ud800", model="\ud800"))[1] == "text-to-video · "
