"""Texts and numbers at their edges, and which of a reply's values are nobody's to touch."""

import re
from random import Random
from typing import Any, Final

from simulator.http.variety.shapes import Shape

LONGEST_TEXT: Final = 8192
"""How long a text becomes that may be of any length."""

TEXTS: Final = {
    "right-to-left": (
        "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202eabc\u202c \u200f123"
    ),
    "emoji": (
        "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 "
        "\U0001f3f3\ufe0f\u200d\U0001f308 \U0001f468\U0001f3fe\u200d\U0001f680"
    ),
    "combining": (
        "Z\u0351\u036b\u0343\u036a\u0302a\u0334\u0335\u031c\u0330\u0354l\u0368g\u0315"
        "o\u0300\u0301 e\u0301 \u00e9 \uac00 \u1100\u1161"
    ),
    "astral": "\U0001d11e \U00020000\U0002a6d6 \U0010fffd",
    "control": "tab\t newline\n return\r nul\u0000 escape\u001b[31m lines \u2028\u2029 \ufeff",
    "markup": "<script>alert(1)</script> & \" ' \\ / %00 ${x} {{x}} '; DROP TABLE runs; --",
    "blank": " \u00a0\u2003\u3000",
}
"""Words from the edges of Unicode and of what other software makes of a text."""

_IDENTIFYING: Final = re.compile(
    r"(^|_)(u?u?id|ids|key|keys|token|cursor|hash|digest|signature|etag|slug|handle|sku|nonce)$"
    r"|(^|_)(ur[il]s?|link|links|href|path|file|filename|email|host|hostname)$"
)
_OF_FEW_WORDS: Final = re.compile(
    r"(^|_)(status|state|stage|type|kind|model|mode|object|currency|format|mime|method|role"
    r"|version|code|event|unit|resolution|size|quality|ratio|provider|language|locale|country"
    r"|level|source|category|template|pipeline|style|environment|region|scheduler|sampler)$"
)
_NOT_PROSE: Final = re.compile(
    r"[\w+.-]+:\S*|[\d.,:/TZ+-]+|[0-9A-Fa-f-]{16,}|\w+_[0-9A-Za-z-]{6,}", re.ASCII
)
_LARGE: Final = ((1 << 31) - 1, 1 << 31, 1 << 32, (1 << 53) - 1)


def is_identifying(name: str) -> bool:
    """Whether a member of this name tells one thing from another, or where it is."""
    return _IDENTIFYING.search(_snake(name)) is not None


def is_free_text(name: str, text: str, shape: Shape) -> bool:
    """Whether a text is prose: no identifier, no link, no word of a small set, no number."""
    if shape.says("enum", "const", "pattern", "format"):
        return False
    called = _snake(name)
    return not (is_identifying(name) or _OF_FEW_WORDS.search(called) or _NOT_PROSE.fullmatch(text))


def is_free_number(name: str, number: Any, shape: Shape) -> bool:
    """Whether a number may be any that the contract allows; true and false are none."""
    if isinstance(number, bool) or is_identifying(name):
        return False
    return not shape.says("enum", "const", "multipleOf")


def texts(text: str, shape: Shape) -> list[tuple[str, Any]]:
    """Other texts in a text's place, each with the kind of its edge."""
    shortest, longest = shape.bound("minLength") or 0, shape.bound("maxLength")
    length = LONGEST_TEXT if longest is None else min(longest, LONGEST_TEXT)
    found = [("long-text", ((text + " ") * (length // (len(text) + 1) + 1))[:length])]
    if not shortest:
        found.append(("empty-text", ""))
    for kind, edge in TEXTS.items():
        repeated = edge * (1 + shortest // len(edge))
        found.append((kind, repeated if longest is None else repeated[:longest]))
    return found


def numbers(shape: Shape, *, is_whole: bool) -> list[int | float]:
    """The bounds of a number and what is next to them; large ones where there is no bound."""
    found: list[int | float] = [0, 1]
    bounds = map(shape.bound, ("minimum", "maximum"))
    found += [bound for bound in bounds if bound is not None]
    if (bound := shape.bound("exclusiveMinimum")) is not None:
        found += [bound + 1] if is_whole else [bound + 1e-9, bound + 1]
    if (bound := shape.bound("exclusiveMaximum")) is not None:
        found += [bound - 1] if is_whole else [bound - 1e-9, bound - 1]
    found += [*_LARGE, -1]
    return found if is_whole else [*found, 1e-9, 0.1 + 0.2, 1e21, -0.5]


def unannounced(random: Random) -> tuple[str, Any]:
    """A member that no contract tells of."""
    names = ("x_unannounced", "_links", "", "na\u00efve \U0001f600", "__proto__", "constructor")
    values: tuple[Any, ...] = (
        None,
        False,
        (1 << 53) - 1,
        "",
        TEXTS["right-to-left"],
        [],
        {},
        [[], [None, {"deep": [[[["er"]]]]}]],
        {"id": None, "status": "surprise"},
    )
    return random.choice(names), random.choice(values)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower().strip("_")
