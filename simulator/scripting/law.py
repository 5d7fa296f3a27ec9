"""What the contracts say of a scenario: which operations there are, and whether a reply is one.

Finds the declared reply that a forced one stands for, and its body; makes nothing up.
"""

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from contracts import Contract, Media, Operation, ReplySpec
from simulator.core.scenarios import DOWNLOAD, ForcedReply, Match

JSON = "application/json"


class Contracts:
    """The providers' contracts, each read when it is first asked for."""

    def __init__(self, names: tuple[str, ...], load: Callable[[str], Contract]) -> None:
        self.providers = names
        self._load = cache(load)

    def contract(self, provider: str) -> Contract:
        """The contract of a provider."""
        return self._load(provider)

    def operations(self, providers: tuple[str, ...]) -> tuple[str, ...]:
        """The operations of some providers, all if none is named, and the download of files."""
        found = (item.id for name in self._named(providers) for item in self._load(name).operations)
        return (*dict.fromkeys(found), DOWNLOAD)

    def objections(self, match: Match, reply: ForcedReply) -> list[tuple[str, str, str]]:
        """What speaks against a forced reply: the member, what was found, what was expected."""
        if not match.operations and (reply.example or reply.kind != "none"):
            expected = "match.operation, so that the reply can be checked"
            return [("", "a reply to any operation", expected)]
        for name in self._named(match.providers):
            contract = self._load(name)
            for operation in contract.operations:
                if not match.operations or operation.id in match.operations:
                    objection = _objection(contract, operation, reply)
                    if objection is not None:
                        return [objection]
        return []

    def _named(self, providers: tuple[str, ...]) -> tuple[str, ...]:
        return providers or self.providers


class Undeclared(ValueError):
    """A status or an example that an operation does not declare.

    `member` is `status` or `example`, `known` what it declares.
    """

    def __init__(self, member: str, given: str, known: tuple[str, ...]) -> None:
        super().__init__(member, given, known)
        self.member, self.given, self.known = member, given, known


def declared(operation: Operation, status: int, example: str) -> tuple[int, ReplySpec, Any, str]:
    """The declared reply for a status (0: any) and an example (empty: the first, if there is one).

    Answers the status, the reply, the example's value (None without one) and its media type.
    Raises `Undeclared`.
    """
    specs = _specs(operation, status)
    if not specs:
        raise Undeclared("status", str(status), tuple(operation.replies))
    known: list[str] = []
    for code, spec in specs:
        for kind, media in spec.content.items():
            if not example and media.examples:
                return code, spec, next(iter(media.examples.values())), kind
            if example in media.examples:
                return code, spec, media.examples[example], kind
            known += media.examples
    if example:
        raise Undeclared("example", example, tuple(dict.fromkeys(known)))
    code, spec = specs[0]
    return code, spec, None, next(iter(spec.content), "")


def _specs(operation: Operation, status: int) -> list[tuple[int, ReplySpec]]:
    """The replies that are declared for a status, or all of them, successes first."""
    replies = operation.replies
    if status:
        names = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
        return [(status, replies[name]) for name in names if name in replies][:1]
    numbered = sorted((int(name), spec) for name, spec in replies.items() if name.isdigit())
    return numbered or [(200, spec) for spec in replies.values()]


def _objection(
    contract: Contract, operation: Operation, reply: ForcedReply
) -> tuple[str, str, str] | None:
    place = f"{contract.name}'s {operation.id}"
    try:
        code, spec, _, _ = declared(operation, reply.status, reply.example)
    except Undeclared as error:
        told = f"{error.member} {error.given}"
        return error.member, told, f"one that {place} declares: {', '.join(error.known) or 'none'}"
    if reply.kind == "none":
        return None
    if reply.kind == "text":
        kind = dict(reply.headers).get("content-type", "text/plain").partition(";")[0].strip()
        if kind in spec.content and kind != JSON:
            return None
        kinds = ", ".join(spec.content) or "no body"
        return "text", f"a text of the type {kind}", f"what {place} declares for {code}: {kinds}"
    if JSON not in spec.content:
        kinds = ", ".join(spec.content) or "no body"
        return "body", "a JSON body", f"what {place} declares for {code}: {kinds}"
    violation = _violation(contract, spec.content[JSON], reply.body)
    if violation is None:
        return None
    return "body", violation, f"a body that {place} declares for {code}"


def _violation(contract: Contract, media: Media, body: Any) -> str | None:
    """The first way in which a body breaks its schema, in a line."""
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": "urn:oas#" + quote(media.pointer, safe="/~")},
        registry=jsonschema_rs.Registry([("urn:oas", contract.document)]),
        validate_formats=True,
    )
    try:
        found = next(iter(validator.iter_errors(body)), None)
    except ValueError as error:
        return str(error)
    if found is None:
        return None
    place = "".join(f"/{part}" for part in found.instance_path)
    return f"a body that is wrong at {place or '/'}: {' '.join(found.message.split())[:200]}"
