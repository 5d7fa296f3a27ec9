"""`requirements.lock` says what `pyproject.toml` asks for: by hash, and from no place."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pinned() -> dict[str, Version]:
    """The version of each distribution in the lock."""
    lines = re.findall(r"^([A-Za-z0-9][\w.-]*)==([^ ;\\]+)", LOCK, re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in lines}


def wanted() -> list[Requirement]:
    """What the project and its developers ask for, and what builds it."""
    return [
        Requirement(text)
        for text in (
            *PROJECT["project"]["dependencies"],
            *PROJECT["dependency-groups"]["dev"],
            *PROJECT["build-system"]["requires"],
        )
    ]


def test_every_requirement_is_locked_at_a_version_that_fits() -> None:
    versions = pinned()
    missing = [
        str(requirement)
        for requirement in wanted()
        if (version := versions.get(canonicalize_name(requirement.name))) is None
        or version not in requirement.specifier
    ]
    assert missing == []


def test_every_version_has_hashes() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", LOCK)[1:]
    assert len(entries) == len(pinned())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_place_is_named() -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host", LOCK)
