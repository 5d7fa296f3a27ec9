"""NanoGPT's part: modes, words, refusals, catalogue and operations."""
