"""The words of `give`: what a matched call gets, read into records."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from simulator.core.errors import REFUSALS
from simulator.core.faults import fault_of
from simulator.core.latency import latency_of
from simulator.core.runs import Outcome
from simulator.core.scenarios import ForcedReply, Give, Match, PlanChange, WebhookTwist
from simulator.scripting.reading import Mistake, Path, Reader

_SIMPLE: Final[Mapping[str, type]] = {"str": str, "int": int, "Any": object, "Mapping": dict}
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})


class Law(Protocol):
    """What the contracts say."""

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of the providers."""

    def operations(self, providers: tuple[str, ...]) -> tuple[str, ...]:
        """The operations of some providers, all if none is named."""

    def objections(self, match: Match, reply: ForcedReply) -> list[tuple[str, str, str]]:
        """What speaks against a forced reply: the member, what was found, what was expected."""


def give_of(data: Any, path: Path, match: Match, reader: Reader, law: Law) -> Give:
    """What plain data gives to the calls of a matcher."""
    members = reader.members(data, path, _GIVE)
    if not members and isinstance(data, dict) and not data:
        reader.missing(path, f"at least one of {', '.join(_GIVE)}")
    answers = [name for name in ("error", "reply", "plan", "variety") if name in members]
    for name in answers[1:]:
        reader.wrong(
            (*path, name), name, f"one of error, reply, plan and variety; there is {answers[0]}"
        )
    if "webhook" in members and len(members) > 1:
        reader.wrong((*path, "webhook"), "webhook", "a rule of its own")
    found: dict[str, Any] = {}
    for name, value in members.items():
        at = (*path, name)
        if name in ("data", "retry_after"):
            if "error" not in members:
                reader.wrong(at, name, "an error beside it")
        elif name == "error":
            found.update(_error(members, path, reader))
        elif name == "reply":
            found["reply"] = _reply(value, at, match, reader, law)
        else:
            found.update(_GIVE[name](reader, value, at))
    return Give(**found)


def _error(members: Mapping[str, Any], path: Path, reader: Reader) -> dict[str, Any]:
    name = reader.word(members["error"], (*path, "error"), REFUSALS)
    if not name:
        return {}
    declared = REFUSALS[name].members.items()
    known = {member: getattr(kind, "__name__", "") for member, kind in declared}
    known = {key: kind for key, kind in known.items() if kind in _SIMPLE}
    data: dict[str, Any] = {}
    if "data" in members:
        at = (*path, "data")
        for key, value in reader.members(members["data"], at, known).items():
            if isinstance(value, bool) or not isinstance(value, _SIMPLE[known[key]]):
                reader.wrong((*at, key), value, f"a value of the type {known[key]}")
            else:
                data[key] = value
    if "retry_after" in members:
        at = (*path, "retry_after")
        if "retry_after_ms" not in known:
            reader.wrong(at, members["retry_after"], f"none: {name} tells no time to wait")
        data["retry_after_ms"] = reader.duration(members["retry_after"], at)
    return {"error": name, "data": data}


def _reply(data: Any, path: Path, match: Match, reader: Reader, law: Law) -> ForcedReply:
    known = ("status", "body", "text", "example", "headers", "allow_invalid")
    members = reader.members(data, path, known)
    contents = [name for name in ("body", "text", "example") if name in members]
    for name in contents[1:]:
        reader.wrong((*path, name), name, f"one of body, text and example; there is {contents[0]}")
    if isinstance(data, dict) and not contents and "status" not in members:
        reader.missing(path, "a status, a body, a text or an example")
    found: dict[str, Any] = {}
    if "status" in members:
        found["status"] = reader.whole(members["status"], (*path, "status"), 200, 599)
    if "example" in members:
        found["example"] = reader.text(members["example"], (*path, "example"))
    if "body" in members:
        found.update(kind="json", body=members["body"])
    if "text" in members:
        text = members["text"]
        found.update(kind="text", body=text if isinstance(text, str) else "")
        if not isinstance(text, str):
            reader.wrong((*path, "text"), text, "a text")
    if "headers" in members:
        found["headers"] = _headers(members["headers"], (*path, "headers"), reader)
    reply = ForcedReply(**found)
    is_free = "allow_invalid" in members and reader.flag(
        members["allow_invalid"], (*path, "allow_invalid")
    )
    if (not is_free or reply.example) and not any(
        item.path[: len(path)] == path for item in reader.mistakes
    ):
        for member, was, expected in law.objections(match, reply):
            at = (*path, member) if member in members else path
            way_out = "" if member == "example" else ", or allow_invalid: true"
            reader.mistakes.append(Mistake(at, was, f"{expected}{way_out}"))
    return reply


