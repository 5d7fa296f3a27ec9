"""A contract whose schemas are none does not start."""

from typing import Any

import pytest

from contracts import ContractError
from contracts.schemas import check


def document(schema: Any, version: str = "3.1.0") -> dict[str, Any]:
    return {
        "openapi": version,
        "paths": {
            "/makes": {
                "post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}
            }
        },
        "components": {"schemas": {"Make": {"type": "object"}}},
    }


def test_good_schemas_pass() -> None:
    check(document({"type": "object", "properties": {"type": {"type": "string"}}}), "toy.yaml")


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "objectt"}, "/type"),
        ({"properties": {"a": {"minimum": "1"}}}, "/properties/a/minimum"),
        ({"required": "prompt"}, "/required"),
    ],
)
def test_a_schema_that_is_none_is_named_with_its_place(schema: Any, place: str) -> None:
    with pytest.raises(ContractError) as error:
        check(document(schema), "toy.yaml")
    at = "/paths/~1makes/post/requestBody/content/application~1json/schema"
    assert (error.value.file, error.value.pointer) == ("toy.yaml", at + place)


def test_named_schemas_are_judged_too() -> None:
    broken = document({})
    broken["components"]["schemas"]["Make"]["type"] = "thing"
    with pytest.raises(ContractError, match="no JSON Schema"):
        check(broken, "toy.yaml")


def test_what_looks_like_a_schema_inside_an_example_is_data() -> None:
    good = document({"type": "object"})
    good["components"]["examples"] = {"one": {"value": {"schema": {"type": "anything"}}}}
    check(good, "toy.yaml")


def test_another_version_of_openapi_is_refused() -> None:
    with pytest.raises(ContractError, match=r"3\.1"):
        check(document({}, "9"), "toy.yaml")
