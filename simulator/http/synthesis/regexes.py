"""Texts that match a simple regular expression: literals, classes, groups, choices, repetition.

Looking around and back references are not simple.
"""

import importlib
import string
from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeAlias

MakeText: TypeAlias = Callable[[Random], str]

_MORE: Final = 12
_SPREAD: Final = 5
_ANY: Final = string.ascii_lowercase + string.digits
_PRINTABLE: Final = string.ascii_letters + string.digits + " !#$%&()*+,-./:;<=>?@[]^_{|}~"
_CATEGORIES: Final = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": string.ascii_letters + string.digits + "_",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": string.ascii_lowercase,
    "CATEGORY_NOT_WORD": "-",
    "CATEGORY_NOT_SPACE": string.ascii_letters + string.digits,
}


class Unsupported(ValueError):
    """The expression is none of the simple ones."""


def text_maker(pattern: str, shortest: int = 0) -> MakeText:
    """Return a generator of texts that match a pattern; raises `Unsupported`.

    A pattern that is open at its end gets some more letters there.
    """
    # The one parser of expressions that Python has; it has no public name.
    tree = importlib.import_module("re._parser").parse(pattern)
    make = _sequence(tree)
    if _is_closed(list(tree)):
        return make

    def open_ended(random: Random) -> str:
        text = make(random)
        count = max(shortest - len(text), random.randint(_MORE, _MORE + _SPREAD))
        return text + "".join(random.choices(_ANY, k=count))

    return open_ended


def _is_closed(nodes: list[Any]) -> bool:
    """Say whether an expression ends at the end of the text."""
    if not nodes:
        return False
    name, argument = str(nodes[-1][0]), nodes[-1][1]
    if name == "BRANCH":
        return all(_is_closed(list(branch)) for branch in argument[1])
    if name == "SUBPATTERN":
        return _is_closed(list(argument[-1]))
    return name == "AT" and str(argument) in ("AT_END", "AT_END_STRING")


def _sequence(nodes: Any) -> MakeText:
    makers = [_node(str(name), argument) for name, argument in nodes]
    return lambda random: "".join(make(random) for make in makers)


def _node(name: str, argument: Any) -> MakeText:
    if name == "AT":
        return lambda random: ""
    if name == "LITERAL":
        return lambda random: chr(argument)
    if name == "ANY":
        return lambda random: random.choice(_ANY)
    if name in ("IN", "NOT_LITERAL"):
        characters = _class(argument if name == "IN" else [("NEGATE", None), ("LITERAL", argument)])
        return lambda random: random.choice(characters)
    if name == "BRANCH":
        branches = [_sequence(branch) for branch in argument[1]]
        return lambda random: random.choice(branches)(random)
    if name == "SUBPATTERN":
        return _sequence(argument[-1])
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeated(*argument)
    raise Unsupported(name)


def _repeated(fewest: int, most: Any, nodes: Any) -> MakeText:
    make = _sequence(nodes)
    top = fewest + _SPREAD if fewest > 1 else _MORE + _SPREAD
    low, high = (fewest, int(most)) if int(most) <= top else (max(fewest, min(_MORE, top)), top)
    return lambda random: "".join(make(random) for _ in range(random.randint(low, high)))


def _class(parts: Any) -> str:
    members: set[str] = set()
    is_negated = False
    for part, argument in parts:
        name = str(part)
        if name == "NEGATE":
            is_negated = True
        elif name == "LITERAL":
            members.add(chr(argument))
        elif name == "RANGE":
            first, last = argument
            members.update(chr(code) for code in range(first, min(last, first + 255) + 1))
        elif str(argument) in _CATEGORIES:
            members.update(_CATEGORIES[str(argument)])
        else:
            raise Unsupported(str(argument))
    found = set(_PRINTABLE) - members if is_negated else members
    if not found:
        raise Unsupported("an empty class")
    return "".join(sorted(found))
