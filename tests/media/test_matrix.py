"""Every file is what was asked for: all pairs of provider and mode, length, aspect, resolution.

All combinations are `make media-matrix`.
"""

from pathlib import Path

import pytest

from tests.media.asking import Asker
from tests.media.probing import decode, differences
from tests.media.wishes import Wish, all_wishes, pairwise

pytestmark = pytest.mark.anyio

_LONGEST_S = 20
_SMALL_PIXELS = 1920 * 1080
_WISHES = pairwise(wish for wish in all_wishes() if wish.seconds <= _LONGEST_S)


@pytest.fixture(scope="module")
async def asker() -> Asker:
    made = Asker()
    await made.enrich()
    return made


@pytest.mark.parametrize("wish", _WISHES, ids=lambda wish: wish.name)
async def test_a_file_is_what_was_asked_for(asker: Asker, wish: Wish, tmp_path: Path) -> None:
    place = tmp_path / f"file.{wish.extension}"
    reply = await asker.fetch(wish, place)
    assert reply.headers["content-type"].partition("/")[0] == ("video" if wish.seconds else "image")
    assert differences(wish, place) == []
    if wish.size[0] * wish.size[1] <= _SMALL_PIXELS:
        decode(place)
