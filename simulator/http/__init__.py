"""The edge: bytes in, bytes out, and everything HTTP in between. Names no provider."""
