"""Providers written from the facts alone, by nobody who looked at the rules."""
