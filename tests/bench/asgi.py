"""One request to an ASGI app in this process, without a client library's cost."""

from typing import Any

import orjson


async def ask(
    app: Any, method: str, target: str, headers: dict[str, str], body: Any = None
) -> tuple[int, Any]:
    """Send a request and read the JSON reply."""
    path, _, query = target.partition("?")
    sent = b"" if body is None else orjson.dumps(body)
    messages: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    reply = b"".join(message.get("body", b"") for message in messages[1:])
    return messages[0]["status"], orjson.loads(reply) if reply else None
