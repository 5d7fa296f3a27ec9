"""The official Leonardo client uploads a picture, and the film made of it begins with that."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from leonardo_ai_sdk import LeonardoAiSDK
from leonardo_ai_sdk.models import operations
from PIL import Image

from simulator.providers.leonardo.accounts import DEMO_KEYS
from simulator.settings import Settings
from tests.media.probing import probe
from tests.media.test_studio import near, still
from tests.sdk.server import StandIn

_CORNERS = {(8, 8): (200, 40, 40), (824, 8): (40, 180, 60), (8, 472): (50, 60, 210)}
"""Places in a film of 832 by 480, and the colours of the uploaded picture there."""


def picture() -> bytes:
    """A PNG of four colours."""
    small = Image.new("RGB", (2, 2), (220, 200, 60))
    for place, colour in zip(((0, 0), (1, 0), (0, 1)), _CORNERS.values(), strict=True):
        small.putpixel(place, colour)
    file = BytesIO()
    small.resize((832, 480), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


def test_an_uploaded_picture_is_the_first_of_its_film(tmp_path: Path) -> None:
    with StandIn.running(Settings(only=("leonardo",), stage_seconds=0)) as stand_in:
        url = f"{stand_in.origin}/api/rest/v1"
        with LeonardoAiSDK(bearer_auth=DEMO_KEYS[0], server_url=url) as sdk:
            place = sdk.init_images.upload_init_image(request={"extension": "png"}).object
            assert place is not None
            form: Any = place.upload_init_image
            files = {"file": ("start.png", picture(), "image/png")}
            sent = httpx.post(form.url, data=json.loads(form.fields), files=files)
            assert sent.status_code == 204
            request = operations.CreateImageToVideoGenerationRequestBody(
                prompt="It begins to move",
                image_id=form.id,
                image_type=operations.ImageType.UPLOADED,
            )
            started: Any = sdk.motion.create_image_to_video_generation(request=request).object
            job = started.motion_video_generation_job
            made: Any = sdk.image.get_generation_by_id(id=job.generation_id).object
            link = made.generations_by_pk.generated_images[0].motion_mp4_url
        film = tmp_path / "film.mp4"
        film.write_bytes(httpx.get(link).content)
    stream = probe(film)["streams"][0]
    assert (stream["width"], stream["height"], stream["nb_frames"]) == (832, 480, "120")
    first = still(film, 0, tmp_path).convert("RGB")
    assert all(near(first.getpixel(corner), colour) for corner, colour in _CORNERS.items())
    later = still(film, 2, tmp_path).convert("RGB")
    assert max(later.convert("L").crop((40, 40, 800, 200)).tobytes()) > 230, "no label"
    assert max(first.convert("L").crop((40, 40, 400, 200)).tobytes()) < 100, "a label already"
