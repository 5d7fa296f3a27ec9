"""`understudy providers`, `routes` and `env`: what is there, for people and for programs."""

import json

import pytest
from click.testing import CliRunner, Result

import contracts
from simulator.cli import main
from tests.cli.process import understudy

BASE_PATHS = {"leonardo": "/api/rest/v1", "nanogpt": "", "recoup": ""}


def called(*words: str) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def test_providers_are_listed_with_base_path_and_two_keys() -> None:
    rows = json.loads(called("providers", "--json").output)
    assert {row["name"]: row["base_path"] for row in rows} == BASE_PATHS
    for row in rows:
        assert len(set(row["keys"])) == 2
        assert all(isinstance(key, str) for key in row["keys"])


def test_providers_are_listed_for_people() -> None:
    output = called("providers").output
    for name in BASE_PATHS:
        assert f"\n{name}" in "\n" + output


def test_routes_are_those_of_the_contracts() -> None:
    rows = json.loads(called("routes", "--json").output)
    listed = {(row["provider"], row["method"], row["path"], row["operation"]) for row in rows}
    assert listed == {
        (name, operation.method, operation.path, operation.id)
        for name in BASE_PATHS
        for operation in contracts.load(name).operations
    }


def test_routes_of_one_provider_are_its_own() -> None:
    rows = json.loads(called("routes", "nanogpt", "--json").output)
    assert {row["provider"] for row in rows} == {"nanogpt"}
    deprecated = {row["path"] for row in rows if row["deprecated"]}
    assert "/api/generate-video/status" in deprecated


def test_routes_for_people_have_a_line_each() -> None:
    lines = called("routes", "recoup").output.splitlines()
    assert len(lines) == len(contracts.load("recoup").operations)
    assert any("POST" in line and "/api/content/video" in line for line in lines)


@pytest.mark.parametrize("provider", sorted(BASE_PATHS))
def test_env_prints_export_lines_with_the_first_key(provider: str) -> None:
    rows = json.loads(called("providers", "--json").output)
    key = next(row["keys"][0] for row in rows if row["name"] == provider)
    lines = called("env", provider, "--base-url", "http://h.test:81/").output.splitlines()
    assert lines
    assert all(line.startswith("export ") for line in lines)
    assert any(key in line for line in lines)
    assert any("http://h.test:81" in line for line in lines)
    assert not any("http://h.test:81//" in line for line in lines)


@pytest.mark.parametrize("words", [("routes", "nobody"), ("env", "nobody")])
def test_a_provider_that_is_none_is_refused_with_those_that_are(words: tuple[str, ...]) -> None:
    result = called(*words)
    assert result.exit_code == 1
    assert "leonardo, nanogpt, recoup" in result.output
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [(), ("serve",), ("providers",), ("routes",), ("env",)])
def test_help_reads_well(words: tuple[str, ...]) -> None:
    result = called(*words, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert max(map(len, result.output.splitlines())) <= 80


def test_help_needs_no_server_and_no_provider() -> None:
    ended = understudy("--help")
    assert (ended.status, ended.err) == (0, "")
    for command in ("serve", "providers", "routes", "env"):
        assert command in ended.out


def test_the_version_is_told() -> None:
    ended = understudy("--version")
    assert ended.status == 0
    assert "understudy" in ended.out
