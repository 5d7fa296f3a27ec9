"""What the reader hands out: a contract, its operations and their parts, all immutable records.

A `pointer` is a JSON pointer into `Contract.document`, so `urn:oas#<pointer>` names that schema
to a validator that has the document registered as `urn:oas`.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Dialect = Literal["documented", "live"]
Schema = dict[str, Any]


class Media(msgspec.Struct, frozen=True):
    """One media type of a body: its schema (resolved one level), and named example values."""

    schema: Schema
    pointer: str
    examples: Mapping[str, Any]


class Parameter(msgspec.Struct, frozen=True):
    """A path, query or header parameter; `pointer` is its schema's, `default` None without one."""

    name: str
    location: Literal["path", "query", "header"]
    required: bool
    schema: Schema
    pointer: str
    default: Any


class Body(msgspec.Struct, frozen=True):
    """A request body; `schema` and `pointer` are those of its JSON form, else of its first form."""

    required: bool
    schema: Schema
    pointer: str
    media_types: tuple[str, ...]
    content: Mapping[str, Media]


class ReplySpec(msgspec.Struct, frozen=True):
    """One declared reply: its content by media type, its header objects and links by name."""

    description: str
    content: Mapping[str, Media]
    headers: Mapping[str, dict[str, Any]]
    links: Mapping[str, dict[str, Any]]


class Operation(msgspec.Struct, frozen=True, eq=False):
    """One method and full path of a contract.

    `security` lists alternatives of scheme names; empty means open. `replies` are keyed by status
    text (`"200"`, `"4XX"`, `"default"`). `links` gathers the links of all replies by name.
    """

    id: str
    provider: str
    method: str
    path: str
    pointer: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    replies: Mapping[str, ReplySpec]
    security: tuple[tuple[str, ...], ...]
    check_order: tuple[str, ...]
    malformed_body: Literal["refuse", "empty"]
    query_in_body: bool
    coercion: Literal["openapi", "javascript"]
    deprecated: bool
    summary: str
    links: Mapping[str, dict[str, Any]]


class Contract(msgspec.Struct, frozen=True, eq=False):
    """A provider's contract in one dialect; `document` is overlaid, with its `$ref`s in place.

    `digest` is the SHA-256 (hexadecimal) of the source files the document was made from.
    """

    name: str
    dialect: Dialect
    document: dict[str, Any]
    base_path: str
    operations: tuple[Operation, ...]
    digest: str

    def operation(self, operation_id: str) -> Operation:
        """Return the operation of that operationId; raises KeyError."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)
