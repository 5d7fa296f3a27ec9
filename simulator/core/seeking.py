"""JSONPaths [RFC 9535] that look at so many values and no more, whatever the path and the document.

A path may multiply what it finds with each of its parts; this one is then said to find nothing.
"""

import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import jsonpath
from jsonpath.function_extensions import ExpressionType, FilterFunction
from jsonpath.match import JSONPathMatch
from jsonpath.parse import Parser
from jsonpath.segments import (
    JSONPathChildSegment,
    JSONPathRecursiveDescentSegment,
    JSONPathSegment,
)
from jsonpath.stream import TokenStream

from simulator.core.patterns import pattern

LONGEST = 1000
"""The longest path, in characters."""

MOST_VALUES = 20_000
"""How many values are looked at for one answer."""


class TooMuch(ValueError):
    """A path that has looked at so many values that it is given up."""


class _Budget(threading.local):
    """How many values may still be looked at in this thread."""

    left = 0

    def spend(self) -> None:
        """Count a value; raises `TooMuch`."""
        self.left -= 1
        if self.left < 0:
            raise TooMuch(f"more than {MOST_VALUES} values")


_budget = _Budget()


class _Node(JSONPathMatch):
    """A value that was found. It knows neither its place nor its children: both cost memory."""

    __slots__ = ()

    @classmethod
    def of(cls, node: JSONPathMatch) -> "_Node":
        """The same value, made by the library as another of its own."""
        return node if isinstance(node, cls) else cls._made(node, node.obj)

    def new_child(self, obj: object, key: int | str) -> "_Node":
        """A value below this one."""
        return self._made(self, obj)

    def add_child(self, *children: JSONPathMatch) -> None:
        """Keep nothing."""

    @classmethod
    def _made(cls, node: JSONPathMatch, obj: object) -> "_Node":
        _budget.spend()
        context = node.filter_context()
        return cls(filter_context=context, obj=obj, parent=None, path="", parts=(), root=node.root)


class _Child(JSONPathChildSegment):
    def resolve(self, nodes: Iterable[JSONPathMatch]) -> Iterable[JSONPathMatch]:
        """Find values below some, each of which counts as a look."""
        return super().resolve(map(_Node.of, nodes))


class _Descent(JSONPathRecursiveDescentSegment):
    def resolve(self, nodes: Iterable[JSONPathMatch]) -> Iterable[JSONPathMatch]:
        """Find values anywhere below some, each of which counts as a look."""
        return super().resolve(map(_Node.of, nodes))


class _Parser(Parser):
    def parse_query(self, stream: TokenStream) -> Iterable[JSONPathSegment]:
        """The parts of a path, which count what they look at."""
        for part in super().parse_query(stream):
            kind = _Descent if isinstance(part, JSONPathRecursiveDescentSegment) else _Child
            yield kind(env=part.env, token=part.token, selectors=part.selectors)


class _Fits(FilterFunction):
    """`search()` of a filter, or `match()`, which wants the whole text."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012 (as its base has it)
    return_type = ExpressionType.LOGICAL

    def __init__(self, *, is_whole: bool) -> None:
        self._is_whole = is_whole

    def __call__(self, value: object, wanted: object) -> bool:
        """Whether a text fits; what is no regular expression fits nothing."""
        if not isinstance(value, str) or not isinstance(wanted, str):
            return False
        try:
            return pattern(f"^(?:{wanted})$" if self._is_whole else wanted)(value)
        except ValueError:
            return False


class _Environment(jsonpath.JSONPathEnvironment):
    parser_class = _Parser

    def setup_function_extensions(self) -> None:
        """Have the functions of the standard, with expressions that take no time."""
        super().setup_function_extensions()
        self.function_extensions["match"] = _Fits(is_whole=True)
        self.function_extensions["search"] = _Fits(is_whole=False)

    def compare(self, left: object, operator: str, right: object) -> bool:
        """Compare in a filter, which counts as a look."""
        _budget.spend()
        return super().compare(left, operator, right)

    def is_truthy(self, obj: object) -> bool:
        """Test in a filter, which counts as a look."""
        _budget.spend()
        return super().is_truthy(obj)


_environment = _Environment(strict=True)


@lru_cache(maxsize=1024)
def compiled(path: str) -> jsonpath.JSONPath:
    """A JSONPath ready for use; raises `ValueError` with one line of reason if it is none."""
    if len(path) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    if not path.startswith("$"):
        raise ValueError("one path that begins with $")
    try:
        found = _environment.compile(path)
    except (jsonpath.JSONPathError, RecursionError) as error:
        raise ValueError(str(error).partition("\n")[0]) from None
    if not isinstance(found, jsonpath.JSONPath):
        raise ValueError("one path that begins with $")
    return found


def found(path: str, document: Any) -> list[Any]:
    """What a JSONPath finds; nothing in a document that it cannot be used on.

    Raises `TooMuch`.
    """
    if not isinstance(document, dict | list):
        return []
    _budget.left = MOST_VALUES
    try:
        return [node.obj for node in compiled(path).finditer(document)]
    except (jsonpath.JSONPathError, RecursionError, TypeError):
        return []
