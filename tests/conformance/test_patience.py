"""A target that limits its callers is asked again when it says so, within bounds."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest

from conformance import check
from conformance.exchange import Exchange
from conformance.model import Level, Tier, Verdict
from conformance.patience import Patience, retry_after_seconds
from conformance.result import Result
from tests.conformance.targets import FIRST, SECOND, Target

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Limited:
    """Refuses every third call of an API path with 429, or all of them."""

    def __init__(self, retry_after: str, *, always: bool = False) -> None:
        self.target = Target(is_understudy=True)
        self.refused = 0
        self._calls = 0
        self._retry_after = retry_after
        self._always = always

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Refuse a call, or pass it on to the small target."""
        if scope["type"] == "http" and scope["path"].startswith("/api"):
            self._calls += 1
            if self._always or self._calls % 3 == 0:
                self.refused += 1
                headers = [(b"retry-after", self._retry_after.encode())]
                headers += [(b"content-type", b"application/json")]
                await send({"type": "http.response.start", "status": 429, "headers": headers})
                await send({"type": "http.response.body", "body": b'{"error":"slow down"}'})
                return
        await self.target(scope, receive, send)


def judged(app: Limited, *only: str, **options: Any) -> Result:
    given = {"tier": Tier.FREE, "wait_seconds": 2.0, "generator": False, "workers": 1, **options}
    return check(provider="recoup", app=app, keys=(FIRST, SECOND), only=only, **given)


def test_a_limit_that_passes_leaves_no_rule_open() -> None:
    app = Limited("0")
    result = judged(app, "recoup.listTemplates", "recoup.listArtists", "recoup.estimateContent")
    assert app.refused > 10
    assert [
        each.rule.id
        for each in result.results
        if each.rule.level is Level.MUST and each.verdict is Verdict.INCONCLUSIVE
    ] == []
    # What the refusals themselves say is judged all the same.
    assert {found.case for each in result.failed for found in each.failures} <= {"429"}


def test_what_was_sent_again_is_evidence_of_the_limit_alone() -> None:
    result = judged(Limited("0"), "recoup.listTemplates", "recoup.rate-limit")
    limited = [exchange for exchange in result.log if exchange.status == 429]
    assert limited
    assert {exchange.probe for exchange in limited} == {"limited"}
    assert result.verdict("recoup.rate-limit.retry-after") is Verdict.PASS


def test_one_that_never_passes_is_asked_three_times() -> None:
    app = Limited("0", always=True)
    result = judged(app, "recoup.listTemplates.accepts")
    assert result.verdict("recoup.listTemplates.accepts") is Verdict.INCONCLUSIVE
    sent = [exchange for exchange in result.log if exchange.driver != "health"]
    assert len(sent) % 3 == 0


def test_too_long_a_wait_is_not_made() -> None:
    began = time.monotonic()
    judged(Limited("3600", always=True), "recoup.listTemplates.accepts")
    assert time.monotonic() - began < 2


def _refusal(retry_after: str | None, status: int = 429) -> Exchange:
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    return Exchange(0, "GET", "http://t/", (), b"", status, headers, b"", 0.0, 0.0)


def test_it_waits_as_long_as_is_said_and_no_longer_than_allowed() -> None:
    began = time.monotonic()
    patience = Patience(1.0, lambda: 60.0)
    assert patience.waits(_refusal("1"), lambda: False)
    assert 1.0 <= time.monotonic() - began < 1.5
    assert patience.waited_seconds == pytest.approx(1.0, abs=0.01)
    assert not patience.waits(_refusal("2"), lambda: False)
    assert not Patience(9.0, lambda: 1.0).waits(_refusal("2"), lambda: False)
    assert not patience.waits(_refusal("0", 503), lambda: False)


def test_the_waits_of_a_run_have_an_end() -> None:
    patience = Patience(0.05, lambda: 60.0)
    waits = 0
    while patience.waits(_refusal("Thu, 01 Jan 1970 00:00:00 GMT"), lambda: False) and waits < 5:
        waits += 1
    assert waits == 5  # what costs no time is not counted
    assert not Patience(0.0, lambda: 60.0).waits(_refusal("1"), lambda: False)


def test_an_interrupt_ends_a_wait() -> None:
    began = time.monotonic()
    assert not Patience(30.0, lambda: 60.0).waits(_refusal("20"), lambda: True)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("soon", None), (None, None), ("-1", None), ("12345678", None),
     ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_is_read_by_number_or_date(text: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(_refusal(text)) == seconds
