"""One asset becomes one file, by its extension. Slow work for a thread of its own."""

import wave
from pathlib import Path
from typing import Final

import av
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from simulator.media import clips, painting, sound
from simulator.media.assets import Asset, lines, tags

_LARGEST_SIDE: Final = 8192
_IMAGE_DESCRIPTION: Final = 0x010E
_MP3_KBITS: Final = 64
_UNASKED_S: Final = 5.0


def write(path: Path, asset: Asset, picture: bytes | None) -> None:
    """Render an asset, which may begin with an input picture, into a file.

    Raises `ValueError` for an extension that nothing makes.
    """
    if asset.extension in ("mp4", "mov", "webm"):
        clips.write_clip(path, asset, _pictures(asset, picture, clips.coded_size(asset.spec)))
    elif asset.extension in ("png", "jpg", "jpeg", "webp"):
        size = (_side(asset.spec.width), _side(asset.spec.height))
        _write_still(path, asset, _pictures(asset, picture, size)[1])
    elif asset.extension == "mp3":
        _write_mp3(path, asset)
    elif asset.extension == "wav":
        _write_wav(path, asset)
    else:
        raise ValueError(f"no way to make .{asset.extension}")


def _side(length: int) -> int:
    return min(_LARGEST_SIDE, max(1, length))


def _pictures(
    asset: Asset, picture: bytes | None, size: tuple[int, int]
) -> tuple[Image.Image | None, Image.Image]:
    """The input picture, if there is one to show, and the picture with the label."""
    given = None if picture is None else painting.input_picture(picture, size)
    ground = painting.field(asset.entropy, size) if given is None else given.copy()
    return given, painting.labelled(ground, lines(asset))


def _write_still(path: Path, asset: Asset, image: Image.Image) -> None:
    told = tags(asset)
    if asset.extension == "png":
        info = PngInfo()
        for name, text in told.items():
            info.add_itxt(name.title(), text)
        image.save(path, "PNG", pnginfo=info, compress_level=1)
        return
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION] = f"{told['title']}; {told['comment']}"
    if asset.extension == "webp":
        image.save(path, "WEBP", quality=82, method=1, exif=exif)
    else:
        comment = f"{told['title']}; {told['comment']}".encode()
        image.save(path, "JPEG", quality=86, exif=exif, comment=comment)


def _write_mp3(path: Path, asset: Asset) -> None:
    options = {"fflags": "+bitexact", "id3v2_version": "3"}
    with av.open(str(path), "w", format="mp3", options=options) as container:
        container.metadata.update(tags(asset))
        stream = container.add_stream("libmp3lame", rate=sound.RATE, layout="mono")
        stream.codec_context.bit_rate = _MP3_KBITS * 1000
        sound.encode(container, stream, _seconds(asset))


def _write_wav(path: Path, asset: Asset) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.RATE)
        file.writeframes(sound.pcm(_seconds(asset)))


def _seconds(asset: Asset) -> float:
    return asset.spec.duration_ms / 1000 or _UNASKED_S
