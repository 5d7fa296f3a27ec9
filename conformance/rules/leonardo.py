"""Leonardo's own rules: keys, jobs and their cost, models, ownership, uploads, catalogues.

Written from the seed, the vendor's documents and guides, and what clients observed
(`contracts/leonardo/SOURCE.md`). Generations and refusals have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance import containers
from conformance.evidence import Evidence, broken, check, held
from conformance.model import Case, Finding, Level, Rule, Tier
from conformance.profiles import leonardo as profile
from conformance.profiles import leonardo_probes as probes
from conformance.reading import Reading
from conformance.rules import leonardo_generations, leonardo_refusals, lifecycle
from conformance.setting import Setting

Check = Callable[[Evidence], Iterator[Finding]]
UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DECIMAL: Final = re.compile(r"\d+(\.\d+)?")
_UNITS: Final = ("CREDITS", "DOLLARS")
_ALL: Final = ("lifecycle", "modes", "positive", "generator")
_SECOND: Final = frozenset({"second-key"})
_FREE_READS: Final = (
    "getUserSelf", "listPlatformModels", "listElements", "pricingCalculator", "uploadInitImage",
    "uploadMedia",
)  # fmt: skip
_PAID_READS: Final = ("getGenerationById", "getGenerationsByUserId", "getInitImageById")
_PAID: Final = frozenset({"createTextToVideoGeneration", "createImageToVideoGeneration"})


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield Leonardo's rules."""
    yield from lifecycle.rules(setting)
    yield from leonardo_refusals.rules(setting)
    yield from leonardo_generations.rules(setting)
    yield from _job_rules()
    yield from _model_rules()
    yield from _upload_rules()
    yield from _catalogue_rules()
    yield from _variation_rules()


def creations() -> tuple[Case, ...]:
    """Return a row per creation, in the tier that brings about its success."""
    return tuple(
        Case(name, Tier.PAID if name in _PAID else Tier.FUZZ, operation=name)
        for name in profile.WRAPPERS
    )


def _job_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "create", "drivers": _ALL, "cases": creations()}
    source = "[openapi: video-generation, image-generation, variation] [sdk-py]"
    yield Rule(
        "leonardo.success.status",
        "Every success is a 200, a creation and a deletion too: the official clients take "
        "nothing else.",
        "[openapi: all] [sdk-py] 201 raises",
        check=_success_status,
        area="contract",
        drivers=_ALL,
        cases=(
            *(Case(name, operation=name) for name in _FREE_READS),
            *(Case(name, Tier.PAID, operation=name) for name in _PAID_READS),
            *creations(),
        ),
    )
    yield Rule(
        "leonardo.create.wrapper",
        "A creation's reply holds its job under the operation's own name.",
        source,
        check=_wrapper,
        **common,
    )
    yield Rule(
        "leonardo.create.id",
        "A job's id is a UUID, of any version.",
        "[openapi: video-generation] [client: relay probe log] ids of version 6",
        check=_job_id,
        **common,
    )
    yield Rule(
        "leonardo.create.credits",
        "apiCreditCost of a job is a whole number or null.",
        source + " a fraction breaks both clients",
        check=_credits,
        **common,
    )
    yield Rule(
        "leonardo.create.cost",
        "cost of a job is null, or a decimal number as text with the unit CREDITS or DOLLARS.",
        source + " a number breaks both clients",
        check=_cost,
        **common,
    )
    yield Rule(
        "leonardo.create.unique",
        "No two creations get the same id.",
        source,
        check=_unique,
        **{**common, "cases": ()},
        tier=Tier.PAID,
    )


