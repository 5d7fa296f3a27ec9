"""npm @leonardo-ai/sdk 4.21.3, unmodified, does everything a video application does.

The client refuses every reply that is not as its types say. Needs Node, and `npm ci` in the folder
`typescript` beside this file; without them the test is skipped and says so.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from simulator.providers.leonardo.accounts import DEMO_ACCOUNT_IDS, DEMO_KEYS
from simulator.settings import Settings
from tests.sdk.picture import png
from tests.sdk.server import StandIn

_FOLDER = Path(__file__).parent / "typescript"
_NODE = shutil.which("node")
_PATIENCE_S = 60

needs_node = pytest.mark.skipif(_NODE is None, reason="there is no node on this machine")
needs_client = pytest.mark.skipif(
    not (_FOLDER / "node_modules" / "@leonardo-ai" / "sdk").is_dir(),
    reason="the client is not installed: run `npm ci` in tests/sdk/typescript",
)


@needs_node
@needs_client
def test_the_client_goes_through(tmp_path: Path) -> None:
    steps = _steps(tmp_path)
    done = ["PENDING", "COMPLETE"]
    refused = {
        "error": "Authentication hook unauthorized this request",
        "path": "$",
        "code": "access-denied",
    }
    assert steps == [
        {"step": "client", "version": "4.21.3"},
        {"step": "user", "id": DEMO_ACCOUNT_IDS[0]},
        {"step": "upload", "isSame": True},
        {"step": "image-to-video", "statuses": done},
        {"step": "first-last-frame", "statuses": done},
        {"step": "text-to-video", "statuses": done},
        {"step": "list", "isNewestFirst": True},
        {"step": "delete", "isNamed": True, "isGone": True},
        {"step": "other account", "seen": None},
        {"step": "unknown key", "status": 401, "body": refused},
        {"step": "no key", "status": 401},
    ]


def _steps(folder: Path) -> list[dict[str, Any]]:
    """Run the script against a stand-in whose videos take half a second; what it told."""
    picture = folder / "start.png"
    picture.write_bytes(png())
    with StandIn.running(Settings(only=("leonardo",), stage_seconds=0.5)) as stand_in:
        url = f"{stand_in.origin}/api/rest/v1"
        command = [str(_NODE), "go-through.mjs", url, *DEMO_KEYS, DEMO_ACCOUNT_IDS[0], str(picture)]
        ran = subprocess.run(
            command, cwd=_FOLDER, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]
