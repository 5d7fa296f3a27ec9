"""The suite's proof: faults put in front of a clean target, which rules must then be broken.

A fault is a function over one clean exchange, so it can be put in front of any ASGI app or URL
(`wrapper`), or be laid over a recording of the clean target (`recording`).
"""
