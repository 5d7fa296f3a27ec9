"""HAR 1.2 out and in; what HAR has no field for travels in `_understudy`."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson

from conformance.exchange import Exchange, Headers
from conformance.log import ExchangeLog

_OWN: Final = "_understudy"
_TAGS: Final = ("driver", "probe", "subject", "series", "step")


class NoHar(Exception):
    """A file is no HAR; `message` says why."""


def dump(log: ExchangeLog, version: str) -> bytes:
    """Return a log as a HAR document; it holds no secret because the log holds none."""
    creator = {"name": "understudy", "version": version}
    entries = [_entry(exchange) for exchange in log]
    document = {"log": {"version": "1.2", "creator": creator, "entries": entries}}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def load(content: bytes, log: ExchangeLog) -> None:
    """Append a HAR document's entries to a log, which redacts them; raises NoHar."""
    try:
        entries = orjson.loads(content)["log"]["entries"]
        exchanges = [_exchange(entry) for entry in entries]
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise NoHar(f"not a HAR file: {type(error).__name__}: {error}") from error
    for exchange in exchanges:
        log.append(exchange)


def _entry(exchange: Exchange) -> dict[str, Any]:
    started = datetime.fromtimestamp(exchange.started_ms / 1000, UTC)
    tags = {name: getattr(exchange, name) for name in _TAGS if getattr(exchange, name)}
    request = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "headers": _pairs(exchange.request_headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
        ],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(exchange.request_body),
    }
    if exchange.request_body:
        kind = exchange.request_header("content-type") or ""
        request["postData"] = {"mimeType": kind, **_text(exchange.request_body)}
    content = {
        "size": exchange.reply_size or len(exchange.reply_body),
        "mimeType": exchange.reply_header("content-type") or "",
        **_text(exchange.reply_body),
    }
    response = {
        "status": exchange.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "headers": _pairs(exchange.reply_headers),
        "cookies": [],
        "content": content,
        "redirectURL": exchange.reply_header("location") or "",
        "headersSize": -1,
        "bodySize": len(exchange.reply_body),
    }
    if exchange.failure:
        response["_error"] = exchange.failure
    return {
        "startedDateTime": started.isoformat(timespec="milliseconds"),
        "time": exchange.elapsed_ms,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": exchange.elapsed_ms, "receive": 0},
        _OWN: tags,
    }


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    content = response.get("content") or {}
    body = _bytes(content)
    tags = entry.get(_OWN) if isinstance(entry.get(_OWN), dict) else {}
    started = datetime.fromisoformat(str(entry.get("startedDateTime", "1970-01-01T00:00:00+00:00")))
    return Exchange(
        index=0,
        method=str(request["method"]).upper(),
        url=str(request["url"]),
        request_headers=_headers(request.get("headers", ())),
        request_body=_bytes(request.get("postData") or {}),
        status=int(response.get("status") or 0),
        reply_headers=_headers(response.get("headers", ())),
        reply_body=body,
        started_ms=started.timestamp() * 1000,
        elapsed_ms=float(entry.get("time") or 0),
        failure=str(response.get("_error") or ""),
        reply_size=max(int(content.get("size") or 0), len(body)),
        **{name: str((tags or {}).get(name, "")) for name in _TAGS},
    )


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _headers(pairs: Any) -> Headers:
    return tuple((str(pair["name"]), str(pair["value"])) for pair in pairs)


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _bytes(held: dict[str, Any]) -> bytes:
    text = held.get("text") or ""
    if held.get("encoding") == "base64":
        return base64.b64decode(text)
    return str(text).encode(errors="surrogatepass")
