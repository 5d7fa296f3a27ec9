"""The request headers by which a client asks the stand-in for something, as ASGI has them."""

SCENARIO = b"understudy-scenario"
"""Names scenarios for that request alone."""

VARIETY = b"understudy-variety"
"""The seed of an unusual reply."""

PREFER = b"prefer"
"""Which declared reply is wanted [RFC 7240]."""

ASKING = frozenset({SCENARIO, VARIETY, PREFER})
"""Those that ask for another reply than the usual."""
