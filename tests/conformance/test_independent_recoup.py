"""A Recoup that this project's rules do not know comes out conformant; broken ones do not."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import check
from conformance.model import Level, Tier, Verdict
from conformance.result import Result
from tests.conformance.independent.recoup import ALICE, BOB, Label, Twist
from tests.conformance.independent.tampering import App, Asked, Said, tampered

_ESTIMABLE = ("lipsync=true", "compare=true", *(f"batch={count}" for count in range(1, 101)))


def judged(label: Label, **options: Any) -> Result:
    return judged_app(label.app(), **options)


def judged_app(app: App, **options: Any) -> Result:
    given: dict[str, Any] = {
        "tier": Tier.FUZZ, "generator": False, "trigger": ("", "a cursed puppet"),
        "wait_seconds": 20.0, "shrink": False, **options,
    }  # fmt: skip
    return check(
        provider="recoup", app=app, keys=(ALICE, BOB), base_url="http://label.test", **given
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
    result = judged(Label(twist=BROKEN[name]), wait_seconds=4.0)
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


def failed_flag(path: str, answer: Any) -> Any:
    for run in answer.get("runs", ()) if path.endswith("/runs") else ():
        run["isFailed"] = run["status"] == "COMPLETED"
    return answer


def batch_forgotten(path: str, answer: Any) -> Any:
    if path.endswith("/estimate") and "total_estimate_usd" in answer:
        return {**answer, "total_estimate_usd": answer["per_video_estimate_usd"]}
    return answer


def lipsync_for_nothing(path: str, answer: Any) -> Any:
    if path.endswith("/estimate") and "batch" in answer:
        total = round(0.82 * answer["batch"], 2)
        return {**answer, "per_video_estimate_usd": 0.82, "total_estimate_usd": total}
    return answer


def captions_in_quotes(path: str, answer: Any) -> Any:
    text = answer.get("content")
    return {**answer, "content": f'"{text}"'} if path.endswith("/caption") and text else answer


def artists_apart_from_accounts(path: str, answer: Any) -> Any:
    for artist in answer.get("artists", ()):
        artist["id"] = "44444444-4444-4444-8444-444444444444"
    return answer


OBSERVED: dict[str, Twist] = {
    "listRuns.flags": failed_flag,
    "estimateContent.total": batch_forgotten,
    "estimateContent.price": lipsync_for_nothing,
    "createCaption.form": captions_in_quotes,
    "listArtists.ids": artists_apart_from_accounts,
}


@pytest.mark.parametrize("name", OBSERVED)
def test_what_is_only_observed_is_a_note(name: str) -> None:
    rule = f"recoup.{name}"
    assert judged(Label(), only=(rule,)).verdict(rule) is Verdict.PASS
    result = judged(Label(twist=OBSERVED[name]), only=(rule,))
    assert result.verdict(rule) is Verdict.WARN
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("factor", "verdict"), [(7, Verdict.PASS), (1, Verdict.FAIL), (8, Verdict.FAIL)]
)
def test_workflows_are_multiplied_by_the_batch(factor: int, verdict: Verdict) -> None:
    """The documented form of an estimate, of which the label knows nothing."""

    def documented(path: str, answer: Any) -> Any:
        if not path.endswith("/estimate") or "batch" not in answer:
            return answer
        count = answer["batch"]
        times = factor if count == 7 else count
        totals = {"cheapestTotal": 0.18 * times, "mostExpensiveTotal": 0.82 * times}
        flows = [{"name": f"w{n}", "perVideo": n, "steps": []} for n in (0.18, 0.82)]
        return {"workflows": flows, "batch": {"count": count, **totals}}

    rule = "recoup.estimateContent.batch"
    assert judged(Label(twist=documented), only=(rule,)).verdict(rule) is verdict


def test_a_template_that_comes_and_goes_is_judged_by_nobody() -> None:
    lists = [0]

    def restless(path: str, answer: Any) -> Any:
        if path.endswith("/templates") and "templates" in answer:
            lists[0] += 1
            more = {"id": "artist-release-editorial", "description": "A gallery"}
            return {**answer, "templates": answer["templates"] + [more] * (lists[0] % 2)}
        return answer

    for only in (("recoup.getTemplate.*",), ()):
        lists[0] = 0
        result = judged(Label(twist=restless), only=only)
        assert result.verdict("recoup.getTemplate.listed") is Verdict.PASS


def test_nothing_is_created_without_being_asked_for() -> None:
    label = Label()
    result = judged(label, tier=None)
    assert result.exit_code == 0
    assert label.runs == {}
    assert result.spent.jobs == 0


def test_the_other_side_of_a_disagreement_is_conformant() -> None:
    """The documents mean a session by a bearer token, and have an estimate refuse nothing."""

    def keys_are_no_tokens(asked: Asked) -> None:
        if asked.headers.get("authorization"):
            asked.headers["authorization"] = "Bearer x"

    def estimates_whatever(asked: Asked) -> None:
        if asked.path.endswith("/estimate"):
            asked.query = "&".join(part for part in asked.query.split("&") if part in _ESTIMABLE)

    def both(asked: Asked) -> None:
        keys_are_no_tokens(asked)
        estimates_whatever(asked)

    def without_lipsync(asked: Asked, said: Said) -> None:
        told = said.told
        if asked.path.endswith("/create") and "template" in told and "lipsync" in told:
            del told["lipsync"]
            said.put(told)

    result = judged_app(tampered(Label().app(), both, without_lipsync))
    assert [(each.rule.id, each.failures[0].message) for each in result.failed] == []
    assert result.exit_code == 0
