"""The room where files are made: a described asset goes in, a real file comes out.

Knows no HTTP and no vendor. Only `studio` and `assets` may be imported from outside; the libraries
that draw and encode are imported when the first file is asked for.
"""
