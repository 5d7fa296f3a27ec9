"""NanoGPT's video API: how its parts go together.

What answers requests is imported by the first request, not by a start.
"""

from collections.abc import Mapping
from typing import Final

from simulator.provider import Handler, Hosting, Provider, Refused, Reply, Switch, Unit
from simulator.providers.nanogpt import accounts

OPERATIONS: Final = frozenset(
    {
        "createVideo",
        "extendVideo",
        "getVideoStatus",
        "getVideoStatusDeprecated",
        "getStoryStatus",
        "recoverVideos",
        "getVideoContent",
        "listModels",
        "listVideoModels",
        "listModelsByKind",
        "checkBalance",
    }
)


def handlers() -> Mapping[str, Handler]:
    """The handlers of `OPERATIONS`."""
    from simulator.providers.nanogpt import operations

    return operations.HANDLERS


def refuse(refused: Refused) -> Reply:
    """The reply to a refusal."""
    from simulator.providers.nanogpt import errors

    return errors.refuse(refused)


PROVIDER: Final = Provider(
    name="nanogpt",
    title="NanoGPT",
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
    unit=Unit("USD", 1_000_000_000),
    limits=accounts.LIMITS,
    admit=accounts.admit,
    hosting=Hosting(accounts.LINK_LIFETIME_MS, is_open=False),
    switches={
        "failed-error": Switch(("string", "object"), "what data.error of a failed job is"),
        "error-shape": Switch(("object", "simple"), "the form of an error body"),
        "status-shape": Switch(("nested", "both"), "whether the unified status is flat as well"),
        "progress-words": Switch(("upper", "stages"), "the words of a job that is running"),
        "content": Switch(("documented", "redirect", "json"), "how the content operation answers"),
        "models-shape": Switch(("kinds", "names"), "the form of the older catalogue"),
    },
    prefixes=("/api",),
    environment={"NANOGPT_API_KEY": "{key}", "NANOGPT_BASE_URL": "{url}/api"},
)
