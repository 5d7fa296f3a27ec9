"""The HTML report, opened in a real browser without a network."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from conformance import check
from conformance.model import Tier
from conformance.report import page
from tests.conformance.targets import FIRST, Target

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=900,900",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=2000",
)  # fmt: skip


@pytest.mark.skipif(BROWSER is None, reason="needs chromium")
def test_page_shows_the_verdict_in_colour(tmp_path: Path) -> None:
    app = Target(is_understudy=True, change=lambda _, status, answer: (
        (418, answer) if status == 200 and isinstance(answer, dict) and "templates" in answer
        else (status, answer)
    ))  # fmt: skip
    result = check(
        provider="recoup", app=app, keys=(FIRST,), tier=Tier.FREE, only=("recoup.listTemplates",)
    )
    file, shot = tmp_path / "page.html", tmp_path / "page.png"
    file.write_bytes(page.render([result]))
    subprocess.run(
        [str(BROWSER), *FLAGS, f"--screenshot={shot}", file.as_uri()],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    colours = set(pixels(shot.read_bytes()))
    assert result.failed
    assert (0xC6, 0x28, 0x28) in colours  # the red of FAIL
    assert (0x2A, 0x8A, 0x3E) in colours or len(colours) > 20


@pytest.mark.skipif(BROWSER is None, reason="needs chromium")
def test_page_filters_its_rules_by_script(tmp_path: Path) -> None:
    result = check(
        provider="recoup", app=Target(), keys=(FIRST,), tier=Tier.FREE, only=("recoup.listRuns",)
    )
    text = page.render([result]).decode()
    probe = (
        "<script>search.value='listRuns.status';apply();"
        "document.title='shown '+[...document.querySelectorAll('details.rule')]"
        ".filter(e=>!e.hidden).length</script></body>"
    )
    file = tmp_path / "page.html"
    file.write_text(text.replace("</body>", probe), errors="replace")
    found = subprocess.run(
        [str(BROWSER), *FLAGS, "--dump-dom", file.as_uri()],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "<title>shown 1</title>" in found.stdout


def pixels(content: bytes) -> list[tuple[int, int, int]]:
    """Return the pixels of a PNG of 8 bits a channel."""
    at, data, width, channels = 8, b"", 0, 3
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        chunk = content[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, _, _, colour = struct.unpack(">IIBB", chunk[:10])
            channels = 4 if colour == 6 else 3
        elif kind == b"IDAT":
            data += chunk
        at += size + 12
    rows = _unfiltered(zlib.decompress(data), width * channels, channels)
    return [tuple(row[i : i + 3]) for row in rows for i in range(0, len(row), channels)]  # type: ignore[misc]  # three each


def _unfiltered(raw: bytes, stride: int, step: int) -> list[bytearray]:
    rows: list[bytearray] = []
    above = bytearray(stride)
    for at in range(0, len(raw), stride + 1):
        kind, row = raw[at], bytearray(raw[at + 1 : at + 1 + stride])
        for i in range(stride):
            left = row[i - step] if i >= step else 0
            up, corner = above[i], above[i - step] if i >= step else 0
            row[i] = (row[i] + _predicted(kind, left, up, corner)) & 255
        rows.append(row)
        above = row
    return rows


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda each: abs(guess - each))
    return (0, left, up, (left + up) // 2)[kind]
