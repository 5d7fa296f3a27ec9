"""What openapi-core says of requests and replies, one judge a contract and dialect.

Validates only, builds no objects; the contract is the one the stand-in serves.
"""

import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

import contracts
from conformance.second import JudgedReply, JudgedRequest
from contracts import Contract, Dialect

_LONGEST_REASON: Final = 500


class SecondJudge:
    """openapi-core with one contract in one dialect."""

    def __init__(self, contract: Contract) -> None:
        server = urlsplit(contract.document["servers"][0]["url"])
        self._origin = f"{server.scheme}://{server.netloc}"
        api = OpenAPI.from_dict(contract.document)
        self._replies = api.response_validator
        self._requests = api.request_validator

    def reply_faults(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> list[str]:
        """Return what is wrong with a reply to a declared method and full path.

        Header names are lower-case; empty if openapi-core accepts the reply.
        """
        kind = headers.get("content-type", "")
        reply = JudgedReply(status, kind, httpx.Headers(dict(headers)), body)
        return _reasons(self._replies.iter_errors(self._request(method, path), reply))

    def request_faults(
        self,
        method: str,
        path: str,
        *,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str],
        body: bytes,
    ) -> list[str]:
        """Return what is wrong with a request; empty if openapi-core accepts it.

        openapi-core has no word for a body that is no UTF-8, nor for a discriminator that is no
        text: it raises. That counts as a fault.
        """
        parameters = RequestParameters(
            query=ImmutableMultiDict(list(query)),
            header=Headers(dict(headers)),
        )
        kind = headers.get("content-type", "")
        request = self._request(method, path, parameters, kind, body or None)
        try:
            return _reasons(self._requests.iter_errors(request))
        except (UnicodeDecodeError, TypeError) as error:
            return [_reason(error)]

    def _request(
        self,
        method: str,
        path: str,
        parameters: RequestParameters | None = None,
        content_type: str = "",
        body: bytes | None = None,
    ) -> JudgedRequest:
        return JudgedRequest(
            self._origin,
            path,
            method.lower(),
            parameters or RequestParameters(),
            content_type,
            body,
        )


@cache
def judge_of(provider: str, dialect: Dialect) -> SecondJudge:
    """The judge of one of our contracts; made once a session."""
    return SecondJudge(contracts.load(provider, dialect))


def _reasons(errors: Iterable[Exception]) -> list[str]:
    with warnings.catch_warnings():
        # A deprecated operation is judged like any other.
        warnings.simplefilter("ignore", DeprecationWarning)
        return [_reason(error) for error in errors]


def _reason(error: BaseException) -> str:
    """One line: the error, then what caused it, as far down as openapi-core tells."""
    lines = [" ".join(str(error).split()) or type(error).__name__]
    for inner in getattr(error.__cause__, "schema_errors", ()):
        place = "/".join(map(str, inner.absolute_path))
        lines.append(f"/{place}: {inner.message}"[:_LONGEST_REASON])
    if len(lines) == 1 and error.__cause__ is not None:
        lines.append(_reason(error.__cause__))
    return "; ".join(lines)
