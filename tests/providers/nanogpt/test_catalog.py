"""The catalogue agrees with itself, and the lists agree with the catalogue."""

import pytest

from simulator.core.accounts import Limit
from simulator.providers.nanogpt import wire
from simulator.providers.nanogpt.accounts import LIMITS
from simulator.providers.nanogpt.catalog import (
    INPUT_FIELDS,
    MEDIA_INPUTS,
    MODE_NAMES,
    MODE_NEEDS,
    MODELS,
    STAGES,
    TEXT_MODELS,
    Model,
)

ALL = list(MODELS.values())
DOCUMENTED = [model for model in ALL if model.is_documented]
IDS = [model.id for model in ALL]
MODES = {*MODE_NAMES, "extend", "lipsync", "avatar", "upscale", "face-swap", "story"}


def test_there_are_enough_models_and_no_id_is_lost() -> None:
    assert len(DOCUMENTED) >= 60
    assert all(name == model.id for name, model in MODELS.items())


def test_a_video_is_done_in_about_three_seconds() -> None:
    assert [stage.name for stage in STAGES] == ["queued", "processing", "generating", "delivering"]
    assert sum(stage.duration_ms for stage in STAGES) == 3000


def test_limits_are_the_documented_ones() -> None:
    minute = {limit.operations: limit.count for limit in LIMITS if limit.window_ms == 60_000}
    assert minute == {("createVideo",): 50, ("extendVideo",): 20, ("recoverVideos",): 20}
    assert Limit("requests", 25, 1_000) in LIMITS


@pytest.mark.parametrize("model", ALL, ids=IDS)
def test_a_model_takes_what_it_needs(model: Model) -> None:
    assert set(model.modes) <= MODES
    assert set(model.takes) <= set(MEDIA_INPUTS)
    assert set(model.needs) <= set(INPUT_FIELDS)
    needed = {noun for noun in model.needs if noun in MEDIA_INPUTS}
    for mode in model.modes:
        needed |= {noun for noun in MODE_NEEDS.get(mode, ()) if noun in MEDIA_INPUTS}
    assert needed <= set(model.takes)


@pytest.mark.parametrize("model", ALL, ids=IDS)
def test_the_default_length_is_offered(model: Model) -> None:
    assert not model.durations or model.default_s in model.durations
    assert model.price.nanos > 0
    assert model.price.unit in ("second", "video")


@pytest.mark.parametrize("model", ALL, ids=IDS)
def test_a_price_by_resolution_speaks_of_offered_resolutions(model: Model) -> None:
    offered = model.choices.get("resolution")
    if offered:
        assert set(model.price.by_resolution) <= set(offered)
    assert set(model.pro_resolutions) <= set(offered or ())


def test_every_documented_extension_bounds_its_source() -> None:
    extensions = [model for model in DOCUMENTED if model.modes == ("extend",)]
    assert len(extensions) == 5
    assert all(model.source_limit_ms == (0, 120_000) for model in extensions)
    with_video = [model.id for model in extensions if model.has_video_field]
    assert with_video == ["wan-wavespeed-25-extend"]


@pytest.mark.parametrize("model", ALL, ids=IDS)
def test_the_list_says_what_the_catalogue_says(model: Model) -> None:
    entry = wire.video_model(model)
    assert entry["architecture"]["output_modalities"] == ["video"]
    assert entry["capabilities"]["video_generation"] is True
    assert entry["capabilities"]["image_to_video"] is (
        "image" in model.modes or "avatar" in model.modes
    )
    supported = entry["supported_parameters"]
    assert supported["durations"] == [str(seconds) for seconds in model.durations]
    for name, values in model.choices.items():
        options = supported["parameters"][name]["options"]
        assert [option["value"] for option in options] == list(values)
    assert (f"per_{model.price.unit}") in entry["pricing"]


def test_video_models_stand_in_the_detailed_general_list_only() -> None:
    detailed = {entry["id"] for entry in wire.model_list(is_detailed=True)["data"]}
    brief = {entry["id"] for entry in wire.model_list(is_detailed=False)["data"]}
    text = {entry[0] for entry in TEXT_MODELS}
    assert brief == text
    assert detailed == text | set(MODELS)


def test_the_older_list_has_two_forms_of_the_same() -> None:
    by_kind = wire.models_by_kind(is_names=False)["models"]
    names = wire.models_by_kind(is_names=True)["models"]
    assert names == [*by_kind["text"], *by_kind["video"]]
    assert set(by_kind["video"]) == set(MODELS)
