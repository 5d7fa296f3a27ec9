"""The cases of `fixtures/exchanges`, and the placeholders in them."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[2] / "fixtures" / "exchanges"
_PLACEHOLDER: Final = re.compile(r"\{\{([^{}]+)\}\}")


@dataclass(frozen=True, slots=True)
class Case:
    """One case in one dialect; `data` is the case as its file has it."""

    provider: str
    dialect: str
    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The id of its test."""
        return f"{self.provider}-{self.dialect}-{self.data['name']}"

    @property
    def expected(self) -> Mapping[str, Any]:
        """The expectation of this dialect."""
        expectation: Mapping[str, Any] = self.data["expect"][self.dialect]
        return expectation


def all_cases() -> list[Case]:
    """Return every case in every dialect it speaks of, provider by provider."""
    return [
        Case(path.stem, dialect, data)
        for path in sorted(FOLDER.glob("*.json"))
        for data in json.loads(path.read_text())
        for dialect in data["expect"]
    ]


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a JSON value with its placeholders filled in; raises KeyError for an unknown one."""
    if isinstance(value, dict):
        return {key: filled(held, values) for key, held in value.items()}
    if isinstance(value, list):
        return [filled(held, values) for held in value]
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _value_of(found[1], values), value)
    return value


def _value_of(name: str, values: Mapping[str, Any]) -> str:
    word, *arguments = name.split(":")
    if word == "data_url":
        media_type, size = arguments
        return f"data:{media_type};base64,{base64.b64encode(bytes(int(size))).decode()}"
    if word == "text":
        character, count = arguments
        return character * int(count)
    first, *members = name.split(".")
    found = values[first]
    for member in members:
        found = found[member]
    return str(found)
