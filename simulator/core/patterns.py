"""Regular expressions from outside, whose matching takes time in proportion to the text.

They are those of JSON Schema without look-around and back-references: an expression of a test, and
a prompt of somebody else, together stop nothing.
"""

from collections.abc import Callable
from functools import lru_cache

LONGEST = 1000
"""The longest expression, in characters."""

_LIMIT_BYTES = 1 << 20


@lru_cache(maxsize=128)
def pattern(text: str) -> Callable[[str], bool]:
    """Whether a text has something that an expression describes anywhere.

    Raises `ValueError` with one line of reason for what is no such expression.
    """
    import jsonschema_rs  # costs a start what few starts need

    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    options = jsonschema_rs.RegexOptions(size_limit=_LIMIT_BYTES, dfa_size_limit=_LIMIT_BYTES)
    try:
        schema = {"type": "string", "pattern": text}
        fits = jsonschema_rs.Draft202012Validator(schema, pattern_options=options).is_valid
    except ValueError:
        reason = "malformed, too large, or with look-around or back-references"
        raise ValueError(reason) from None

    def is_found(value: str) -> bool:
        try:
            return fits(value)
        except ValueError:  # a lone surrogate
            return fits(value.encode("utf-8", "replace").decode())

    return is_found