def _success_status(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        if reading.operation is not None and 200 <= reading.status < 400:
            if reading.exchange.method in ("HEAD", "OPTIONS"):
                continue
            words = f"a success with {reading.status}, not 200"
            yield check(reading.status == 200, reading, words, reading.operation.id)


def jobs(evidence: Evidence) -> Iterator[tuple[str, Reading, dict[str, Any]]]:
    """Yield operation, reading and job of every creation that succeeded."""
    for operation, wrapper in profile.WRAPPERS.items():
        for reading in evidence.successes(operation):
            job = reading.answer.get(wrapper)
            if isinstance(job, dict):
                yield operation, reading, job


def _wrapper(evidence: Evidence) -> Iterator[Finding]:
    for operation, wrapper in profile.WRAPPERS.items():
        for reading in evidence.successes(operation):
            words = f"no {wrapper}, but {', '.join(reading.answer) or 'nothing'}"
            good = isinstance(reading.answer.get(wrapper), dict)
            yield check(good, reading, words, operation)


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID in a text, of whatever version."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_whole(value: Any) -> bool:
    """Whether a JSON value is an integer; a boolean is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _job_id(evidence: Evidence) -> Iterator[Finding]:
    for operation, reading, job in jobs(evidence):
        name = "generationId" if "generationId" in job else "id"
        yield check(is_uuid(job.get(name)), reading, f"{name} is {job.get(name)!r}", operation)


def _credits(evidence: Evidence) -> Iterator[Finding]:
    for operation, reading, job in jobs(evidence):
        value = job.get("apiCreditCost")
        good = value is None or is_whole(value)
        yield check(good, reading, f"apiCreditCost is {value!r}", operation)


def _cost(evidence: Evidence) -> Iterator[Finding]:
    for operation, reading, job in jobs(evidence):
        cost = job.get("cost")
        amount, unit = (
            (cost.get("amount"), cost.get("unit")) if isinstance(cost, dict) else (None, None)
        )
        is_decimal = isinstance(amount, str) and _DECIMAL.fullmatch(amount) is not None
        good = cost is None or (is_decimal and unit in _UNITS)
        yield check(good, reading, f"cost is {cost!r}", operation)


def _unique(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[str, Reading] = {}
    for _, reading, job in jobs(evidence):
        identity = job.get("generationId") or job.get("id")
        if not isinstance(identity, str):
            continue
        if identity in seen:
            yield broken(reading, f"{identity} was given before", "", seen[identity])
        else:
            seen[identity] = reading
            yield held(reading)


_BINDING: Final = tuple(
    name for name in probes.REFUSED if name not in ("KLING2_5-480", "KLING2_1-without-frame")
)


def _model_rules() -> Iterator[Rule]:
    text = "createTextToVideoGeneration"
    common: dict[str, Any] = {"area": "models", "tier": Tier.FUZZ, "drivers": ("modes",)}
    yield Rule(
        f"leonardo.{text}.offered",
        "What the documents offer is accepted: the clients' defaults, null for what may be null, "
        "each model's durations and sizes, the largest seeds, elements with Motion 2.0, a prompt "
        "of 1500 characters.",
        "[seed] duration, seed, elements; [openapi: video-generation]; [docs: model guides]",
        check=_offered,
        operation=text,
        cases=tuple(Case(name) for name in probes.ACCEPTED),
        **common,
    )
    yield Rule(
        f"leonardo.{text}.not-offered",
        "What a model does not offer is refused: other durations, larger seeds, elements outside "
        "Motion 2.0, other sizes with Kling 2.5.",
        "[seed] duration, seed, elements; [openapi: video-generation]; [docs: Kling 2.5 Turbo]",
        check=_not_offered(_BINDING),
        operation=text,
        cases=tuple(Case(name) for name in _BINDING),
        **common,
    )
    unpublished = ("KLING2_5-480", "KLING2_1-without-frame")
    yield Rule(
        f"leonardo.{text}.not-offered-in-guides",
        "What only a model's guide rules out is refused: 480p with Kling 2.5, Kling 2.1 without "
        "a start frame.",
        "[docs: Kling 2.1 Pro, Kling 2.5 Turbo]; the refusal is published nowhere",
        check=_not_offered(unpublished),
        operation=text,
        level=Level.SHOULD,
        cases=tuple(Case(name) for name in unpublished),
        **common,
    )
    yield Rule(
        f"leonardo.{text}.query",
        "The fields may travel as query parameters instead of a body.",
        "[seed] query parameters can also be provided in the body; [openapi: video-generation]",
        check=_by_query,
        operation=text,
        **common,
    )
    image = "createImageToVideoGeneration"
    lives: dict[str, Any] = {**common, "drivers": ("lifecycle",), "operation": image}
    yield Rule(
        f"leonardo.{image}.uploaded",
        "A video is made from an image that was uploaded by a presigned form, with null for what "
        "may be null too.",
        "[seed] imageId, imageType; [docs: presigned URL guide]",
        check=_created("image-to-video", "image-nulls"),
        cases=(Case("image-to-video", Tier.PAID), Case("image-nulls", Tier.FUZZ)),
        **{**lives, "tier": Tier.PAID},
    )
    yield Rule(
        f"leonardo.{image}.end-frame",
        "Kling 2.1 takes an end frame beside a start frame.",
        "[seed] endFrameImage",
        check=_created("end-frame-kling"),
        **lives,
    )
    yield Rule(
        f"leonardo.{image}.no-end-frame",
        "Motion 2.0 and Veo 3 refuse an end frame.",
        "[seed] endFrameImage, supported on kling2_1 only",
        check=_refused_journeys("end-frame-motion", "end-frame-veo"),
        cases=(Case("end-frame-motion"), Case("end-frame-veo")),
        **lives,
    )


def _offered(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("models.accepted"):
        name = reading.exchange.subject
        yield check(reading.is_success, reading, f"{name} got {reading.status}", name)


def _not_offered(names: tuple[str, ...]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed("models.refused"):
            name = reading.exchange.subject
            if name in names:
                good = 400 <= reading.status < 500
                yield check(good, reading, f"{name} got {reading.status}, no refusal", name)

    return run


def _by_query(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("models.query"):
        yield check(reading.is_success, reading, f"fields in the query got {reading.status}")


def _created(*names: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for name in names:
            for journal in evidence.journeys(name):
                for reading in journal.steps("create"):
                    case = name if len(names) > 1 else ""
                    yield check(reading.is_success, reading, f"{name} got {reading.status}", case)

    return run


def _refused_journeys(*names: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for name in names:
            for journal in evidence.journeys(name):
                for reading in journal.steps("create"):
                    good = 400 <= reading.status < 500
                    yield check(good, reading, f"{name} got {reading.status}, no refusal", name)

    return run


def _upload_rules() -> Iterator[Rule]:
    upload = "uploadInitImage"
    common: dict[str, Any] = {"area": "uploads", "drivers": ("lifecycle",), "tier": Tier.PAID}
    source = "[openapi: init-images] [docs: presigned URL guide]"
    yield Rule(
        f"leonardo.{upload}.form",
        "A presigned form has an id, a key, a URL, and the pairs of the form as a JSON object "
        "inside a text.",
        source,
        check=_form,
        operation=upload,
        area="uploads",
        drivers=("positive", "lifecycle"),
    )
    yield Rule(
        "leonardo.uploadMedia.form",
        "A presigned form for a video has an upload id, a URL, and its pairs as a JSON object "
        "inside a text.",
        "[openapi: media] [sdk-ts]",
        check=_media_form,
        operation="uploadMedia",
        area="uploads",
        drivers=("positive",),
    )
    yield Rule(
        f"leonardo.{upload}.stores",
        "The storage takes the form with the file, without an API key, and answers an empty 204.",
        source,
        check=_stored,
        operation=upload,
        **common,
    )
    yield Rule(
        f"leonardo.{upload}.no-key",
        "The storage answers 403 to an upload that carries the API key.",
        "[docs: API Error Messages]",
        check=_upload_with_key,
        operation=upload,
        cases=(Case("", Tier.FUZZ, required=False),),
        **common,
    )
    yield Rule(
        "leonardo.getInitImageById.uploaded",
        "An uploaded image can be read: its own id, when it was made, and a URL.",
        "[openapi: init-images]",
        check=_init_image,
        operation="getInitImageById",
        **common,
    )
    yield Rule(
        "leonardo.getInitImageById.file",
        "The URL of an uploaded image gives an image.",
        "[openapi: init-images] url",
        check=_init_file,
        operation="getInitImageById",
        needs=frozenset({"media"}),
        level=Level.SHOULD,
        **common,
    )
    yield Rule(
        "leonardo.getInitImageById.ownership",
        "Another account's key cannot read or delete an uploaded image.",
        "[docs: API FAQ] a key acts for its account",
        check=_init_ownership,
        operation="getInitImageById",
        needs=_SECOND,
        cases=(Case("read"), Case("delete")),
        **{**common, "area": "ownership"},
    )
    yield Rule(
        "leonardo.deleteInitImageById.gone",
        "Deleting an uploaded image names it, and then it is null or 404.",
        "[openapi: init-images]; unknown ids: null in the document, 404 in the catalogue",
        check=_init_deleted,
        operation="deleteInitImageById",
        **common,
    )


def _form(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("uploadInitImage"):
        held_form = probes.upload_of(reading)
        wrong = [name for name in ("id", "key", "url") if not isinstance(held_form.get(name), str)]
        wrong += [] if is_uuid(held_form.get("id")) else ["id"]
        wrong += [] if _is_form(held_form) else ["fields or url"]
        in_place = "uploadInitImage" in reading.answer and not wrong
        yield check(in_place, reading, f"the form is wrong in {', '.join(wrong) or 'its name'}")


def _media_form(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("uploadMedia"):
        form = probes.upload_of(reading)
        good = "uploadMedia" in reading.answer and is_uuid(form.get("uploadId")) and _is_form(form)
        yield check(good, reading, f"the form is {form!r}")


def _is_form(form: dict[str, Any]) -> bool:
    from conformance import jsontext

    url, text = form.get("url"), form.get("fields")
    if not isinstance(url, str) or not isinstance(text, str):
        return False
    fields = jsontext.read(text.encode(errors="replace")).value
    is_flat = isinstance(fields, dict) and all(isinstance(each, str) for each in fields.values())
    return is_flat and bool(fields) and url.startswith(("http://", "https://"))


def _steps(evidence: Evidence, *steps: str) -> Iterator[Reading]:
    """Yield the readings of some steps of every journey that uploads."""
    for journey in profile.PROFILE.journeys:
        for journal in evidence.journeys(journey.name):
            yield from journal.steps(*steps)


def _stored(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "upload"):
        good = reading.status == 204 and not reading.exchange.reply_body
        yield check(good, reading, f"the upload got {reading.status}, not an empty 204")


def _upload_with_key(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "upload-authorized"):
        if reading.exchange.request_header("authorization") is not None:
            yield check(reading.status == 403, reading, f"got {reading.status}, not 403")


def _row(reading: Reading) -> dict[str, Any] | None:
    row = reading.answer.get("init_images_by_pk")
    return row if isinstance(row, dict) else None


def _init_image(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "stored"):
        row = _row(reading) or {}
        url = row.get("url")
        same = row.get("id") == reading.path_values.get("id") and isinstance(
            row.get("createdAt"), str
        )
        good = same and isinstance(url, str) and url.startswith(("http://", "https://"))
        yield check(good, reading, f"the uploaded image reads {row or reading.answer!r}")


def _init_file(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "stored-file"):
        kind = containers.kind_of(reading.exchange.reply_body)
        good = reading.status == 200 and kind.startswith("image/")
        yield check(good, reading, f"the URL gave {reading.status} and {kind or 'no image'}")


def _init_ownership(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "foreign-read"):
        yield check(_row(reading) is None, reading, "another account's key read it", "read")
    for reading in _steps(evidence, "foreign-delete"):
        named = reading.answer.get("delete_init_images_by_pk")
        yield check(named is None, reading, "another account's key deleted it", "delete")


def _init_deleted(evidence: Evidence) -> Iterator[Finding]:
    for reading in _steps(evidence, "delete"):
        if reading.operation is None or reading.operation.id != "deleteInitImageById":
            continue
        named = reading.answer.get("delete_init_images_by_pk")
        good = isinstance(named, dict) and named.get("id") == reading.path_values.get("id")
        yield check(good, reading, f"the deletion says {named!r} ({reading.status})")
    for reading in _steps(evidence, "deleted"):
        if reading.operation is not None and reading.operation.id == "getInitImageById":
            gone = reading.status in (200, 404) and _row(reading) is None
            yield check(gone, reading, "a deleted image can still be read")


_TOKENS: Final = {
    "subscriptionTokens": False, "subscriptionGptTokens": False, "subscriptionModelTokens": False,
    "apiConcurrencySlots": False, "apiSubscriptionTokens": False, "paidTokens": True,
    "apiPaidTokens": True,
}  # fmt: skip
_BASE_MODELS: Final = (
    "v1_5", "v2", "v3", "SDXL_0_8", "SDXL_0_9", "SDXL_1_0", "SDXL_LIGHTNING", "PHOENIX", "FLUX",
    "FLUX_DEV", "KINO_2_0",
)  # fmt: skip


def _catalogue_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "catalogue", "drivers": ("positive", "modes")}
    yield Rule(
        "leonardo.getUserSelf.tokens",
        "Every balance of the account is a whole number; some may be null.",
        "[openapi: user] [sdk-py] [sdk-ts] a fraction raises",
        check=_tokens,
        operation="getUserSelf",
        cases=tuple(Case(name, required=not may_miss) for name, may_miss in _TOKENS.items()),
        **common,
    )
    yield Rule(
        "leonardo.getUserSelf.caller",
        "The account is one entry, with the caller's id, a UUID.",
        "[openapi: user]",
        check=_caller,
        operation="getUserSelf",
        **common,
    )
    yield Rule(
        "leonardo.getUserSelf.accounts",
        "Each key reads its own account.",
        "[openapi: user]",
        check=_two_accounts,
        operation="getUserSelf",
        needs=_SECOND,
        **{**common, "area": "ownership"},
    )
    yield Rule(
        "leonardo.listElements.weights",
        "Weights of listed elements are whole numbers, the default between least and largest.",
        "[openapi: elements] [sdk-py] 1.5 raises",
        check=_weights,
        operation="listElements",
        **common,
    )
    yield Rule(
        "leonardo.listElements.models",
        "Every listed element is for a base model that the clients know.",
        "[openapi: elements] [sdk-py] an unlisted one raises",
        check=_base_models,
        operation="listElements",
        **common,
    )
    yield Rule(
        "leonardo.listPlatformModels.ids",
        "Listed models have ids of their own, UUIDs, and names.",
        "[openapi: models]",
        check=_models,
        operation="listPlatformModels",
        **common,
    )
    yield Rule(
        "leonardo.pricingCalculator.cost",
        "The calculator prices a service as a whole number.",
        "[openapi: pricing-calculator]; an example's fraction contradicts it",
        check=_prices,
        operation="pricingCalculator",
        cases=tuple(Case(name) for name in probes.SERVICES),
        **common,
    )


def _accounts(evidence: Evidence) -> Iterator[tuple[Reading, dict[str, Any]]]:
    for reading in evidence.successes("getUserSelf"):
        rows = reading.answer.get("user_details")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield reading, row


def _tokens(evidence: Evidence) -> Iterator[Finding]:
    for reading, row in _accounts(evidence):
        for name, may_miss in _TOKENS.items():
            value = row.get(name)
            if value is not None or not may_miss:
                yield check(is_whole(value), reading, f"{name} is {value!r}", name)


def _caller(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("getUserSelf"):
        rows = reading.answer.get("user_details")
        count = len(rows) if isinstance(rows, list) else 0
        user = rows[0].get("user") if isinstance(rows, list) and count else None
        good = count == 1 and isinstance(user, dict) and is_uuid(user.get("id"))
        yield check(good, reading, f"{count} entries, user {user!r}")


def _two_accounts(evidence: Evidence) -> Iterator[Finding]:
    first: str | None = None
    found = list(_accounts(evidence))
    for reading, row in found:
        if [each.label for each in reading.credentials] == ["first"]:
            first = first or str((row.get("user") or {}).get("id"))
    for reading, row in found:
        if [each.label for each in reading.credentials] == ["second"] and first:
            second = str((row.get("user") or {}).get("id"))
            yield check(second != first, reading, f"both keys belong to {first}")


def _listed(evidence: Evidence, operation: str, name: str) -> Iterator[tuple[Reading, list[Any]]]:
    for reading in evidence.successes(operation):
        rows = reading.answer.get(name)
        if isinstance(rows, list):
            yield reading, [row for row in rows if isinstance(row, dict)]


def _weights(evidence: Evidence) -> Iterator[Finding]:
    for reading, rows in _listed(evidence, "listElements", "loras"):
        for row in rows:
            low, normal, high = (row.get(f"weight{end}") for end in ("Min", "Default", "Max"))
            there = [value for value in (low, normal, high) if value is not None]
            good = all(is_whole(value) for value in there) and there == sorted(there)
            words = f"weights of {row.get('name')!r} are {low!r}, {normal!r}, {high!r}"
            yield check(good, reading, words)


def _base_models(evidence: Evidence) -> Iterator[Finding]:
    for reading, rows in _listed(evidence, "listElements", "loras"):
        for row in rows:
            if "baseModel" in row:
                name = row["baseModel"]
                yield check(name in _BASE_MODELS, reading, f"baseModel is {name!r}")


def _models(evidence: Evidence) -> Iterator[Finding]:
    for reading, rows in _listed(evidence, "listPlatformModels", "custom_models"):
        ids = [row.get("id") for row in rows]
        good = all(is_uuid(each) for each in ids) and len(set(ids)) == len(ids)
        named = all(isinstance(row.get("name"), str) and row["name"] for row in rows)
        yield check(good and named, reading, "a model without its own id, or without a name")


def _prices(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("price"):
        price = reading.answer.get("calculateProductionApiServiceCost")
        cost = price.get("cost") if isinstance(price, dict) else None
        good = reading.status == 200 and is_whole(cost) and int(cost or 0) >= 0
        name = reading.exchange.subject
        yield check(good, reading, f"{name} costs {cost!r} ({reading.status})", name)


def _variation_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"area": "variations", "drivers": ("lifecycle",), "tier": Tier.FUZZ}
    yield Rule(
        "leonardo.getVariationById.transform",
        "A variation is a list of the one that was asked for, and says how it was made.",
        "[openapi: variation]",
        check=_transforms,
        operation="getVariationById",
        cases=tuple(Case(name) for name in profile.TRANSFORMS),
        **common,
    )
    yield Rule(
        "leonardo.getMotionVariationById.upscale",
        "A larger video is a motion variation: UPSCALE, RESOLUTION_720, a URL when it is complete.",
        "[openapi: variation] [sdk-py]",
        check=_motion_variation,
        operation="getMotionVariationById",
        provenance="observed",
        **common,
    )
    yield Rule(
        "leonardo.getVariationById.ownership",
        "Another account's key cannot read a variation.",
        "[docs: API FAQ] a key acts for its account",
        check=_foreign_variation,
        operation="getVariationById",
        needs=_SECOND,
        **{**common, "area": "ownership"},
    )


def _transforms(evidence: Evidence) -> Iterator[Finding]:
    for name, transform in profile.TRANSFORMS.items():
        for journal in evidence.journeys(name):
            for reading in journal.steps("poll", "after"):
                rows = reading.answer.get("generated_image_variation_generic")
                row = profile.variation_of(reading.answer)
                is_it = row.get("id") == reading.path_values.get("id") and len(rows or ()) == 1
                good = is_it and row.get("transformType") == transform
                words = f"{len(rows or ())} row(s), transformType {row.get('transformType')!r}"
                yield check(good, reading, words, name)


def _motion_variation(evidence: Evidence) -> Iterator[Finding]:
    for journal in evidence.journeys("video-upscale"):
        for reading in journal.steps("poll", "after"):
            row = profile.variation_of(reading.answer)
            named = (row.get("motionTransformType"), row.get("resolution"))
            good = named == ("UPSCALE", "RESOLUTION_720") and row.get(
                "id"
            ) == reading.path_values.get("id")
            yield check(good, reading, f"the motion variation is {row!r}")


def _foreign_variation(evidence: Evidence) -> Iterator[Finding]:
    for name in (*profile.TRANSFORMS, "universal-upscale", "video-upscale"):
        for journal in evidence.journeys(name):
            for reading in journal.steps("foreign"):
                row = profile.variation_of(reading.answer)
                yield check(not row, reading, "another account's key read a variation")
