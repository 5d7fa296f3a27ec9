"""How a slip is put around or into a provider that is otherwise right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.conformance.independent import leonardo, nanogpt, recoup
from tests.conformance.independent.tampering import After, App, Asked, Before, Json, Said, tampered


@dataclass(frozen=True)
class Slip:
    """One bug: the provider that has it, how its app is made, and the rule that tells.

    `beside` are rules that bring what that rule has to know of other operations.
    """

    provider: str
    name: str
    rule: str
    app: Callable[[], App]
    beside: tuple[str, ...] = ()


WHOLE: dict[str, Callable[[], App]] = {
    "recoup": lambda: recoup.Label().app(),
    "leonardo": lambda: leonardo.Atelier().app(),
    "nanogpt": lambda: nanogpt.Provider(seconds=0.2).app,
}
SLIPS: list[Slip] = []


def reply(rule: str, path: str, name: str, change: Callable[[Json, Asked], object]) -> None:
    """Add a slip that changes the JSON object of each good reply of a path (a pattern)."""

    def after(asked: Asked, said: Said) -> None:
        told = said.told
        if re.fullmatch(path, asked.path) and said.status < 300 and told:
            change(told, asked)
            said.put(told)

    add(rule, name, after=after)


def request(rule: str, path: str, name: str, change: Callable[[Json], object]) -> None:
    """Add a slip that reads the JSON body of a path's requests too kindly, or too strictly."""

    def before(asked: Asked) -> None:
        given = asked.given
        if asked.path == path and given:
            change(given)
            asked.put(given)

    add(rule, name, before=before)


def query(rule: str, path: str, name: str, pattern: str, instead: str) -> None:
    """Add a slip that reads a path's query as if it had said something else."""

    def before(asked: Asked) -> None:
        if asked.path == path:
            asked.query = re.sub(pattern, instead, asked.query)

    add(rule, name, before=before)


def remembered(rule: str, name: str, make: Callable[[], After]) -> None:
    """Add a slip with a memory; each app gets its own."""
    provider = rule.partition(".")[0]
    SLIPS.append(Slip(provider, name, rule, lambda: tampered(WHOLE[provider](), after=make())))


def add(
    rule: str,
    name: str,
    *beside: str,
    before: Before | None = None,
    after: After | None = None,
) -> None:
    provider = rule.partition(".")[0]
    SLIPS.append(
        Slip(provider, name, rule, lambda: tampered(WHOLE[provider](), before, after), beside)
    )


def page_for_file(ending: str) -> After:
    """Return a bug that serves a page under a file's own type."""

    def after(asked: Asked, said: Said) -> None:
        if asked.path.endswith(ending) and said.status == 200:
            said.body = b"<!DOCTYPE html><title>Come back later</title>"

    return after


def relapse(rows: Callable[[Json], Json | None], done: str, earlier: Json) -> After:
    """Return a bug that shows a finished run, at the second look after its end, as unfinished."""
    looks: dict[str, int] = {}

    def after(asked: Asked, said: Said) -> None:
        told = said.told
        row = rows(told)
        if row is None or row.get("status") != done:
            return
        looks[asked.path + asked.query] = looks.get(asked.path + asked.query, 0) + 1
        if looks[asked.path + asked.query] == 2:
            row |= earlier
            said.put(told)

    return after


def same_answer_for_same_body(path: str) -> After:
    """Return a bug that answers an equal submission with the run that exists already."""
    known: dict[bytes, Json] = {}

    def after(asked: Asked, said: Said) -> None:
        if asked.path == path and said.status < 300:
            said.put(known.setdefault(asked.body, said.told))

    return after


def no_charset(asked: Asked, said: Said) -> None:
    """Refuse JSON that says in which charset it is."""
    if "charset" in asked.headers.get("content-type", ""):
        said.put({"error": "Unsupported content type"}, 415)
