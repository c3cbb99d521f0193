"""Pages: what a notebook opens, shows and leaves, and what makes a site of it."""
