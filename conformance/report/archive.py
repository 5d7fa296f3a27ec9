"""The HAR report: every exchange of all results in one file, ready for `understudy score`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformance import har
from conformance.log import ExchangeLog
from conformance.report.data import suite_version

if TYPE_CHECKING:
    from conformance.result import Result


def render(results: Sequence[Result]) -> bytes:
    """Return the log of one or more results."""
    merged = ExchangeLog()
    for result in results:
        for exchange in result.log:
            merged.append(exchange)
    return har.dump(merged, suite_version())
