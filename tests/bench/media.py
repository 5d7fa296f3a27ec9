"""What files cost: a new clip against coding every picture, a kept one against a static file,
and how long polls take while clips are drawn.
"""

import asyncio
import contextlib
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, ParamSpec

import av
import orjson

from simulator.core.assets import MediaSpec
from simulator.media import clips, frames, lights, painting, rendering
from simulator.media.assets import Asset, lines
from simulator.providers.nanogpt import PROVIDER
from tests.bench import load, servers
from tests.bench.servers import Server
from tests.bench.throughput import show

P = ParamSpec("P")

CLIP: Final = MediaSpec("video", "mp4", 1280, 720, 8000, has_audio=True)
_KEY: Final = {"x-api-key": PROVIDER.demo_keys[0]}
_ORDER: Final = {"model": "veo3-video", "prompt": "An eagle", "duration": "8s"}
_CHEAP: Final = {"model": "hunyuan-video", "prompt": "An eagle"}
_STATIC: Final = [sys.executable, "-m", "tests.bench.static", "0"]
_CLIPS: Final = 50
_POLLS: Final = 1500
_FETCH: Final = """
import socket, sys, threading
print("ready", flush=True)
port, *paths = sys.stdin.read().split()
def fetch(some):
    for path in some:
        lines = f"GET {path} HTTP/1.1", "host: x", "range: bytes=0-0", "connection: close", "", ""
        with socket.create_connection(("127.0.0.1", int(port)), 60) as connection:
            connection.sendall("\\r\\n".join(lines).encode())
            told = b"".join(iter(lambda: connection.recv(4096), b""))
            assert told.startswith(b"HTTP/1.1 206"), told
threads = [threading.Thread(target=fetch, args=(paths[n::5],)) for n in range(5)]
[thread.start() for thread in threads]
"""


def measure(pairs: int) -> None:
    """Print the three ratios, each of interleaved runs."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "clip.mp4"
        _new_clips(place, pairs)
        _kept_clips(place, pairs)
    _polls(pairs)


def _new_clips(place: Path, pairs: int) -> None:
    """CPU time of a clip never seen before, its size known, over that of all its pictures coded."""
    ratios = []
    rendering.write(place, _asset(-1), None)
    for number in range(pairs):
        ours = _cpu_s(rendering.write, place, _asset(number), None)
        every = _cpu_s(_code_every_picture, place, _asset(number))
        ratios.append(ours / every)
    show("new clip (8 s, 720p, sound) ÷ every picture by x264 ultrafast", ratios)


def _asset(number: int) -> Asset:
    return Asset("nanogpt", "text", "veo3-video", f"vid_{number}", "An eagle", CLIP, "mp4")


def _code_every_picture(place: Path, asset: Asset) -> None:
    """The same film by the usual way; drawing its lights and its sound are not even counted."""
    size = clips.coded_size(CLIP)
    still = painting.labelled(painting.field(asset.entropy, size), lines(asset))
    shown = [frames.from_rgb(clips.lit(still, step)) for step in range(0, 32, 8)]
    with av.open(str(place), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=CLIP.fps, options={"preset": "ultrafast"})
        stream.width, stream.height = size
        stream.codec_context.thread_count = 1
        for number in range(clips.frame_count(CLIP)):
            picture = shown[lights.step_at(number, CLIP.fps) // 8]
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _cpu_s(work: Callable[P, None], *args: P.args, **named: P.kwargs) -> float:
    started = time.process_time()
    work(*args, **named)
    return time.process_time() - started


def _kept_clips(place: Path, pairs: int) -> None:
    """Requests per server-CPU-second for a file that was drawn, over those of a static one."""
    servers.pin(os.getpid(), servers.LOAD_CORE)
    with servers.running([*servers.UNDERSTUDY, "--stage-seconds", "0"]) as ours:
        link = _made(ours, 1)[0]
        with urllib.request.urlopen(link, timeout=60) as reply:
            place.write_bytes(reply.read())
        path = link.removeprefix(f"http://127.0.0.1:{ours.port}")
        with servers.running([*_STATIC, str(place.parent)]) as static:
            ratios = [
                _per_cpu_second(ours, path) / _per_cpu_second(static, f"/{place.name}")
                for _ in range(pairs)
            ]
    show(f"kept clip ({place.stat().st_size // 1024} KiB) ÷ static file of Starlette", ratios)


def _per_cpu_second(server: Server, path: str, requests: int = 400) -> float:
    wanted = load.repeated(load.request("GET", path, {}), requests)
    before = server.cpu_seconds()
    statuses = asyncio.run(load.drive(server.port, wanted, 4))
    if set(statuses) != {200}:
        raise RuntimeError(f"{path}: {statuses}")
    return requests / (server.cpu_seconds() - before)


def _polls(pairs: int) -> None:
    """How long the slowest of a hundred polls takes while fifty clips are drawn, over idle."""
    ratios: list[float] = []
    idle_s: list[float] = []
    with servers.running([*servers.UNDERSTUDY, "--stage-seconds", "0"]) as server:
        for pid in (server.process.pid, os.getpid()):
            os.sched_setaffinity(pid, range(os.cpu_count() or 1))
        urllib.request.urlopen(_made(server, 1)[0], timeout=60).close()
        poll = _poller(server)
        next(poll)
        for _ in range(pairs):
            idle = [next(poll) for _ in range(_POLLS)]
            busy = []
            with _fetching(server.port, _made(server, _CLIPS)) as fetching:
                while fetching.poll() is None:
                    busy.append(next(poll))
            idle_s.append(_p99(idle))
            ratios.append(_p99(busy) / idle_s[-1])
    idle_ms = statistics.median(idle_s) * 1000
    show(f"p99 of polls while {_CLIPS} clips are drawn ÷ idle ({idle_ms:.2f} ms)", ratios)


@contextlib.contextmanager
def _fetching(port: int, links: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Another process that asks for files, five at a time; it has started when the block begins."""
    command = [sys.executable, "-c", _FETCH]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        if process.stdin is not None and process.stdout is not None:
            process.stdout.readline()
            origin = f"http://127.0.0.1:{port}"
            paths = (link.removeprefix(origin) for link in links)
            process.stdin.write("\n".join((str(port), *paths)))
            process.stdin.close()
        yield process
    if process.returncode:
        raise RuntimeError("the files could not be fetched")


def _poller(server: Server) -> Iterator[float]:
    """Seconds that polls take, one after another on one connection, a millisecond apart."""
    run_id = _ask(server, "POST", "/api/generate-video", _ORDER)["runId"]
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    while True:
        started = time.perf_counter()
        connection.request("GET", f"/api/video/status?requestId={run_id}", headers=_KEY)
        connection.getresponse().read()
        yield time.perf_counter() - started
        time.sleep(0.001)


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _made(server: Server, count: int) -> list[str]:
    """Links to files of new runs, none of which has been drawn."""
    links = []
    for _ in range(count):
        run_id = _ask(server, "POST", "/api/generate-video", _CHEAP)["runId"]
        told = _ask(server, "GET", f"/api/video/status?requestId={run_id}")
        links.append(told["data"]["output"]["video"]["url"])
    return links


def _ask(server: Server, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}",
        method=method,
        headers={**_KEY, "content-type": "application/json"},
        data=None if body is None else orjson.dumps(body),
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return orjson.loads(reply.read())
