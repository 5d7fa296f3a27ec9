"""Where the data of `fixtures/` lies: inside the installed package, or beside it in a checkout."""

from importlib.resources import files
from pathlib import Path


def fixture(*names: str) -> Path:
    """Find a file or folder of `fixtures/` by its path below it; raises `FileNotFoundError`."""
    package = Path(str(files("simulator")))
    places = (package / "fixtures", package.parent / "fixtures")
    found = next((path for place in places if (path := place.joinpath(*names)).exists()), None)
    if found is None:
        raise FileNotFoundError(f"no fixture {'/'.join(names)}")
    return found
