"""Sweeping our own pages: every account that they link to, and which of those nobody registered."""
