"""Plausible words, names and sentences, drawn once from Faker with a fixed seed.

Faker is imported at the first use: a stand-in that never answers from a contract alone never pays.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

_SEED: Final = 20
_SIZE: Final = 64


@dataclass(frozen=True, slots=True)
class Pools:
    """What generated replies draw from."""

    words: tuple[str, ...]
    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    paragraphs: tuple[str, ...]
    people: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    user_names: tuple[str, ...]
    companies: tuple[str, ...]
    cities: tuple[str, ...]
    countries: tuple[str, ...]
    colors: tuple[str, ...]
    languages: tuple[str, ...]


@cache
def pools() -> Pools:
    """Return the pools, always the same."""
    from faker import Faker

    faker = Faker("en_US", use_weighting=False)
    faker.seed_instance(_SEED)
    words = dict.fromkeys(faker.word() for _ in range(4 * _SIZE))
    return Pools(
        words=tuple(word for word in words if word.isascii() and word.isalpha()),
        titles=tuple(faker.catch_phrase() for _ in range(_SIZE)),
        sentences=tuple(faker.sentence() for _ in range(_SIZE)),
        paragraphs=tuple(faker.paragraph() for _ in range(_SIZE)),
        people=tuple(faker.name() for _ in range(_SIZE)),
        first_names=tuple(faker.first_name() for _ in range(_SIZE)),
        last_names=tuple(faker.last_name() for _ in range(_SIZE)),
        user_names=tuple(faker.user_name() for _ in range(_SIZE)),
        companies=tuple(faker.company() for _ in range(_SIZE)),
        cities=tuple(faker.city() for _ in range(_SIZE)),
        countries=tuple(faker.country() for _ in range(_SIZE)),
        colors=tuple(faker.hex_color() for _ in range(_SIZE)),
        languages=tuple(faker.language_code() for _ in range(_SIZE)),
    )
