"""Tests of the contracts and their reader."""
