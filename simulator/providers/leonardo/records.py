"""What Leonardo keeps beside runs, how it is found, and what a new tenant starts with.

The records of a new tenant are the ones that the documents' and the examples' ids name.
"""

import hashlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from simulator.core import ids, jsontext, ledger, pictures
from simulator.core.assets import UPLOADS, MediaSpec, Upload
from simulator.core.desk import Desk
from simulator.core.errors import RuleBroken, RunForeign, RunNotFound
from simulator.core.runs import Outcome, Plan, Run
from simulator.core.store import Kind, Tx
from simulator.provider import Settlement
from simulator.providers.leonardo import catalog
from simulator.providers.leonardo.catalog import Size

INIT_IMAGE_ID: Final = "13b14ba1-0c33-4bc8-9b8f-1d2d2df96a8c"
GENERATED_IMAGE_ID: Final = "8815cca4-4cf7-4f21-aec4-00f8977f61d5"
IMAGE_GENERATION_ID: Final = "1f197fd2-2c1b-6a40-8c3d-9a4be1f0c7d2"
PENDING_ID: Final = "1f0bba44-923a-69b0-b519-62a6710d46a9"
COMPLETE_ID: Final = "1f197fd2-30f6-6e90-a026-b7ffcf2cba29"
FAILED_ID: Final = "1f0bba44-923a-69b0-b519-62a6710d46b0"
UPSCALED_ID: Final = "1f197fd2-3a55-6b10-9d1e-5f0c2b7a8e63"
VARIATION_ID: Final = "5b710f5f-22de-4d27-8b5c-4eadc98bfc85"

_HOUR_MS: Final = 3_600_000
_PROMPT: Final = "A cat roaring like a tiger"
_PICTURE: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAwAQAAAACJMEGyAAAAEUlEQVR42mMIhQKGUcZQYAAAm/V/gZX6L+8AAAAA"
    "SUVORK5CYII="
)
"""A PNG of 64 by 48 pixels."""


class Image(msgspec.Struct, frozen=True):
    """A generated image, or the poster frame of a video: the file `index` of a run."""

    id: str
    account_id: str
    run_id: str
    index: int


class Variation(msgspec.Struct, frozen=True):
    """A change of an image, made by a run; `image_id` is empty if the image was uploaded."""

    id: str
    account_id: str
    run_id: str
    image_id: str
    transform: str


class MotionVariation(msgspec.Struct, frozen=True):
    """A change of a video, made by a run."""

    id: str
    account_id: str
    run_id: str


class Varied(msgspec.Struct, frozen=True):
    """Marks a run some of whose images have variations, so that others need no search."""

    run_id: str


class Frame(msgspec.Struct, frozen=True, gc=False):
    """An image named in a request: `kind` is GENERATED, UPLOADED or VARIATION."""

    id: str
    kind: str
    pointer: str


IMAGES: Final[Kind[Image]] = Kind("leonardo.image", Image)
VARIATIONS: Final[Kind[Variation]] = Kind("leonardo.variation", Variation)
MOTION_VARIATIONS: Final[Kind[MotionVariation]] = Kind("leonardo.motion_variation", MotionVariation)
VARIED: Final[Kind[Varied]] = Kind("leonardo.varied", Varied)


def image_ids(run: Run) -> list[str]:
    """The ids of a run's images: version 4 UUIDs that follow from its own id."""
    known = (run.details or {}).get("image_ids")
    if known is not None:
        return list(known)
    return [derived_id(run.id, f"image {index}") for index in range(len(run.outputs))]


def derived_id(run_id: str, purpose: str) -> str:
    """A version 4 UUID that follows from a run's id."""
    return ids.uuid4(hashlib.blake2b(f"{run_id}\0{purpose}".encode(), digest_size=16).digest())


async def own_run(
    desk: Desk, run_id: str, operations: tuple[str, ...] = (), *, is_poll: bool = False
) -> Run | None:
    """A run of this account and of some operations; another account's is as none at all."""
    try:
        run = await (desk.poll if is_poll else desk.run)(run_id.lower())
    except (RunNotFound, RunForeign):
        return None
    return run if not operations or run.operation in operations else None


