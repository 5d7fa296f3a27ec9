"""What media files show of themselves, and what a broken one does not pass for."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from conformance import containers
from conformance.media import png


def picture(form: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (48, 32), "teal").save(made, form)
    return made.getvalue()


@pytest.mark.parametrize("form", ["png", "jpeg", "gif", "webp"])
def test_a_whole_picture_is_one(form: str) -> None:
    assert containers.kind_of(picture(form)) == f"image/{form}"


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_a_picture_cut_short_is_none(form: str) -> None:
    whole = picture(form)
    assert containers.kind_of(whole[: len(whole) // 2]) == ""


def test_a_png_of_a_head_alone_is_none() -> None:
    assert containers.kind_of(b"\x89PNG\r\n\x1a\n" + bytes(64)) == ""


def test_a_png_with_a_wrong_byte_is_none() -> None:
    whole = bytearray(png())
    whole[len(whole) // 2] ^= 1
    assert containers.kind_of(bytes(whole)) == ""


def test_a_png_without_rows_is_none() -> None:
    whole = png()
    start, end = whole.index(b"IDAT") - 4, whole.index(b"IEND") - 4
    assert containers.kind_of(whole[:start] + whole[end:]) == ""


@pytest.mark.parametrize("form", ["png", "jpeg"])
def test_a_picture_tells_its_size(form: str) -> None:
    assert containers.size_pixels(picture(form)) == (48, 32)


def test_half_a_jpeg_head_tells_no_size() -> None:
    whole = picture("jpeg")
    assert [containers.size_pixels(whole[:end]) for end in (4, 8, 20)] == [None] * 3
