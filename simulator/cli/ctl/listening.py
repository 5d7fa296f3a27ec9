"""A little receiver for `ctl webhooks listen`: prints what comes, and whether it is signed well.

For a look at what is sent; an application has a receiver of its own.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

_LONGEST_BYTES = 1024 * 1024


def receiver(port: int, secret: Callable[[], str], tell: Callable[[str], None]) -> HTTPServer:
    """A server on this machine that tells a line of each request; raises `OSError`."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdigit() or int(length) > _LONGEST_BYTES:
                self.send_error(411)
                return
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            tell(line(body, headers, secret()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return HTTPServer(("127.0.0.1", port), Handler)


def line(body: bytes, headers: Mapping[str, str], secret: str) -> str:
    """What is told of one request."""
    try:
        told = json.loads(body)
        event, run = told["type"], told["data"]["id"]
    except (ValueError, KeyError, TypeError):
        return f"{len(body)} bytes that are no event"
    verdict = "verified" if is_signed(body, headers, secret) else "NOT SIGNED WITH THIS SECRET"
    return f"{told.get('timestamp')}  {headers.get('webhook-id')}  {event}  {run}  {verdict}"


def is_signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether a message is signed with a secret, as Standard Webhooks wants it."""
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    content = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = (headers.get("webhook-signature") or "").split(" ")
    return any(hmac.compare_digest(f"v1,{wanted}".encode(), item.encode()) for item in given)