async def is_run(desk: Desk, run_id: str) -> bool:
    """Whether an id is that of a run, be it another account's."""
    try:
        await desk.run(run_id.lower(), any_account=True)
    except RunNotFound:
        return False
    return True


async def is_complete(desk: Desk, run: Run) -> bool:
    """Whether a run has ended well by now."""
    return desk.status(run).state == "completed"


async def own_upload(desk: Desk, upload_id: str, kinds: Mapping[str, str]) -> Upload | None:
    """An upload of this account with one of some extensions; another account's is as none."""
    upload = await desk.find(UPLOADS, upload_id.lower())
    if upload is None or upload.account_id != desk.account.id or upload.extension not in kinds:
        return None
    return upload


async def size_of(desk: Desk, frame: Frame) -> Size:
    """The size of an image that the account may use; raises `RuleBroken` for any other."""
    if frame.kind == "UPLOADED":
        return await _size_of_upload(desk, frame)
    spec = await _generated(desk, frame)
    return spec.width, spec.height


async def _generated(desk: Desk, frame: Frame) -> MediaSpec:
    """An image that a run of the account has made; raises `RuleBroken` for any other."""
    variation = await desk.find(VARIATIONS, frame.id.lower())
    if frame.kind == "VARIATION" or variation is not None:
        source: Image | Variation | None = variation if frame.kind == "VARIATION" else None
        rule = "variation_unknown"
    else:
        source = await desk.find(IMAGES, frame.id.lower())
        rule = "image_unreachable"
    run = None if source is None else await own_run(desk, source.run_id)
    if run is None or not await is_complete(desk, run):
        raise RuleBroken(rule, frame.pointer, frame.id)
    return run.outputs[source.index if isinstance(source, Image) else 0]


async def picture_of(desk: Desk, frames: Sequence[Frame]) -> str:
    """The id of the kept picture that the first of some usable images shows; empty if none does.

    That is an upload itself, or the upload that a generated image or a variation began with.
    """
    if not frames:
        return ""
    frame = frames[0]
    if frame.kind == "UPLOADED":
        upload = await own_upload(desk, frame.id, catalog.IMAGE_EXTENSIONS)
        return await desk.keep_picture(None if upload is None else upload.content)
    spec = await _generated(desk, frame)
    return spec.picture


async def varied_image(desk: Desk, frame: Frame) -> str:
    """The id of the generated image of which a variation of `frame` is one; empty for uploads."""
    if frame.kind == "VARIATION":
        source = await desk.find(VARIATIONS, frame.id.lower())
        return "" if source is None else source.image_id
    return frame.id.lower() if frame.kind == "GENERATED" else ""


async def variations_of(desk: Desk, run: Run) -> list[tuple[Variation, Run]]:
    """The account's variations of a run's images, and the runs that made them."""
    if await desk.find(VARIED, run.id) is None:
        return []
    of_run = set(image_ids(run))
    found = [item for item in await desk.all(VARIATIONS) if item.image_id in of_run]
    made = [(item, await own_run(desk, item.run_id)) for item in found]
    return [(item, made_by) for item, made_by in made if made_by is not None]


async def _size_of_upload(desk: Desk, frame: Frame) -> Size:
    upload = await own_upload(desk, frame.id, catalog.IMAGE_EXTENSIONS)
    if upload is None:
        raise RuleBroken("init_image_unknown", frame.pointer, frame.id)
    announced = catalog.IMAGE_EXTENSIONS[upload.extension]
    if upload.content is None or not pictures.is_of(upload.content, announced):
        # The bytes have to match the announced extension [docs: presigned URL guide]; that this is
        # found out when the image is used is assumed.
        raise RuleBroken("image_unreachable", frame.pointer, frame.id)
    return catalog.ASSUMED_UPLOAD_SIZE


