"""Benchmarks, run by `make bench`: ratios in one run, never absolute claims, never a timed test."""
