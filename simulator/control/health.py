"""Who this is and what it serves: `/_understudy/health` and the contracts themselves."""

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from contracts import path_of
from simulator.house import House


def routes(house: House) -> list[Route]:
    """The routes of health and contracts."""

    async def health(_request: Request) -> Response:
        return JSONResponse(
            {
                "understudy": understudy_version(),
                "status": "ok",
                "dialect": house.settings.dialect,
                "providers": sorted(house.providers),
            }
        )

    async def contract(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in house.providers and name != "_control":
            known = ", ".join([*sorted(house.providers), "_control"])
            return JSONResponse({"error": f"no contract {name!r}; there are: {known}"}, 404)
        return FileResponse(path_of(name), media_type="application/yaml")

    return [
        Route("/_understudy/health", health),
        Route("/_understudy/contracts/{name}.yaml", contract),
    ]


def understudy_version() -> str:
    """The installed version, or `0` in a checkout that is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("understudy")
    except PackageNotFoundError:
        return "0"
