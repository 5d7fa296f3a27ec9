"""Recoup's content-generation API: how its parts go together.

What answers requests is imported by the first request, not by a start.
"""

from collections.abc import Mapping
from typing import Final

from simulator.core.store import Tx
from simulator.provider import Handler, Provider, Refused, Reply, Settlement, Unit
from simulator.providers.recoup import accounts

OPERATIONS: Final = frozenset(
    {
        "createVideo",
        "createContent",
        "editContent",
        "createImage",
        "createCaption",
        "transcribeAudio",
        "upscaleMedia",
        "analyzeVideo",
        "listTemplates",
        "getTemplate",
        "validateContent",
        "estimateContent",
        "listRuns",
        "listArtists",
    }
)


def handlers() -> Mapping[str, Handler]:
    """The handlers of `OPERATIONS`."""
    from simulator.providers.recoup import operations

    return operations.HANDLERS


def refuse(refused: Refused) -> Reply:
    """The reply to a refusal."""
    from simulator.providers.recoup import errors

    return errors.refuse(refused)


async def furnish(tx: Tx, settlement: Settlement) -> None:
    """Put what a new tenant has at Recoup into it."""
    from simulator.providers.recoup import records

    await records.furnish(tx, settlement)


PROVIDER: Final = Provider(
    name="recoup",
    title="Recoup",
    operations=OPERATIONS,
    handlers=handlers,
    refuse=refuse,
    credential=accounts.credential,
    is_key=accounts.is_key,
    new_key=accounts.new_key,
    demo_keys=accounts.DEMO_KEYS,
    demo_account_ids=accounts.DEMO_ACCOUNT_IDS,
    account_id=accounts.account_id,
    opening_nanos=accounts.OPENING_NANOS,
    unit=Unit("credits", accounts.CREDIT_NANOS),
    furnish=furnish,
    limits=accounts.LIMITS,
    headers=accounts.CORS,
    handled_headers=accounts.EXPOSED,
    preflight=accounts.preflight,
    slash_redirects=True,
    prefixes=("/api/content", "/api/tasks", "/api/artists", "/API"),
    environment={"RECOUP_API_URL": "{url}", "RECOUP_API_KEY": "{key}"},
)
