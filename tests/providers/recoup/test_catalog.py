"""The catalogue agrees with itself, with the contract and with the vendor's counts."""

import pytest

import contracts
from simulator.providers.recoup import catalog

COUNTS = {  # references, moods, movements, rules, formats, examples
    "artist-caption-bedroom": (13, 10, 10, 10, 5, 6),
    "artist-caption-outside": (16, 10, 16, 10, 5, 6),
    "artist-caption-stage": (10, 0, 0, 9, 5, 5),
    "album-record-store": (9, 8, 8, 9, 5, 8),
}


def test_the_templates_are_the_vendors_in_its_order() -> None:
    assert list(catalog.TEMPLATES) == list(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_a_template_has_the_vendors_counts(name: str) -> None:
    template = catalog.TEMPLATES[name]
    lists = (
        template.moods,
        template.movements,
        template.rules,
        template.formats,
        template.examples,
    )
    assert (template.references, *map(len, lists)) == COUNTS[name]
    assert all(len(set(texts)) == len(texts) for texts in lists)


@pytest.mark.parametrize("name", COUNTS)
def test_style_rules_have_the_four_groups_and_their_keys(name: str) -> None:
    rules = catalog.TEMPLATES[name].style_rules
    assert {group: set(members) - {"focus"} for group, members in rules.items()} == {
        "camera": {"type", "angle", "quality"},
        "environment": {"feel", "lighting", "backgrounds", "avoid"},
        "subject": {"expression", "pose", "clothing", "framing"},
        "realism": {"priority", "texture", "imperfections", "avoid"},
    }


def test_the_live_contract_offers_exactly_these_templates() -> None:
    document = contracts.load("recoup", "live").document
    assert document["components"]["schemas"]["TemplateId"]["enum"] == list(catalog.TEMPLATES)


@pytest.mark.parametrize(
    ("profile", "cents"),
    [("budget", 18), ("mid", 62), ("current", 82), ("current-lipsync", 95)],
)
def test_the_steps_of_a_price_add_up(profile: str, cents: int) -> None:
    assert sum(catalog.COST_CENTS[profile].values()) == cents


def test_every_enumerated_size_and_length_is_known() -> None:
    schemas = contracts.load("recoup").document["components"]["schemas"]
    video = schemas["VideoRequest"]["properties"]
    assert set(video["duration"]["enum"]) == set(catalog.DURATIONS_MS)
    assert set(video["resolution"]["enum"]) <= set(catalog.VIDEO_SIZES)
    upscale = schemas["UpscaleRequest"]["properties"]["target_resolution"]["enum"]
    assert set(upscale) <= set(catalog.VIDEO_SIZES)
    image = schemas["ImageRequest"]["properties"]["resolution"]["enum"]
    assert set(image) == set(catalog.IMAGE_LONG_SIDE)


def test_every_caption_length_that_is_written_has_texts() -> None:
    schemas = contracts.load("recoup").document["components"]["schemas"]
    assert set(schemas["CaptionRequest"]["properties"]["length"]["enum"]) == set(catalog.CAPTIONS)
    assert all("{topic}" in text for texts in catalog.CAPTIONS.values() for text in texts)


def test_a_video_call_takes_three_tenths_of_a_second() -> None:
    assert [stage.duration_ms for stage in catalog.SYNCHRONOUS_STAGES["createVideo"]] == [300]
