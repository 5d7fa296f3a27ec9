"""Recoup's own rules: modes, echoes, batches, lifecycles, lists, prices and the words of refusals.

Written from the seed, the vendor's documents and the observed behaviour (`contracts/recoup/`), as
the model for other providers: each rule is a sentence, a source and a small pure function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from conformance.evidence import Evidence, Journal, broken, check, held
from conformance.model import Case, Finding, Level, Rule, Tier
from conformance.profiles import recoup as profile
from conformance.reading import Reading
from conformance.rules import lifecycle
from conformance.setting import Setting

Check = Callable[[Evidence], Iterator[Finding]]
_MODES: Final = ("modes", "positive", "generator", "lifecycle")


def rules(setting: Setting) -> Iterator[Rule]:
    """Yield Recoup's rules."""
    yield from lifecycle.rules(setting)
    yield from _video_rules()
    yield from _create_rules()
    yield from _run_rules()
    yield from _ownership_rules(setting)
    yield from _other_rules()


def _video_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {"operation": "createVideo", "tier": Tier.FUZZ, "drivers": _MODES}
    yield Rule(
        "recoup.createVideo.mode.explicit",
        "A mode that is given is the mode of the reply, whatever the inputs.",
        "seed 000 and 001, mode",
        "modes",
        _explicit_mode,
        cases=tuple(Case(mode) for mode in profile.MODES),
        **common,
    )
    yield Rule(
        "recoup.createVideo.mode.precedence",
        "Without a mode it is inferred from the inputs, first match: audio and "
        "image lipsync, video "
        "extend, image and end image first-last, image animate, else prompt.",
        "impl, mode resolution; the documents name no order",
        "modes",
        _inferred_mode,
        provenance="observed",
        cases=tuple(_presence_rows()),
        **common,
    )
    yield Rule(
        "recoup.createVideo.mode.declared",
        "The mode of a reply is one of the six.",
        "seed 001, VideoMode",
        "modes",
        _declared_mode,
        **common,
    )
    yield Rule(
        "recoup.createVideo.url",
        "A finished video has an absolute http(s) URL of its own.",
        "seed 000, videoUrl",
        "create",
        _video_url,
        **common,
    )


def _presence_rows() -> Iterator[Case]:
    """Yield one row per presence of inputs that the documents allow: with an image, documented."""
    for number in range(2 ** len(profile.MEDIA_FIELDS)):
        names = [n for i, n in enumerate(profile.MEDIA_FIELDS) if number >> i & 1]
        row = "+".join(names) or "nothing"
        yield Case(row, required="image_url" in names)


def expected_mode(body: dict[str, Any]) -> str:
    """Return the mode that inputs stand for [impl, mode resolution]."""
    if "audio_url" in body and "image_url" in body:
        return "lipsync"
    if "video_url" in body:
        return "extend"
    if "image_url" in body:
        return "first-last" if "end_image_url" in body else "animate"
    return "prompt"


