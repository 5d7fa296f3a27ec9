"""Recoup's content-generation API: how its parts go together."""

from typing import Final

from simulator.provider import Provider
from simulator.providers.recoup import accounts, errors, operations, records

PROVIDER: Final = Provider(
    name="recoup",
    title="Recoup",
    handlers={
        "createVideo": operations.create_video,
        "createContent": operations.create_content,
        "editContent": operations.edit_content,
        "createImage": operations.create_image,
        "createCaption": operations.create_caption,
        "transcribeAudio": operations.transcribe_audio,
        "upscaleMedia": operations.upscale_media,
        "analyzeVideo": operations.analyze_video,
        "listTemplates": operations.list_templates,
        "getTemplate": operations.get_template,
        "validateContent": operations.validate_content,
        "estimateContent": operations.estimate_content,
        "listRuns": operations.list_runs,
        "listArtists": operations.list_artists,
    },
    refuse=errors.refuse,
    credential=accounts.credential,
    is_key=accounts.is_key,
    new_key=accounts.new_key,
    demo_keys=accounts.DEMO_KEYS,
    demo_account_ids=accounts.DEMO_ACCOUNT_IDS,
    account_id=accounts.account_id,
    opening_nanos=accounts.OPENING_NANOS,
    furnish=records.furnish,
    limits=accounts.LIMITS,
    headers=accounts.CORS,
    handled_headers=accounts.EXPOSED,
    preflight=accounts.preflight,
    slash_redirects=True,
    prefixes=("/api/content", "/api/tasks", "/api/artists", "/API"),
    environment={"RECOUP_API_URL": "{url}", "RECOUP_API_KEY": "{key}"},
)
