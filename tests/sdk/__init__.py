"""The vendors' own clients, unmodified, against the stand-in on a real port."""