def _explicit_mode(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createVideo"):
        given = reading.body.get("mode")
        if isinstance(given, str) and reading.is_valid:
            got = reading.answer.get("mode")
            yield check(got == given, reading, f"mode {given} was given, {got} came back", given)


def _inferred_mode(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createVideo"):
        if "mode" in reading.body or not reading.body:
            continue
        names = [name for name in profile.MEDIA_FIELDS if name in reading.body]
        expected, got = expected_mode(reading.body), reading.answer.get("mode")
        row = "+".join(names) or "nothing"
        yield check(got == expected, reading, f"{row} is {expected}, {got} came back", row)


def _declared_mode(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createVideo"):
        got = reading.answer.get("mode")
        yield check(got in profile.MODES, reading, f"{got!r} is no mode")


def _video_url(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[str, Reading] = {}
    for reading in evidence.successes("createVideo"):
        url = reading.answer.get("videoUrl")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            yield broken(reading, f"videoUrl is {url!r}")
        elif url in seen and seen[url].exchange.request_body != reading.exchange.request_body:
            yield broken(reading, "another request got the same URL", "", seen[url])
        else:
            seen[url] = reading
            yield held(reading)


def _create_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "operation": "createContent",
        "tier": Tier.PAID,
        "drivers": ("lifecycle", "modes", "positive", "generator"),
    }
    start = "recoup.createContent"
    yield Rule(
        f"{start}.batch",
        "A request starts as many runs as its batch says, one if it says nothing; "
        "refused ones are counted in failed.",
        "seed 002, batch; docs, failed",
        "create",
        _batch,
        cases=(Case("1"), Case("3", Tier.FUZZ), Case("30", Tier.FUZZ)),
        **common,
    )
    yield Rule(
        f"{start}.ids-unique",
        "Every run id is given once only, in all replies together.",
        "seed 002, runIds",
        "create",
        _unique_ids,
        **common,
    )
    yield Rule(
        f"{start}.artist-echo",
        "The reply names the artist of the request.",
        "seed 002, artist_account_id",
        "create",
        _echo("createContent", "artist_account_id"),
        **common,
    )
    yield Rule(
        f"{start}.template-echo",
        "The reply names the template of the request, if it has one.",
        "seed 002, template",
        "create",
        _echo("createContent", "template"),
        **{**common, "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{start}.lipsync-echo",
        "The reply repeats lipsync, if the request has it.",
        "seed 002, lipsync",
        "create",
        _echo("createContent", "lipsync"),
        **{**common, "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{start}.unknown-template",
        "An unknown template is refused with 400.",
        "docs, create; impl, Unsupported template",
        "create",
        _refused_as("create.unknown-template", 400),
        **{**common, "tier": Tier.FUZZ},
    )
    yield Rule(
        f"{start}.unknown-artist",
        "An unknown artist is answered with 404.",
        "docs, create",
        "create",
        _refused_as("create.unknown-artist", 404),
        **{**common, "tier": Tier.FUZZ},
    )


def _batch(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createContent"):
        ids, failed = reading.answer.get("runIds"), reading.answer.get("failed", 0)
        if not isinstance(ids, list) or not reading.is_valid:
            continue
        asked = reading.body.get("batch", 1)
        there = len(ids) + (failed if isinstance(failed, int) else 0)
        yield check(there == asked, reading, f"batch {asked} gave {len(ids)} run(s)", f"{asked}")


def _unique_ids(evidence: Evidence) -> Iterator[Finding]:
    seen: dict[str, Reading] = {}
    for operation, name in (("createContent", "runIds"), ("editContent", "runId")):
        for reading in evidence.successes(operation):
            given = reading.answer.get(name)
            for identity in given if isinstance(given, list) else [given]:
                if not isinstance(identity, str):
                    continue
                if identity in seen:
                    yield broken(reading, f"{identity} was given before", "", seen[identity])
                else:
                    seen[identity] = reading
                    yield held(reading)


def _echo(operation: str, name: str) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.successes(operation):
            given, got = reading.body.get(name), reading.answer.get(name)
            if name in reading.body and given != "" and reading.is_valid:
                yield check(given == got, reading, f"{name} was {given!r}, {got!r} came back")

    return run


def _refused_as(probe: str, *statuses: int) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for reading in evidence.probed(probe):
            words = " or ".join(map(str, statuses))
            yield check(reading.status in statuses, reading, f"got {reading.status}, not {words}")

    return run


def _run_rules() -> Iterator[Rule]:
    common: dict[str, Any] = {
        "area": "runs",
        "operation": "listRuns",
        "drivers": ("modes", "lifecycle"),
    }
    start = "recoup.listRuns"
    yield Rule(
        f"{start}.one",
        "With a run id the list has exactly that run.",
        "docs, tasks/runs",
        check=_single_run,
        **{**common, "tier": Tier.PAID},
    )
    yield Rule(
        f"{start}.unknown",
        "An unknown run id is no success: 404, or observed 500.",
        "docs, 404; impl, 500",
        check=_refused_as("runs.unknown", 404, 500),
        **common,
    )
    yield Rule(
        f"{start}.limit",
        "In a list, limit is between 1 and 100, and bounds the number of runs.",
        "docs, limit",
        check=_limit,
        cases=(Case("0"), Case("101"), Case("1")),
        **common,
    )
    yield Rule(
        f"{start}.foreign-account",
        "Another account's runs are refused with 403.",
        "docs, account_id",
        check=_refused_as("runs.foreign-account", 403),
        **common,
    )
    yield Rule(
        f"{start}.newest-first",
        "A list has its newest run first.",
        "docs, tasks/runs",
        check=_newest_first,
        **{**common, "tier": Tier.PAID, "level": Level.SHOULD},
    )
    yield Rule(
        f"{start}.flags",
        "The flags of a run agree with its status.",
        "impl, flag mapping",
        check=_flags,
        provenance="observed",
        **{**common, "tier": Tier.PAID},
    )
    yield Rule(
        f"{start}.times",
        "A run's times are in order: created, started, finished; a finished time "
        "stands in ended runs only.",
        "docs, TaskRun",
        check=_times,
        **{**common, "tier": Tier.PAID},
    )
    yield Rule(
        f"{start}.output",
        "The output of a completed create run has videoSourceUrl, imageUrl, "
        "captionText and template.",
        "docs, output of create-content",
        check=_output,
        **{**common, "tier": Tier.PAID},
    )


def _ownership_rules(setting: Setting) -> Iterator[Rule]:
    """Yield who may read a run: the documents scope it to the account, the server does not."""
    only_documented = [judge.contract.dialect for judge in setting.judges] == ["documented"]
    yield Rule(
        "recoup.listRuns.ownership",
        "Another account's run is a 404, as if it did not exist."
        if only_documented
        else "Another account's run is a 404, or observed readable, and nothing else.",
        "docs, tasks/runs (account-scoped); impl, not scoped",
        "ownership",
        _foreign_run(frozenset({404} if only_documented else {404, 200, 500})),
        operation="listRuns",
        tier=Tier.PAID,
        needs=frozenset({"second-key"}),
        drivers=("lifecycle",),
    )


def _foreign_run(allowed: frozenset[int]) -> Check:
    def run(evidence: Evidence) -> Iterator[Finding]:
        for journal in _journals(evidence):
            for reading in journal.steps("foreign"):
                words = f"another account's key got {reading.status}"
                yield check(reading.status in allowed, reading, words)

    return run


def _single_run(evidence: Evidence) -> Iterator[Finding]:
    for journal in _journals(evidence):
        for reading in journal.steps("poll", "after"):
            if reading.is_success:
                runs, asked = reading.answer.get("runs"), reading.query.get("runId")
                is_one = isinstance(runs, list) and len(runs) == 1
                is_it = is_one and profile.run_of(reading.reply.value).get("id") == asked
                yield check(is_it, reading, f"the list for {asked} is not that one run")


def _journals(evidence: Evidence) -> list[Journal]:
    return [*evidence.journeys("create"), *evidence.journeys("edit")]


def _limit(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("runs.limit-low", "runs.limit-high"):
        yield check(
            reading.status == 400, reading, f"got {reading.status}, not 400", reading.query["limit"]
        )
    for reading in evidence.probed("runs.limit-one"):
        runs = reading.answer.get("runs")
        is_short = reading.is_success and isinstance(runs, list) and len(runs) <= 1
        yield check(is_short, reading, "a limit of 1 gave something else", "1")


def _newest_first(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("listRuns"):
        runs = reading.answer.get("runs")
        if "runId" not in reading.query and isinstance(runs, list) and len(runs) > 1:
            times = [str(run.get("createdAt")) for run in runs if isinstance(run, dict)]
            yield check(times == sorted(times, reverse=True), reading, "not newest first")


_FLAGS: Final[dict[str, Callable[[str], bool]]] = {
    "isQueued": lambda status: status in ("PENDING_VERSION", "QUEUED", "DELAYED"),
    "isExecuting": lambda status: status in ("DEQUEUED", "EXECUTING"),
    "isWaiting": lambda status: status == "WAITING",
    "isSuccess": lambda status: status == "COMPLETED",
    "isCancelled": lambda status: status == "CANCELED",
}


def _flags(evidence: Evidence) -> Iterator[Finding]:
    for reading, run in _runs(evidence):
        status = str(run.get("status"))
        wrong = [n for n, says in _FLAGS.items() if n in run and run[n] is not says(status)]
        if any(name in run for name in _FLAGS):
            yield check(not wrong, reading, f"{', '.join(wrong)} contradict {status}")


def _runs(evidence: Evidence) -> Iterator[tuple[Reading, dict[str, Any]]]:
    for reading in evidence.successes("listRuns"):
        runs = reading.answer.get("runs")
        for run in runs if isinstance(runs, list) else []:
            if isinstance(run, dict):
                yield reading, run


def _times(evidence: Evidence) -> Iterator[Finding]:
    ended = profile.COMPLETED | profile.FAILED
    for reading, run in _runs(evidence):
        given = [run.get(name) for name in ("createdAt", "startedAt", "finishedAt")]
        times = [_time(each) for each in given if each is not None]
        in_order = None not in times and times == sorted(t for t in times if t is not None)
        too_early = run.get("finishedAt") is not None and str(run.get("status")) not in ended
        words = "finishedAt stands in a run under way" if too_early else f"times are {given}"
        yield check(in_order and not too_early, reading, words)


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _output(evidence: Evidence) -> Iterator[Finding]:
    wanted = ("videoSourceUrl", "imageUrl", "captionText", "template")
    for journal in evidence.journeys("create"):
        for reading in journal.steps("poll", "after"):
            run = profile.run_of(reading.reply.value)
            if str(run.get("status")) in profile.COMPLETED:
                output = run.get("output")
                held_names = output if isinstance(output, dict) else {}
                missing = [name for name in wanted if name not in held_names]
                yield check(not missing, reading, f"the output lacks {', '.join(missing)}")


def _other_rules() -> Iterator[Rule]:
    yield Rule(
        "recoup.createImage.count",
        "An image request gets num_images images, and imageUrl is the first.",
        "docs, content/image",
        "create",
        _images,
        operation="createImage",
        tier=Tier.PAID,
        drivers=("lifecycle", "modes", "positive", "generator"),
    )
    yield Rule(
        "recoup.transcribeAudio.count",
        "A transcript's segmentCount counts its segments, whose times are in order.",
        "docs, content/transcribe",
        "create",
        _segments,
        operation="transcribeAudio",
        tier=Tier.FUZZ,
        drivers=("positive", "generator"),
    )
    yield Rule(
        "recoup.transcribeAudio.echo",
        "A transcript names the first audio URL of the request.",
        "docs and impl, content/transcribe",
        "create",
        _first_audio,
        operation="transcribeAudio",
        tier=Tier.FUZZ,
        drivers=("positive", "generator"),
    )
    yield Rule(
        "recoup.estimateContent.total",
        "An estimate's total is its price per video times the batch.",
        "impl, content/estimate; docs, batch",
        "catalogue",
        _estimate,
        operation="estimateContent",
        drivers=("modes", "positive"),
        provenance="observed",
    )
    yield Rule(
        "recoup.getTemplate.listed",
        "Every listed template can be read, and has the id it was asked for.",
        "docs, content/templates",
        "catalogue",
        _templates,
        operation="getTemplate",
        drivers=("modes", "positive", "generator"),
    )
    yield Rule(
        "recoup.getTemplate.exact",
        "A template id in other letters, or of no template, is a 404.",
        "docs, 404; impl, exact match",
        "catalogue",
        _template_misses,
        operation="getTemplate",
        drivers=("modes",),
        cases=(Case("Artist-Caption-Bedroom"), Case("no-such-template")),
    )
    yield Rule(
        "recoup.validateContent.echo",
        "Readiness names the artist that was asked for; nothing required is missing "
        "if it is ready.",
        "docs, content/validate",
        "catalogue",
        _readiness,
        operation="validateContent",
        drivers=("modes", "positive"),
    )
    yield Rule(
        "recoup.errors.words",
        "An error tells a person what is wrong, in error or message.",
        "seed 001, Error; impl, message of a refused key",
        "errors",
        _error_words,
    )


def _images(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("createImage"):
        images, asked = reading.answer.get("images"), reading.body.get("num_images", 1)
        if isinstance(images, list) and reading.is_valid and reading.request.value is not None:
            first = images[0] if images else None
            is_right = len(images) == asked and reading.answer.get("imageUrl") == first
            yield check(is_right, reading, f"{len(images)} image(s) for {asked}, or another first")


def _segments(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("transcribeAudio"):
        segments = reading.answer.get("segments")
        if isinstance(segments, list) and all(isinstance(each, dict) for each in segments):
            count = reading.answer.get("segmentCount")
            times = [(each.get("start", 0), each.get("end", 0)) for each in segments]
            ordered = all(_is_number(a) and _is_number(b) and a <= b for a, b in times)
            yield check(
                count == len(segments) and ordered,
                reading,
                f"segmentCount {count} for {len(segments)} segments, or times out of order",
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _first_audio(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("transcribeAudio"):
        urls = reading.body.get("audio_urls")
        if isinstance(urls, list) and urls:
            got, asked = reading.answer.get("audioUrl"), str(urls[0]).strip()
            # A URL parser may trim what stands around it [impl].
            same = isinstance(got, str) and got.strip() == asked
            yield check(same, reading, f"audioUrl is {got!r}, asked was {asked!r}")


def _estimate(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("estimateContent"):
        each, total = (
            reading.answer.get(name) for name in ("per_video_estimate_usd", "total_estimate_usd")
        )
        batch = reading.query.get("batch", "1")
        if isinstance(each, int | float) and isinstance(total, int | float) and batch.isdecimal():
            expected = round(each * int(batch), 2)
            yield check(abs(total - expected) < 0.011, reading, f"total {total}, not {expected}")


def _templates(evidence: Evidence) -> Iterator[Finding]:
    listed = {
        each.get("id"): reading
        for reading in evidence.successes("listTemplates")
        for each in reading.answer.get("templates") or ()
        if isinstance(each, dict)
    }
    for reading in evidence.of("getTemplate"):
        asked = reading.path_values.get("id")
        if asked in listed and reading.is_authorized:
            yield check(
                reading.is_success and reading.answer.get("id") == asked,
                reading,
                f"the listed template {asked} got {reading.status}",
                "",
                listed[asked],
            )
        elif reading.is_success:
            yield check(reading.answer.get("id") == asked, reading, f"{asked} is another template")


def _template_misses(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.probed("template"):
        asked = reading.exchange.subject
        if asked in ("Artist-Caption-Bedroom", "no-such-template"):
            yield check(reading.status == 404, reading, f"{asked} got {reading.status}", asked)


def _readiness(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.successes("validateContent"):
        same = reading.answer.get("artist_account_id") == reading.query.get("artist_account_id")
        missing = reading.answer.get("missing")
        contradicts = reading.answer.get("ready") is True and bool(missing)
        yield check(same and not contradicts, reading, "another artist, or ready with gaps")


def _error_words(evidence: Evidence) -> Iterator[Finding]:
    for reading in evidence.readings:
        is_error = reading.operation is not None and 400 <= reading.status < 500
        if is_error and reading.is_json_reply:
            texts = [reading.answer.get(name) for name in ("error", "message")]
            has_words = any(isinstance(text, str) and text.strip() for text in texts)
            yield check(has_words, reading, "the error has no words")
