"""Validators compiled once from a contract, and violations in the contract's own order.

Judges requests (and, in tests, replies) of one operation; decides nothing about the answer.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from contracts import Contract, Operation, lookup
from simulator.core.errors import MISSING, Violation

if TYPE_CHECKING:
    import jsonschema_rs

_LAST = 1 << 30
_DEEPEST_JUDGED = 100


class Schemas:
    """Makes validators for the schemas of one contract; reads it when the first is wanted."""

    def __init__(self, contract: Contract, formats: Mapping[str, Callable[[str], bool]]) -> None:
        self.document = contract.document
        self._formats = dict(formats)

    @cached_property
    def _registry(self) -> "jsonschema_rs.Registry":
        import jsonschema_rs

        return jsonschema_rs.Registry([("urn:oas", self.document)])

    def validator(self, schema: dict[str, Any]) -> "jsonschema_rs.Draft202012Validator":
        """Compile a schema whose references name the contract as `urn:oas`."""
        import jsonschema_rs

        return jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, validate_formats=True, formats=self._formats
        )

    def at(self, pointer: str) -> "Judge":
        """The judge of the schema at a pointer into the contract."""
        schema = {"$ref": reference(pointer)}
        return Judge(self.validator(schema), schema, self.document)


def reference(pointer: str) -> str:
    """The `$ref` that names a place of the contract to a validator."""
    return "urn:oas#" + quote(pointer, safe="/~")


class Judge:
    """One compiled schema."""

    __slots__ = ("_document", "_schema", "is_valid", "validator")

    def __init__(
        self,
        validator: "jsonschema_rs.Draft202012Validator",
        schema: dict[str, Any],
        document: dict[str, Any],
    ) -> None:
        self.validator = validator
        self.is_valid = validator.is_valid
        self._schema = schema
        self._document = document

    def violations(self, value: Any, location: str) -> tuple[Violation, ...]:
        """Every violation of a value, in the order of the schema's properties."""
        try:
            if self.is_valid(value):
                return ()
            errors = list(self.validator.iter_errors(value))
        except ValueError:  # a lone surrogate, or nested deeper than the validator goes
            errors = list(self.validator.iter_errors(_plain(value)))
        found = [
            violation
            for error in errors
            for violation in _violations_of(error, location, self._branches)
        ]
        return tuple(sorted(found, key=lambda item: self._rank(item.path)))

    def _rank(self, path: tuple[str, ...]) -> tuple[int, ...]:
        """Where a path stands in the schema: the index of each property on the way."""
        rank: list[int] = []
        schemas = [self._schema]
        for token in path:
            schemas = [self._resolved(schema) for schema in _flattened(schemas, self._resolved)]
            properties = [schema["properties"] for schema in schemas if "properties" in schema]
            names = [name for group in properties for name in group]
            if token in names:
                rank.append(names.index(token))
                schemas = [group[token] for group in properties if token in group]
            elif token.isdecimal() and any("items" in schema for schema in schemas):
                rank.append(int(token))
                schemas = [schema["items"] for schema in schemas if "items" in schema]
            else:
                rank.append(_LAST)
                schemas = []
        return tuple(rank)

    def _resolved(self, schema: Any) -> dict[str, Any]:
        if isinstance(schema, dict) and "$ref" in schema:
            fragment = unquote(schema["$ref"].partition("#")[2])
            schema = lookup(self._document, fragment)[0]
        return schema if isinstance(schema, dict) else {}

    def _branches(self, path: list[str | int]) -> tuple[str, list[dict[str, Any]]] | None:
        """The discriminator and the branches of the union that stands at an instance path."""
        schemas = [self._schema]
        for token in path:
            schemas = list(_flattened(schemas, self._resolved))
            if isinstance(token, int):
                schemas = [schema["items"] for schema in schemas if "items" in schema]
            else:
                groups = [schema.get("properties", {}) for schema in schemas]
                schemas = [group[token] for group in groups if token in group]
        for schema in map(self._resolved, schemas):
            tag = schema.get("discriminator", {}).get("propertyName")
            if tag:
                return tag, [self._resolved(branch) for branch in schema.get("oneOf", [])]
        return None


