"""Leonardo's production API: how its parts go together.

What answers requests is imported by the first request, not by a start.
"""

from collections.abc import Mapping
from typing import Final

from simulator.core.store import Tx
from simulator.core.webhooks import Event
from simulator.provider import (
    Callback,
    Handler,
    Provider,
    Refused,
    Reply,
    Settlement,
    Switch,
    Told,
    Unit,
)
from simulator.providers.leonardo import accounts

OPERATIONS: Final = frozenset(
    {
        "createImageToVideoGeneration",
        "createTextToVideoGeneration",
        "createSVDMotionGeneration",
        "createVideoUpscale",
        "createGeneration",
        "getGenerationById",
        "deleteGenerationById",
        "getGenerationsByUserId",
        "uploadInitImage",
        "getInitImageById",
        "deleteInitImageById",
        "uploadMedia",
        "getUserSelf",
        "listPlatformModels",
        "listElements",
        "pricingCalculator",
        "createVariationUpscale",
        "createVariationUnzoom",
        "createVariationNoBG",
        "CreateUniversalUpscalerJob",
        "getVariationById",
        "getMotionVariationById",
    }
)


def handlers() -> Mapping[str, Handler]:
    """The handlers of `OPERATIONS`."""
    from simulator.providers.leonardo import operations

    return operations.HANDLERS


def refuse(refused: Refused) -> Reply:
    """The reply to a refusal."""
    from simulator.providers.leonardo import errors

    return errors.refuse(refused)


async def furnish(tx: Tx, settlement: Settlement) -> None:
    """Put what a new tenant has at Leonardo into it."""
    from simulator.providers.leonardo import records

    await records.furnish(tx, settlement)


def _callback_operations() -> frozenset[str]:
    from simulator.providers.leonardo import catalog

    return frozenset(catalog.GENERATION_OPERATIONS)


def _callback_events(switches: Mapping[str, str]) -> tuple[Event, ...]:
    from simulator.providers.leonardo import callbacks

    return callbacks.events(switches)


def _write_callback(told: Told) -> Reply:
    from simulator.providers.leonardo import callbacks

    return callbacks.write(told)


PROVIDER: Final = Provider(
    name="leonardo",
    title="Leonardo",
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
    unit=Unit("credits", accounts.NANOS_PER_CREDIT),
    furnish=furnish,
    limits=accounts.LIMITS,
    concurrency=accounts.CONCURRENCY,
    content_type="application/json; charset=utf-8",
    headers=(("x-content-type-options", "nosniff"),),
    switches={
        "moderation": Switch(("400", "403"), "the status of a prompt that the filter refuses"),
        "unknown-id": Switch(("null", "404"), "the answer to an id that names nothing"),
        "end-frame": Switch(("seed", "guides"), "whether KLING2_5 takes an end frame"),
        "missing-key": Switch(("401", "500"), "the status of a request without a key"),
        "malformed-key": Switch(("500", "401"), "the status of a key that is no UUID"),
        "webhook-form": Switch(
            ("documented", "observed"),
            "callbacks with seed and cost as text and the API key, or as captured in 2026",
        ),
        "webhook-failed": Switch(
            ("complete", "failed", "silent"),
            "what tells of a failed generation: *.complete with status FAILED, *.failed, nothing",
        ),
        "webhook-retry": Switch(
            ("24h", "never"), "whether a callback that was not taken is sent again"
        ),
    },
    callback=Callback(
        _callback_operations,
        _callback_events,
        lambda switches: switches["webhook-retry"] == "24h",
        _write_callback,
    ),
    prefixes=("/api/rest/v1",),
    environment={"LEONARDO_API_KEY": "{key}", "LEONARDO_BASE_URL": "{url}"},
)
