"""An order: what a handler asks its desk to run."""

from typing import Any

import msgspec

from simulator.core.assets import MediaSpec
from simulator.core.ids import Shape
from simulator.core.runs import Stage


class Order(msgspec.Struct, frozen=True, gc=False):
    """One run that is wanted.

    `request` is what makes two orders equal (the normalised body); `prompt` is searched for
    triggers; `outputs` is what the run will have made; `stages` come from the catalogue.
    """

    operation: str
    request: Any
    shape: Shape
    stages: tuple[Stage, ...]
    prompt: str = ""
    mode: str = ""
    model: str = ""
    cost_nanos: int = 0
    outputs: tuple[MediaSpec, ...] = ()
    details: dict[str, Any] | None = None