class OperationJudge:
    """Judges the requests of one operation."""

    def __init__(self, schemas: Schemas, operation: Operation) -> None:
        self._schemas = schemas
        self._operation = operation

    @cached_property
    def body(self) -> Judge | None:
        """The judge of JSON bodies, if the operation takes one."""
        body = self._operation.body
        return None if body is None else self._schemas.at(body.pointer)

    @cached_property
    def query(self) -> Judge | None:
        """The judge of the decoded query, if the operation declares one."""
        return self._parameters("query")

    @cached_property
    def path(self) -> Judge | None:
        """The judge of path parameters, if the operation has some."""
        return self._parameters("path")

    def _parameters(self, location: str) -> Judge | None:
        declared = [item for item in self._operation.parameters if item.location == location]
        if not declared:
            return None
        schema = {
            "type": "object",
            "properties": {item.name: {"$ref": reference(item.pointer)} for item in declared},
            "required": [item.name for item in declared if item.required],
        }
        return Judge(self._schemas.validator(schema), schema, self._schemas.document)


def _violations_of(
    error: Any,
    location: str,
    branches: Callable[[list[str | int]], tuple[str, list[dict[str, Any]]] | None],
) -> Iterator[Violation]:
    kind, path = error.kind, list(error.instance_path)
    keyword = kind.name
    if keyword == "required":
        pointer = _pointer([*path, kind.property])
        yield Violation(location, pointer, keyword, error.message, None, MISSING)
    elif keyword == "additionalProperties":
        for name in kind.unexpected:
            pointer = _pointer([*path, name])
            message = f"unexpected property {name!r}"
            yield Violation(location, pointer, keyword, message, False, error.instance.get(name))
    elif keyword == "oneOf" and hasattr(kind, "context") and (union := branches(path)):
        yield from _union_violations(error, location, union, branches)
    else:
        pointer = _pointer(path)
        yield Violation(location, pointer, keyword, error.message, kind.value, error.instance)


def _union_violations(
    error: Any,
    location: str,
    union: tuple[str, list[dict[str, Any]]],
    branches: Callable[[list[str | int]], tuple[str, list[dict[str, Any]]] | None],
) -> Iterator[Violation]:
    """The violations of the branch that a tagged union's tag selects, or of the tag itself."""
    tag, schemas = union
    given = error.instance.get(tag, MISSING) if isinstance(error.instance, dict) else MISSING
    tags = [schema.get("properties", {}).get(tag, {}) for schema in schemas]
    offered = [item.get("const", (item.get("enum") or [None])[0]) for item in tags]
    path = list(error.instance_path)
    if given in offered:
        for inner in error.kind.context[offered.index(given)]:
            yield from _violations_of(inner, location, branches)
    elif isinstance(error.instance, dict):
        pointer = _pointer([*path, tag])
        yield Violation(location, pointer, "discriminator", error.message, offered, given)
    else:
        message = f"expected object, {error.message}"
        yield Violation(location, _pointer(path), "type", message, "object", error.instance)


def _flattened(
    schemas: list[Any], resolved: Callable[[Any], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for schema in map(resolved, schemas):
        yield schema
        for word in ("allOf", "anyOf", "oneOf"):
            yield from _flattened(schema.get(word, []), resolved)


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _plain(value: Any, depth: int = 0) -> Any:
    """The same value as far as schemas can tell, for a validator that is narrower than JSON.

    Lone surrogates are replaced, and what lies too deep is cut off.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value] if depth < _DEEPEST_JUDGED else []
    if isinstance(value, dict):
        if depth >= _DEEPEST_JUDGED:
            return {}
        return {_plain(name): _plain(item, depth + 1) for name, item in value.items()}
    return value
