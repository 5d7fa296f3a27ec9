"""Replies that break their schema: a member missing, an option unknown, a type or status wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from conformance.reading import Reading
from conformance.schemas import Node, nodes, types
from conformance.selftest import changes as c
from conformance.selftest.derived import staging
from conformance.selftest.fault import Change, Fault
from contracts import Contract, Media, Operation, ReplySpec

_OTHERS: Final = {
    "2": (202, 201, 206), "3": (307, 300), "4": (409, 410, 418), "5": (504, 507),
}  # fmt: skip
# A value that is of none of the other types, each first for what it is unlike most.
_STRANGE: Final[tuple[tuple[str, Any], ...]] = (
    ("object", {"strange": True}), ("string", "strange"), ("boolean", True), ("integer", 12345),
    ("array", ["strange"]), ("null", None),
)  # fmt: skip


def faults(contract: Contract, operation: Operation) -> Iterator[Fault]:
    """Yield the faults of every declared reply of an operation."""
    for key, spec in operation.replies.items():
        if not key.isdecimal():
            continue
        when = _answers(operation, int(key))
        yield _status(contract, operation, key, when)
        yield from _frame(contract, operation, key, spec, when)
        media = next((m for t, m in spec.content.items() if t.endswith("json")), None)
        if media is not None and media.schema:
            yield from _body(contract, operation, key, media, when)


def _answers(operation: Operation, status: int) -> c.When:
    return lambda reading: (
        reading.operation is not None
        and reading.operation.id == operation.id
        and reading.status == status
    )


def _status(contract: Contract, operation: Operation, key: str, when: c.When) -> Fault:
    other = next(s for s in _OTHERS[key[0]] if str(s) not in operation.replies)
    return Fault(
        f"{operation.id}.{key}.status-{other}",
        operation.id,
        f"answers {other} where it is {key}",
        c.change(when, c.status(other)),
        "status",
        staged=staging.reply(contract, operation, key),
    )


def _frame(
    contract: Contract, operation: Operation, key: str, spec: ReplySpec, when: c.When
) -> Iterator[Fault]:
    """Yield what is wrong around the body: its content type, its headers."""
    staged = staging.reply(contract, operation, key)

    def fault(name: str, sentence: str, change: Change) -> Fault:
        start = f"{operation.id}.{key}"
        return Fault(f"{start}.{name}", operation.id, sentence, change, "reply", staged=staged)

    if spec.content:
        yield fault("content-type", f"answers {key} as text/html",
                    c.change(when, c.header("content-type", "text/html")))  # fmt: skip
    for name, declared in spec.headers.items():
        there: c.When = c.both(when, partial(_has_header, name))
        if declared.get("required"):
            yield fault(f"header-{name.lower()}", f"answers {key} without {name}",
                        c.change(there, c.header(name, None)))  # fmt: skip
        schema = declared.get("schema", {})
        if "pattern" in schema or types(schema) & {"integer", "number"}:
            yield fault(f"header-{name.lower()}.value", f"says soon in {name} of {key}",
                        c.change(there, c.header(name, "soon")))  # fmt: skip


def _has_header(name: str, reading: Reading) -> bool:
    return reading.exchange.reply_header(name) is not None


def _body(
    contract: Contract, operation: Operation, key: str, media: Media, when: c.When
) -> Iterator[Fault]:
    found = list(nodes(contract.document, media.pointer))
    by_path: dict[tuple[str, ...], list[Node]] = {}
    for node in found:
        by_path.setdefault(node.path, []).append(node)
    required = dict.fromkeys(
        (*node.path, name) for node in found for name in node.schema.get("required", ())
    )
    start = f"{operation.id}.{key}"
    for path in required:
        place = ".".join(path)
        sentence = f"{key} lacks {place}"
        yield Fault(f"{start}.{place}.missing", operation.id, sentence, c.drop(when, place),
                    "reply", staged=staging.reply(contract, operation, key, path))  # fmt: skip
    for path, there in by_path.items():
        yield from _values(contract, operation, key, path, there, when)


def _values(
    contract: Contract,
    operation: Operation,
    key: str,
    path: tuple[str, ...],
    there: list[Node],
    when: c.When,
) -> Iterator[Fault]:
    start, place = f"{operation.id}.{key}", ".".join(path)
    staged = staging.reply(contract, operation, key, path)
    if not place:
        sentence = "answers with a list that has the body in it"
        yield Fault(f"{start}.wrapped", operation.id, sentence, _whole(when, lambda v: [v]),
                    "reply", staged=staged)  # fmt: skip
        return
    options = [o for n in there for o in (*n.schema.get("enum", ()), *_const(n))]
    if any("enum" in n.schema or "const" in n.schema for n in there):
        no_option = max(options) + 1 if all(type(o) is int for o in options) else "no-such-option"
        yield Fault(f"{start}.{place}.no-option", operation.id, f"{place} is {no_option!r}",
                    c.put(when, place, no_option), "reply", staged=staged)  # fmt: skip
        cased = frozenset(
            o for o in options if isinstance(o, str) and o.swapcase() not in (o, *options)
        )
        if cased:
            shown = staging.reply(contract, operation, key, path, cased)
            yield Fault(f"{start}.{place}.casing", operation.id, f"{place} in other letter case",
                        c.put(_has(when, place), place, _swapcase), "reply",
                        staged=shown)  # fmt: skip
    declared = frozenset().union(*(types(node.schema) for node in there))
    # What errors hold beside their words is told by hand.
    if (
        key.startswith("2")
        and declared
        and all("type" in n.schema or _only_joins(n) for n in there)
    ):
        known = declared | ({"integer"} if "number" in declared else frozenset())
        strange = next((value for name, value in _STRANGE if name not in known), None)
        sentence = f"{place} is {strange!r}, not {' or '.join(sorted(declared))}"
        yield Fault(f"{start}.{place}.type", operation.id, sentence,
                    c.put(when, place, strange), "reply", staged=staged)  # fmt: skip


def _const(node: Node) -> tuple[Any, ...]:
    return (node.schema["const"],) if "const" in node.schema else ()


def _only_joins(node: Node) -> bool:
    """Whether a node says nothing of types itself, because others it names do."""
    return any(word in node.schema for word in ("$ref", "allOf", "anyOf", "oneOf"))


def _has(when: c.When, place: str) -> c.When:
    steps = tuple(place.split("."))
    return lambda reading: when(reading) and bool(c.places(reading.reply.value, steps))


def _swapcase(value: Any) -> Any:
    return value.swapcase() if isinstance(value, str) else value


def _whole(when: c.When, do: Callable[[Any], Any]) -> Any:
    def edit(value: Any, reading: Reading) -> Any:
        return do(value)

    return c.edited(when, edit)
