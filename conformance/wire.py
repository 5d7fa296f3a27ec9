"""One request on the wire: sent, its body read up to a bound and a time, and written down."""

from __future__ import annotations

import time
from typing import Final

import httpx

from conformance.exchange import Exchange, Headers

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
_FRAMING: Final = frozenset({b"content-encoding", b"transfer-encoding", b"content-length"})


class Wire:
    """Sends through a transport; a reply that is endless or slow is cut off."""

    def __init__(self, inner: httpx.BaseTransport, reply_seconds: float) -> None:
        self._inner = inner
        self._reply_seconds = reply_seconds

    def close(self) -> None:
        """Close the transport below."""
        self._inner.close()

    def exchange(
        self, request: httpx.Request, draft: Exchange
    ) -> tuple[Exchange, httpx.Response | None]:
        """Send, read the body up to a bound and a time; returns what to log, and the reply."""
        started_ms, began = time.time() * 1000, time.perf_counter()
        status, content, failure, size = 0, b"", "", 0
        headers: Headers = ()
        response: httpx.Response | None = None
        try:
            response = self._inner.handle_request(request)
            status = response.status_code
            headers = tuple(
                (key.decode("latin-1"), value.decode("latin-1"))
                for key, value in response.headers.raw
            )
            content, size, failure = self._read(response, began)
        except httpx.TransportError as error:
            failure = _why(error)
        except (RuntimeError, OSError) as error:
            failure = f"{type(error).__name__}: {error}"
        elapsed_ms = (time.perf_counter() - began) * 1000
        if failure and not failure.startswith("body over"):
            status, response = 0, None
        exchange = Exchange(
            draft.index,
            draft.method,
            draft.url,
            draft.request_headers,
            draft.request_body,
            status,
            headers,
            content,
            started_ms,
            elapsed_ms,
            failure,
            draft.driver,
            draft.probe,
            draft.subject,
            draft.series,
            draft.step,
            size,
        )
        if response is None:
            return exchange, None
        kept = [pair for pair in response.headers.raw if pair[0].lower() not in _FRAMING]
        return exchange, httpx.Response(status, headers=kept, content=content, request=request)

    def _read(self, response: httpx.Response, began: float) -> tuple[bytes, int, str]:
        chunks: list[bytes] = []
        size = 0
        failure = ""
        try:
            for chunk in response.iter_bytes():
                size += len(chunk)
                chunks.append(chunk)
                if size > MAX_BODY_BYTES:
                    failure = f"body over {MAX_BODY_BYTES} bytes"
                    break
                if time.perf_counter() - began > self._reply_seconds:
                    failure = f"no whole reply within {self._reply_seconds:g} s"
                    break
        except httpx.TransportError as error:
            failure = _why(error)
        except httpx.DecodingError as error:
            failure = f"the body does not fit its Content-Encoding: {error}"
        finally:
            response.close()
        return b"".join(chunks)[:MAX_BODY_BYTES], size, failure


def _why(error: httpx.TransportError) -> str:
    """Return one line on a failure of the wire."""
    words = {
        httpx.ConnectTimeout: "no connection in time",
        httpx.ReadTimeout: "no reply in time",
        httpx.ConnectError: "no connection",
        httpx.ReadError: "the connection broke",
        httpx.RemoteProtocolError: "the reply breaks HTTP",
    }
    word = words.get(type(error), type(error).__name__)
    text = " ".join(str(error).split())
    return f"{word}: {text}" if text else word
