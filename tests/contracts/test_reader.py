"""The reader: which contracts there are, and what their operations say."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from msgspec.structs import asdict

from contracts import Contract, ContractError, Operation, load, names, path_of
from contracts.model import Dialect


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def written(root: Path, document: dict[str, Any], overlay: dict[str, Any] | None = None) -> Path:
    """Write the contract `acme` and return the folder that holds it."""
    folder = root / "acme"
    folder.mkdir(exist_ok=True)
    (folder / "openapi.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    if overlay is not None:
        (folder / "live.overlay.yaml").write_text(yaml.safe_dump(overlay))
    return root


def document(paths: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Acme", "version": "1"},
        "servers": [{"url": "https://api.acme.example/v1/"}],
        "paths": paths,
        **members,
    }


def only(root: Path, operation: dict[str, Any], **members: Any) -> Operation:
    """Return the one operation of a contract that declares it as POST /runs."""
    given = {"operationId": "createRun", "responses": {}, **operation}
    written(root, document({"/runs": {"post": given}}, **members))
    (found,) = load("acme", root=root).operations
    return found


def broken(root: Path, source: dict[str, Any]) -> ContractError:
    with pytest.raises(ContractError) as caught:
        load("acme", root=written(root, source))
    return caught.value


def test_names_are_the_folders_with_a_document(tmp_path: Path) -> None:
    written(tmp_path, document({}))
    for name in ("_control", "empty", "zeta"):
        (tmp_path / name).mkdir()
    for name in ("_control", "zeta"):
        (tmp_path / name / "openapi.yaml").write_text("a: 1")
    assert names(tmp_path) == ("acme", "zeta")


def test_path_of_names_the_file_that_is_served(tmp_path: Path) -> None:
    written(tmp_path, document({}))
    assert path_of("acme", tmp_path) == tmp_path / "acme" / "openapi.yaml"


def test_an_unknown_contract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nothing/openapi\.yaml#: no such contract"):
        load("nothing", root=tmp_path)


def test_an_unknown_dialect_is_refused(tmp_path: Path) -> None:
    written(tmp_path, document({}))
    with pytest.raises(ValueError, match="no such dialect: loud"):
        load("acme", cast("Dialect", "loud"), tmp_path)


def test_a_path_is_given_in_full(tmp_path: Path) -> None:
    operation = only(tmp_path, {})
    assert (operation.method, operation.path) == ("POST", "/v1/runs")
    assert operation.pointer == "/paths/~1runs/post"
    assert operation.provider == "acme"


def test_parameters_of_the_path_and_the_operation_are_merged(tmp_path: Path) -> None:
    paths = {
        "/runs/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "limit", "in": "query", "schema": {"type": "integer"}},
            ],
            "get": {
                "operationId": "getRun",
                "parameters": [
                    {"$ref": "#/components/parameters/limit"},
                    {"name": "x-trace", "in": "header", "schema": {"type": "string"}},
                    {"name": "Accept", "in": "header", "schema": {"type": "string"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                ],
                "responses": {},
            },
        }
    }
    components = {
        "parameters": {
            "limit": {"name": "limit", "in": "query", "schema": {"$ref": "#/components/schemas/n"}}
        },
        "schemas": {"n": {"type": "integer", "default": 20}},
    }
    root = written(tmp_path, document(paths, components=components))
    (operation,) = load("acme", root=root).operations
    found = [(p.name, p.location, p.required, p.default) for p in operation.parameters]
    assert found == [
        ("id", "path", True, None),
        ("limit", "query", False, 20),
        ("x-trace", "header", False, None),
    ]
    assert operation.parameters[1].pointer == "/components/schemas/n"
    assert operation.parameters[0].pointer == "/paths/~1runs~1{id}/parameters/0/schema"


def test_a_body_shows_the_schema_of_its_json_form(tmp_path: Path) -> None:
    content = {
        "text/plain": {"schema": {"type": "string"}},
        "application/json": {
            "schema": {"$ref": "#/components/schemas/run"},
            "examples": {"short": {"value": {"prompt": "p"}}, "far": {"externalValue": "u"}},
        },
    }
    operation = only(
        tmp_path,
        {"requestBody": {"required": True, "content": content}},
        components={"schemas": {"run": {"type": "object"}}},
    )
    assert operation.body is not None
    assert operation.body.required
    assert operation.body.schema == {"type": "object"}
    assert operation.body.pointer == "/components/schemas/run"
    assert operation.body.media_types == ("text/plain", "application/json")
    assert operation.body.content["application/json"].examples == {"short": {"prompt": "p"}}


def test_an_operation_without_a_body_says_so(tmp_path: Path) -> None:
    assert only(tmp_path, {}).body is None


def test_replies_follow_their_references(tmp_path: Path) -> None:
    reply = {
        "description": "Made.",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
        "content": {"application/json": {"schema": {"type": "object"}, "example": {"id": "r"}}},
        "links": {"status": {"operationId": "getRun"}},
    }
    operation = only(
        tmp_path,
        {"responses": {"202": {"$ref": "#/components/responses/made"}, "4XX": {}}},
        components={"responses": {"made": reply}},
    )
    assert list(operation.replies) == ["202", "4XX"]
    made = operation.replies["202"]
    assert made.description == "Made."
    assert made.headers == {"Retry-After": {"schema": {"type": "integer"}}}
    media = made.content["application/json"]
    pointer = "/components/responses/made/content/application~1json/schema"
    assert (media.schema, media.pointer) == ({"type": "object"}, pointer)
    assert media.examples == {"example": {"id": "r"}}
    assert operation.links == {"status": {"operationId": "getRun"}}


@pytest.mark.parametrize(
    ("root", "own", "expected"),
    [
        ([{"key": []}], None, (("key",),)),
        ([{"key": []}, {"a": [], "b": []}], None, (("key",), ("a", "b"))),
        ([{"key": []}], [], ()),
        ([{"key": []}], [{}], ()),
        ([{"key": []}], [{}, {"key": []}], ((), ("key",))),
        (None, None, ()),
    ],
)
def test_security_is_the_operations_or_the_roots(
    tmp_path: Path, root: Any, own: Any, expected: tuple[tuple[str, ...], ...]
) -> None:
    given = {} if own is None else {"security": own}
    members = {} if root is None else {"security": root}
    assert only(tmp_path, given, **members).security == expected


def test_extensions_come_from_the_operation_then_the_root_then_the_default(tmp_path: Path) -> None:
    plain = only(tmp_path, {})
    assert plain.check_order == ("credential", "rate-limit", "body")
    assert (plain.malformed_body, plain.coercion, plain.query_in_body) == (
        "refuse",
        "openapi",
        False,
    )
    order = ["body", "credential", "rate-limit"]
    root = {"x-check-order": order, "x-malformed-body": "empty", "x-coercion": "javascript"}
    inherited = only(tmp_path, {"x-query-in-body": True}, **root)
    assert inherited.check_order == tuple(order)
    assert (inherited.malformed_body, inherited.coercion, inherited.query_in_body) == (
        "empty",
        "javascript",
        True,
    )
    own = only(tmp_path, {"x-malformed-body": "refuse", "x-coercion": "openapi"}, **root)
    assert (own.malformed_body, own.coercion) == ("refuse", "openapi")


def test_the_live_dialect_is_overlaid_and_the_documented_is_not(tmp_path: Path) -> None:
    overlay = {"actions": [{"target": "$.paths['/runs'].post", "update": {"deprecated": True}}]}
    paths = {"/runs": {"post": {"operationId": "createRun", "responses": {}}}}
    root = written(tmp_path, document(paths), overlay)
    documented, live = load("acme", "documented", root), load("acme", "live", root)
    assert [documented.operations[0].deprecated, live.operations[0].deprecated] == [False, True]
    assert documented.digest != live.digest


def test_live_is_the_document_itself_where_no_overlay_is_known(tmp_path: Path) -> None:
    root = written(tmp_path, document({}))
    assert load("acme", "live", root).digest == load("acme", "documented", root).digest


def test_an_overlay_that_breaks_a_reference_is_named(tmp_path: Path) -> None:
    overlay = {"actions": [{"target": "$", "update": {"x-run": {"$ref": "#/nowhere"}}}]}
    root = written(tmp_path, document({}), overlay)
    with pytest.raises(ContractError, match=r"live\.overlay\.yaml#/x-run: unresolvable \$ref"):
        load("acme", "live", root)


def seen(contract: Contract) -> list[dict[str, Any]]:
    return [asdict(operation) for operation in contract.operations]


def test_a_contract_from_the_cache_equals_the_one_read(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"enum": [1, 2.5, None, "ä"]}}}
    given = {"operationId": "createRun", "responses": {"200": {"content": content}}}
    root = written(tmp_path, document({"/runs": {"post": given}}))
    cold = load("acme", root=root)
    assert list((tmp_path / "cache").rglob("*.json"))
    warm = load("acme", root=root)
    assert warm.document == cold.document
    assert seen(warm) == seen(cold)


def test_a_changed_source_is_read_again(tmp_path: Path) -> None:
    before = only(tmp_path, {"summary": "old"})
    after = only(tmp_path, {"summary": "new"})
    assert [before.summary, after.summary] == ["old", "new"]


def test_a_warm_load_imports_neither_yaml_nor_jsonpath() -> None:
    code = (
        "import contracts, sys\n"
        "[contracts.load(name) for name in contracts.names()]\n"
        "before = set(sys.modules)\n"
        "print(sorted({'yaml', 'jsonpath'} & before))\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("source", "pointer", "words"),
    [
        (document({"/a": {"get": {}}}), "/paths/~1a/get", "needs an operationId"),
        (
            document({"/a": {"get": {"operationId": "x"}, "put": {"operationId": "x"}}}),
            "/paths/~1a/put/operationId",
            "operationId x is given twice",
        ),
        (
            document(
                {
                    "/a/{b}": {"get": {"operationId": "x"}},
                    "/a/{c}": {"get": {"operationId": "y"}},
                }
            ),
            "/paths/~1a~1{c}/get",
            "GET /v1/a/{c} is declared twice",
        ),
        (
            document({"/a": {"get": {"operationId": "x", "requestBody": {"$ref": "#/no"}}}}),
            "/paths/~1a/get/requestBody",
            "unresolvable $ref: #/no",
        ),
        (
            document({"/a": {"get": {"operationId": "x", "requestBody": {}}}}),
            "/paths/~1a/get/requestBody",
            "a request body needs content",
        ),
        (
            document({"/a": {"get": {"operationId": "x", "parameters": [{"name": "p"}]}}}),
            "/paths/~1a/get/parameters/0",
            "a parameter needs a name and a place",
        ),
        (
            document(
                {"/a": {"get": {"operationId": "x", "parameters": [{"name": "p", "in": "query"}]}}}
            ),
            "/paths/~1a/get/parameters/0",
            "a parameter needs a schema",
        ),
        (
            document({"/a": {"get": {"operationId": "x", "x-check-order": ["body"]}}}),
            "/paths/~1a/get/x-check-order",
            "x-check-order needs each of credential, rate-limit, body once",
        ),
        (
            document({"/a": {"get": {"operationId": "x"}}}, **{"x-check-order": 1}),
            "/x-check-order",
            "x-check-order needs each of credential, rate-limit, body once",
        ),
        (
            document({"/a": {"get": {"operationId": "x"}}}, **{"x-coercion": "perl"}),
            "/x-coercion",
            "x-coercion must be one of openapi, javascript",
        ),
        (document({}, servers=[]), "/servers/0/url", "the first server needs a url"),
        (document({"/a": 1}), "/paths/~1a", "must be an object"),
    ],
)
def test_a_broken_contract_is_refused_with_its_place(
    tmp_path: Path, source: dict[str, Any], pointer: str, words: str
) -> None:
    error = broken(tmp_path, source)
    assert (error.file, error.pointer) == (str(tmp_path / "acme" / "openapi.yaml"), pointer)
    assert words in error.message


def test_text_that_only_looks_like_a_reference_is_left_alone(tmp_path: Path) -> None:
    schema = {
        "properties": {"$ref": {"type": "string"}, "example": {"$ref": "#/components/schemas/n"}},
        "example": {"$ref": "#/nowhere"},
        "examples": [{"$ref": "#/nowhere"}],
    }
    source = document({}, components={"schemas": {"n": {"type": "integer"}, "s": schema}})
    assert load("acme", root=written(tmp_path, source)).operations == ()
    source["components"]["schemas"].pop("n")
    error = broken(tmp_path, source)
    assert error.pointer == "/components/schemas/s/properties/example"
