"""Recoup's preconditions as records: artists' folders, repositories, a finished run, scripts.

Without a precondition the upstreams answer as they did when the exchanges were recorded.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from simulator.core import ledger
from simulator.core.accounts import ACCOUNTS
from simulator.core.runs import Outcome, Plan, Run
from simulator.core.scenarios import Active
from simulator.core.store import Tx
from simulator.core.tenant import Tenant
from simulator.providers.recoup import catalog, modes
from simulator.providers.recoup.records import ALL_FILES, ARTIST, ARTISTS, MEMBERSHIPS
from tests.scripts import in_force, script

ANALYSIS = {
    "text": "This video shows a cat playing piano.",
    "finish_reason": "stop",
    "usage": {"output_tokens": 42},
}
TWO_CHUNKS = [
    {"start": 0, "end": 2, "text": " hello "},
    {"start": 2, "end": 4, "text": " world "},
]
UPSTREAMS = (
    script("analysis", "analyzeVideo", outcome=Outcome(data=ANALYSIS)),
    script("speech", "transcribeAudio", outcome=Outcome(data={"chunks": TWO_CHUNKS})),
)


async def arrange(tenant: Tenant, given: str | None) -> None:
    """Put a freshly furnished tenant into the state that a precondition names."""
    change = _script(*UPSTREAMS) if given is None else PRECONDITIONS[given]
    await tenant.transact(lambda tx: change(tx, tenant))


Change = Callable[[Tx, Tenant], Awaitable[None]]


def _script(*scripts: Active) -> Change:
    async def change(tx: Tx, _: Tenant) -> None:
        await in_force(tx, *scripts)

    return change


def _ends(outcome: Outcome) -> Change:
    return _script(script("upstream", outcome=outcome))


def _artist(**members: Any) -> Change:
    async def change(tx: Tx, _: Tenant) -> None:
        artist = await tx.get(ARTISTS, ARTIST)
        assert artist is not None
        await tx.put(ARTISTS, ARTIST, replace(artist, **members))

    return change


async def _without_repository(tx: Tx, tenant: Tenant) -> None:
    account_id = await _first_account(tx)
    record = await tx.get(MEMBERSHIPS, account_id)
    assert record is not None
    await tx.put(MEMBERSHIPS, account_id, replace(record, repository=""))


async def _with_finished_run(tx: Tx, tenant: Tenant) -> None:
    plan = Plan(await tenant.time_in(tx) - 60_000, catalog.TASK_STAGES)
    run = Run(
        "run_ok",
        "recoup",
        "createContent",
        await _first_account(tx),
        plan,
        outputs=modes.content_specs({}),
        details={"caption": "", "template": catalog.DEFAULT_TEMPLATE, "lipsync": False},
    )
    await ledger.open_run(tx, run)


async def _as_furnished(_tx: Tx, _tenant: Tenant) -> None:
    """What every new tenant is like."""


async def _first_account(tx: Tx) -> str:
    accounts = await tx.all(ACCOUNTS)
    return next(
        item.id for item in accounts if item.provider == "recoup" and item.name == "account 1"
    )


_FAILED = Outcome("failed", "upstream_failed", "Unprocessable Entity")
_REJECTED: dict[str, Any] = {"reason": "queue"}

PRECONDITIONS: dict[str, Change] = {
    "upstream generation finishes without any media URL": _ends(Outcome("failed", "no_output")),
    "upstream client throws an Error whose message is 'Unprocessable Entity'": _ends(_FAILED),
    "text model call throws": _ends(_FAILED),
    "text model returns only a pair of quotes": _ends(Outcome(data={"text": '""'})),
    "analysis upstream answers HTTP 400 (for example a still image)": _ends(
        Outcome("failed", "upstream_failed", data={"status": 400})
    ),
    "analysis upstream answers 200 without data": _ends(Outcome(data={"text": ""})),
    "analysis upstream returns only data": _ends(
        Outcome(data={"text": "A cat.", "finish_reason": None, "usage": None})
    ),
    "analysis provider key not configured on the server": _script(
        script("upstream", per="run", refusal="server_error", data={"detail": "unconfigured"})
    ),
    "job queue rejects every trigger": _script(
        script("queue", per="run", refusal="upstream_failed", data=_REJECTED)
    ),
    "job queue accepts the first trigger and rejects the second": _script(
        script(
            "queue", per="run", first_call=2, last_call=2, refusal="upstream_failed", data=_REJECTED
        )
    ),
    "artist directory has an mp3 and context/artist.md but no face guide": _artist(
        files=(catalog.SONGS, catalog.ARTIST_CONTEXT)
    ),
    "artist directory has every required and recommended file": _artist(files=ALL_FILES),
    "no repository tree can be read": _artist(files=None),
    "the account behind the key has no repository configured": _without_repository,
    "run run_ok exists, COMPLETED": _with_finished_run,
    "the account has exactly one personal artist": _as_furnished,
    "organization has no artists": _as_furnished,
    "the account_id shares an organization with the key's account": _as_furnished,
    "the key's account shares no organization with the account_id": _as_furnished,
}
