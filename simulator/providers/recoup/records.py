"""Recoup's own records in a tenant: artists and what accounts own, and how a new tenant gets them.

Fixture ids: the first account, its artist and the sharing account are those of the vendor's own
examples [seed 002]; the rest is ours.
"""

from typing import Any, Final

import msgspec

from simulator.core.desk import Desk
from simulator.core.errors import Forbidden, NotFound
from simulator.core.store import Kind, Tx
from simulator.provider import Settlement
from simulator.providers.recoup import catalog

SHARING_ACCOUNT: Final = "22222222-2222-4222-8222-222222222222"
UNRELATED_ACCOUNT: Final = "33333333-3333-4333-8333-333333333333"
SHARED_ORGANIZATION: Final = "55555555-5555-4555-8555-555555555555"
ARTIST: Final = "1873859c-dd37-4e9a-9bac-80d3558527a9"
SECOND_ARTIST: Final = "7c2e1b90-3a4d-4f6e-8c15-6b9d0e2f4a73"
ORGANIZATION_ARTIST: Final = "a4d8f3c2-9e61-4b07-8f2a-3c5d7e9b1f60"

REPOSITORY: Final = "https://github.com/recoup-content/{account_id}"
ALL_FILES: Final = tuple(item.file for item in catalog.REQUIREMENTS)


class Social(msgspec.Struct, frozen=True):
    """An artist's account on a platform, as stored."""

    id: str
    type: str
    username: str
    profile_url: str
    avatar: str | None = None
    bio: str | None = None
    region: str | None = None
    followers: int | None = None
    following: int | None = None
    updated_at_ms: int = 0


class Artist(msgspec.Struct, frozen=True):
    """An artist account; `files` is what its folder holds, None if no folder can be read.

    `organization_id` is empty for a personal artist. `songs` are the slugs of its songs.
    """

    id: str
    owner_id: str
    name: str | None
    organization_id: str = ""
    picture: str = ""
    instruction: str = ""
    label: str = ""
    knowledges: tuple[dict[str, Any], ...] = ()
    is_pinned: bool = False
    is_workspace: bool = False
    socials: tuple[Social, ...] = ()
    files: tuple[str, ...] | None = ALL_FILES
    songs: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The name in lower case, blanks replaced by hyphens [impl]."""
        return "-".join((self.name or "").lower().split())


class Membership(msgspec.Struct, frozen=True):
    """What an account belongs to, and its repository (empty if it has none)."""

    account_id: str
    repository: str
    organization_ids: tuple[str, ...] = ()


ARTISTS: Final = Kind("recoup.artist", Artist)
MEMBERSHIPS: Final = Kind("recoup.membership", Membership)


def membership(account_id: str, *organization_ids: str) -> Membership:
    """The membership of an account that has a repository, as every new account does."""
    return Membership(account_id, REPOSITORY.format(account_id=account_id), organization_ids)


async def known_artist(desk: Desk, artist_id: str) -> Artist:
    """Any artist of the tenant: ownership is not checked [impl].

    Raises `NotFound`, also for an artist without a name.
    """
    artist = await desk.find(ARTISTS, artist_id.lower())
    if artist is None or not artist.name:
        raise NotFound("artist", artist_id)
    return artist


async def membership_of(desk: Desk, account_id: str) -> Membership:
    """What an account belongs to; one that is not known has a repository, as a new one does."""
    return await desk.find(MEMBERSHIPS, account_id) or membership(account_id)


async def permitted_account(desk: Desk, wanted: str | None) -> str:
    """The account to list for: the caller's, or one that shares an organization [docs].

    Raises `Forbidden` for any other.
    """
    own = desk.account.id
    if wanted is None or wanted.lower() == own:
        return own
    other = await desk.find(MEMBERSHIPS, wanted.lower())
    mine = await membership_of(desk, own)
    if other is None or not set(other.organization_ids) & set(mine.organization_ids):
        raise Forbidden("account_not_shared")
    return other.account_id


async def furnish(tx: Tx, settlement: Settlement) -> None:
    """Put artists and memberships into a new tenant: each account has one personal artist."""
    first, second = settlement.account_ids
    for item in (
        membership(first, SHARED_ORGANIZATION),
        membership(second),
        membership(SHARING_ACCOUNT, SHARED_ORGANIZATION),
        membership(UNRELATED_ACCOUNT),
    ):
        await tx.put(MEMBERSHIPS, item.account_id, item)
    for artist in _artists(first, second, settlement.now_ms):
        await tx.put(ARTISTS, artist.id, artist)


def _artists(first: str, second: str, now_ms: int) -> tuple[Artist, ...]:
    gatsby = Artist(
        id=ARTIST,
        owner_id=first,
        name="Gatsby Grace",
        picture="gatsby-grace",
        instruction="Keep it warm, short and unpolished.",
        label="Independent",
        socials=(
            Social(
                id="6e1f9a30-52c7-4d84-9a0b-8d3c1e7f2b45",
                type="INSTAGRAM",
                username="gatsbygrace",
                profile_url="https://instagram.com/gatsbygrace",
                bio="songs from the back seat",
                followers=18_400,
                following=312,
                updated_at_ms=now_ms,
            ),
        ),
        songs=("hiccups", "adhd"),
    )
    juno = Artist(SECOND_ARTIST, second, "Juno Vale", picture="juno-vale", songs=("paper-lamps",))
    shared = Artist(
        ORGANIZATION_ARTIST,
        SHARING_ACCOUNT,
        "Harbour Lights",
        organization_id=SHARED_ORGANIZATION,
        picture="harbour-lights",
        songs=("low-tide",),
    )
    return gatsby, juno, shared
