"""One folder a provider, all alike; see `simulator/provider.py` for what they plug into."""
