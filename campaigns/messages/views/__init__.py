"""Doors to messages: writing them, the outbox, a brand's logo."""
