"""What Recoup is asked one after the other: its catalogue, runs of either account, their ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import FIRST, Probe, json_body
from conformance.profile import Ask, Json
from conformance.profiles.recoup_probes import ARTIST, FILM
from conformance.reading import Reading

_TEMPLATES: Final = "/api/content/templates"
_RUNS: Final = "/api/tasks/runs"
_MOST: Final = 20
_LOOKS: Final = 2
FULL: Final = 100
"""The longest list of runs; one that is as long may lack older ones."""

COMPLETED: Final = frozenset({"COMPLETED"})
FAILED: Final = frozenset(
    {"CANCELED", "FAILED", "CRASHED", "INTERRUPTED", "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT"}
)
ENDED: Final = COMPLETED | FAILED
BATCH: Final = {"artist_account_id": ARTIST, "batch": 3}
EDIT: Final = {"video_url": FILM, "operations": [{"type": "trim", "start": 0, "duration": 5}]}
LARGER_FILM: Final = {"url": FILM, "type": "video", "target_resolution": "720p"}
FAILING: Final = ("createContent", "editContent")


def template_ids(answer: Any) -> list[str]:
    """Return the ids of a list of templates."""
    rows = answer.get("templates") if isinstance(answer, dict) else None
    listed = [each.get("id") for each in rows if isinstance(each, dict)] if rows else []
    return [each for each in listed if isinstance(each, str)]


def run_of(answer: Any) -> dict[str, Any]:
    """Return the one run of a single look-up, empty if there is none."""
    runs = answer.get("runs") if isinstance(answer, dict) else None
    return runs[0] if isinstance(runs, list) and runs and isinstance(runs[0], dict) else {}


def run_ids(answer: Any) -> tuple[str, ...]:
    """Return the ids of what create started."""
    given = answer.get("runIds") if isinstance(answer, dict) else None
    return tuple(each for each in given if isinstance(each, str)) if isinstance(given, list) else ()


def run_id(answer: Any) -> tuple[str, ...]:
    """Return the id of what an edit started."""
    given = answer.get("runId") if isinstance(answer, dict) else None
    return (given,) if isinstance(given, str) else ()


def catalogue(ask: Ask) -> Json:
    """Read the list of templates, each of them, and the list once more; costs nothing."""
    found = ask(_read("listTemplates", _TEMPLATES))
    for name in template_ids(found.answer)[:_MOST] if found is not None else ():
        if name.isascii() and name.replace("-", "").replace("_", "").isalnum():
            ask(_read("getTemplate", f"{_TEMPLATES}/{name}"))
    ask(_read("listTemplates", _TEMPLATES))
    return None


def _read(operation: str, path: str) -> Probe:
    return Probe("GET", path, "", "catalogue", operation, step="catalogue")


def lists_after(identity: str, answer: Json) -> Iterator[Probe]:
    """Yield the lists of both accounts once a run has ended, and reads of ids near its own."""
    for probe, label in (("runs.after", FIRST[1]), ("runs.after-foreign", "second")):
        yield _runs({"limit": str(FULL)}, probe, label, subject=identity)
    yield _runs({}, "runs.after-default", subject=identity)
    for word, near in near_ids(identity).items():
        yield _runs({"runId": near}, f"runs.near.{word}", subject=identity)


def near_ids(identity: str) -> dict[str, str]:
    """Return ids that a lax look-up takes for a run's own, by what is wrong with them."""
    word, _, rest = identity.partition("_")
    other = f"{word}_{rest.swapcase()}"
    found = {
        "shortened": identity[:-1],
        "beginning": identity[: len(identity) // 2 + 2],
        "lengthened": f"{identity}q0x",
        "letter-case": other if other != identity else identity.swapcase(),
        "word": f"{word}_",
        "blank": f"{identity} ",
    }
    return {word: near for word, near in found.items() if near != identity}


def _runs(query: dict[str, str], probe: str, label: str = FIRST[1], **changes: Any) -> Probe:
    return Probe(
        "GET", _RUNS, "modes", probe, "listRuns", query=query, credentials=((FIRST[0], label),),
        tier=Tier.FREE, **changes,
    )  # fmt: skip


def of_second(ask: Ask) -> Json:
    """Start an edit with the second key, follow it, and look for it with either key."""
    label = "second"
    made = ask(_edit(EDIT, "second", label))
    for identity in run_id(made.answer)[:1] if made is not None else ():
        _follow(ask, identity, "second", label)
        for step, key in (("list", label), ("list-first", FIRST[1])):
            ask(_runs({"limit": str(FULL)}, "", key, subject=identity, step=f"second:{step}"))
        ask(_runs({"runId": identity}, "", subject=identity, step="second:foreign"))
    return None


def failing(ask: Ask) -> Json:
    """Start runs that are to fail, follow each to its end, and read it again in every way."""
    text = ask.trigger[1] if ask.trigger else ""
    if not text:
        return None
    words = [{"type": "overlay_text", "content": text}]
    create = {"artist_account_id": ARTIST, "songs": [text]}
    for made in (
        ask(_edit({**EDIT, "operations": words}, "failing")),
        ask(_create(create, "failing")),
    ):
        answer = made.answer if made is not None else None
        for identity in (*run_id(answer), *run_ids(answer)[:1]):
            _follow(ask, identity, "failing")
            for _ in range(_LOOKS):
                ask(_runs({"runId": identity}, "", subject=identity, step="failing:after"))
            ask(_runs({"limit": str(FULL)}, "", subject=identity, step="failing:list"))
    return None


def batch(ask: Ask) -> Json:
    """Start a batch, read every run of it, and follow each to its end."""
    made = ask(_create(BATCH, "batch"))
    identities = run_ids(made.answer) if made is not None else ()
    for identity in identities:
        ask(_runs({"runId": identity}, "", subject=identity, step="batch:read"))
    for identity in identities:
        # They are at work side by side: once one has had its time, so have the others.
        if _follow(ask, identity, "batch") is None:
            break
    return None


def _edit(body: Json, story: str, label: str = FIRST[1]) -> Probe:
    return Probe(
        "PATCH", "/api/content", "", "", "editContent", body=json_body(body),
        credentials=((FIRST[0], label),), step=f"{story}:start",
    )  # fmt: skip


def _create(body: Json, story: str) -> Probe:
    return Probe(
        "POST", "/api/content/create", "", "", "createContent", body=json_body(body),
        step=f"{story}:start",
    )  # fmt: skip


def _follow(ask: Ask, identity: str, story: str, label: str = FIRST[1]) -> Reading | None:
    """Read a run until it has ended or time is up."""

    def has_ended(reading: Reading) -> bool:
        status = str(run_of(reading.reply.value).get("status"))
        return not reading.is_success or status in ENDED

    probe = _runs({"runId": identity}, "", label, subject=identity, step=f"{story}:poll")
    return ask.follow(probe, has_ended)
