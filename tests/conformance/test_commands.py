"""The commands, as a person calls them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli.check import check
from conformance.cli.listing import explain, rules
from conformance.cli.recorded import compare, score
from conformance.engine import Run
from conformance.reading import Reading
from tests.conformance.serving import on_a_port
from tests.conformance.targets import FIRST, SECOND, Target


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Target]]:
    """A correct small target on a free port."""
    app = Target(is_understudy=True)
    with on_a_port(app) as url:
        yield url, app


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    command = {"check": check, "rules": rules, "explain": explain, "score": score}
    command["compare"] = compare
    result = CliRunner().invoke(command[words[0]], words[1:], env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def checked(url: str, *flags: str, **options: Any) -> Result:
    words: tuple[str, ...] = (
        "check",
        "recoup",
        "--base-url",
        url,
        "--tier",
        "validation",
        "--wait",
        "0.3",
    )
    words += ("--save", "", *flags)
    keys = {"UNDERSTUDY_RECOUP_KEY": FIRST, "UNDERSTUDY_RECOUP_SECOND_KEY": SECOND}
    return run(*words, env=keys, **options)


def test_correct_target_is_conformant_and_exit_0(served: tuple[str, Target]) -> None:
    result = checked(served[0], "--seed", "5")
    assert result.exit_code == 0, result.output
    assert "recoup: conformant." in result.output
    assert "seed 5" in result.output


def test_a_target_file_says_that_a_target_has_no_media(
    served: tuple[str, Target], tmp_path: Path
) -> None:
    file = tmp_path / "target.yaml"
    file.write_text("media: false\n")
    report = tmp_path / "report.json"
    rule = "recoup.lifecycle.video.media"
    paid = ("--tier", "paid", "--max-jobs", "2", "--yes")
    flags = ("--only", rule, *paid, "--report", f"json={report}")
    checked(served[0], *flags, "--target-file", str(file))
    assert json.loads(report.read_text())["results"][0]["rules"][0]["reason"] == "needs media"
    file.write_text("media: nothing\n")
    assert "media is true or false" in checked(served[0], "--target-file", str(file)).output
    checked(served[0], *flags)
    assert json.loads(report.read_text())["results"][0]["rules"][0]["verdict"] != "SKIP"


def test_no_report_holds_a_key(served: tuple[str, Target], tmp_path: Path) -> None:
    kinds = ("json", "junit", "html", "md", "har")
    reports = " ".join(f"{kind}={tmp_path / kind}" for kind in kinds)
    result = checked(served[0], "--only", "recoup.listRuns", "--report", reports)
    texts = [result.output, *((tmp_path / kind).read_text() for kind in kinds)]
    assert all(FIRST not in text and SECOND not in text for text in texts)
    assert all(FIRST[:-1] not in text for text in texts)


def test_violated_target_is_exit_1_with_lines_to_repeat_it(served: tuple[str, Target]) -> None:
    url, app = served
    app.change = lambda reading, status, answer: (
        (206, answer) if status == 200 and reading.operation is not None else (status, answer)
    )
    try:
        result = checked(url, "--only", "recoup.listTemplates.status", "--seed", "5")
    finally:
        app.change = None
    assert result.exit_code == 1
    assert '-H "x-api-key: ${UNDERSTUDY_RECOUP_KEY}"' in result.output
    assert "--seed 5 --only recoup.listTemplates.status" in result.output


def test_failures_are_kept_and_sent_again(served: tuple[str, Target], tmp_path: Path) -> None:
    url, app = served
    rule, kept = "recoup.listTemplates.status", tmp_path / "kept" / "recoup.json"
    app.change = lambda reading, status, answer: (
        (206, answer) if status == 200 and reading.operation is not None else (status, answer)
    )
    try:
        first = checked(url, "--only", rule, "--save", str(tmp_path / "kept" / "{provider}.json"))
        again = checked(url, "--replay", str(kept))
    finally:
        app.change = None
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert f"--replay {kept}" in first.output
    app.recording.calls.clear()
    repaired = checked(url, "--replay", str(kept))
    assert repaired.exit_code == 0, repaired.output
    assert [path for _, path, _ in app.recording.calls[1:]] == ["/api/content/templates"]


def test_replay_of_something_else_is_exit_2(served: tuple[str, Target], tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text("{}")
    result = checked(served[0], "--replay", str(path))
    assert result.exit_code == 2
    assert "not a file of failures" in result.output


def test_dry_run_sends_nothing(served: tuple[str, Target]) -> None:
    url, app = served
    before = len(app.recording.calls)
    result = checked(url, "--dry-run", "--tier", "paid", "--max-jobs", "2")
    assert result.exit_code == 0
    assert len(app.recording.calls) == before
    assert "nothing was sent" in result.output
    assert "at worst 2 job(s)" in result.output


def test_operations_leaves_the_others_alone(served: tuple[str, Target]) -> None:
    url, app = served
    app.recording.calls.clear()
    result = checked(url, "--operations", "GET /api/content/templates, listArtists")
    paths = {path for _, path, _ in app.recording.calls} - {"/_understudy/health"}
    known = {"/api/content/templates", "/api/artists", "/api/content/no-such-operation"}
    assert result.exit_code == 0
    assert paths == known


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--operations", "GET /nowhere"), "no such operation"),
        (("--only", "recoup.nothing"), "no rule is named"),
    ],
)
def test_what_does_not_exist_is_one_line(
    served: tuple[str, Target], flags: tuple[str, ...], words: str
) -> None:
    result = checked(served[0], *flags)
    assert result.exit_code == 2
    assert words in result.output


def test_paid_tier_on_a_stranger_wants_a_limit_and_a_yes() -> None:
    app = Target()
    with on_a_port(app) as url:
        unlimited = run("check", "recoup", "--base-url", url, "--tier", "paid")
        unconfirmed = run("check", "recoup", "--base-url", url, "--tier", "paid", "--max-jobs", "1")
    assert "needs --max-jobs or --max-cost" in unlimited.output
    assert "confirm with --yes" in unconfirmed.output
    assert (unlimited.exit_code, unconfirmed.exit_code) == (2, 2)
    assert app.recording.writes() == []


def test_interrupted_run_is_judged_and_reported(
    served: tuple[str, Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Run._drive

    def drive(self: Run, driver: str, session: Any) -> None:
        if driver == "validation":
            raise KeyboardInterrupt
        original(self, driver, session)

    monkeypatch.setattr(Run, "_drive", drive)
    report = tmp_path / "result.json"
    result = checked(served[0], "--report", f"json={report}")
    assert "interrupted" in result.output
    assert json.loads(report.read_text())["results"][0]["score"]["judged"] > 50


def test_max_time_ends_the_run(served: tuple[str, Target]) -> None:
    began = time.monotonic()
    result = checked(served[0], "--max-time", "0.1s")
    assert time.monotonic() - began < 3
    assert "--max-time is over" in result.output


def test_score_judges_a_recorded_log_alike(served: tuple[str, Target], tmp_path: Path) -> None:
    log = tmp_path / "log.har"
    url, app = served
    app.change = lambda reading, status, answer: (
        (status, {"wrong": 1}) if status == 200 and reading.operation else (status, answer)
    )
    try:
        live = checked(url, "--only", "recoup.listTemplates", "--report", f"har={log}")
    finally:
        app.change = None
    again = run("score", str(log), "--provider", "recoup", "--dialect", "documented")
    assert (live.exit_code, again.exit_code) == (1, 1)
    assert "recoup.listTemplates.body" in again.output


def test_score_of_something_else_is_exit_2(tmp_path: Path) -> None:
    log = tmp_path / "log.har"
    log.write_text("{}")
    result = run("score", str(log), "--provider", "recoup")
    assert result.exit_code == 2
    assert result.output.count("\n") == 1


def test_compare_names_what_got_worse(tmp_path: Path) -> None:
    def report(name: str, verdict: str) -> str:
        path = tmp_path / name
        rule = {"id": "recoup.a.b", "verdict": verdict}
        path.write_text(json.dumps({"results": [{"rules": [rule]}]}))
        return str(path)

    old, new = report("old", "PASS"), report("new", "FAIL")
    worse, better = run("compare", old, new), run("compare", new, old)
    assert (worse.exit_code, better.exit_code) == (1, 0)
    assert "worse   recoup.a.b: PASS -> FAIL" in worse.output
    assert run("compare", old, __file__).exit_code == 2


def test_rules_are_listed_as_json() -> None:
    found = json.loads(run("rules", "recoup", "--json").output)
    enum = next(each for each in found if each["id"] == "recoup.createVideo.enum")
    assert [case["name"] for case in enum["cases"]] == [
        "mode", "aspect_ratio", "duration", "resolution",
    ]  # fmt: skip


def test_explain_says_source_and_cost() -> None:
    output = run("explain", "recoup.createVideo.mode.precedence").output
    assert "source" in output
    assert "--tier fuzz" in output


def test_explain_of_an_unknown_rule_offers_those_below() -> None:
    result = run("explain", "recoup.createVideo")
    assert result.exit_code == 2
    assert "recoup.createVideo.status" in result.output


def test_listing_imports_nothing_heavy() -> None:
    heavy = ("schemathesis", "openapi_core", "hypothesis", "jsonschema", "httpx", "requests")
    program = (
        "import sys\nfrom conformance.cli.listing import rules_of\n"
        "rules_of('recoup', 'documented')\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_ctrl_c_ends_at_once_and_still_writes_reports(
    served: tuple[str, Target], tmp_path: Path
) -> None:
    """The real signal, while a lifecycle waits for a run that never ends."""
    report = tmp_path / "result.json"
    url, app = served
    is_polled = threading.Event()

    def noted(reading: Reading, status: int, answer: Any) -> tuple[int, Any]:
        if "/api/tasks/runs" in reading.exchange.url:
            is_polled.set()
        return status, answer

    words = [
        "recoup", "--base-url", url, "--key", FIRST, "--tier", "paid", "--wait", "60",
        "--save", "",
        "--report", f"json={report}",
    ]  # fmt: skip
    program = "import sys; from conformance.cli.check import check; check(sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    for line in process.stderr:
        if b"lifecycle" in line:
            break
    app.change = noted
    is_seen = is_polled.wait(20)
    app.change = None
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert is_seen, "no run is followed"
    assert process.returncode in (0, 1)
    assert b"interrupted" in output
    assert json.loads(report.read_text())["results"][0]["notes"]


@pytest.mark.parametrize("tier", ["free", "validation"])
def test_run_without_a_key_blames_nobody_and_is_not_green(
    served: tuple[str, Target], tier: str
) -> None:
    url, app = served
    app.recording.calls.clear()
    flags = ("--tier", tier, "--save", "")
    result = run("check", "recoup", "--base-url", url, *flags, env={"UNDERSTUDY_RECOUP_KEY": ""})
    assert result.exit_code == 2, result.output
    assert "No key was given" in result.output
    assert "FAIL" not in result.output
    assert len(app.recording.calls) > 50


def test_rules_that_need_no_key_are_judged_without_one(served: tuple[str, Target]) -> None:
    only = ("--only", "recoup.listRuns.credential.missing", "--save", "")
    result = run(
        "check", "recoup", "--base-url", served[0], *only, env={"UNDERSTUDY_RECOUP_KEY": ""}
    )
    assert result.exit_code == 0, result.output


def test_failures_that_had_a_key_are_not_sent_again_without(
    served: tuple[str, Target], tmp_path: Path
) -> None:
    url, app = served
    kept = tmp_path / "recoup.json"
    app.change = lambda reading, status, answer: (
        (206, answer) if status == 200 and reading.operation is not None else (status, answer)
    )
    try:
        checked(url, "--only", "recoup.listTemplates.status", "--save", str(kept))
        env = {"UNDERSTUDY_RECOUP_KEY": ""}
        again = run("check", "recoup", "--base-url", url, "--replay", str(kept), env=env)
    finally:
        app.change = None
    assert again.exit_code == 2, again.output
