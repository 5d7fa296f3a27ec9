"""What a video request is taken for, and what requests make of their inputs."""

from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.providers.recoup import catalog, modes

INPUTS: Final = ("audio_url", "video_url", "image_url", "end_image_url")
MODES: Final = ("prompt", "animate", "reference", "extend", "first-last", "lipsync")

# audio, video, image, end image -> mode: every presence, written out.
PRESENCE: Final[dict[tuple[int, ...], str]] = {
    (0, 0, 0, 0): "prompt",
    (0, 0, 0, 1): "prompt",
    (0, 0, 1, 0): "animate",
    (0, 0, 1, 1): "first-last",
    (0, 1, 0, 0): "extend",
    (0, 1, 0, 1): "extend",
    (0, 1, 1, 0): "extend",
    (0, 1, 1, 1): "extend",
    (1, 0, 0, 0): "prompt",
    (1, 0, 0, 1): "prompt",
    (1, 0, 1, 0): "lipsync",
    (1, 0, 1, 1): "lipsync",
    (1, 1, 0, 0): "extend",
    (1, 1, 0, 1): "extend",
    (1, 1, 1, 0): "lipsync",
    (1, 1, 1, 1): "lipsync",
}


def body_of(presence: tuple[int, ...], **members: Any) -> dict[str, Any]:
    present = zip(INPUTS, presence, strict=True)
    return {**{name: "https://example.com/x" for name, is_there in present if is_there}, **members}


def test_the_table_covers_every_presence() -> None:
    assert set(PRESENCE) == set(product((0, 1), repeat=4))


@pytest.mark.parametrize(("presence", "mode"), PRESENCE.items())
def test_mode_is_inferred_from_the_inputs(presence: tuple[int, ...], mode: str) -> None:
    assert modes.infer(body_of(presence)) == mode


@pytest.mark.parametrize("presence", PRESENCE)
def test_prompt_text_never_changes_the_inference(presence: tuple[int, ...]) -> None:
    assert modes.infer(body_of(presence, prompt="dance")) == PRESENCE[presence]


@pytest.mark.parametrize(("presence", "mode"), list(product(PRESENCE, MODES)))
def test_an_explicit_mode_wins_over_any_inputs(presence: tuple[int, ...], mode: str) -> None:
    assert modes.infer(body_of(presence, mode=mode)) == mode


@given(st.dictionaries(st.sampled_from([*INPUTS, "prompt", "model"]), st.text()))
def test_inference_is_total_and_never_says_reference(body: dict[str, str]) -> None:
    assert modes.infer(body) in set(MODES) - {"reference"}


def test_lipsync_alone_has_a_model_of_its_own() -> None:
    models = {mode: modes.video_model(mode, {}) for mode in MODES}
    assert models.pop("lipsync") == catalog.LIPSYNC_MODEL
    assert set(models.values()) == {catalog.VIDEO_MODEL}


def test_a_model_in_the_request_overrides_the_modes() -> None:
    assert modes.video_model("lipsync", {"model": "mine"}) == "mine"
    assert not modes.lacks_image("prompt", {"model": "mine"})
    assert modes.lacks_image("prompt", {})


def test_a_template_moves_a_video_that_has_no_prompt() -> None:
    bedroom = catalog.BEDROOM
    prompt = modes.motion_prompt({"template": bedroom.id}, lambda count: count - 1)
    assert prompt == f"{bedroom.movements[-1]}. {bedroom.moods[-1]}"


def test_a_prompt_switches_the_templates_motion_off() -> None:
    body = {"template": catalog.BEDROOM.id, "prompt": "stand still"}
    assert modes.motion_prompt(body, lambda _: 0) == "stand still"


def test_a_template_without_motion_leaves_the_prompt_empty() -> None:
    assert modes.motion_prompt({"template": catalog.STAGE.id}, lambda _: 0) == ""


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({"resolution": "720p", "aspect_ratio": "auto"}, (1280, 720)),
        ({"resolution": "1080p", "aspect_ratio": "9:16"}, (1080, 1920)),
        ({"resolution": "4k", "aspect_ratio": "16:9"}, (3840, 2160)),
    ],
)
def test_a_video_has_the_size_asked_for(body: dict[str, str], size: tuple[int, int]) -> None:
    spec = modes.video_spec({**body, "duration": "6s"})
    assert (spec.width, spec.height) == size
    assert spec.duration_ms == 6000


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("auto", (2048, 2048)), ("9:16", (1152, 2048)), ("8:1", (2048, 256)), ("21:9", (2048, 878))],
)
def test_an_image_fits_its_ratio_into_the_long_side(ratio: str, size: tuple[int, int]) -> None:
    spec = modes.image_spec({"resolution": "2K", "aspect_ratio": ratio})
    assert (spec.width, spec.height) == size


def test_a_target_resolution_overrides_the_factor() -> None:
    body = {"type": "video", "upscale_factor": 4, "target_resolution": "1080p"}
    spec = modes.upscaled_spec(body)
    assert (spec.media, spec.width, spec.height) == ("video", 1920, 1080)


def test_operations_given_win_over_the_templates_even_none() -> None:
    template = catalog.BEDROOM.id
    assert modes.edit_operations({"template": template}) == catalog.EDIT_OPERATIONS
    assert modes.edit_operations({"template": template, "operations": []}) == ()


def test_an_edit_trims_and_crops() -> None:
    operations = [{"type": "trim", "start": 1, "duration": 2.5}, {"type": "crop", "aspect": "1:1"}]
    spec = modes.edited_spec({"operations": operations, "output_format": "webm"})
    assert (spec.width, spec.height, spec.duration_ms, spec.extension) == (720, 720, 2500, "webm")


@given(
    st.one_of(st.integers(), st.floats(allow_nan=False)),
    st.one_of(st.integers(), st.none()),
    st.text("0123456789:x", max_size=12),
)
def test_no_operation_makes_an_impossible_file(
    duration: float, width: int | None, aspect: str
) -> None:
    operations = [
        {"type": "trim", "start": 0, "duration": duration},
        {"type": "crop", "width": width, "aspect": aspect},
        {"type": "resize", "width": width},
    ]
    spec = modes.edited_spec({"operations": operations})
    assert 16 <= spec.width <= 3840
    assert 16 <= spec.height <= 3840
    assert 1000 <= spec.duration_ms <= 8000


def test_a_short_answer_is_cut_and_says_so() -> None:
    seen = "one two three four five six"
    whole, cut = modes.answer(seen, None), modes.answer(seen, 4)
    assert (whole["text"], whole["finish_reason"]) == (seen, "stop")
    assert (cut["text"], cut["finish_reason"]) == ("one two three", "length")


@pytest.mark.parametrize(("level", "count"), [("none", 0), ("segment", 2), ("word", 5)])
def test_a_transcript_is_cut_as_asked(level: str, count: int) -> None:
    pieces = modes.chunks(("a b", "c d e"), level)
    assert len(pieces) == count
    assert all(piece["start"] < piece["end"] <= 8.0 for piece in pieces)


def test_a_folder_that_is_not_there_lacks_only_itself() -> None:
    assert modes.lacking(None) == ([catalog.NO_TREE], [])


def test_what_lacks_is_told_in_the_order_of_the_requirements() -> None:
    missing, warnings = modes.lacking(())
    assert [item.file for item in missing] == ["context/images/face-guide.png", "songs/*.mp3"]
    assert [item.file for item in warnings] == [
        "config/content-creation/config.json",
        "context/artist.md",
        "context/audience.md",
        "context/era.json",
    ]
