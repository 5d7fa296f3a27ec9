"""What NanoGPT's second account is asked to pay: refusals, then more than it has.

Nothing else that this suite sends starts a job of the second account, so that its balance moves by
this alone. Prices are read off the replies: where they are small beside the balance, little is
asked for.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from conformance.model import Tier
from conformance.probe import FIRST, Probe, json_body
from conformance.profile import Ask
from conformance.profiles import nanogpt_bodies as bodies
from conformance.profiles import nanogpt_inputs as inputs
from conformance.profiles.nanogpt_money import amount
from conformance.reading import Reading

BALANCE: Final = "purse.balance"
REFUSED: Final = "purse.refused"
DEAR: Final = "purse.dear"
OWN: Final = "purse.own"
_SECOND: Final = ((FIRST[0], "second"),)
_TIMES: Final = 3
_OFTEN: Final = 6
_UNSAFE: Final = (
    "Not safe for work, unsafe, violence and gore, flagged, forbidden and blocked: a violation of "
    "the content policy [understudy:policy]"
)
UNSAFE: Final[bodies.Body] = {**bodies.TEXT, "prompt": _UNSAFE}

_REFUSED: Final[tuple[tuple[str, bodies.Body, tuple[tuple[str, str], ...]], ...]] = (
    ("no model", {"prompt": "A cat at a piano"}, ()),
    ("unknown model", {"model": bodies.NO_MODEL, "prompt": "A cat"}, ()),
    *((name, body, ()) for name, body in inputs.MISSING.items()),
    ("pro without pro mode", {**bodies.SORA, "resolution": "1792x1024"}, ()),
    ("unsafe, moderated", UNSAFE, (("moderation", "true"),)),
    ("unsafe", UNSAFE, ()),
)
"""Submissions that are refused; of the last two a target may take either."""

JOBS: Final[tuple[bodies.Body, ...]] = (
    {
        "model": "video-upscaler",
        "videoUrl": bodies.VIDEO,
        "target_resolution": "1080p",
        "videoDuration": 3600,
        "billedDuration": 3600,
    },
    {"model": "longstories-movie", "script": "Once there was a lighthouse.", "duration": "600"},
)
"""The dearest jobs: an hour's upscaling, and the longest story [seed; docs: video-generation]."""

WORST: Final = (UNSAFE, *(body for body in JOBS for _ in range(_TIMES)), bodies.HUNYUAN)
"""What `story` starts at worst, if a target refuses nothing unsafe."""


def story(ask: Ask) -> Any:
    """Ask the second account for what is refused, then for more than it has; creates nothing."""
    _look(ask)
    for subject, body, headers in _REFUSED:
        _create(ask, REFUSED, subject, body, headers)
        _look(ask)
    for body in JOBS:
        if _is_exhausted(ask, body):
            break
    _own(ask)
    return None


def _own(ask: Ask) -> None:
    """Read a job of the second account's with either key."""
    made = _create(ask, OWN, "", bodies.HUNYUAN)
    identity = made.answer.get("runId") if made is not None and made.is_success else None
    if isinstance(identity, str):
        for label in ("second", "first"):
            ask(
                Probe(
                    "GET", "/api/video/status", "", f"{OWN}.{label}", "getVideoStatus",
                    query={"requestId": identity}, credentials=((FIRST[0], label),),
                    tier=Tier.FUZZ, subject=identity,
                )
            )  # fmt: skip


def _is_exhausted(ask: Ask, body: bodies.Body) -> bool:
    """Ask for a dear job until the account has too little for it; returns whether it came to it.

    An account that could pay for it many times, is told no price, or fills itself up, is left
    alone.
    """
    before = Decimal("inf")
    for _ in range(_TIMES):
        made = _create(ask, DEAR, str(body["model"]), body)
        held = _look(ask)
        if made is None or not made.is_success:
            return made is not None and made.status == 402
        cost = amount(made.answer.get("cost"))
        if cost is None or held is None or cost <= 0 or held > _OFTEN * cost:
            return False
        if held > before:
            return True
        before = held
    return False


def _create(
    ask: Ask,
    probe: str,
    subject: str,
    body: bodies.Body,
    headers: tuple[tuple[str, str], ...] = (),
) -> Reading | None:
    return ask(
        Probe(
            "POST", "/api/generate-video", "", probe, "createVideo", headers=headers,
            body=json_body(body), credentials=_SECOND, tier=Tier.FUZZ, subject=subject,
        )
    )  # fmt: skip


def _look(ask: Ask) -> Decimal | None:
    """Ask for the balance; returns its dollars."""
    told = ask(
        Probe(
            "POST", "/api/check-balance", "", BALANCE, "checkBalance", credentials=_SECOND,
            tier=Tier.FUZZ,
        )
    )  # fmt: skip
    return amount(told.answer.get("usd_balance")) if told is not None else None
