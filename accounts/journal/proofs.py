"""The journal's own invariants."""