def _headers(data: Any, path: Path, reader: Reader) -> tuple[tuple[str, str], ...]:
    if not isinstance(data, dict):
        reader.wrong(path, data, "names and texts of headers")
        return ()
    found = []
    for name, value in data.items():
        text = str(value) if isinstance(value, str | int | float) else ""
        if not _TOKEN.fullmatch(name) or name.lower() in _FRAMING:
            reader.wrong((*path, name), name, "the name of a header, none of the body's framing")
        elif not (text.isascii() and text.isprintable() and text):
            reader.wrong((*path, name), value, "printable ASCII")
        else:
            found.append((name.lower(), text))
    return tuple(found)


def _plan(reader: Reader, data: Any, path: Path) -> dict[str, Any]:
    members = reader.members(data, path, _PLAN)
    if isinstance(data, dict) and not data:
        reader.missing(path, f"at least one of {', '.join(_PLAN)}")
    found: dict[str, Any] = {}
    for name, value in members.items():
        found.update(_PLAN[name](reader, value, (*path, name)))
    reason = found.pop("reason", "")
    message = found.pop("message", "Generation failed")
    data_of = found.pop("data", {})
    if reason or found.get("fails_at"):
        found["outcome"] = Outcome("failed", reason or "upstream_failed", message, data_of)
    elif data_of:
        found["outcome"] = Outcome(data=data_of)
    elif "message" in members:
        reader.wrong((*path, "message"), members["message"], "an error beside it")
    return {"plan": PlanChange(**found)}


def _stage(reader: Reader, value: Any, path: Path) -> dict[str, Any]:
    if isinstance(value, str):
        return {"fails_at": reader.text(value, path, 64)}
    return {"fails_at": reader.whole(value, path, 1, 100)}


def _object(reader: Reader, value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        reader.wrong(path, value, "an object")
        return {}
    return {"data": value}


_PLAN: Final[Mapping[str, Callable[[Reader, Any, Path], dict[str, Any]]]] = {
    "slow": lambda reader, value, path: {"slow": reader.number(value, path, 0, 10_000)},
    "lasts": lambda reader, value, path: {"lasts_ms": reader.duration(value, path)},
    "queued": lambda reader, value, path: {"queued_ms": reader.duration(value, path)},
    "stuck": lambda reader, value, path: {"is_stuck": reader.flag(value, path)},
    "fails_at": _stage,
    "flaps": lambda reader, value, path: {"flaps": reader.whole(value, path, 1, 1000)},
    "error": lambda reader, value, path: {"reason": reader.text(value, path, 64)},
    "message": lambda reader, value, path: {"message": reader.text(value, path)},
    "data": _object,
}


def _webhook(reader: Reader, data: Any, path: Path) -> dict[str, Any]:
    members = reader.members(data, path, _WEBHOOK)
    if isinstance(data, dict) and not data:
        reader.missing(path, f"at least one of {', '.join(_WEBHOOK)}")
    found: dict[str, Any] = {}
    for name, value in members.items():
        found.update(_WEBHOOK[name](reader, value, (*path, name)))
    return {"webhook": WebhookTwist(**found)}


def _receiver(reader: Reader, value: Any, path: Path) -> dict[str, Any]:
    if value == "down":
        return {"receiver": value}
    if isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599:
        return {"receiver": value}
    reader.wrong(path, value, "down, or a status from 200 to 599")
    return {}


_WEBHOOK: Final[Mapping[str, Callable[[Reader, Any, Path], dict[str, Any]]]] = {
    "receiver": _receiver,
    "copies": lambda reader, value, path: {"copies": reader.whole(value, path, 1, 100)},
    "delay": lambda reader, value, path: {"delay_ms": reader.duration(value, path)},
    "reordered": lambda reader, value, path: {"is_reordered": reader.flag(value, path)},
    "wrong_secret": lambda reader, value, path: {"is_missigned": reader.flag(value, path)},
}

_GIVE: Final[Mapping[str, Callable[[Reader, Any, Path], dict[str, Any]]]] = {
    "error": lambda *_: {},
    "data": lambda *_: {},
    "retry_after": lambda *_: {},
    "reply": lambda *_: {},
    "plan": _plan,
    "links": lambda reader, value, path: {
        "are_links_expired": bool(reader.word(value, path, ("expired",)))
    },
    "latency": lambda reader, value, path: {"latency": reader.judged(latency_of, value, path)},
    "fault": lambda reader, value, path: {"fault": reader.judged(fault_of, value, path)},
    "variety": lambda reader, value, path: {"variety": reader.word(value, path, ("high",))},
    "webhook": _webhook,
}
