"""What a run makes from its inputs, and what that needs and costs. Pure.

Reads validated bodies; whether a frame exists is for the operations to find out.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from simulator.core.assets import MediaSpec
from simulator.core.errors import ContentPolicy, ModelNotFound, RuleBroken
from simulator.providers.leonardo import accounts, catalog
from simulator.providers.leonardo.catalog import ImageModel, Size, VideoModel
from simulator.providers.leonardo.records import Frame

_REFUSED: Final = re.compile(rf"\b({'|'.join(catalog.REFUSED_WORDS)})\b", re.IGNORECASE)


class Video(msgspec.Struct, frozen=True):
    """One video to make; sizes in pixels."""

    mode: str
    model: VideoModel
    size: Size
    duration_s: int
    credits: int
    frames: tuple[Frame, ...]


class Images(msgspec.Struct, frozen=True):
    """Some images of one size to make."""

    mode: str
    model: ImageModel
    size: Size
    count: int
    credits: int
    frames: tuple[Frame, ...]


def video(body: Mapping[str, Any], given: Mapping[str, Any], *, follows_guides: bool) -> Video:
    """Tell what a video request makes: text-to-video, image-to-video or first-last-frame.

    `body` has the contract's defaults, `given` is what was sent: the contract's default duration
    is not that of every model. Raises `RuleBroken` for what the model does not offer.
    """
    model = catalog.VIDEO_MODELS[body.get("model") or catalog.DEFAULT_VIDEO_MODEL]
    frames = _video_frames(body, model, follows_guides=follows_guides)
    if model.needs_start_frame and not frames:
        raise RuleBroken("start_frame_required", "/model", model.token)
    if body.get("elements") and not model.takes_elements:
        raise RuleBroken("elements_not_supported", "/elements", data={"model": model.token})
    _check_seed(body, model.seed_max)
    resolution = _resolution(body, model)
    duration_s = _duration(given, model)
    return Video(
        ("text-to-video", "image-to-video", "first-last-frame")[len(frames)],
        model,
        _video_size(body, model, resolution),
        duration_s,
        model.credits[resolution, duration_s],
        frames,
    )


def images(body: Mapping[str, Any], given: Mapping[str, Any]) -> Images:
    """Tell what an image request makes: text-to-image, image-to-image or unzoom.

    Raises `RuleBroken`, or `ModelNotFound` for a model that is not offered.
    """
    model_id = body.get("modelId") or catalog.DEFAULT_IMAGE_MODEL
    model = catalog.IMAGE_MODELS.get(model_id.lower())
    if model is None:
        raise ModelNotFound(model_id)
    is_flux = model.sd_version.startswith("FLUX")
    _check_seed(body, catalog.FLUX_SEED_MAX if is_flux else catalog.IMAGE_SEED_MAX)
    size = (int(body.get("width") or 1024), int(body.get("height") or 768))
    count = int(body.get("num_images") or 4)
    if count > 4 and max(size) > 768:
        raise RuleBroken("too_many_images", "/num_images", count, (1, 2, 3, 4))
    if given.get("ultra") and given.get("alchemy"):
        raise RuleBroken("ultra_with_alchemy", "/ultra", True)
    unzooms = bool(body.get("unzoom"))
    if unzooms and not (body.get("unzoomAmount") and body.get("init_image_id")):
        raise RuleBroken("unzoom_incomplete", "/unzoom", True)
    frames = _image_frames(body)
    mode = "unzoom" if unzooms else "image-to-image" if frames else "text-to-image"
    surcharges = [name for name in catalog.IMAGE_SURCHARGES if body.get(name)]
    elements = len(body.get("elements") or ()) + len(body.get("userElements") or ())
    price = image_credits(size, count, surcharges, elements)
    return Images(mode, model, size, count, price, frames)


def upscaled_frame(body: Mapping[str, Any]) -> Frame:
    """Find the one image that a universal upscale names; raises `RuleBroken` for none or more."""
    kinds = {
        "generatedImageId": "GENERATED",
        "initImageId": "UPLOADED",
        "variationId": "VARIATION",
    }
    named = [Frame(body[key], kind, f"/{key}") for key, kind in kinds.items() if body.get(key)]
    if len(named) != 1:
        raise RuleBroken("one_image_required", "", len(named), tuple(kinds))
    _check_upscaler_styles(body)
    return named[0]


def svd_frame(body: Mapping[str, Any]) -> Frame:
    """The image that Motion 1.0 sets in motion; the two flags say of what kind it is."""
    if body.get("isInitImage"):
        return Frame(body["imageId"], "UPLOADED", "/imageId")
    return varied_frame(body, "imageId")


def varied_frame(body: Mapping[str, Any], field: str = "id") -> Frame:
    """The image that a variation starts from: a generated one, or with the flag a variation."""
    kind = "VARIATION" if body.get("isVariation") else "GENERATED"
    return Frame(body[field], kind, f"/{field}")


def check_prompt(prompt: str) -> None:
    """Raise `ContentPolicy` with the word if the filter finds one [docs: NSFW guide]."""
    if found := _REFUSED.search(prompt):
        raise ContentPolicy(found.group(1).lower())


def image_credits(
    size: Size, count: int, surcharges: Iterable[str] = (), elements: int = 0, extra: int = 0
) -> int:
    """The price of some images; `extra` are credits on top of the whole job."""
    by_size = math.ceil(size[0] * size[1] / catalog.IMAGE_PIXELS_PER_CREDIT)
    each = by_size + sum(catalog.IMAGE_SURCHARGES[name] for name in surcharges) + elements
    return each * count + extra


def upscale_credits(size: Size, multiplier: float, *, is_ultra: bool) -> int:
    """The price of a universal upscale, by the megapixels it makes."""
    megapixels = math.ceil(size[0] * size[1] * multiplier**2 / 1_000_000)
    if is_ultra:
        return megapixels * catalog.UPSCALER_ULTRA_CREDITS_PER_MEGAPIXEL
    return megapixels * catalog.UPSCALER_CREDITS_PER_MEGAPIXEL


def service_credits(service: str, params: Mapping[str, Any]) -> int:
    """The price of a service as the calculator tells it; absent parameters have their defaults."""
    models = {"MOTION_VIDEO_GENERATION": "MOTION2", "VEO3_MOTION_VIDEO_GENERATION": "VEO3"}
    if service in models:
        model = catalog.VIDEO_MODELS[models[service]]
        resolution = params.get("resolution") or next(iter(model.sizes))
        return model.credits[resolution, model.default_duration_s]
    if service == "MOTION_SVD_GENERATION":
        return catalog.SVD_CREDITS
    if service == "IMAGE_GENERATION":
        return _image_service_credits(params)
    if service == "UNIVERSAL_UPSCALER":
        return int(params.get("megapixel") or 1) * catalog.UPSCALER_CREDITS_PER_MEGAPIXEL
    if service == "UNIVERSAL_UPSCALER_ULTRA":
        size = (int(params.get("inputWidth") or 1024), int(params.get("inputHeight") or 1024))
        return upscale_credits(size, params.get("upscaleMultiplier") or 1.5, is_ultra=True)
    return catalog.PRICED_SERVICES[service] * int(params.get("numImages") or 1)


def video_spec(
    size: Size, duration_s: int, *, has_audio: bool = False, picture: str = ""
) -> MediaSpec:
    """The file that a video request makes, which may begin with a kept picture."""
    length_ms = duration_s * 1000
    return MediaSpec("video", "mp4", *size, length_ms, has_audio=has_audio, picture=picture)


def scaled(size: Size, factor: float) -> Size:
    """A size times a factor, in whole pixels."""
    return round(size[0] * factor), round(size[1] * factor)


def nanos(price: int) -> int:
    """Credits in nano-dollars."""
    return price * accounts.NANOS_PER_CREDIT


def _image_service_credits(params: Mapping[str, Any]) -> int:
    flags = {
        "alchemy": params.get("alchemyMode"),
        "highResolution": params.get("highResolution"),
        "photoReal": params.get("photoRealMode"),
        "promptMagic": params.get("promptMagic"),
        "ultra": params.get("isUltra"),
    }
    return image_credits(
        (int(params.get("imageWidth") or 1024), int(params.get("imageHeight") or 768)),
        int(params.get("numImages") or 4),
        [name for name, is_on in flags.items() if is_on],
        int(params.get("loraCount") or 0),
        int(params.get("controlnetsCost") or 0),
    )


def _video_frames(
    body: Mapping[str, Any], model: VideoModel, *, follows_guides: bool
) -> tuple[Frame, ...]:
    if "imageId" not in body:
        return ()
    start = Frame(body["imageId"], body["imageType"], "/imageId")
    end = body.get("endFrameImage")
    if end is None:
        return (start,)
    allows = model.takes_end_frame_in_guides if follows_guides else model.takes_end_frame
    if not allows:
        raise RuleBroken("end_frame_not_supported", "/endFrameImage", data={"model": model.token})
    return (start, Frame(end["id"], end["type"], "/endFrameImage/id"))


def _image_frames(body: Mapping[str, Any]) -> tuple[Frame, ...]:
    kinds = {"init_image_id": "UPLOADED", "init_generation_image_id": "GENERATED"}
    return tuple(
        Frame(body[key], kind, f"/{key}")
        for key, kind in kinds.items()
        if body.get(key) is not None
    )


def _check_seed(body: Mapping[str, Any], largest: int) -> None:
    seed = body.get("seed")
    if seed is not None and not 0 <= seed <= largest:
        raise RuleBroken("seed_out_of_range", "/seed", seed, (0, largest))


def _resolution(body: Mapping[str, Any], model: VideoModel) -> str:
    resolution = body.get("resolution")
    if resolution is None:
        return _resolution_of_size(body, model)
    if resolution not in model.sizes:
        allowed = tuple(model.sizes)
        data = {"model": model.token}
        raise RuleBroken("resolution_not_offered", "/resolution", resolution, allowed, data)
    return str(resolution)


def _resolution_of_size(body: Mapping[str, Any], model: VideoModel) -> str:
    """Without a resolution the sides tell it: the largest one whose shorter side still fits."""
    sides = [body[name] for name in ("width", "height") if body.get(name) is not None]
    names = list(model.sizes)
    fitting = [name for name in names if sides and min(model.sizes[name]) <= min(sides)]
    return fitting[-1] if fitting else names[0]


def _duration(given: Mapping[str, Any], model: VideoModel) -> int:
    duration = given.get("duration")
    if duration is None or not model.durations:
        return model.default_duration_s
    if duration not in model.durations:
        data = {"model": model.token}
        raise RuleBroken("duration_not_offered", "/duration", duration, model.durations, data)
    return int(duration)


def _video_size(body: Mapping[str, Any], model: VideoModel, resolution: str) -> Size:
    width, height = body.get("width"), body.get("height")
    default = model.sizes[resolution]
    if width is None and height is None:
        return default
    if not model.dimensions:
        for name, side in (("width", width), ("height", height)):
            if side is not None and not (32 <= side <= 1536 and side % 8 == 0):
                raise RuleBroken("invalid_dimensions", f"/{name}", side)
        return int(width or default[0]), int(height or default[1])
    for size in (default, *model.dimensions):
        if width in (None, size[0]) and height in (None, size[1]):
            return size
    allowed = tuple(f"{wide}x{high}" for wide, high in model.dimensions)
    pointer = "/height" if width is None else "/width"
    value = f"{'' if width is None else width}x{'' if height is None else height}"
    raise RuleBroken("dimensions_not_offered", pointer, value, allowed, {"model": model.token})


def _check_upscaler_styles(body: Mapping[str, Any]) -> None:
    """`upscalerStyle` GENERAL is what the official clients send without being asked."""
    is_ultra = body.get("ultraUpscaleStyle") is not None
    if is_ultra and body.get("upscalerStyle") not in (None, "GENERAL"):
        raise RuleBroken("styles_exclude_each_other", "/upscalerStyle", body["upscalerStyle"])
    for name in ("detailContrast", "similarity"):
        if body.get(name) is not None and not is_ultra:
            raise RuleBroken("ultra_style_required", f"/{name}", body[name])