async def furnish(tx: Tx, settlement: Settlement) -> None:
    """Give the first account an uploaded image, some generations and a variation.

    The pending generation stays pending; everything else ended an hour ago.
    """
    user_id = settlement.account_ids[0]
    at_ms = settlement.now_ms - _HOUR_MS
    for run in _runs(user_id, at_ms):
        await ledger.open_run(tx, run)
        image_ids_of_run = image_ids(run) if run.operation != "createVariationUpscale" else []
        for index, image_id in enumerate(image_ids_of_run):
            await tx.put(IMAGES, image_id, Image(image_id, user_id, run.id, index))
    await ledger.settle(tx, settlement.now_ms)
    await tx.put(UPLOADS, INIT_IMAGE_ID, _init_image(user_id, at_ms))
    variation = Variation(VARIATION_ID, user_id, VARIATION_ID, GENERATED_IMAGE_ID, "UPSCALE")
    await tx.put(VARIATIONS, VARIATION_ID, variation)
    await tx.put(VARIED, IMAGE_GENERATION_ID, Varied(IMAGE_GENERATION_ID))
    motion = MotionVariation(VARIATION_ID, user_id, UPSCALED_ID)
    await tx.put(MOTION_VARIATIONS, VARIATION_ID, motion)


def _runs(user_id: str, at_ms: int) -> list[Run]:
    """The runs of a new tenant, as their requests would have made them, but free of charge."""
    video, image = catalog.STAGES["video"], catalog.STAGES["image"]
    broken = Outcome("failed", "upstream_failed", "Generation failed")
    return [
        Run(
            IMAGE_GENERATION_ID,
            "leonardo",
            "createGeneration",
            user_id,
            Plan(at_ms, image),
            mode="text-to-image",
            model=catalog.DEFAULT_IMAGE_MODEL,
            request=jsontext.dumps({"prompt": _PROMPT, "presetStyle": "DYNAMIC"}),
            outputs=(MediaSpec("image", "jpg", 1024, 768),),
            details={"image_ids": [GENERATED_IMAGE_ID]},
        ),
        _clip(PENDING_ID, user_id, Plan(at_ms, video, is_stuck=True)),
        _clip(COMPLETE_ID, user_id, Plan(at_ms, video)),
        _clip(FAILED_ID, user_id, Plan(at_ms, video, broken)),
        Run(
            UPSCALED_ID,
            "leonardo",
            "createVideoUpscale",
            user_id,
            Plan(at_ms, video),
            mode="video-upscale",
            model=catalog.DEFAULT_VIDEO_MODEL,
            request=jsontext.dumps({"sourceGenerationId": COMPLETE_ID}),
            outputs=(MediaSpec("video", "mp4", *catalog.VIDEO_UPSCALE_SIZE, 5000),),
            details={"prompt": _PROMPT},
        ),
        Run(
            VARIATION_ID,
            "leonardo",
            "createVariationUpscale",
            user_id,
            Plan(at_ms, catalog.STAGES["variation"]),
            mode="upscale",
            request=jsontext.dumps({"id": GENERATED_IMAGE_ID}),
            outputs=(MediaSpec("image", "jpg", 2048, 1536),),
        ),
    ]


def _clip(run_id: str, user_id: str, plan: Plan) -> Run:
    """Five seconds of Motion 2.0 from the uploaded image."""
    body = {"prompt": _PROMPT, "imageId": INIT_IMAGE_ID, "imageType": "UPLOADED"}
    return Run(
        run_id,
        "leonardo",
        "createImageToVideoGeneration",
        user_id,
        plan,
        mode="image-to-video",
        model=catalog.DEFAULT_VIDEO_MODEL,
        request=jsontext.dumps(body),
        outputs=(MediaSpec("video", "mp4", 832, 480, 5000),),
    )


def _init_image(user_id: str, at_ms: int) -> Upload:
    return Upload(
        INIT_IMAGE_ID,
        "leonardo",
        user_id,
        "png",
        at_ms,
        at_ms + catalog.FORM_LIFETIME_MS,
        content=b64decode(_PICTURE),
        content_type="image/png",
    )
