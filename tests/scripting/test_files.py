"""Scenarios in YAML: what is read, and the line that each mistake is told in."""

from functools import cache
from pathlib import Path

import pytest

import contracts
from simulator.core.durations import duration_ms
from simulator.core.errors import REFUSALS
from simulator.core.faults import Fault
from simulator.core.latency import Latency
from simulator.core.runs import Outcome
from simulator.core.scenarios import (
    Field,
    ForcedReply,
    Match,
    PlanChange,
    Scenario,
    ScenarioError,
    WebhookTwist,
)
from simulator.scripting import files
from simulator.scripting.law import Contracts

HEAD = "name: one\ndescription: d\n"


@cache
def law() -> Contracts:
    """What the contracts say."""
    return Contracts(contracts.names(), contracts.load)


def read(folder: Path, text: str) -> Scenario:
    """The scenario of a file."""
    (folder / "one.yaml").write_text(text)
    (found,) = files.read([folder], law()).values()
    return found


def mistakes(folder: Path, text: str) -> list[str]:
    """What is said of a file, without its path."""
    path = folder / "one.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ScenarioError) as told:
        files.read([path], law())
    lines = str(told.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_everything_that_a_scenario_can_say_is_read(tmp_path: Path) -> None:
    text = """
name: all
description: >-
  Says
  everything.
rules:
  - match:
      provider: [nanogpt, recoup]
      operation: createVideo
      account: account 1
      body: {$.prompt: {contains: cat, matches: "^a"}, $.model: kling-video-v2}
      query: {$.x: {exists: true}}
      calls: 2-4
      chance: 0.5
      after: 10s
      for: 1m30s
      per: run
    give: {error: rate_limited, retry_after: 2s, data: {count: 3}}
  - {match: {nth: 2}, give: {plan: {slow: 2, lasts: 9s, queued: 1s, stuck: true, flaps: 3}}}
  - {match: {first: 3}, give: {plan: {fails_at: 2, error: content_policy, message: "no"}}}
  - {give: {plan: {data: {text: hello}}}}
  - match: {provider: nanogpt, operation: createVideo, calls: 4-}
    give: {reply: {status: 429, headers: {X-A: 1}}, latency: 250ms, fault: reset-before}
  - {match: {calls: 3}, give: {links: expired}}
  - {give: {variety: high}}
  - {give: {webhook: {receiver: 503, copies: 2, delay: 5s, reordered: true, wrong_secret: true}}}
"""
    scenario = read(tmp_path, text)
    assert (scenario.name, scenario.description) == ("all", "Says everything.")
    one, two, three, four, five, six, seven, eight = scenario.rules
    assert one.match == Match(
        ("nanogpt", "recoup"),
        ("createVideo",),
        ("account 1",),
        (
            Field("body", "$.prompt", "contains", "cat"),
            Field("body", "$.prompt", "matches", "^a"),
            Field("body", "$.model", "is", "kling-video-v2"),
            Field("query", "$.x", "exists", True),
        ),
        2,
        4,
        0.5,
        10_000,
        duration_ms("1m30s"),
        "run",
    )
    assert (one.give.error, one.give.data) == ("rate_limited", {"count": 3, "retry_after_ms": 2000})
    assert (two.match.first_call, two.match.last_call) == (2, 2)
    assert two.give.plan == PlanChange(2.0, 9000, 1000, True, 0, 3)
    assert (three.match.first_call, three.match.last_call) == (1, 3)
    assert three.give.plan == PlanChange(
        fails_at=2, outcome=Outcome("failed", "content_policy", "no")
    )
    assert four.give.plan == PlanChange(outcome=Outcome(data={"text": "hello"}))
    assert (five.match.first_call, five.match.last_call) == (4, None)
    assert five.give.reply == ForcedReply(429, headers=(("x-a", "1"),))
    assert five.give.latency == Latency("fixed", (250,))
    assert five.give.fault == Fault("reset-before")
    assert (six.match.first_call, six.match.last_call) == (3, 3)
    assert six.give.are_links_expired
    assert seven.give.variety == "high"
    assert eight.give.webhook == WebhookTwist(503, 2, 5000, True, True)


def test_a_file_names_its_scenario_if_that_does_not(tmp_path: Path) -> None:
    (tmp_path / "my-own.yaml").write_text("description: d\ngive: {error: unavailable}")
    assert list(files.read([tmp_path], law())) == ["my-own"]


def test_a_file_may_hold_several_scenarios(tmp_path: Path) -> None:
    second = HEAD.replace("one", "two")
    text = f"{HEAD}give: {{error: unavailable}}\n---\n{second}give: {{links: expired}}"
    (tmp_path / "both.yml").write_text(text)
    assert list(files.read([tmp_path], law())) == ["one", "two"]


def test_a_reply_may_be_an_example_or_a_body_of_the_contract(tmp_path: Path) -> None:
    operation = law().contract("nanogpt").operation("checkBalance")
    ((name, body),) = operation.replies["200"].content["application/json"].examples.items()
    match = f"{HEAD}match: {{provider: nanogpt, operation: checkBalance}}\n"
    assert read(tmp_path, f"{match}give: {{reply: {{example: {name}}}}}").rules
    assert read(tmp_path, f"{match}give: {{reply: {{status: 200, body: {body!r}}}}}").rules


def test_a_reply_may_break_the_contract_where_that_is_wanted(tmp_path: Path) -> None:
    text = f"{HEAD}give: {{reply: {{status: 418, body: [1], allow_invalid: true}}}}"
    assert read(tmp_path, text).rules[0].give.reply == ForcedReply(418, "json", [1])


VIDEO = "match: {provider: nanogpt, operation: createVideo}\n"

MISTAKES = [
    ("give: {eror: unavailable}", '3: found "eror", expected one of error, '),
    ("give: {eror: unavailable}", "(did you mean error?)"),
    ("give: {error: unavailible}", "(did you mean unavailable?)"),
    ("mach: {}\ngive: {error: unavailable}", '3: found "mach", expected one of name, '),
    ("match: {}\n", "1: found nothing, expected give: what a matched call gets"),
    (
        "match:\n  provider: nanogtp\ngive: {error: unavailable}",
        '4: found "nanogtp", expected one of ',
    ),
    ("match:\n  operation: createVidoe\ngive: {error: unavailable}", "(did you mean createVideo?)"),
    (
        "match:\n  provider: leonardo\n  operation: createVideo\ngive: {error: unavailable}",
        "5: found ",
    ),
    (
        "match:\n  body:\n    $.a[: 1\ngive: {error: unavailable}",
        '5: found "$.a[", expected a JSONPath (',
    ),
    (
        "match:\n  body:\n    prompt: 1\ngive: {error: unavailable}",
        "expected a JSONPath (one path ",
    ),
    (
        "match:\n  body:\n    $.a: {matches: '('}\ngive: {error: unavailable}",
        '5: found "(", expected a regular expression (',
    ),
    (
        "match:\n  body:\n    $.a: {contain: 1, is: 2}\ngive: {error: unavailable}",
        "(did you mean contains?)",
    ),
    ("match: {body: [1]}\ngive: {error: unavailable}", "3: found [1], expected JSONPaths "),
    ("match: {body: {$.a: {in: 3}}}\ngive: {error: unavailable}", "found 3, expected a list"),
    ("match: {chance: 2}\ngive: {error: unavailable}", "3: found 2, expected a number from 0 to 1"),
    ("match: {nth: 0}\ngive: {error: unavailable}", "3: found 0, expected a whole number from 1"),
    (
        "match: {nth: 1, first: 2}\ngive: {error: unavailable}",
        "expected one of nth, first and calls",
    ),
    ("match: {calls: 3-2}\ngive: {error: unavailable}", '3: found "3-2", expected calls such as'),
    (
        "match: {for: soon}\ngive: {error: unavailable}",
        '3: found "soon", expected a duration such as 30s',
    ),
    ("match: {per: month}\ngive: {error: unavailable}", "expected one of request, run"),
    (
        "give: {error: unavailable, plan: {stuck: true}}",
        "expected one of error, reply, plan and variety",
    ),
    ("give: {error: content_policy, retry_after: 1s}", "content_policy tells no time to wait"),
    ("give: {error: rate_limited, data: {cuont: 1}}", "(did you mean count?)"),
    (
        "give: {error: rate_limited, data: {count: x}}",
        '3: found "x", expected a value of the type int',
    ),
    ("give: {data: {count: 1}}", "expected an error beside it"),
    ("give: {plan: {stuck: perhaps}}", '3: found "perhaps", expected true or false'),
    ("give: {plan: {fails_at: 0}}", "3: found 0, expected a whole number from 1 to 100"),
    ("give: {fault: explosion}", '3: found "explosion", expected fault: kind is one of'),
    ("give: {latency: {kind: uniform, low: 1s}}", "expected latency: uniform needs 'high'"),
    ("give: {variety: extreme}", '3: found "extreme", expected one of high'),
    ("give: {webhook: {receiver: away}}", '3: found "away", expected down, or a status'),
    ("give: {webhook: {copies: 2}, latency: 1s}", "expected a rule of its own"),
    ("give: {links: broken}", '3: found "broken", expected one of expired'),
    ("give: {}", "3: found nothing, expected at least one of error"),
    ("give: [1]", "3: found [1], expected an object with error"),
    ("rules: []", "3: found [], expected a list of 1 to 100 rules"),
    (
        "rules:\n  - give: {error: unavailable}\n    mtach: {}",
        '5: found "mtach", expected one of',
    ),
    ("rules:\n  - give: {error: unavailable}\ngive: {}", "expected either rules, or one match"),
    (
        "give: {error: unavailable}\ngive: {error: unavailable}",
        '4: found "give", expected each key once',
    ),
    (
        VIDEO + "give: {reply: {status: 418}}",
        "4: found status 418, expected one that nanogpt's createVideo declares: 202, ",
    ),
    (
        VIDEO + "give: {reply: {example: none}}",
        "4: found example none, expected one that nanogpt's ",
    ),
    (
        VIDEO + "give:\n  reply:\n    status: 202\n    body: {runId: 3}",
        "7: found a body that is wrong at /",
    ),
    (
        VIDEO + "give: {reply: {status: 202, text: hello}}",
        "4: found a text of the type text/plain, ",
    ),
    (VIDEO + "give: {reply: {}}", "4: found nothing, expected a status, a body"),
    (
        VIDEO + "give: {reply: {status: 202, headers: {content-length: 3}}}",
        "none of the body's framing",
    ),
    ("give: {reply: {body: {}}}", "expected match.operation, so that the reply can be checked"),
    ("give: {error: [", "3: found text that is no YAML (expected the node content"),
    ("give: *nobody", "3: found text that is no YAML (found undefined alias"),
    ("give: !!python/name:os.system x", 'found "x", expected a value of JSON'),
    ("give: \xff", "expected a YAML file in UTF-8"),
]


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert any(told in line for line in mistakes(tmp_path, HEAD + text)), mistakes(
        tmp_path, HEAD + text
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: found nothing, expected a scenario"),
        ("- a", '1: found ["a"], expected a scenario: name, description and rules'),
        ("give: {error: unavailable}", "1: found nothing, expected a description"),
        (
            "name: a b\ndescription: d\ngive: {links: expired}",
            '1: found "a b", expected a name of',
        ),
        ("description: [1]\ngive: {links: expired}", "1: found [1], expected a text"),
    ],
)
def test_a_file_without_a_scenario_is_a_mistake(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(tmp_path, text)[0].startswith(told)


def test_every_mistake_of_every_file_has_one_line(tmp_path: Path) -> None:
    text = "description: d\nmatch: {nth: 0, chanse: 1}\ngive: {links: x}\n"
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text("description: d\ngive: {error: x}\n")
    with pytest.raises(ScenarioError) as told:
        files.read([tmp_path], law())
    lines = str(told.value).splitlines()
    assert [line.partition(": ")[0].rpartition("/")[2] for line in lines] == [
        "a.yaml:2",
        "a.yaml:2",
        "a.yaml:3",
        "b.yaml:2",
    ]


def test_two_scenarios_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"{HEAD}give: {{links: expired}}\n")
    with pytest.raises(ScenarioError, match=r"b\.yaml:1: found the name one again.*a\.yaml:1"):
        files.read([tmp_path], law())


def test_a_folder_without_files_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="found no file in the folder"):
        files.read([tmp_path], law())


def test_every_error_may_be_given_by_name(tmp_path: Path) -> None:
    for name in REFUSALS:
        assert read(tmp_path, f"{HEAD}give: {{error: {name}}}").rules[0].give.error == name
