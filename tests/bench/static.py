"""A folder served by Starlette alone: `python -m tests.bench.static 0 <folder>`."""

import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

if __name__ == "__main__":
    app = Starlette(routes=[Mount("/", StaticFiles(directory=sys.argv[2]))])
    bound = socket.socket()
    bound.bind(("127.0.0.1", int(sys.argv[1])))
    print(f'{{"url": "http://127.0.0.1:{bound.getsockname()[1]}"}}', flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[bound])
