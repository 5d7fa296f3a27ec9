"""Tests of what tests of applications use."""
