"""Every legal value of a field is sent where no rule forbids it; one that is refused is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance import check, legal, profiles
from conformance.drivers import positive
from conformance.judge import Judge
from conformance.model import Level, Tier, Verdict
from conformance.mutations import REMOVED
from conformance.options import Options
from conformance.plan import plan
from conformance.reading import Reading
from conformance.result import Result
from conformance.rules import rules_for
from conformance.schemas import nodes
from conformance.setting import Setting
from contracts import Dialect, Operation, load, names
from tests.conformance.targets import FIRST, SECOND, Target, error


def setting_of(name: str, dialect: Dialect = "documented") -> Setting:
    return Setting((Judge(load(name, dialect)),), profiles.load(name), Tier.FUZZ)


def called(setting: Setting) -> list[Operation]:
    hard = setting.profile.hard_to_succeed
    return [op for op in setting.contract.operations if op.body and op.id not in hard]


@pytest.mark.parametrize("name", names())
def test_every_option_is_sent_or_excused(name: str) -> None:
    setting = setting_of(name)
    missing = []
    for operation in called(setting):
        assert operation.body is not None
        sent = {
            (change.subject, repr(change.value))
            for probe in positive.legal_calls(setting, operation)
            for change in _changes(setting, operation, probe.subject)
            if change.is_in(setting.read(probe).body)
        }
        ruled = setting.profile.ruled.get(operation.id, frozenset())
        for node in nodes(setting.contract.document, operation.body.pointer):
            for option in node.schema.get("enum", ()):
                is_excused = bool(node.path) and node.path[0] in ruled
                if not is_excused and (node.subject, repr(option)) not in sent:
                    missing.append((operation.id, node.subject, option))
    assert missing == []


@pytest.mark.parametrize("dialect", ["documented", "live"])
@pytest.mark.parametrize("name", names())
def test_every_row_that_needs_a_request_has_one(name: str, dialect: Dialect) -> None:
    setting = setting_of(name, dialect)
    lacking = []
    for rule in rules_for((setting.contract,), setting.profile):
        if not rule.id.endswith(".accepts") or rule.operation in setting.profile.hard_to_succeed:
            continue
        operation = setting.contract.operation(str(rule.operation))
        shown = {""} | {
            change.subject
            for probe in positive.legal_calls(setting, operation)
            for change in _changes(setting, operation, probe.subject)
            if operation.body is None or change.is_in(setting.read(probe).body)
        }
        lacking += [case.name for case in rule.cases if case.required and case.name not in shown]
    assert lacking == []


def _changes(setting: Setting, operation: Operation, name: str) -> tuple[legal.Change, ...]:
    return legal.table(setting.contract, operation, setting.profile)[name]


@pytest.mark.parametrize("name", names())
def test_what_is_sent_is_valid_and_little(name: str) -> None:
    setting = setting_of(name)
    probes = [p for op in called(setting) for p in positive.legal_calls(setting, op)]
    assert probes
    assert all(setting.read(probe).is_valid for probe in probes)
    assert len(probes) < 120


@pytest.mark.parametrize("name", names())
def test_profiles_speak_of_fields_and_options_that_exist(name: str) -> None:
    setting = setting_of(name)
    profile = setting.profile
    for operation, fields in profile.ruled.items():
        found = setting.contract.operation(operation)
        there = set(found.body.schema["properties"]) if found.body else set()
        assert fields <= there | {each.name for each in found.parameters}
    for operation, choices in profile.beside.items():
        if operation in profile.hard_to_succeed:
            continue
        base = positive.varied(setting, setting.contract.operation(operation))
        for field, values in choices.items():
            for value, beside in values:
                body = {**base, **beside, field: value}
                pointer = setting.contract.operation(operation).body
                assert pointer is not None
                assert setting.judges[0].violations(body, pointer.pointer, "body") == ()


def test_a_plan_counts_what_a_lifecycle_varies() -> None:
    setting = setting_of("leonardo")
    found = plan(setting, ("lifecycle",), Options("leonardo"))
    jobs = {operation: count for _, operation, _, count in found.lines}
    assert jobs["CreateUniversalUpscalerJob"] > 5
    careful = plan(replace(setting, tier=Tier.PAID), ("lifecycle",), Options("leonardo"))
    assert {operation for _, operation, _, _ in careful.lines} < set(jobs)


def test_a_value_is_put_where_there_was_nothing() -> None:
    change = legal.Change("a[].b", ("a", 0, "b"), 2, {"a": [{"b": 0}]})
    assert change.into({"c": 1}) == {"c": 1, "a": [{"b": 2}]}
    assert change.is_in({"a": [{"b": 2}]})
    assert not change.is_in({"a": [{"b": True}]})
    assert not change.is_in({"a": []})


def test_a_value_that_spoils_the_whole_is_left_out() -> None:
    changes = (legal.Change("a", ("a",), 1), legal.Change("b", ("b",), 2))
    assert legal.made({"b": 0}, changes, lambda body: body["b"] == 0) == {"a": 1, "b": 0}
    assert legal.made({}, changes[:1], lambda body: False) is None
    gone = legal.Change("b", ("b",), REMOVED)
    assert legal.made({"b": 0}, (gone,), lambda body: True) == {}


def judged(app: Target, operation: str) -> Result:
    return check(
        provider="recoup", app=app, keys=(FIRST, SECOND), tier=Tier.FUZZ, generator=False,
        only=(f"recoup.{operation}.accepts",), wait_seconds=1.0,
    )  # fmt: skip


def refusing(operation: str, field: str, *values: Any) -> Target:
    def change(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
        is_it = reading.operation is not None and reading.operation.id == operation
        there = reading.body.get(field, REMOVED)
        is_refused = is_it and status < 300 and there in values
        return (400, error("Invalid input")) if is_refused else (status, answer)

    return Target(change=change, is_understudy=True)


@pytest.mark.parametrize(
    ("operation", "field", "value", "words"),
    [
        ("createVideo", "mode", "lipsync", "mode='lipsync' got 400"),
        ("createImage", "num_images", 4, "num_images=4 got 400"),
        ("createContent", "batch", 30, "batch=30 got 400"),
        ("createCaption", "length", REMOVED, "no length got 400"),
    ],
)
def test_one_value_that_is_refused_is_the_one_that_is_blamed(
    operation: str, field: str, value: Any, words: str
) -> None:
    result = judged(refusing(operation, field, value), operation)
    assert result.exit_code == 1
    assert words in result.failed[0].failures[0].message


def test_a_right_server_has_every_field_shown() -> None:
    result = judged(Target(is_understudy=True), "createImage")
    accepts = next(each for each in result.results if each.rule.level is Level.MUST)
    assert accepts.verdict is Verdict.PASS
    shown = {case for case, good, bad in accepts.by_case if good and not bad}
    assert {"aspect_ratio", "resolution", "num_images", "prompt"} <= shown
