"""One handler per operation of Leonardo's contract, and the few steps they share."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from simulator.core import ids
from simulator.core.assets import UPLOADS, MediaSpec, Upload
from simulator.core.desk import Desk
from simulator.core.errors import NotFound, RuleBroken, RunNotFound, ServerError
from simulator.core.order import Order
from simulator.core.runs import Run, Status
from simulator.provider import Call, Handler, Reply
from simulator.providers.leonardo import catalog, modes, records, wire
from simulator.providers.leonardo.catalog import Size
from simulator.providers.leonardo.records import (
    IMAGES,
    MOTION_VARIATIONS,
    VARIATIONS,
    VARIED,
    Frame,
)
from simulator.providers.leonardo.wire import AssetUrl, Json

Made = TypeVar("Made", records.Variation, records.MotionVariation)


async def create_image_to_video_generation(call: Call, desk: Desk) -> Reply:
    """Start a video from a start image, perhaps to an end image."""
    return await _create_video(call, desk)


async def create_text_to_video_generation(call: Call, desk: Desk) -> Reply:
    """Start a video from a text."""
    return await _create_video(call, desk)


async def create_svd_motion_generation(call: Call, desk: Desk) -> Reply:
    """Set one image in motion; a generation's id in place of an image's is a service error."""
    frame = modes.svd_frame(call.body)
    if frame.kind == "GENERATED" and await records.is_run(desk, frame.id):
        raise ServerError("a generation id in place of an image id")
    await records.size_of(desk, frame)
    picture = await records.picture_of(desk, (frame,))
    spec = modes.video_spec(catalog.SVD_SIZE, catalog.SVD_DURATION_S, picture=picture)
    run = await _start(
        call, desk, "video", (spec,), catalog.SVD_CREDITS, mode="motion", model="SVD"
    )
    return Reply(200, {"motionSvdGenerationJob": wire.generation_job(run)})


async def create_video_upscale(call: Call, desk: Desk) -> Reply:
    """Make a finished video larger: a new generation, and the variation that tells of it."""
    source_id = call.body["sourceGenerationId"]
    source = await records.own_run(desk, source_id, catalog.VIDEO_OPERATIONS)
    if source is None or not await records.is_complete(desk, source):
        raise RuleBroken("source_generation_unknown", "/sourceGenerationId", source_id)
    spec = source.outputs[0]
    width, height = catalog.VIDEO_UPSCALE_SIZE
    size = (height, width) if spec.height > spec.width else (width, height)
    larger = replace(spec, width=size[0], height=size[1])
    prompt = _prompt_of(source)
    run = await _start(
        call,
        desk,
        "video",
        (larger,),
        catalog.VIDEO_UPSCALE_CREDITS,
        mode="video-upscale",
        model=source.model,
        prompt=prompt,
        details={"prompt": prompt},
    )
    variation_id = records.derived_id(run.id, "motion variation")
    variation = records.MotionVariation(variation_id, desk.account.id, run.id)
    await desk.keep(MOTION_VARIATIONS, variation_id, variation)
    job = {**wire.generation_job(run), "variationId": variation_id}
    return Reply(200, {"motionVideoGenerationJob": job})


async def create_generation(call: Call, desk: Desk) -> Reply:
    """Start some images from a text, perhaps from an image."""
    making = modes.images(call.body, call.given_body)
    modes.check_prompt(call.body["prompt"])
    for frame in making.frames:
        await records.size_of(desk, frame)
    picture = await records.picture_of(desk, making.frames)
    spec = MediaSpec("image", "jpg", *making.size, picture=picture)
    run = await _start(
        call,
        desk,
        "image",
        (spec,) * making.count,
        making.credits,
        mode=making.mode,
        model=making.model.id,
        prompt=call.body["prompt"],
    )
    return Reply(200, {"sdGenerationJob": wire.generation_job(run)})


async def get_generation_by_id(call: Call, desk: Desk) -> Reply:
    """Read one generation, which is a poll of it."""
    operations = catalog.GENERATION_OPERATIONS
    run = await records.own_run(desk, call.path["id"], operations, is_poll=True)
    if run is None:
        return _nothing(call, "generations_by_pk")
    return Reply(200, {"generations_by_pk": await _generation(desk, run)})


async def delete_generation_by_id(call: Call, desk: Desk) -> Reply:
    """Delete one generation with its images; one that is pending is cancelled."""
    run = await records.own_run(desk, call.path["id"], catalog.GENERATION_OPERATIONS)
    if run is None:
        return _nothing(call, "delete_generations_by_pk")
    await desk.delete(run)
    for image_id in records.image_ids(run):
        await desk.drop(IMAGES, image_id)
    return Reply(200, {"delete_generations_by_pk": {"id": run.id}})


async def get_generations_by_user_id(call: Call, desk: Desk) -> Reply:
    """List the caller's generations, newest first; anybody else's list is empty."""
    limit = int(call.query["limit"])
    if call.path["userId"].lower() != desk.account.id or limit == 0:
        return Reply(200, {"generations": []})
    offset = int(call.query["offset"])
    runs = await desk.runs(catalog.GENERATION_OPERATIONS, offset=offset, limit=limit)
    return Reply(200, {"generations": [await _generation(desk, run) for run in runs]})


async def upload_init_image(call: Call, desk: Desk) -> Reply:
    """Make a place for a start frame and the form that fills it."""
    upload = await _new_upload(call, desk, catalog.IMAGE_EXTENSIONS, "initImages")
    form = wire.form(upload, desk.upload_form_url())
    return Reply(200, {"uploadInitImage": {"id": upload.id, "key": upload.fields["key"], **form}})


async def get_init_image_by_id(call: Call, desk: Desk) -> Reply:
    """Read one uploaded start frame."""
    upload = await records.own_upload(desk, call.path["id"], catalog.IMAGE_EXTENSIONS)
    if upload is None:
        return _nothing(call, "init_images_by_pk")
    url = desk.upload_url(upload.id, upload.extension)
    return Reply(200, {"init_images_by_pk": wire.init_image(upload, url)})


async def delete_init_image_by_id(call: Call, desk: Desk) -> Reply:
    """Delete one uploaded start frame."""
    upload = await records.own_upload(desk, call.path["id"], catalog.IMAGE_EXTENSIONS)
    if upload is None:
        return _nothing(call, "delete_init_images_by_pk")
    await desk.drop(UPLOADS, upload.id)
    return Reply(200, {"delete_init_images_by_pk": {"id": upload.id}})


async def upload_media(call: Call, desk: Desk) -> Reply:
    """Make a place for a video file and the form that fills it."""
    upload = await _new_upload(call, desk, catalog.MEDIA_EXTENSIONS, "media")
    form = wire.form(upload, desk.upload_form_url())
    return Reply(200, {"uploadMedia": {"uploadId": upload.id, **form}})


async def get_user_self(_call: Call, desk: Desk) -> Reply:
    """Tell whose key it is, and how many credits are left."""
    account = await desk.refreshed_account()
    return Reply(200, {"user_details": [wire.user_details(account)]})


async def list_platform_models(_call: Call, desk: Desk) -> Reply:
    """List the public image models."""
    models = [
        wire.platform_model(model, desk.sample_url(f"model-{model.id}", "jpg"))
        for model in catalog.IMAGE_MODELS.values()
    ]
    return Reply(200, {"custom_models": models})


async def list_elements(_call: Call, desk: Desk) -> Reply:
    """List the public elements."""
    elements = [
        wire.element(item, desk.sample_url(f"element-{item.id}", "jpg"))
        for item in catalog.ELEMENTS.values()
    ]
    return Reply(200, {"loras": elements})


async def pricing_calculator(call: Call, _desk: Desk) -> Reply:
    """Tell what a service costs, in credits."""
    service = call.body["service"]
    params = call.body["serviceParams"].get(service) or {}
    cost = modes.service_credits(service, params)
    return Reply(200, {"calculateProductionApiServiceCost": {"cost": cost}})


async def create_variation_upscale(call: Call, desk: Desk) -> Reply:
    """Make a generated image larger."""
    run = await _vary(call, desk, "UPSCALE", scale=2)
    return Reply(200, {"sdUpscaleJob": wire.variation_job(run)})


async def create_variation_unzoom(call: Call, desk: Desk) -> Reply:
    """Show more around a generated image or a variation."""
    run = await _vary(call, desk, "UNZOOM")
    return Reply(200, {"sdUnzoomJob": wire.variation_job(run)})


async def create_variation_no_bg(call: Call, desk: Desk) -> Reply:
    """Take the background out of a generated image or a variation."""
    run = await _vary(call, desk, "NOBG")
    return Reply(200, {"sdNobgJob": wire.variation_job(run)})


async def create_universal_upscaler_job(call: Call, desk: Desk) -> Reply:
    """Make any image of the account larger, with a style."""
    frame = modes.upscaled_frame(call.body)
    modes.check_prompt(call.body.get("prompt") or "")
    size = await records.size_of(desk, frame)
    multiplier = call.body.get("upscaleMultiplier") or 1.5
    is_ultra = call.body.get("ultraUpscaleStyle") is not None
    price = modes.upscale_credits(size, multiplier, is_ultra=is_ultra)
    run = await _start_variation(
        call, desk, frame, "UPSCALE", modes.scaled(size, multiplier), price
    )
    return Reply(200, {"universalUpscaler": wire.variation_job(run)})


async def get_variation_by_id(call: Call, desk: Desk) -> Reply:
    """Read one variation of an image."""
    variation = await desk.find(VARIATIONS, call.path["id"].lower())
    return await _variations(desk, variation, "generic", wire.variation_body)


async def get_motion_variation_by_id(call: Call, desk: Desk) -> Reply:
    """Read one variation of a video; it is gone with its generation."""
    variation = await desk.find(MOTION_VARIATIONS, call.path["id"].lower())
    return await _variations(desk, variation, "motion", wire.motion_variation_body)


async def _create_video(call: Call, desk: Desk) -> Reply:
    follows_guides = call.switches.get("end-frame") == "guides"
    making = modes.video(call.body, call.given_body, follows_guides=follows_guides)
    modes.check_prompt(call.body["prompt"])
    for frame in making.frames:
        await records.size_of(desk, frame)
    spec = modes.video_spec(
        making.size,
        making.duration_s,
        has_audio=making.model.has_audio,
        picture=await records.picture_of(desk, making.frames),
    )
    run = await _start(
        call,
        desk,
        "video",
        (spec,),
        making.credits,
        mode=making.mode,
        model=making.model.token,
        prompt=call.body["prompt"],
    )
    return Reply(200, {"motionVideoGenerationJob": wire.generation_job(run)})


async def _start(
    call: Call,
    desk: Desk,
    stages: str,
    outputs: tuple[MediaSpec, ...],
    price: int,
    *,
    mode: str,
    model: str,
    prompt: str = "",
    details: dict[str, Any] | None = None,
) -> Run:
    """Start a generation and note its images, so that later requests can name them."""
    order = Order(
        operation=call.operation.id,
        request=call.body,
        shape=ids.uuid6,
        stages=catalog.STAGES[stages],
        prompt=prompt,
        mode=mode,
        model=model,
        cost_nanos=modes.nanos(price),
        outputs=outputs,
        details=details,
    )
    run = await desk.start(order)
    for index, image_id in enumerate(records.image_ids(run)):
        image = records.Image(image_id, desk.account.id, run.id, index)
        await desk.keep(IMAGES, image_id, image)
    return run


async def _vary(call: Call, desk: Desk, transform: str, *, scale: float = 1) -> Run:
    frame = modes.varied_frame(call.body)
    size = modes.scaled(await records.size_of(desk, frame), scale)
    price = catalog.VARIATION_CREDITS[call.operation.id]
    return await _start_variation(call, desk, frame, transform, size, price)


async def _start_variation(
    call: Call, desk: Desk, frame: Frame, transform: str, size: Size, price: int
) -> Run:
    """Start a variation and note of which image it is one; of an upload it is one of none."""
    extension = "png" if transform == "NOBG" else "jpg"
    picture = await records.picture_of(desk, (frame,))
    order = Order(
        operation=call.operation.id,
        request=call.body,
        shape=ids.uuid4,
        stages=catalog.STAGES["variation"],
        prompt=call.body.get("prompt") or "",
        mode=transform.lower(),
        cost_nanos=modes.nanos(price),
        outputs=(MediaSpec("image", extension, *size, picture=picture),),
    )
    run = await desk.start(order)
    image_id = await records.varied_image(desk, frame)
    variation = records.Variation(run.id, desk.account.id, run.id, image_id, transform)
    await desk.keep(VARIATIONS, run.id, variation)
    if image_id and (image := await desk.find(IMAGES, image_id)) is not None:
        await desk.keep(VARIED, image.run_id, records.Varied(image.run_id))
    return run


def _prompt_of(run: Run) -> str:
    return str((run.details or {}).get("prompt", run.decoded_request().get("prompt") or ""))


async def _generation(desk: Desk, run: Run) -> Json:
    """The body of one generation, with the variations of its images."""
    summaries = [
        wire.variation_summary(variation, made_by, desk.status(made_by), desk.asset_url)
        for variation, made_by in await records.variations_of(desk, run)
    ]
    return wire.generation(run, desk.status(run), desk.asset_url, summaries)


async def _variations(
    desk: Desk,
    variation: Made | None,
    kind: str,
    body_of: Callable[[Made, Run, Status, AssetUrl], Json],
) -> Reply:
    """A list of the one variation, or of none if it, or its run, is not the account's."""
    run = None
    if variation is not None:
        run = await records.own_run(desk, variation.run_id, is_poll=True)
    found = []
    if variation is not None and run is not None:
        found = [body_of(variation, run, desk.status(run), desk.asset_url)]
    return Reply(200, {f"generated_image_variation_{kind}": found})


