"""Customer lists: from the cells of a file to accounts and buyers, and back."""
