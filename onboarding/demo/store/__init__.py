"""A small web store that stands in for the user's own.

It knows nothing of this product but its public API: whom an invitation is for it
asks over HTTP, and what its customers do it reports over HTTP, with a key. It has no
tables; what it must remember lies in the visitor's session.
"""
