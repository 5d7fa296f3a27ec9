"""NanoGPT's video API: how its parts go together."""

from typing import Final

from simulator.provider import Provider, Switch
from simulator.providers.nanogpt import accounts, errors, operations

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
    credential=accounts.credential,
    is_key=accounts.is_key,
    new_key=accounts.new_key,
    demo_keys=accounts.DEMO_KEYS,
    demo_account_ids=accounts.DEMO_ACCOUNT_IDS,
    account_id=accounts.account_id,
    opening_nanos=accounts.OPENING_NANOS,
    limits=accounts.LIMITS,
    admit=accounts.admit,
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
