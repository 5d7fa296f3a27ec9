"""The judge of any target, by HTTP: a conformance suite over the contracts.

`check(app=…, provider=…, keys=…)` or `check(base_url=…, …)` returns a `Result`. Never imports the
simulator; imports its heavy parts when they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.result import Result
    from conformance.target import AsgiApp

__all__ = ["check"]


def check(
    *,
    provider: str,
    keys: Sequence[str] = (),
    app: AsgiApp | None = None,
    base_url: str = "http://testserver",
    **options: Any,
) -> Result:
    """Judge an ASGI app in process, or the server at an origin.

    `keys` are one account's key and optionally another's. `options` are the fields of
    `conformance.engine.Options` (`tier`, `only`, `max_jobs`, `seed`, …). Raises
    `conformance.target.BadTarget` if nothing answers.
    """
    from conformance.engine import Run
    from conformance.options import Options
    from conformance.target import Keys, target

    first, second = (*keys, "", "")[:2]
    run = Run(target(base_url, Keys(first, second), app), Options(provider=provider, **options))
    try:
        run.identify()
        run.prepare()
        run.drive()
        return run.conclude()
    finally:
        run.close()
