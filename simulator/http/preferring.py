"""Reads `Prefer` (RFC 7240) as mock servers do: `code=404`, `example=name`, `dynamic=true`.

Preferences of other names are for the provider, and are left alone.
"""

import re

from simulator.core.scenarios import ForcedReply

_PREFERENCE = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^,;]*))?')
_CODE = re.compile(r"[2-5]\d\d", re.ASCII)


class BadPreference(ValueError):
    """A preference that nobody can meet, in one line."""


def preferred(header: str) -> tuple[ForcedReply, str] | None:
    """The reply that a `Prefer` header asks for, and what `Preference-Applied` then says.

    None if it asks for no reply. Raises `BadPreference`.
    """
    given: dict[str, str] = {}
    position = 0
    while found := _PREFERENCE.match(header, position):
        name, value = found[1].lower(), (found[2] or "").strip()
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        given.setdefault(name, value)
        position = found.end()
        while position < len(header) and header[position] not in ",;":
            position += 1
        position += 1
    code, example, dynamic = (given.get(name) for name in ("code", "example", "dynamic"))
    if dynamic not in (None, "true", "false"):
        raise BadPreference(f"Prefer: dynamic is true or false, not {dynamic[:40]!r}")
    if code is not None and not _CODE.fullmatch(code):
        raise BadPreference(f"Prefer: code is a status from 200 to 599, not {code[:40]!r}")
    is_made = dynamic == "true"
    if example and is_made:
        raise BadPreference("Prefer: either an example or dynamic=true")
    if code is None and not example and not is_made:
        return None
    reply = ForcedReply(int(code or 0), example=example or "", is_made=is_made)
    pairs = (("code", code), ("example", example), ("dynamic", "true" if is_made else None))
    return reply, ", ".join(f"{name}={value}" for name, value in pairs if value)
