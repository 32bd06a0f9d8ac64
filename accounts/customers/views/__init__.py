"""The pages of an import in the admin: bring a file, match it, look, apply, undo."""
