"""Texts that fit a schema's format, pattern and length, and what they are called."""

import base64
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, TypeAlias

from simulator.http.synthesis.numbers import snake
from simulator.http.synthesis.pools import Pools, pools
from simulator.http.synthesis.regexes import Unsupported, text_maker

MakeText: TypeAlias = Callable[[Random], str]

_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR_S: Final = 365 * 24 * 3600
_ENDINGS: Final = (
    (re.compile(r"image|avatar|thumb|poster|photo|picture"), "png"),
    (re.compile(r"audio|song|music|sound"), "mp3"),
    (re.compile(r"video|motion|clip|movie|mp4"), "mp4"),
)


def compiled(schema: dict[str, Any], name: str) -> MakeText:
    """Return a generator of texts for a schema; `name` is what the text is called."""
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if isinstance(schema.get("pattern"), str):
        plain = _of_format(schema.get("format"), name) or _of_name(name)
        return _patterned(schema["pattern"], plain, shortest)
    formatted = _of_format(schema.get("format"), name)
    if formatted is not None:
        return formatted
    make = _of_name(name)
    if not shortest and longest is None:
        return make
    return lambda random: _fitted(make(random), random, shortest, longest)


def word(random: Random, number: int) -> str:
    """Return a word that differs from the words of other numbers."""
    drawn = random.choice(pools().words)
    return f"{drawn}_{number}" if number else drawn


def singular(name: str) -> str:
    """Return what one item of a list is called."""
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _patterned(pattern: str, plain: MakeText, shortest: int) -> MakeText:
    """Return a generator that keeps plausible texts that fit the pattern, and spells out others."""
    fits = re.compile(pattern).search
    try:
        spell = text_maker(pattern, shortest)
    except Unsupported:
        spell = plain

    def make(random: Random) -> str:
        text = plain(random)
        return text if fits(text) and len(text) >= shortest else spell(random)

    return make


def _fitted(text: str, random: Random, shortest: int, longest: int | None) -> str:
    while len(text) < shortest:
        text = f"{text} {random.choice(pools().words)}"
    if longest is not None and len(text) > longest:
        cut = text[:longest].rstrip()
        text = cut if len(cut) >= shortest else text[:longest]
    return text


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _moment(random: Random) -> datetime:
    return _EPOCH + timedelta(seconds=random.randrange(_YEAR_S))


def _slug(random: Random) -> str:
    words = pools().words
    return f"{random.choice(words)}-{random.choice(words)}"


def _url(name: str) -> MakeText:
    ending = next((end for pattern, end in _ENDINGS if pattern.search(snake(name))), "")
    tail = f".{ending}" if ending else ""
    return lambda random: f"https://media.example.com/{_slug(random)}{tail}"


def _hex(random: Random) -> str:
    return f"{random.getrandbits(128):032x}"


def _date_time(random: Random) -> str:
    return _moment(random).strftime("%Y-%m-%dT%H:%M:%S.000Z")


_FORMATS: Final[dict[str, MakeText]] = {
    "date-time": _date_time,
    "date": lambda random: _moment(random).strftime("%Y-%m-%d"),
    "time": lambda random: _moment(random).strftime("%H:%M:%SZ"),
    "duration": lambda random: f"PT{random.randint(1, 59)}S",
    "email": lambda random: f"{random.choice(pools().user_names)}@example.com",
    "uuid": _uuid,
    "hostname": lambda random: f"{random.choice(pools().words)}.example.com",
    "ipv4": lambda random: f"192.0.2.{random.randint(1, 254)}",
    "ipv6": lambda random: f"2001:db8::{random.randint(1, 0xFFFF):x}",
    "byte": lambda random: base64.b64encode(random.randbytes(12)).decode(),
    "json-pointer": lambda random: f"/{random.choice(pools().words)}",
    "regex": lambda random: f"^{random.choice(pools().words)}$",
}


def _of_format(name: object, called: str) -> MakeText | None:
    if name in ("uri", "url", "iri", "uri-reference", "iri-reference"):
        return _url(called)
    return _FORMATS.get(name) if isinstance(name, str) else None


def _drawn(pick: Callable[[Pools], tuple[str, ...]]) -> MakeText:
    return lambda random: random.choice(pick(pools()))


_NAMES: Final[tuple[tuple[re.Pattern[str], MakeText], ...]] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"(^|_)email$", _FORMATS["email"]),
        (r"(^|_)(uuid|guid)$|(^|_)ids?$", _uuid),
        (r"(_at|timestamp|^created|^updated|_time)$|^date$", _date_time),
        (r"(hash|digest|token|signature|etag|checksum)$", _hex),
        (r"(amount|balance|price|cost)$", lambda random: f"{random.uniform(0, 5):.4f}"),
        (r"first_name$", _drawn(lambda pool: pool.first_names)),
        (r"last_name$", _drawn(lambda pool: pool.last_names)),
        (r"user_?name$|(^|_)login$", _drawn(lambda pool: pool.user_names)),
        (r"(author|artist|owner|person|full_name)$", _drawn(lambda pool: pool.people)),
        (r"(company|organi[sz]ation|publisher)$", _drawn(lambda pool: pool.companies)),
        (r"(file_?name|_file)$", lambda random: f"{_slug(random)}.bin"),
        (r"name$|title$|label$|heading$", _drawn(lambda pool: pool.titles)),
        (r"city$", _drawn(lambda pool: pool.cities)),
        (r"(country|region)$", _drawn(lambda pool: pool.countries)),
        (r"colou?r$", _drawn(lambda pool: pool.colors)),
        (r"(language|locale)$", _drawn(lambda pool: pool.languages)),
        (r"currency$", lambda random: "USD"),
        (r"(mime|media|content)_?type$", lambda random: "video/mp4"),
        (r"(bio|instruction|text|content|body)$", _drawn(lambda pool: pool.paragraphs)),
        (
            r"(description|summary|message|detail|prompt|caption|comment|reason|error|note|tone)s?$",
            _drawn(lambda pool: pool.sentences),
        ),
    )
)
_LINK: Final = re.compile(r"(ur[il]|link|href|avatar)s?$")


def _of_name(name: str) -> MakeText:
    called = snake(name)
    if _LINK.search(called):
        return _url(name)
    return next((make for pattern, make in _NAMES if pattern.search(called)), _slug)
