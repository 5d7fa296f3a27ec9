"""Tests of replies made from a contract alone."""
