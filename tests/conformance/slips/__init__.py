"""Slips that a backend developer makes, thought of from the facts, one at a time."""
