"""The control plane of a running stand-in as the commands reach it, and how answers are printed."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

if TYPE_CHECKING:
    import httpx

_PATIENCE_S = 120


class Remote:
    """The control plane of a stand-in, and how its answers are printed."""

    def __init__(self, url: str, tenant: str, key: str, as_json: bool) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self.as_json = as_json
        self.tenant_name = tenant
        self.tenant = f"/tenants/{quote(tenant, safe='')}"

    def ask(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """Send a request, and answer its JSON; raises `ClickException` with one line of reason."""
        with self._answered(method, path, query, body) as answer:
            return _decoded(answer.read())

    def events(self, path: str, /, **query: Any) -> Iterator[tuple[str, Any]]:
        """The server-sent events of a path, each its name and its JSON, until the stream ends.

        Raises `ClickException` as `ask` does.
        """
        with self._answered("GET", path, query, None) as answer:
            name = ""
            for line in answer.iter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    yield name, _decoded(value.encode())

    @contextmanager
    def _answered(
        self, method: str, path: str, query: Mapping[str, Any], body: Any
    ) -> "Iterator[httpx.Response]":
        import httpx

        try:
            with httpx.stream(
                method,
                f"{self._url}/_understudy{path}",
                params={name: value for name, value in query.items() if value is not None},
                json=body,
                headers={"understudy-control-key": self._key} if self._key else {},
                timeout=_PATIENCE_S,
                trust_env=False,
            ) as answer:
                if not answer.is_success:
                    told = _decoded(answer.read())
                    said = told.get("error") if isinstance(told, dict) else None
                    raise click.ClickException(
                        str(said or f"{self._url} answered {answer.status_code}")
                    )
                yield answer
        except httpx.ConnectError as error:
            raise click.ClickException(
                f"{self._url}: no stand-in answers ({_reason(error)}); "
                "start one with `understudy serve`, or name it with --url"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise click.ClickException(f"{self._url}: {_reason(error)}") from None

    def show(self, told: Any, lines: Callable[[Any], list[str]]) -> None:
        """Print an answer: as one line of JSON if that is wanted, else in words."""
        if self.as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            for line in lines(told):
                click.echo(line)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None
