"""One folder a provider, as in `simulator/providers/`."""
