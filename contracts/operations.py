"""A document's operations as records: references followed, path-level parts merged in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from contracts.errors import ContractError
from contracts.model import Body, Media, Operation, Parameter, ReplySpec
from contracts.pointers import Walker, join, lookup

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_CHECKS: Final = ("credential", "rate-limit", "body")
_NOT_PARAMETERS: Final = frozenset({"accept", "content-type", "authorization"})
JSON: Final = "application/json"


def base_path(document: dict[str, Any], file: str) -> str:
    """Return the path of the first server, without a slash at its end; raises ContractError."""
    try:
        path: str = urlsplit(document["servers"][0]["url"]).path
    except (LookupError, TypeError, AttributeError) as error:
        raise ContractError(file, "/servers/0/url", "the first server needs a url") from error
    return path.rstrip("/")


def operations(document: dict[str, Any], provider: str, file: str) -> tuple[Operation, ...]:
    """Return a document's operations in its order; raises ContractError naming the place.

    An operation needs an operationId of its own, and a method and path of its own; paths that
    differ in the names of their variables only are the same.
    """
    reader = _Reader(document, provider, file, base_path(document, file))
    found: list[Operation] = []
    ids: set[str] = set()
    places: set[tuple[str, str]] = set()
    for operation in reader.operations():
        place = (operation.method, _shape(operation.path))
        if operation.id in ids:
            message = f"operationId {operation.id} is given twice"
            raise ContractError(file, join(operation.pointer, "operationId"), message)
        if place in places:
            message = f"{operation.method} {operation.path} is declared twice"
            raise ContractError(file, operation.pointer, message)
        ids.add(operation.id)
        places.add(place)
        found.append(operation)
    return tuple(found)


def _shape(path: str) -> str:
    """Return a path with the names of its variables left out."""
    return re.sub(r"\{[^}]*\}", "{}", path)


class _Reader:
    """Reads one document; knows the file it must name when something is wrong."""

    def __init__(self, document: dict[str, Any], provider: str, file: str, base: str) -> None:
        self._document = document
        self._walker = Walker(document)
        self._provider = provider
        self._file = file
        self._base = base
        self._read: dict[str, ReplySpec] = {}

    def operations(self) -> Iterator[Operation]:
        for path in self._members(join("", "paths")):
            place, pointer = self._look(join("", "paths", path))
            for method in _METHODS:
                if method in place:
                    yield self._operation(method, path, pointer)

    def _operation(self, method: str, path: str, item: str) -> Operation:
        pointer = join(item, method)
        declared = self._object(pointer)
        identity = declared.get("operationId")
        if not isinstance(identity, str) or not identity:
            raise ContractError(self._file, pointer, "an operation needs an operationId")
        replies = self._replies(pointer)
        return Operation(
            id=identity,
            provider=self._provider,
            method=method.upper(),
            path=self._base + path,
            pointer=pointer,
            parameters=self._parameters(item, pointer),
            body=self._body(pointer) if "requestBody" in declared else None,
            replies=replies,
            security=self._security(declared),
            check_order=self._check_order(declared, pointer),
            malformed_body=self._word(declared, pointer, "x-malformed-body", ("refuse", "empty")),
            query_in_body=declared.get("x-query-in-body") is True,
            coercion=self._word(declared, pointer, "x-coercion", ("openapi", "javascript")),
            deprecated=declared.get("deprecated") is True,
            summary=declared.get("summary", ""),
            links={name: link for reply in replies.values() for name, link in reply.links.items()},
        )

    def _parameters(self, item: str, pointer: str) -> tuple[Parameter, ...]:
        """Return the path's parameters, each replaced by the operation's of that name and place."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder in (item, pointer):
            count = len(self._object(holder).get("parameters", ()))
            for index in range(count):
                parameter = self._parameter(join(holder, "parameters", index))
                if parameter is not None:
                    found[parameter.location, parameter.name] = parameter
        return tuple(found.values())

    def _parameter(self, pointer: str) -> Parameter | None:
        declared, pointer = self._look(pointer)
        name, location = declared.get("name"), declared.get("in")
        if not isinstance(name, str) or location not in ("path", "query", "header", "cookie"):
            raise ContractError(self._file, pointer, "a parameter needs a name and a place")
        if location == "cookie" or (location == "header" and name.lower() in _NOT_PARAMETERS):
            return None
        if "schema" not in declared:
            raise ContractError(self._file, pointer, "a parameter needs a schema")
        schema, at = self._look(join(pointer, "schema"))
        required = declared.get("required") is True
        return Parameter(name, location, required, schema, at, schema.get("default"))

    def _body(self, pointer: str) -> Body:
        declared, at = self._look(join(pointer, "requestBody"))
        content = self._content(at)
        if not content:
            raise ContractError(self._file, at, "a request body needs content")
        main = content.get(JSON) or next(iter(content.values()))
        required = declared.get("required") is True
        return Body(required, main.schema, main.pointer, tuple(content), content)

    def _replies(self, pointer: str) -> dict[str, ReplySpec]:
        found = {}
        for status in self._members(join(pointer, "responses")):
            declared, at = self._look(join(pointer, "responses", status))
            if at not in self._read:
                self._read[at] = self._reply(declared, at)
            found[status] = self._read[at]
        return found

    def _reply(self, declared: dict[str, Any], at: str) -> ReplySpec:
        return ReplySpec(
            description=declared.get("description", ""),
            content=self._content(at),
            headers=self._each(join(at, "headers")),
            links=self._each(join(at, "links")),
        )

    def _content(self, holder: str) -> dict[str, Media]:
        found = {}
        for name in self._members(join(holder, "content")):
            at = join(holder, "content", name)
            declared = self._object(at)
            schema, pointer = self._look(join(at, "schema")) if "schema" in declared else ({}, at)
            found[name] = Media(schema, pointer, self._examples(declared, at))
        return found

    def _examples(self, declared: dict[str, Any], at: str) -> dict[str, Any]:
        found = {
            name: example["value"]
            for name, example in self._each(join(at, "examples")).items()
            if "value" in example
        }
        if "example" in declared:
            found.setdefault("example", declared["example"])
        return found

    def _security(self, declared: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
        given = declared.get("security", self._document.get("security", ()))
        alternatives = tuple(tuple(alternative) for alternative in given)
        return alternatives if any(alternatives) else ()

    def _check_order(self, declared: dict[str, Any], pointer: str) -> tuple[str, ...]:
        key = "x-check-order"
        order = declared.get(key, self._document.get(key, _CHECKS))
        if not isinstance(order, list | tuple) or sorted(map(str, order)) != sorted(_CHECKS):
            at = join(pointer if key in declared else "", key)
            raise ContractError(self._file, at, f"{key} needs each of {', '.join(_CHECKS)} once")
        return tuple(order)

    def _word(self, declared: dict[str, Any], pointer: str, key: str, words: Any) -> Any:
        """Return an extension's word: the operation's, else the root's, else the first."""
        word = declared.get(key, self._document.get(key, words[0]))
        if word not in words:
            at = join(pointer if key in declared else "", key)
            raise ContractError(self._file, at, f"{key} must be one of {', '.join(words)}")
        return word

    def _each(self, pointer: str) -> dict[str, dict[str, Any]]:
        return {name: self._look(join(pointer, name))[0] for name in self._members(pointer)}

    def _members(self, pointer: str) -> Mapping[str, Any]:
        """Return the object at a pointer, empty if there is nothing."""
        try:
            value, _ = lookup(self._document, pointer, self._walker)
        except LookupError:
            return {}
        if not isinstance(value, dict):
            raise ContractError(self._file, pointer, "must be an object")
        return value

    def _object(self, pointer: str) -> dict[str, Any]:
        return self._look(pointer)[0]

    def _look(self, pointer: str) -> tuple[dict[str, Any], str]:
        try:
            value, at = lookup(self._document, pointer, self._walker)
        except LookupError as error:
            raise ContractError(self._file, pointer, f"leads nowhere: {error}") from error
        if value is True:
            value = {}
        if not isinstance(value, dict):
            raise ContractError(self._file, pointer, "must be an object")
        return value, at
