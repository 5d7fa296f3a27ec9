"""Replies made from a contract alone: the answer of an operation that nobody has written.

Schema-valid and plausible, a function of the random source; it has no state and knows no provider.
"""

from simulator.http.synthesis.replies import Unanswerable, compile_reply

__all__ = ["Unanswerable", "compile_reply"]
