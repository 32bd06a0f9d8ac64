"""A person's requests: everything held about her, handed out; and everything erased."""
