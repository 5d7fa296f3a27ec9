"""Asks a stand-in in this process for a file, as a client of its provider would."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
from msgspec.structs import replace

from simulator.app import create_app
from simulator.core.accounts import ACCOUNTS
from simulator.core.store import Tx
from simulator.providers.leonardo.accounts import DEMO_KEYS as LEONARDO_KEYS
from simulator.providers.nanogpt.accounts import DEMO_KEYS as NANOGPT_KEYS
from simulator.providers.recoup.records import ARTIST
from simulator.settings import Settings
from tests.media.wishes import Wish

_RICH_NANOS = 10**18
_PATHS = {
    "createVideo": "/api/content/video",
    "createImage": "/api/content/image",
    "upscaleMedia": "/api/content/upscale",
    "editContent": "/api/content",
    "createContent": "/api/content/create",
    "createImageToVideoGeneration": "/api/rest/v1/generations-image-to-video",
    "createTextToVideoGeneration": "/api/rest/v1/generations-text-to-video",
    "createSVDMotionGeneration": "/api/rest/v1/generations-motion-svd",
    "createVideoUpscale": "/api/rest/v1/generations-video-upscale",
    "createGeneration": "/api/rest/v1/generations",
}


class Asker:
    """A client of all providers, of a stand-in in this process unless an origin is given."""

    def __init__(self, origin: str = "", settings: Settings | None = None) -> None:
        self.app = None if origin else create_app(settings or Settings(stage_seconds=0))
        transport = None if self.app is None else httpx.ASGITransport(app=self.app)
        self.http = httpx.AsyncClient(
            transport=transport,
            base_url=origin or "http://stand.test",
            timeout=600,
            trust_env=False,
            verify=False,
        )

    async def enrich(self) -> None:
        """Give every account of the stand-in in this process more than it can spend."""
        if self.app is None:
            raise LookupError("another process's accounts are not in reach")

        async def work(tx: Tx) -> None:
            for account in await tx.all(ACCOUNTS):
                rich = replace(account, available_nanos=_RICH_NANOS, attributes={})
                await tx.put(ACCOUNTS, account.id, rich)

        await (await self.app.state.house.default()).transact(work)

    async def link(self, wish: Wish) -> str:
        """Have a wish's run made, and answer the link to its file."""
        ways: dict[str, Callable[[Wish], Awaitable[str]]] = {
            "recoup": self._recoup,
            "nanogpt": self._nanogpt,
            "leonardo": self._leonardo,
        }
        return await ways[wish.provider](wish)

    async def fetch(self, wish: Wish, path: Path) -> httpx.Response:
        """Write a wish's file to a path, and answer the reply that it came in."""
        reply = await self.http.get(await self.link(wish))
        assert reply.status_code == 200, reply.text
        await anyio.Path(path).write_bytes(reply.content)
        return reply

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], body: Any = None, **query: str
    ) -> Any:
        reply = await self.http.request(method, path, headers=headers, json=body, params=query)
        assert reply.status_code < 300, reply.text
        return reply.json()

    async def _recoup(self, wish: Wish) -> str:
        key = {"x-api-key": "recoup_sk_test"}
        body = dict(wish.body)
        if "artist_account_id" in body:
            body["artist_account_id"] = ARTIST
        method = "PATCH" if wish.operation == "editContent" else "POST"
        told = await self._ask(method, _PATHS[wish.operation], key, body)
        if "url" in told or "videoUrl" in told or "imageUrl" in told:
            return str(told.get("url") or told.get("videoUrl") or told["imageUrl"])
        run_id = told["runId"] if "runId" in told else told["runIds"][0]
        (run,) = (await self._ask("GET", "/api/tasks/runs", key, runId=run_id))["runs"]
        return str(run["output"].get("videoUrl") or run["output"]["videoSourceUrl"])

    async def _nanogpt(self, wish: Wish) -> str:
        key = {"authorization": f"Bearer {NANOGPT_KEYS[0]}"}
        told = await self._ask("POST", "/api/generate-video", key, dict(wish.body))
        status = await self._ask("GET", "/api/video/status", key, requestId=told["runId"])
        link = str(status["data"]["output"]["video"]["url"])
        if not link.startswith("/api/"):
            return link
        redirect = await self.http.get(link, headers=key)
        return str(redirect.headers.get("location") or redirect.json()["url"])

    async def _leonardo(self, wish: Wish) -> str:
        key = {"authorization": f"Bearer {LEONARDO_KEYS[0]}"}
        told = await self._ask("POST", _PATHS[wish.operation], key, dict(wish.body))
        (job,) = told.values()
        path = f"/api/rest/v1/generations/{job['generationId']}"
        made = (await self._ask("GET", path, key))["generations_by_pk"]["generated_images"][0]
        return str(made["motionMP4URL"] if wish.extension == "mp4" else made["url"])
