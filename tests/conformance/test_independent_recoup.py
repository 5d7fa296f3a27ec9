"""A Recoup that this project's rules do not know comes out conformant; broken ones do not."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import check
from conformance.model import Level, Tier, Verdict
from conformance.result import Result
from tests.conformance.independent.recoup import ALICE, BOB, Label, Twist


def judged(label: Label, **options: Any) -> Result:
    given: dict[str, Any] = {
        "tier": Tier.FUZZ, "generator": False, "trigger": ("", "a cursed puppet"),
        "wait_seconds": 20.0, "shrink": False, **options,
    }  # fmt: skip
    return check(
        provider="recoup", app=label.app(), keys=(ALICE, BOB), base_url="http://label.test", **given
    )


def test_it_is_conformant_with_evidence_for_every_rule() -> None:
    result = judged(Label())
    assert [(each.rule.id, each.failures[0].message) for each in result.failed] == []
    open_musts = [
        each.rule.id
        for each in result.results
        if each.verdict is Verdict.INCONCLUSIVE and each.rule.level is Level.MUST
    ]
    assert open_musts == []
    assert result.exit_code == 0
    assert result.score().judged > 250


def run_ids_as_numbers(path: str, answer: Any) -> Any:
    return {**answer, "runIds": [7]} if path.endswith("/create") and "runIds" in answer else answer


def one_mode_for_all(path: str, answer: Any) -> Any:
    return {**answer, "mode": "animate"} if path.endswith("/video") else answer


def captions_without_words(path: str, answer: Any) -> Any:
    return {**answer, "content": None} if path.endswith("/caption") else answer


def images_that_are_not_counted(path: str, answer: Any) -> Any:
    return {**answer, "images": answer["images"][:1]} if path.endswith("/image") else answer


def done_without_a_video(path: str, answer: Any) -> Any:
    for run in answer.get("runs", ()) if path.endswith("/runs") else ():
        run.pop("output", None)
    return answer


def lower_case_statuses(path: str, answer: Any) -> Any:
    for run in answer.get("runs", ()) if path.endswith("/runs") else ():
        run["status"] = run["status"].lower()
    return answer


BROKEN: dict[str, Twist] = {
    each.__name__: each
    for each in (
        run_ids_as_numbers, one_mode_for_all, captions_without_words, images_that_are_not_counted,
        done_without_a_video, lower_case_statuses,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_is_not(name: str) -> None:
    result = judged(Label(twist=BROKEN[name]))
    assert result.exit_code == 1
    assert any(each.rule.level is Level.MUST for each in result.failed)


@pytest.mark.parametrize(
    "label",
    [
        Label(validates=False),
        Label(forgets_keys=True),
        Label(media={"sample.mp4": "text/plain"}),
    ],
    ids=["takes-anything", "lets-anybody-in", "films-as-text"],
)
def test_nor_is_one_that_is_careless(label: Label) -> None:
    assert judged(label, wait_seconds=2.0).exit_code == 1


def test_nothing_is_created_without_being_asked_for() -> None:
    label = Label()
    result = judged(label, tier=None)
    assert result.exit_code == 0
    assert label.runs == {}
    assert result.spent.jobs == 0
