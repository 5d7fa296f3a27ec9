"""The stand-in: providers served from their contracts, with state, time and media."""
