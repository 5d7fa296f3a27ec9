"""NanoGPT's video API: how its parts go together."""

import re
from typing import Final

from simulator.core import ids
from simulator.core.accounts import Account, Key
from simulator.core.errors import Forbidden, Refusal, Unauthenticated
from simulator.provider import Headers, Provider, Switch
from simulator.providers.nanogpt import errors, operations
from simulator.providers.nanogpt.catalog import LIMITS, OPENING_NANOS

_KEY: Final = re.compile(r"(sk-nano-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""`sk-nano-` and a UUID; an old key is the bare UUID [docs: authentication]."""


def credential(headers: Headers) -> str | Unauthenticated:
    """The key in either header; both at once are legal, `x-api-key` then counts [impl]."""
    if key := headers.get("x-api-key", "").strip():
        return key
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and (token := token.strip()):
        return token
    return Unauthenticated("missing")


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return _KEY.fullmatch(text) is not None


def new_key(source: bytes) -> str:
    """A key of the current form."""
    return f"sk-nano-{ids.uuid4(source)}"


def account_id(source: bytes, _now_ms: int) -> str:
    """An account's id, which no reply shows."""
    return f"nanogpt-{ids.base36_text(source, 12)}"


def admit(key: Key, account: Account, headers: Headers) -> Refusal | None:
    """Refuse a browser origin that is not on the key's list [docs: authentication]."""
    origin = headers.get("origin")
    if origin is None:
        return None
    allowed = key.attributes.get("allowed_origins") or account.attributes.get("allowed_origins")
    if allowed and origin not in allowed:
        return Forbidden("api_key_origin_not_allowed")
    return None


PROVIDER: Final = Provider(
    name="nanogpt",
    title="NanoGPT",
    handlers={
        "createVideo": operations.create_video,
        "extendVideo": operations.extend_video,
        "getVideoStatus": operations.get_video_status,
        "getVideoStatusDeprecated": operations.get_video_status_deprecated,
        "getStoryStatus": operations.get_story_status,
        "recoverVideos": operations.recover_videos,
        "getVideoContent": operations.get_video_content,
        "listModels": operations.list_models,
        "listVideoModels": operations.list_video_models,
        "listModelsByKind": operations.list_models_by_kind,
        "checkBalance": operations.check_balance,
    },
    refuse=errors.refuse,
    credential=credential,
    is_key=is_key,
    new_key=new_key,
    demo_keys=(
        "sk-nano-11111111-1111-4111-8111-111111111111",
        "sk-nano-22222222-2222-4222-8222-222222222222",
    ),
    demo_account_ids=("nanogpt-first", "nanogpt-second"),
    account_id=account_id,
    opening_nanos=OPENING_NANOS,
    limits=LIMITS,
    admit=admit,
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
