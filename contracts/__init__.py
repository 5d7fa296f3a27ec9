"""The contracts and their reader: what each provider promises.

Reads, overlays and lists operations; knows nothing of the simulator or of conformance.
"""

from contracts.errors import ContractError
from contracts.model import Body, Contract, Dialect, Media, Operation, Parameter, ReplySpec
from contracts.pointers import lookup, target, tokens, walk_pointer
from contracts.reader import load, names, path_of

__all__ = [
    "Body",
    "Contract",
    "ContractError",
    "Dialect",
    "Media",
    "Operation",
    "Parameter",
    "ReplySpec",
    "load",
    "lookup",
    "names",
    "path_of",
    "target",
    "tokens",
    "walk_pointer",
]
