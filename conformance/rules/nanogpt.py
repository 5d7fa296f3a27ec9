"""NanoGPT's own rules, gathered: submissions, extensions, jobs and their files, the rest.

Written from the seed and the documents that `contracts/nanogpt/SOURCE.md` lists. What those only
suggest is `assumed`; where they contradict each other, a reply may follow either.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.rule import Rule
from conformance.rules import (
    lifecycle,
    nanogpt_access,
    nanogpt_account,
    nanogpt_catalogue,
    nanogpt_extensions,
    nanogpt_films,
    nanogpt_jobs,
    nanogpt_lists,
    nanogpt_models,
    nanogpt_moderation,
    nanogpt_money,
    nanogpt_offers,
    nanogpt_purse,
    nanogpt_submissions,
)
from conformance.setting import Setting


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield NanoGPT's rules."""
    yield from lifecycle.rules(setting)
    for module in (
        nanogpt_submissions,
        nanogpt_models,
        nanogpt_offers,
        nanogpt_extensions,
        nanogpt_jobs,
        nanogpt_access,
        nanogpt_lists,
        nanogpt_catalogue,
        nanogpt_account,
        nanogpt_money,
        nanogpt_purse,
        nanogpt_films,
        nanogpt_moderation,
    ):
        yield from module.rules()
