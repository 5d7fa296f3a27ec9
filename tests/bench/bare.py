"""What the stand-in is measured against: one Starlette `Route` that parses JSON, answers JSON.

It runs on the parser and the event loop that the stand-in has; with `--plain` on h11 and asyncio,
as uvicorn does where nothing else is installed.
"""

import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ANSWER = {
    "runId": "vid_m1abc123def456",
    "id": "vid_m1abc123def456",
    "status": "pending",
    "model": "veo2-video",
    "cost": 0.35,
    "paymentSource": "USD",
    "remainingBalance": 12.5,
}


async def parse_and_answer(request: Request) -> Response:
    """Parse the body, answer something like it."""
    body = await request.json()
    return JSONResponse({**ANSWER, "model": body["model"]}, 202)


async def answer(_request: Request) -> Response:
    """Answer a GET."""
    return JSONResponse(ANSWER)


app = Starlette(
    routes=[
        Route("/api/generate-video", parse_and_answer, methods=["POST"]),
        Route("/api/video/status", answer, methods=["GET"]),
    ]
)

if __name__ == "__main__":
    bound = socket.socket()
    bound.bind(("127.0.0.1", int(sys.argv[1])))
    print(f'{{"url": "http://127.0.0.1:{bound.getsockname()[1]}"}}', flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    if "--plain" in sys.argv:
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, http="h11", loop="asyncio"
        )
    uvicorn.Server(config).run(sockets=[bound])
