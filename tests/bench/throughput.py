"""Requests per server-CPU-second: the stand-in against a bare Starlette route, and Prism."""

import asyncio
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import contracts
from simulator.providers.nanogpt import PROVIDER
from tests.bench import load, servers
from tests.bench.servers import Server

CREATE = json.dumps(
    {
        "model": "veo2-video",
        "prompt": "An eagle over mountains at dusk",
        "duration": "5s",
        "aspect_ratio": "16:9",
    }
).encode()
KEY = {"x-api-key": PROVIDER.demo_keys[0]}
POST = load.request("POST", "/api/generate-video", KEY, CREATE)


def measure(pairs: int, requests: int) -> None:
    """Print the ratios of `pairs` interleaved runs against the bare route."""
    servers.pin(os.getpid(), servers.LOAD_CORE)
    with (
        servers.running(servers.UNDERSTUDY) as ours,
        servers.running(servers.BARE) as bare,
        servers.running(servers.PLAIN) as plain,
    ):
        get = status_request(ours)
        empty_get = load.request("GET", "/api/video/status?requestId=vid_1", KEY)
        _per_cpu_second(ours, POST, 202, requests)
        _per_cpu_second(bare, POST, 202, requests)
        rows: dict[str, list[float]] = {
            "POST /api/generate-video ÷ bare route": [],
            "GET /api/video/status ÷ bare route": [],
            "GET /api/video/status ÷ bare GET that parses nothing": [],
            "POST /api/generate-video ÷ bare route on h11 and asyncio": [],
        }
        for _ in range(pairs):
            base = _per_cpu_second(bare, POST, 202, requests)
            post = _per_cpu_second(ours, POST, 202, requests)
            poll = _per_cpu_second(ours, get, 200, requests)
            empty = _per_cpu_second(bare, empty_get, 200, requests)
            slow = _per_cpu_second(plain, POST, 202, requests // 4)
            for row, ratio in zip(
                rows.values(),
                (post / base, poll / base, poll / empty, post / slow),
                strict=True,
            ):
                row.append(ratio)
    for name, ratios in rows.items():
        show(name, ratios)


def measure_against_prism(pairs: int, requests: int) -> None:
    """Print the ratios against Prism, installed from npm into a temporary folder."""
    servers.pin(os.getpid(), servers.LOAD_CORE)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "install", "--silent", "--prefix", folder, "@stoplight/prism-cli"], check=True
        )
        program = Path(folder, "node_modules", ".bin", "prism")
        document = str(contracts.path_of("nanogpt"))
        port = 48123
        command = [str(program), "mock", "-p", str(port), document]
        with servers.running(servers.UNDERSTUDY) as ours, servers.running(command, port) as prism:
            post: list[float] = []
            poll: list[float] = []
            get = status_request(ours)
            few = max(200, requests // 20)
            _per_cpu_second(prism, POST, None, few)
            for _ in range(pairs):
                theirs = _per_cpu_second(prism, POST, None, few)
                post.append(_per_cpu_second(ours, POST, 202, requests) / theirs)
                theirs = _per_cpu_second(prism, get, None, few)
                poll.append(_per_cpu_second(ours, get, 200, requests) / theirs)
    show("POST /api/generate-video ÷ Prism", post)
    show("GET /api/video/status ÷ Prism", poll)


def show(name: str, ratios: list[float]) -> None:
    """Print one ratio: median, and the spread."""
    low, high = min(ratios), max(ratios)
    print(f"{name:<58} {statistics.median(ratios):6.2f}   ({low:.2f} to {high:.2f})", flush=True)


def status_request(server: Server) -> bytes:
    """A poll of a run that is begun for it, as bytes."""
    created = asyncio.run(_body(server.port, POST))
    path = f"/api/video/status?requestId={json.loads(created)['runId']}"
    return load.request("GET", path, KEY)


async def _body(port: int, text: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    return body


def _per_cpu_second(server: Server, text: bytes, expected: int | None, count: int) -> float:
    """Drive a server with the same request; fail if it answers anything but what is expected."""
    before = server.cpu_seconds()
    take: Callable[[], bytes | None] = load.repeated(text, count)
    statuses = asyncio.run(load.drive(server.port, take))
    spent = server.cpu_seconds() - before
    if expected is not None and set(statuses) != {expected}:
        raise RuntimeError(f"expected {expected} only, got {dict(statuses)}")
    return statuses.total() / max(spent, 1e-9)
