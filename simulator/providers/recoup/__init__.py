"""Recoup's content-generation API: how its parts go together."""

from typing import Final

from contracts import Operation
from simulator.core import ids
from simulator.core.errors import Unauthenticated
from simulator.provider import Headers, Provider, Reply
from simulator.providers.recoup import catalog, errors, operations, world

KEY_PREFIX: Final = "recoup_sk_"  # [impl]
_SCHEMES: Final = ("Bearer ", "bearer ")  # [impl] exactly these two

CORS: Final = (  # [impl] on every reply
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS, PATCH"),
    (
        "access-control-allow-headers",
        "Content-Type, Authorization, X-Requested-With, x-api-key",
    ),
)
EXPOSED: Final = (  # [impl] on replies that handlers make
    ("access-control-expose-headers", "x-workflow-run-id, x-workflow-stream-tail-index"),
)


def credential(headers: Headers) -> str | Unauthenticated:
    """The key, or the session token of a bearer header; exactly one header may be there [impl].

    An `x-api-key` without the prefix is nobody's key; a bearer token with it is a key.
    """
    key = headers.get("x-api-key", "")
    authorization = headers.get("authorization", "")
    if bool(key) == bool(authorization):
        return Unauthenticated("conflict" if key else "missing")
    if key:
        return key if is_key(key) else Unauthenticated("unknown")
    token = authorization[len("Bearer ") :]
    if not authorization.startswith(_SCHEMES) or not token:
        return Unauthenticated("scheme")
    return token


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return text.startswith(KEY_PREFIX)


def new_key(source: bytes) -> str:
    """A key of the vendor's form."""
    return f"{KEY_PREFIX}{ids.base62_text(source, 32)}"


def preflight(operation: Operation | None, _headers: Headers) -> Reply:
    """OPTIONS needs no key: 204 under `/api/content`, 200 elsewhere (row 41)."""
    is_content = operation is None or operation.path.startswith("/api/content")
    return Reply(204 if is_content else 200, None, EXPOSED)


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
    credential=credential,
    is_key=is_key,
    new_key=new_key,
    demo_keys=("recoup_sk_test", "recoup_sk_second"),
    demo_account_ids=(world.FIRST_ACCOUNT, world.SECOND_ACCOUNT),
    account_id=ids.uuid4,
    opening_nanos=catalog.OPENING_NANOS,
    furnish=world.furnish,
    headers=CORS,
    handled_headers=EXPOSED,
    preflight=preflight,
    slash_redirects=True,
    prefixes=("/api/content", "/api/tasks", "/api/artists", "/API"),
    environment={"RECOUP_API_URL": "{url}", "RECOUP_API_KEY": "{key}"},
)
