"""Replies at the edges of what a contract allows, made from real ones: they fuzz the client.

Identifiers, links and the contract's own words stay as they are, so that the conversation goes on.
"""
