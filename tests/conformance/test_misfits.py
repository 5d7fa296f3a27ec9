"""What a schema refuses is found near what it takes, and is refused by the contract indeed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance import check, formats, profiles
from conformance.drivers import validation
from conformance.judge import Judge
from conformance.misfits import misfits
from conformance.model import Tier
from conformance.reading import Reading
from conformance.setting import Setting
from contracts import load, names
from tests.conformance.targets import FIRST, SECOND, Target

MODE = {"type": "string", "enum": ["prompt", "first-last"]}
SCHEMAS: dict[str, tuple[dict[str, Any], Any, list[Any]]] = {
    "integer": ({"type": "integer", "minimum": 1, "maximum": 30}, 3,
                ["3", True, [3], None, 0, 31, 1.5]),
    "number": ({"type": "number", "minimum": 0, "maximum": 1}, 0.2, ["0.2", True, -0.5, 1.5]),
    "boolean": ({"type": "boolean"}, False, [1, "true", [False], None]),
    "text": ({"type": "string"}, "a", [12345, ["a"], None]),
    "list": ({"type": "array", "items": {"type": "string"}}, ["a"], ["a", {}, None]),
    "object": ({"type": "object"}, {"a": 1}, [[], '{"a":1}', None]),
    "either": ({"type": ["string", "number"]}, "5", [True, ["5"], None]),
    "options": (MODE, "prompt", ["PROMPT", " prompt ", "first-las", "", "4k", ["prompt"], None]),
    "lengths": ({"type": "string", "minLength": 2, "maxLength": 3}, "ab", ["x", "xxxx"]),
    "count": ({"type": "array", "minItems": 2, "maxItems": 3}, [1, 2],
              [[1], [1, 2, 1, 2]]),
    "once": ({"type": "array", "uniqueItems": True}, [1], [[1, 1]]),
    "address": ({"type": "string", "format": "uri"}, "https://a.b/c", ["example.com/file.png"]),
    "uuid": ({"type": "string", "format": "uuid"}, "", ["7d9f3a52-1c64-4c0e-9a8b-5f2d61e0b3c"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_near_misses_are_among_what_a_schema_refuses(name: str) -> None:
    schema, fit, near = SCHEMAS[name]
    found = [json.dumps(value) for _, value in misfits(schema, fit, ("4k",))]
    assert [each for each in near if json.dumps(each) not in found] == []
    judge = Draft202012Validator(schema, format_checker=formats.checker())
    assert [each for each in found if judge.is_valid(json.loads(each))] == []
    assert len(found) == len(set(found))


def test_a_lone_value_is_left_out_where_it_stands_for_a_list() -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    found = [value for _, value in misfits(schema, ["a"], wraps=True)]
    assert "a" not in found
    assert {} in found


@pytest.mark.parametrize("name", names())
def test_every_sure_mutation_is_refused_by_the_contract(name: str) -> None:
    setting = Setting((Judge(load(name)),), profiles.load(name), Tier.FUZZ)
    taken = [
        (probe.operation, probe.subject, probe.body or probe.query)
        for operation in setting.contract.operations
        for probe in validation.mutants(setting, operation)
        if probe.is_sure and setting.read(probe).is_valid
    ]
    assert taken == []


def test_options_behind_a_reference_are_broken_too() -> None:
    setting = Setting((Judge(load("leonardo")),), profiles.load("leonardo"), Tier.FUZZ)
    broken = {(p.operation, p.probe, p.subject) for p in validation.probes(setting)}
    assert ("createImageToVideoGeneration", "validation.enum", "imageType") in broken
    assert ("createGeneration", "validation.enum", "presetStyle") in broken


def _takes_digits(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
    operation = reading.operation
    batch = reading.body.get("batch")
    if operation is None or operation.id != "createContent" or status != 400:
        return status, answer
    if not (isinstance(batch, str) and batch.isdigit()):
        return status, answer
    ids = [f"run_{batch}{n:09d}" for n in range(int(batch))]
    return 202, {"runIds": ids, "status": "triggered", "template": "artist-caption-bedroom",
                 "artist_account_id": reading.body.get("artist_account_id")}  # fmt: skip


def test_a_server_that_reads_text_as_a_number_is_found() -> None:
    result = check(
        provider="recoup", app=Target(change=_takes_digits), keys=(FIRST, SECOND),
        tier=Tier.VALIDATION, only=("recoup.createContent.type",), shrink=False,
    )  # fmt: skip
    assert result.exit_code == 1
    assert result.failed[0].failures[0].case == "batch"


def test_an_enum_is_tried_with_what_others_of_its_name_or_kind_offer() -> None:
    setting = Setting((Judge(load("leonardo")),), profiles.load("leonardo"), Tier.FUZZ)
    sent = [
        json.loads(probe.body)["resolution"]
        for probe in validation.mutants(setting, setting.contract.operation("createVideoUpscale"))
        if probe.body and probe.probe == "validation.enum"
    ]
    assert {"RESOLUTION_480", "RESOLUTION_1080"} <= set(sent)
    found = [value for kind, value in misfits({"enum": ["720p", "4k"]}, "4k") if kind == "enum"]
    assert "1080p" in found
    assert "720p" not in found
