"""Exchanges as the suite keeps them: request and reply as bytes, without any secret."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

Headers = tuple[tuple[str, str], ...]

CREDENTIAL_HEADERS: Final = frozenset(
    {"authorization", "x-api-key", "cookie", "proxy-authorization", "set-cookie"}
)
SOME: Final = "<some>"
_WORDS: Final = frozenset({"bearer", "basic", "token"})
_LABEL: Final = re.compile(r"<([a-z0-9-]+)>")
_QUERY_SECRET: Final = re.compile(
    r"(?i)([?&](?:[a-z0-9_-]*(?:token|signature|secret|credential|api_?key|sig))=)"
    r"(?!<[a-z-]+>(?:[&#]|$))[^&#]+"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back.

    `status` is 0 and `failure` says why when there was no whole reply. `driver` and `probe` name
    who sent it and what for, `series` and `step` its place in a lifecycle, `subject` what the probe
    is about (a field, a path). `started_ms` counts from the epoch. A replayed log has no driver.
    """

    index: int
    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int
    reply_headers: Headers
    reply_body: bytes
    started_ms: float
    elapsed_ms: float
    failure: str = ""
    driver: str = ""
    probe: str = ""
    subject: str = ""
    series: str = ""
    step: str = ""
    reply_size: int = 0

    def request_header(self, name: str) -> str | None:
        """Return the first request header of that name, whatever its case."""
        return _first(self.request_headers, name)

    def reply_header(self, name: str) -> str | None:
        """Return the first reply header of that name, whatever its case."""
        return _first(self.reply_headers, name)


def _first(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


@dataclass(slots=True)
class Redactor:
    """Replaces secrets by labels: `<first>`, `<second>`, or `<some>` where nothing is known.

    `labels` maps secret values to label words. Values of credential headers are always replaced,
    known values wherever they stand (if they have at least eight characters).
    """

    labels: dict[str, str] = field(default_factory=dict)

    def learn(self, value: str, label: str) -> None:
        """Remember what a secret value is called; the first name given to a value stays."""
        if value.strip():
            self.labels.setdefault(value, label)

    def headers(self, headers: Headers) -> Headers:
        """Return headers without secrets; an empty credential stays empty."""
        return tuple(
            (name, self._credential(value))
            if name.lower() in CREDENTIAL_HEADERS
            else (name, self.text(value))
            for name, value in headers
        )

    def text(self, text: str) -> str:
        """Return a text with every known secret replaced."""
        for value in self._known():
            if value in text:
                text = text.replace(value, f"<{self.labels[value]}>")
        return text

    def url(self, url: str) -> str:
        """Return a URL without known secrets, and without the values of signing parameters."""
        return _QUERY_SECRET.sub(r"\1<some>", self.text(url))

    def body(self, body: bytes) -> bytes:
        """Return a body with every known secret replaced."""
        for value in self._known():
            secret = value.encode(errors="surrogateescape")
            if secret in body:
                body = body.replace(secret, f"<{self.labels[value]}>".encode())
        return body

    def _known(self) -> list[str]:
        return sorted((value for value in list(self.labels) if len(value) >= 8), key=len)[::-1]

    def _credential(self, value: str) -> str:
        if not value.strip() or _LABEL.search(value):
            return value
        word, space, rest = value.partition(" ")
        if word.lower() in _WORDS and not rest.strip():
            return value
        if value in self.labels:
            return f"<{self.labels[value]}>"
        if space and rest.strip():
            return f"{word} <{self.labels.get(rest.strip(), 'some')}>"
        return SOME


def label_of(value: str) -> str:
    """Return the label in a redacted credential (`first` for `Bearer <first>`), `""` without."""
    found = _LABEL.search(value)
    return found.group(1) if found else ""
