"""`python -m tests.media.matrix`: asks for every combination, and prints a table of the outcome.

Every file is probed; of files alike in all that matters to a decoder, one is decoded whole.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.media.asking import Asker
from tests.media.probing import decode, differences
from tests.media.wishes import Wish, all_wishes


async def ask_for_all() -> int:
    """Ask, judge, print; answers how many files were not as wished."""
    asked: Counter[tuple[str, str]] = Counter()
    decoded: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    seen: set[object] = set()
    asker = Asker()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        await asker.enrich()
        for wish in all_wishes():
            row = wish.provider, f"{wish.operation} {wish.mode}"
            place = path.with_suffix(f".{wish.extension}")
            asked[row] += 1
            try:
                await asker.fetch(wish, place)
                found = differences(wish, place)
                if (alike := _alike(wish)) not in seen:
                    seen.add(alike)
                    decoded[row] += 1
                    decode(place)
            except AssertionError as error:
                found = [str(error)]
            wrong += [f"{wish.name}: {difference}" for difference in found]
    _print(asked, decoded, wrong, time.monotonic() - started)
    return len(wrong)


def _alike(wish: Wish) -> object:
    return wish.size, wish.seconds, wish.fps, wish.has_audio, wish.extension


def _print(
    asked: Counter[tuple[str, str]],
    decoded: Counter[tuple[str, str]],
    wrong: list[str],
    took_s: float,
) -> None:
    print("| provider | operation and mode | files | decoded whole |")
    print("| --- | --- | ---: | ---: |")
    for (provider, mode), count in asked.items():
        print(f"| {provider} | {mode} | {count} | {decoded[provider, mode]} |")
    print(f"| all | | {asked.total()} | {decoded.total()} |")
    print(f"\n{len(wrong)} not as wished, in {took_s:.0f} s")
    for line in wrong:
        print(line)


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(ask_for_all())))
