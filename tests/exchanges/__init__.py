"""Plays the example exchanges of `fixtures/exchanges` and judges what comes back."""
