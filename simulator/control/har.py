"""The journal as an HTTP Archive (HAR 1.2), for browsers' developer tools and other readers.

The journal hands exchanges out without their secrets; nothing is hidden here.
"""

import base64
import http
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote

from simulator.core.heads import HeaderList
from simulator.core.journal import Exchange

_UNKNOWN = -1
_REASONS = {status.value: status.phrase for status in http.HTTPStatus}


def archive(exchanges: Iterable[Exchange], version: str) -> dict[str, Any]:
    """Make a HAR document of exchanges, in their order; `version` is that of the creator."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "understudy", "version": version},
            "entries": [_entry(exchange) for exchange in exchanges],
        }
    }


def body_text(content: bytes, size_bytes: int) -> tuple[str, str]:
    """A kept body as text, and its encoding: `""` for UTF-8 text, else `base64`.

    `size_bytes` is its true length; a character that was cut in two is left out.
    """
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        is_cut = len(content) < size_bytes and error.reason == "unexpected end of data"
        if is_cut:
            return content[: error.start].decode("utf-8"), ""
        return base64.b64encode(content).decode("ascii"), "base64"


def started_at(exchange: Exchange) -> str:
    """When an exchange began, in ISO 8601 with milliseconds."""
    moment = datetime.fromtimestamp(exchange.started_at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry(exchange: Exchange) -> dict[str, Any]:
    duration_ms = exchange.duration_us / 1000
    entry: dict[str, Any] = {
        "startedDateTime": started_at(exchange),
        "time": duration_ms,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": duration_ms, "receive": 0},
        "_exchange": exchange.id,
        "_tenant": exchange.tenant,
    }
    named = {
        "_provider": exchange.provider,
        "_operation": exchange.operation,
        "_account": exchange.account_id,
        "_error": exchange.error,
        "_bug": exchange.bug,
    }
    return entry | {name: value for name, value in named.items() if value}


def _request(exchange: Exchange) -> dict[str, Any]:
    headers = exchange.request_headers
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": _url(exchange),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(exchange.query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": exchange.request_size,
    }
    if exchange.request_size:
        request["postData"] = _posted(exchange)
    return request


def _posted(exchange: Exchange) -> dict[str, Any]:
    """The request's body; HAR knows no encoding here, so bytes that are no text say so."""
    text, encoding = body_text(exchange.request_body, exchange.request_size)
    posted = {
        "mimeType": _header(exchange.request_headers, b"content-type"),
        "params": [],
        "text": text,
        **_cut(exchange.request_body, exchange.request_size),
    }
    return posted | ({"_encoding": encoding} if encoding else {})


def _response(exchange: Exchange) -> dict[str, Any]:
    headers = exchange.reply_headers
    text, encoding = body_text(exchange.reply_body, exchange.reply_size)
    content = {
        "size": exchange.reply_size,
        "mimeType": _header(headers, b"content-type"),
        "text": text,
        **_cut(exchange.reply_body, exchange.reply_size),
    }
    return {
        "status": exchange.status,
        "statusText": _REASONS.get(exchange.status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": content | ({"encoding": encoding} if encoding else {}),
        "redirectURL": _header(headers, b"location"),
        "headersSize": _UNKNOWN,
        "bodySize": 0 if exchange.method == "HEAD" else exchange.reply_size,
    }


def _cut(kept: bytes, size_bytes: int) -> dict[str, str]:
    if len(kept) >= size_bytes:
        return {}
    return {"comment": f"the first {len(kept)} of {size_bytes} bytes"}


def _url(exchange: Exchange) -> str:
    """The address as the client gave it; of the scheme nothing is known but that it is HTTP."""
    host = _header(exchange.request_headers, b"host") or "localhost"
    query = f"?{exchange.query}" if exchange.query else ""
    return f"http://{host}{quote(exchange.path)}{query}"


def _pairs(headers: HeaderList) -> list[dict[str, str]]:
    return [
        {"name": name.decode("latin-1"), "value": value.decode("latin-1")}
        for name, value in headers
    ]


def _header(headers: HeaderList, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == wanted), "")
