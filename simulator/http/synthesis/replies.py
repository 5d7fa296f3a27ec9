"""Chooses which declared reply an operation gives, and makes it."""

from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import jsonschema_rs

from contracts import Contract, Media, Operation, ReplySpec
from simulator.http.synthesis.schemas import Compiler, Generate, TooDeep
from simulator.provider import Reply

JSON: Final = "application/json"
_ATTEMPTS: Final = 8

MakeReply: TypeAlias = Callable[[Random], Reply]


class Unanswerable(ValueError):
    """The contract neither allows nor shows a reply that could be given."""


def compile_reply(contract: Contract, operation: Operation) -> MakeReply:
    """Return a function from a random source to a reply that the contract allows.

    The lowest declared success is given, with its required headers. A schema that asks for more
    than a generator can see (`not`, `if`) is met by trying again, then by a declared example.
    """
    status, spec = _chosen(operation)
    headers = _headers(contract, spec)
    if not spec.content:
        return lambda random: Reply(status, None, headers(random))
    if JSON in spec.content:
        body = _body(contract, operation, spec.content[JSON])
        return lambda random: Reply(status, body(random), headers(random))
    kind, media = next(iter(spec.content.items()))
    content = next((_bytes(value) for value in media.examples.values()), b"")
    return lambda random: Reply(status, content, (("content-type", kind), *headers(random)))


def _chosen(operation: Operation) -> tuple[int, ReplySpec]:
    """Return the lowest success with its status, else the first reply declared."""
    if not operation.replies:
        raise Unanswerable(f"{operation.id} declares no reply")
    successes = sorted(status for status in operation.replies if status.startswith("2"))
    name = successes[0] if successes else next(iter(operation.replies))
    status = 200 if name == "default" else int(name.upper().replace("X", "0"))
    return status, operation.replies[name]


def _body(contract: Contract, operation: Operation, media: Media) -> Callable[[Random], Any]:
    generate = Compiler(contract.document).at(media.pointer)
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": "urn:oas#" + quote(media.pointer, safe="/~")},
        registry=jsonschema_rs.Registry([("urn:oas", contract.document)]),
        validate_formats=True,
    )
    examples = list(media.examples.values())

    def body(random: Random) -> Any:
        for _ in range(_ATTEMPTS):
            try:
                value = generate(random, 0)
            except TooDeep:
                continue
            if validator.is_valid(value):
                return value
        if not examples:
            raise Unanswerable(f"no reply of {operation.id} can be made")
        return random.choice(examples)

    return body


def _headers(
    contract: Contract, spec: ReplySpec
) -> Callable[[Random], tuple[tuple[str, str], ...]]:
    compiler = Compiler(contract.document)
    required: list[tuple[str, Generate]] = [
        (name.lower(), compiler.schema(header.get("schema", {}), name))
        for name, header in spec.headers.items()
        if header.get("required") is True
    ]
    return lambda random: tuple((name, _text(make(random, 0))) for name, make in required)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else b""