def _nothing(call: Call, field: str) -> Reply:
    """Null for an id that names nothing, or what the catalogue claims [openapi-repo]."""
    if call.switches.get("unknown-id") == "404":
        if "init_images" in field:
            raise NotFound("init_image", call.path["id"])
        raise RunNotFound(call.path["id"])
    return Reply(200, {field: None})


async def _new_upload(call: Call, desk: Desk, kinds: Mapping[str, str], folder: str) -> Upload:
    extension = call.body["extension"]
    now_ms = await desk.now_ms()
    upload_id = await desk.new_id(call.operation.id, call.body, ids.uuid4)
    upload = wire.presigned(upload_id, desk.account.id, extension, kinds[extension], folder, now_ms)
    await desk.keep(UPLOADS, upload_id, upload)
    return upload


HANDLERS: Final[Mapping[str, Handler]] = {
    "createImageToVideoGeneration": create_image_to_video_generation,
    "createTextToVideoGeneration": create_text_to_video_generation,
    "createSVDMotionGeneration": create_svd_motion_generation,
    "createVideoUpscale": create_video_upscale,
    "createGeneration": create_generation,
    "getGenerationById": get_generation_by_id,
    "deleteGenerationById": delete_generation_by_id,
    "getGenerationsByUserId": get_generations_by_user_id,
    "uploadInitImage": upload_init_image,
    "getInitImageById": get_init_image_by_id,
    "deleteInitImageById": delete_init_image_by_id,
    "uploadMedia": upload_media,
    "getUserSelf": get_user_self,
    "listPlatformModels": list_platform_models,
    "listElements": list_elements,
    "pricingCalculator": pricing_calculator,
    "createVariationUpscale": create_variation_upscale,
    "createVariationUnzoom": create_variation_unzoom,
    "createVariationNoBG": create_variation_no_bg,
    "CreateUniversalUpscalerJob": create_universal_upscaler_job,
    "getVariationById": get_variation_by_id,
    "getMotionVariationById": get_motion_variation_by_id,
}
