"""Tests of the judge, against small targets written for them."""
