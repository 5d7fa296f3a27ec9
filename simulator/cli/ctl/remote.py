"""The control plane of a running stand-in as the commands reach it, and how answers are printed."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import click

_PATIENCE_S = 120


class Remote:
    """The control plane of a stand-in, and how its answers are printed."""

    def __init__(self, url: str, tenant: str, key: str, as_json: bool) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self.as_json = as_json
        self.tenant_name = tenant
        self.tenant = f"/tenants/{quote(tenant, safe='')}"

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Send a request, and answer its JSON; raises `ClickException` with one line of reason."""
        import httpx

        headers = {"understudy-control-key": self._key} if self._key else {}
        try:
            answer = httpx.request(
                method,
                f"{self._url}/_understudy{path}",
                params={name: value for name, value in query.items() if value is not None},
                json=body,
                headers=headers,
                timeout=_PATIENCE_S,
                trust_env=False,
            )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise click.ClickException(f"{self._url}: {reason}") from None
        if answer.is_success:
            return _decoded(answer.content)
        told = _decoded(answer.content)
        said = told.get("error") if isinstance(told, dict) else None
        raise click.ClickException(str(said or f"{self._url} answered {answer.status_code}"))

    def show(self, told: Any, lines: Callable[[Any], list[str]]) -> None:
        """Print an answer: as one line of JSON if that is wanted, else in words."""
        if self.as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            for line in lines(told):
                click.echo(line)


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None
