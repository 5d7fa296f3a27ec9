"""Tests of the studio, and of the files that whole requests make."""
